"""一企一档 in the browser: the organisation, its county and the bureau; strangers find nothing and the try is kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.desk.organisations.finding import units_named
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from tests.diary.world import day

pytestmark = pytest.mark.django_db


def address(world, unit="north"):
    return f"/desk/organisations/{world.units[unit].pk}/"


@pytest.mark.parametrize("who", ["north", "county_head", "office", "leader"])
def test_those_who_may_see_facts_counts_line_and_deadlines(world, who):
    world.project("隔膜中试", approved_on=day(6, 1, 2025), accept_by=day(10, 10))
    answer = world.client(who).get(address(world))
    said = answer.content.decode()
    assert answer.status_code == 200
    for words in ("北岭新材料有限公司", "91-N", "望岭县", "隔膜中试", "立项日期", "申请验收截止", "20.00"):
        assert words in said


@pytest.mark.parametrize("who", ["south", "other_head", "recommender"])
def test_a_stranger_finds_nothing_and_the_try_is_kept(world, who):
    world.project("隔膜中试")
    answer = world.client(who).get(address(world))
    assert answer.status_code == 404 and "隔膜中试" not in answer.content.decode()
    last = AuditEntry.objects.latest("pk")
    assert (last.kind, last.target) == ("拒绝", "一企一档 北岭新材料有限公司")


def test_an_enterprise_goes_to_its_own_file_from_the_rail(world):
    client = world.client("north")
    assert client.get("/desk/organisations/own/").headers["Location"] == address(world)
    nav = client.get(address(world)).context["nav"]
    assert next(entry for entry in nav if entry["label"] == "企业")


def test_the_line_is_filtered_by_year_and_register_and_paged(world):
    for n in range(1, 20):
        world.project(f"项目{n}", approved_on=day(6, n, 2025), starts_on=day(1, n, 2024))
    client = world.client("office")
    first = client.get(address(world)).context
    assert first["page"].paginator.count == 38 and len(first["events"]) == 30
    assert len(client.get(address(world), {"page": 2}).context["events"]) == 8
    year = client.get(address(world), {"year": "2024"}).context
    assert year["page"].paginator.count == 19
    assert {event["event"].what for event in year["events"]} == {"执行起"}
    assert {option["label"] for option in year["filters"][1]["options"]} == {"全部", "2025 年", "2024 年"}
    assert "这些条件下没有" in client.get(address(world), {"register": "x"}).content.decode()
    assert client.get(address(world), {"year": "二〇"}).context["page"].paginator.count == 38


def test_the_search_finds_organisations_in_scope(world):
    def found(who, text):
        answer = world.client(who).get("/desk/search/", {"q": text})
        return {
            thing.label
            for group in answer.context["groups"]
            if group["title"] == "单位"
            for thing in group["found"]
        }

    assert found("office", "北岭") == {"北岭新材料有限公司"}
    assert found("office", "91- 有限") == {"北岭新材料有限公司", "南塘机电有限公司"}
    assert found("county_head", "有限公司") == {"北岭新材料有限公司"}
    assert found("north", "南塘") == found("system_admin", "北岭") == set()


def test_the_record_page_leads_to_the_file(world):
    row = world.project("隔膜中试")
    page = f"/desk/registers/programmes/{row.pk}/"
    assert address(world) in world.client("office").get(page).content.decode()


def test_one_and_three_cost_the_same_queries(world):
    client = world.client("office")

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(address(world))
        return len(seen)

    world.project("一", approved_on=day(6, 1, 2025), accept_by=day(10, 10))
    client.get(address(world))
    one = queries()
    for n in (2, 3):
        world.project(f"项目{n}", approved_on=day(6, n, 2025), accept_by=day(10, 9))
    assert queries() == one


def test_a_renamed_organisation_is_found_by_its_earlier_name(world):
    unit, planner = world.units["north"], world.staff.actor_as("planning")
    old = unit.name
    with writing(world.staff.actor, "更名"):
        unit.name = "云岭新材料股份有限公司"
        unit.save()
    found = {name: note for name, note, _ in units_named(planner, old, 5)}
    assert found["云岭新材料股份有限公司"].startswith(f"曾用名 {old} · ")
    (now,) = units_named(planner, "云岭新材料", 5)
    assert "曾用名" not in now[1]
