"""今日: each person finds what waits for them, by due day, and nothing of others."""

from datetime import date, datetime

import pytest
from django.urls import reverse

from keshu.journal.writing import writing
from keshu.programmes.models import Application
from keshu.terms import clock

PAGE = "/desk/today/"


def todos(office, who):
    page = office.staff.client(who).get(PAGE)
    assert page.status_code == 200
    return [(row["todo"].verb, row["todo"].title) for row in page.context["todos"]]


def test_each_finds_what_waits_for_them(office):
    office.to(office.draft(), "submitted")
    second = office.to(office.draft("south", title="减速器"), "recommended")
    assert ("推荐", "高比能电池隔膜中试") in todos(office, "county_head")
    assert [title for _, title in todos(office, "office")] == ["减速器"]
    assert todos(office, "north") == []
    page = office.staff.client("office").get(PAGE)
    assert page.context["todos"][0]["todo"].href == reverse("desk:record", args=["programmes", second.pk])


def test_the_counts_are_those_of_the_lists(office):
    for n in range(3):
        office.to(office.draft(title=f"项目{n}") if n == 0 else second_call(office, n), "recommended")
    page = office.staff.client("office").get(PAGE)
    assert page.context["counts"][0] == {"label": "等我办", "count": 3, "note": "", "late": True}


def second_call(office, n):
    """Another call, so that one organisation may apply again."""
    from copy import copy

    with writing(office.staff.actor, "又一个通知"):
        call = copy(office.call)
        call.pk, call.name = None, f"通知{n}"
        call._state.adding = True
        call.save()
    before, office.call = office.call, call
    row = office.draft(title=f"项目{n}", leader=f"负责人{n}")
    office.call = before
    return row


def test_what_is_overdue_stands_first_with_its_lamp(office):
    row = office.to(office.draft(), "running")
    with writing(office.staff.actor, "任务书写的止期"):
        row.ends_on, row.accept_by = date(2026, 6, 30), date(2026, 12, 30)
        row.save()
    with clock.pretend(datetime(2026, 7, 2, 9, 0, tzinfo=clock.TZ)):
        page = office.staff.client("north").get(PAGE)
    counts = {one["label"]: one["count"] for one in page.context["counts"]}
    assert counts["已超期"] == 1
    first = page.context["todos"][0]
    assert first["when"] == "超期 2 天" and first["lamp"].level == "late"


def test_what_is_overdue_is_not_hidden_behind_five_that_came_in_later(office):
    rows = [office.to(office.draft(), "running")]
    rows += [office.to(second_call(office, n), "running") for n in range(1, 7)]
    with writing(office.staff.actor, "任务书写的止期"):
        for row in rows:
            row.ends_on, row.accept_by = date(2026, 7, 30), None
        rows[0].ends_on = date(2026, 6, 30)
        for row in rows:
            row.save()
    with clock.pretend(datetime(2026, 7, 2, 9, 0, tzinfo=clock.TZ)):
        page = office.staff.client("north").get(PAGE)
    assert page.context["todos"][0]["when"] == "超期 2 天"


@pytest.mark.parametrize("who", ["office", "county_head", "north"])
def test_the_page_asks_the_same_number_of_queries_for_one_row_and_for_three(
    office, who, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = office.staff.client(who)
    state = {"office": "recommended", "county_head": "submitted", "north": "submitted"}[who]
    office.to(office.draft(), state)
    client.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(PAGE)
    for n in (1, 2):
        office.to(second_call(office, n), state)
    with django_assert_num_queries(len(one)):
        client.get(PAGE)


def test_the_lines_of_the_month_open_to_their_records(office):
    office.to(office.draft(), "approved")
    with clock.pretend(datetime(2026, 5, 21, 9, 0, tzinfo=clock.TZ)):
        page = office.staff.client("office").get(PAGE)
        lines = {line["name"]: line for line in page.context["lines"]}
        approved = lines["科技计划立项数"]
        assert (approved["so_far"], approved["month"], approved["unit"]) == ("1", "1", "项")
        assert office.staff.client("office").get(approved["href"]).status_code == 200
    assert Application.objects.for_system("测试").count() == 1


def test_looking_at_the_day_writes_nothing(office):
    from keshu.journal import moments

    office.to(office.draft(), "submitted")
    before = moments.latest()
    office.staff.client("county_head").get(PAGE)
    assert moments.latest() == before
