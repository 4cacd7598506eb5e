"""项目库 and 公示: what is approved can be found by anyone, what is not cannot, and no money or person leaves."""

from datetime import datetime
from decimal import Decimal

import pytest

from keshu.terms import clock
from tests.programmes.office import MARCH

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(office):
    with clock.pretend(MARCH):
        office.call.most_per_unit = None
        from keshu.journal.writing import writing

        with writing(office.actors["planning"], "放开"):
            office.call.save()
        return {
            "approved": office.to(
                office.draft("north", title="谐波减速器", asked=Decimal("260000")), "approved"
            ),
            "noticed": office.to(office.draft("south", title="视觉分拣"), "notice"),
            "draft": office.draft("south", title="没有交的"),
        }


def shown(page):
    return [row.title for row in page.context["page"]]


def test_only_what_is_approved_can_be_found(client, three):
    page = client.get("/projects/")
    assert shown(page) == ["谐波减速器"]
    text = page.content.decode()
    assert "视觉分拣" not in text and "没有交的" not in text
    assert "26.00" not in text and "260000" not in text and "林见山" not in text  # no money, no person


def test_it_is_searched_by_name_unit_number_year_level_and_class(client, three):
    for query in (
        {"q": "减速"},
        {"q": "北岭"},
        {"q": "xm2026-0001"},
        {"year": "2026"},
        {"level": "city"},
        {"field": "industry"},
    ):
        assert shown(client.get("/projects/", query)) == ["谐波减速器"], query
    for query in ({"q": "没有交的"}, {"year": "2025"}, {"year": "二〇"}, {"level": "x"}, {"q": "%"}):
        answer = client.get("/projects/", query)
        assert shown(answer) == [] and "没有查到" in answer.content.decode()


def test_a_revoked_project_leaves_the_register(client, three, office):
    with clock.pretend(datetime(2026, 6, 1, 9, 0, tzinfo=clock.TZ)):
        office.step(three["approved"], "revoke", "leader", "弄虚作假")
    assert "谐波减速器" not in client.get("/projects/").content.decode()


def test_a_notice_stands_until_its_last_day(client, three):
    """Proposed on 2026-03-16 for five working days: the 23rd is the last."""
    with clock.pretend(datetime(2026, 3, 23, 23, 0, tzinfo=clock.TZ)):
        text = client.get("/notices/").content.decode()
        assert "视觉分拣" in text and "2026-03-23" in text and "谐波减速器" not in text
    with clock.pretend(datetime(2026, 3, 24, 0, 30, tzinfo=clock.TZ)):
        assert "现在没有正在公示的项目" in client.get("/notices/").content.decode()


def test_the_front_page_has_a_door_with_a_live_count_for_each(client, three):
    with clock.pretend(MARCH):
        doors = {door["label"]: door for door in client.get("/").context["doors"]}
    assert [doors[name]["count"] for name in ("网上申报", "项目库", "公示")] == [1, 1, 1]
    assert doors["网上申报"]["note"] == "最近截止 03-31 17:30"


@pytest.mark.parametrize("address", ["/projects/", "/notices/"])
def test_public_lists_ask_the_same_number_of_queries_for_one_row_and_for_three(
    client, three, office, address
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for more in (0, 2):
        with clock.pretend(MARCH):
            for n in range(more):
                office.to(office.draft("south", title=f"再{n}", asked=Decimal("100000")), "approved")
                office.to(office.draft("south", title=f"又{n}", asked=Decimal("100000")), "notice")
            client.get(address)
            with CaptureQueriesContext(connection) as caught:
                client.get(address)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 12
