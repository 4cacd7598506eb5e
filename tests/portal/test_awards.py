"""奖励公示 and 奖励榜: what is in notice can be objected to in time, what was awarded can be found, nothing else leaves."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.terms import clock
from tests.awards.committee import awarding, on  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(awarding):  # noqa: F811
    with on(4, 13):
        return {
            "noticed": awarding.to(awarding.draft(title="公示里的"), "accept_notice"),
            "awarded": awarding.to(awarding.draft(title="得了奖的"), "awarded", grade="first"),
            "voted": awarding.to(awarding.draft(title="还在表决的"), "voted", rank=2),
        }


def test_a_notice_stands_until_its_last_day_and_says_how_to_object(client, three):
    """Accepted on 2026-04-13 for fifteen natural days: the 28th is the last."""
    with on(4, 28, 23):
        text = client.get("/awards/notices/").content.decode()
        assert "公示里的" in text and "2026-04-28" in text and "公示完成人1，公示完成人2" in text
        assert "匿名的不受理" in text and "不属于异议" in text
        assert "还在表决的" not in text and "同意提名" not in text
    with clock.pretend(datetime(2026, 4, 29, 0, 30, tzinfo=clock.TZ)):
        assert "现在没有正在公示的成果" in client.get("/awards/notices/").content.decode()


def test_a_final_notice_names_the_grade(client, three, awarding):  # noqa: F811
    row = three["voted"]
    with on(5, 21):
        row = awarding.step(row, "propose", "leader")
        assert "还在表决的" not in client.get("/awards/notices/").content.decode()
    with on(5, 22):
        awarding.step(row, "publish", "office")
        text = client.get("/awards/notices/").content.decode()
    assert "还在表决的" in text and "拟奖 三等奖" in text and "2026-06-12" in text


def test_only_what_was_awarded_can_be_found(client, three):
    page = client.get("/awards/")
    assert [row.title for row in page.context["page"]] == ["得了奖的"]
    text = page.content.decode()
    assert "QHJ2026-0001" in text and "88.50" not in text and "还在表决的" not in text
    for query in (
        {"q": "得了"}, {"q": "第一人民"}, {"q": "qhj2026-0001"}, {"year": "2026"}, {"grade": "first"}, {"level": "city"},
    ):  # fmt: skip
        assert client.get("/awards/", query).context["page"].paginator.count == 1, query
    for query in ({"q": "表决"}, {"year": "2025"}, {"year": "二〇"}, {"grade": "x"}, {"field": "industry"}):
        answer = client.get("/awards/", query)
        assert answer.context["page"].paginator.count == 0 and "没有查到" in answer.content.decode()


def test_every_number_of_the_board_leads_to_its_awards(client, three):
    cell = client.get("/awards/").context["lines"][0]["cells"][0]
    found = client.get("/awards/" + cell["href"].partition("#")[0])
    assert found.context["page"].paginator.count == cell["count"] == 1


def test_a_revoked_award_leaves_the_board(client, three, awarding):  # noqa: F811
    with on(7, 1):
        awarding.step(three["awarded"], "revoke", "leader", "材料造假")
    assert "得了奖的" not in client.get("/awards/").content.decode()


def test_the_front_page_has_both_doors(client, three):
    with on(4, 20):
        doors = {door["label"]: door for door in client.get("/").context["doors"]}
    assert (doors["奖励公示"]["count"], doors["奖励榜"]["count"]) == (1, 1)


def test_nothing_awarded_nothing_shown(client, base):
    assert "还没有授奖的成果" in client.get("/awards/").content.decode()


@pytest.mark.parametrize("address", ["/awards/", "/awards/notices/"])
def test_public_lists_ask_the_same_number_of_queries_for_one_row_and_for_three(
    client,
    three,
    awarding,  # noqa: F811
    address,
):
    counts = []
    for more in (0, 2):
        for n in range(more):
            with on(4, 13):
                awarding.to(awarding.draft(title=f"再{n}"), "accept_notice")
                awarding.to(awarding.draft(title=f"又{n}"), "awarded", rank=n + 3)
        with on(4, 20):
            client.get(address)
            with CaptureQueriesContext(connection) as caught:
                client.get(address)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 12
