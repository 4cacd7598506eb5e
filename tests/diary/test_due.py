"""What is due, for whom: the own organisation's, what a capability has to act on, never others' drafts; constant queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.diary.days import Workdays
from keshu.diary.due import due, urgent, urgent_count
from keshu.terms import clock
from tests.diary.world import day

pytestmark = pytest.mark.django_db
FIRST, LAST = day(9, 1), day(12, 31)


def told(items):
    return {(item.title, item.label, item.day) for item in items if item.source == "programmes"}


def test_the_owner_and_the_office_are_told_a_stranger_and_a_colleague_without_the_task_are_not(world):
    world.project("隔膜", accept_by=day(10, 10))
    mine = {("隔膜", "申请验收截止", day(10, 10))}
    assert told(due(world.actors["north"], FIRST, LAST)) == mine
    assert told(due(world.actors["office"], FIRST, LAST)) == mine
    for stranger in ("south", "other_head", "recommender"):
        assert told(due(world.actors[stranger], FIRST, LAST)) == set()
        assert told(due(world.actors[stranger], FIRST, LAST, everything=True)) == set()
    for onlooker in ("leader", "county_head"):
        assert told(due(world.actors[onlooker], FIRST, LAST)) == set()
        assert told(due(world.actors[onlooker], FIRST, LAST, everything=True)) == mine


def test_what_is_the_offices_alone_is_not_told_to_the_organisation(world):
    world.project("公示的", state="notice", notice_until=day(10, 9))
    assert told(due(world.actors["north"], FIRST, LAST)) == set()
    assert told(due(world.actors["office"], FIRST, LAST)) == {("公示的", "公示期满", day(10, 9))}


def test_a_deadline_matters_only_in_its_states_and_a_draft_is_nobodys(world):
    world.project("验收过的", state="passed", accept_by=day(10, 10), ends_on=day(9, 30))
    world.project("草稿", state="draft", accept_by=day(10, 10), ends_on=day(9, 30))
    for who in world.actors.values():
        assert told(due(who, None, LAST, everything=True)) == set()


def test_one_record_may_have_two_things_due_and_the_day_bounds_each(world):
    world.project("两样", ends_on=day(9, 30), accept_by=day(12, 30))
    office = world.actors["office"]
    assert {label for _, label, _ in told(due(office, FIRST, LAST))} == {"执行期满", "申请验收截止"}
    assert {label for _, label, _ in told(due(office, FIRST, day(10, 31)))} == {"执行期满"}
    assert {label for _, label, _ in told(due(office, day(10, 1), LAST))} == {"申请验收截止"}


def test_overdue_stays_visible_however_old(world):
    world.project("三年前的", accept_by=day(6, 1, 2023))
    world.project("下月的", accept_by=day(11, 30))
    found = [item for item in urgent(world.actors["north"], Workdays()) if item.source == "programmes"]
    assert [item.title for item in found] == ["三年前的"]
    assert Workdays().left(clock.today(), found[0].day).days == (clock.today() - day(6, 1, 2023)).days * -1


def test_the_badge_counts_what_the_list_shows(world):
    world.project("超期", accept_by=day(9, 1))
    world.project("第五个工作日", accept_by=day(10, 10))
    world.project("第六个工作日", accept_by=day(10, 12))
    world.project("别家的", of="south", accept_by=day(9, 1))
    for who, count in (("north", 2), ("south", 1), ("office", 3), ("leader", 0)):
        actor = world.actors[who]
        listed = [item for item in urgent(actor, Workdays()) if item.source != "months"]
        assert urgent_count(actor) == len(listed)
        assert sum(item.source == "programmes" for item in listed) == count


def test_windows_of_calls_are_due_to_those_who_apply_and_recommend(world):
    def windows(who):
        return {
            (item.label, item.day, item.at.strftime("%H:%M"))
            for item in due(world.actors[who], FIRST, LAST)
            if item.source == "calls"
        }

    assert windows("north") == {("申报截止", day(10, 9), "17:30")}
    assert windows("county_head") == {("推荐截止", day(10, 20), "17:30")}
    assert len(windows("office")) == 2
    with clock.pretend(day(10, 25)):
        # Closed is closed: nothing overdue for anybody.
        assert [item for item in due(world.actors["north"], None, LAST) if item.source == "calls"] == []


def test_only_one_organisation_when_asked(world):
    world.project("北", accept_by=day(10, 10))
    world.project("南", of="south", accept_by=day(10, 10))
    found = due(world.actors["office"], FIRST, LAST, unit_id=world.units["south"].pk)
    assert {item.title for item in found} == {"南"}
    assert {item.source for item in due(world.actors["office"], FIRST, LAST, register="programmes")} == {
        "programmes"
    }


@pytest.mark.parametrize("who", ["north", "office", "county_head"])
def test_one_row_and_three_rows_cost_the_same_queries(world, who):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            due(world.actors[who], None, LAST, everything=True)
            urgent_count(world.actors[who])
        return len(seen)

    world.project("一", accept_by=day(10, 10))
    one = queries()
    world.project("二", ends_on=day(10, 9), accept_by=day(10, 10))
    world.project("三", accept_by=clock.today() - timedelta(days=400))
    assert queries() == one
