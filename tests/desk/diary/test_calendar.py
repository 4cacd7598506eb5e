"""日程 in the browser: the sheet of a month, what is urgent, whose it is, where an item opens; the address of the feed."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.diary import due
from keshu.diary.feed import renew
from keshu.diary.lines import switch_off
from tests.diary.world import day

pytestmark = pytest.mark.django_db
PAGE = "/desk/diary/"


def cells(answer):
    return {cell["day"].day: cell for week in answer.context["weeks"] for cell in week}


def test_an_enterprise_sees_its_own_with_days_left_and_opens_the_record(world):
    row = world.project("隔膜中试", accept_by=day(10, 10))
    world.project("别家的", of="south", accept_by=day(10, 10))
    answer = world.client("north").get(PAGE, {"month": "2026-10"})
    said = answer.content.decode()
    assert "剩 12 天<small>5 个工作日</small>" in said and "别家的" not in said
    assert f"/desk/registers/programmes/{row.pk}/" in said
    cell = cells(answer)[day(10, 10)]
    assert cell["day"].mark == "班" and [one["item"].title for one in cell["items"]] == ["隔膜中试"]
    assert cells(answer)[day(10, 1)]["day"].name == "国庆节"


def test_a_leader_has_nothing_to_act_on_and_begins_with_everything(world):
    world.project("隔膜中试", accept_by=day(10, 10))
    client = world.client("leader")
    assert "隔膜中试" not in client.get(PAGE, {"month": "2026-10", "view": "mine"}).content.decode()
    assert "隔膜中试" in client.get(PAGE, {"month": "2026-10"}).content.decode()
    begun = world.client("county_head").get(PAGE, {"month": "2026-10"}).content.decode()
    assert "隔膜中试" not in begun
    assert "隔膜中试" not in world.client("other_head").get(PAGE, {"view": "all"}).content.decode()


def test_many_on_one_day_are_counted_and_open_with_the_day(world):
    for n in range(5):
        world.project(f"项目{n}", accept_by=day(10, 10))
    client = world.client("office")
    cell = cells(client.get(PAGE, {"month": "2026-10"}))[day(10, 10)]
    assert len(cell["items"]) == 3 and cell["more"] == 2
    opened = client.get(PAGE + cell["href"])
    assert [line["item"].title for line in opened.context["opened"]["lines"]] == [
        f"项目{n}" for n in range(5)
    ]


def test_months_before_and_after_and_an_address_that_cannot_be_read(world):
    client = world.client("office")
    first = client.get(PAGE, {"month": "2026-01", "register": "programmes"})
    assert "month=2025-12" in first.context["before"] and "register=programmes" in first.context["before"]
    assert "month=2026-02" in first.context["after"]
    for broken in ("2026-13", "x", "99999-01", "0001-01"):
        assert client.get(PAGE, {"month": broken, "day": broken}).context["title"] == "2026 年 9 月"


def test_a_year_without_arrangement_is_said_on_the_page(world):
    said = world.client("office").get(PAGE, {"month": "2099-01"}).content.decode()
    assert "2099 年的休息日没有标，工作日没有数" in said


def test_the_rail_carries_the_badge(world):
    world.project("超期", accept_by=day(9, 1))
    nav = world.client("north").get(PAGE).context["nav"]
    badge = next(entry["badge"] for entry in [*nav] if entry["label"] == "日程")
    assert badge == 2  # the overdue one, and the call that closes within five working days


def test_a_line_switched_off_is_absent_from_rail_list_and_calendar_but_its_records_open(world):
    row = world.project("隔膜中试", accept_by=day(10, 10))
    switch_off(world.actors["office"], "programmes", first_year=2026, last_year=2026, reason="划出")
    client = world.client("north")
    answer = client.get(PAGE, {"month": "2026-10"})
    assert "隔膜中试" not in answer.content.decode()
    assert "申报" not in {entry["label"] for entry in [*answer.context["nav"], *answer.context["nav_more"]]}
    assert client.get(f"/desk/registers/programmes/{row.pk}/").status_code == 200
    assert client.get("/desk/apply/").context["calls"] == []
    registers = world.client("office").get("/desk/registers/", follow=True).content.decode()
    assert ">科技计划项目</a></th>" not in registers


@pytest.mark.parametrize("who", ["north", "office"])
def test_one_and_three_cost_the_same_queries(world, who):
    client = world.client(who)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE, {"month": "2026-10"}).status_code == 200
        return len(seen)

    world.project("一", accept_by=day(10, 10))
    client.get(PAGE)
    one = queries()
    world.project("二", accept_by=day(10, 10))
    world.project("三", accept_by=day(9, 1))
    assert queries() == one


def test_the_address_is_shown_once_renewed_and_withdrawn(world):
    world.project("隔膜中试", accept_by=day(10, 10))
    client = world.client("north")
    made = client.post(f"{PAGE}subscription/", {"action": "renew"})
    found = re.search(r"/desk/diary/feed/([\w-]+)\.ics", made.content.decode())
    assert found and made["Cache-Control"] == "no-store"
    assert found[1] not in client.get(f"{PAGE}subscription/").content.decode()
    anonymous = world.client("anonymous")
    text = anonymous.get(found[0]).content.decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n") and "隔膜中试" in text.replace("\r\n ", "")
    client.post(f"{PAGE}subscription/", {"action": "withdraw"})
    assert anonymous.get(found[0]).status_code == 404


def test_an_administrator_has_no_calendar_even_under_an_address(world):
    account = world.staff.accounts["system_admin"]
    token = renew(account, world.staff.actor_as("system_admin").employment_id)
    text = world.client("anonymous").get(f"{PAGE}feed/{token}.ics").content.decode()
    assert "VEVENT" not in text


def test_what_is_not_read_to_the_end_is_said(world, monkeypatch):
    monkeypatch.setattr(due, "MOST", 2)
    for n in range(3):
        world.project(f"项目{n}", accept_by=day(10, 10))
        said = world.client("north").get(PAGE, {"month": "2026-10"}).content.decode()
        assert ("没有读全" in said) == (n == 2)
