"""逾期催办: who is late by the rule, and the steps of the chase with their intervals."""

from datetime import date, datetime

import pytest

from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes.chasing import NotOverdue, chase, chase_all
from keshu.programmes.models import Application
from keshu.programmes.overdue import overdue, overdue_of
from keshu.terms import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(office):
    """Ends on 2028-05-31, to be accepted by 2028-11-30."""
    return office.to(office.draft(), "running")


def at(year, month, day):
    return clock.pretend(datetime(year, month, day, 9, 0, tzinfo=clock.TZ))


def test_a_project_is_late_the_day_after_its_last_day(office, row):
    unit = row.unit_id
    with at(2028, 11, 30):
        assert overdue(office.actors["office"]) == [] == overdue_of(unit)
        with pytest.raises(NotOverdue, match="验收期限是 2028-11-30"):
            chase(row, office.actors["office"])
    with at(2028, 12, 1):
        assert overdue(office.actors["office"]) == [row] == overdue_of(unit)
        assert overdue(office.actors["north"]) == [row] and overdue(office.actors["south"]) == []


def test_the_steps_of_the_chase_keep_their_intervals(office, row):
    """提醒 at once, 书面催办 thirty days later (2028-12-31), 约谈 thirty after that (2029-01-30); the last is repeated."""
    with at(2028, 12, 1):
        row = chase(row, office.actors["office"])
    with (
        at(2028, 12, 30),
        pytest.raises(MoveRefused, match="上次催办是 2028-12-01，才过 29 天；按规则隔 30 天"),
    ):
        chase(row, office.actors["office"])
    for day in ((2028, 12, 31), (2029, 1, 30), (2029, 3, 1)):
        with at(*day):
            row = chase(row, office.actors["office"])
    assert (row.chased, row.chased_on, row.state) == (4, date(2029, 3, 1), "running")
    notes = [entry.note for entry in moves_of(row) if entry.action == "chase"]
    assert notes == [
        "方式 提醒",
        "方式 书面催办",
        "方式 约谈并纳入逾期",
        "方式 约谈并纳入逾期",
    ]


def test_what_has_no_last_day_of_its_own_has_one_by_the_rule(office, row):
    """A project entered later without a day for its acceptance: six months after 2026-08-31 is 2027-02-28."""
    with writing(office.actors["planning"], "补登"):
        row.ends_on, row.accept_by = date(2026, 8, 31), None
        row.save()
    with at(2027, 2, 28):
        assert overdue(office.actors["office"]) == []
    with at(2027, 3, 1):
        assert overdue(office.actors["office"]) == [row]


def test_many_are_chased_at_once_and_those_too_soon_are_named(office, row):
    with at(2028, 12, 1):
        done, refused = chase_all([row], office.actors["office"])
        again, why = chase_all(overdue(office.actors["office"]), office.actors["office"])
    assert (len(done), refused) == (1, [])
    assert again == [] and "才过 0 天" in why[0]
    with at(2029, 6, 1), pytest.raises(NotYourTurn):
        chase(row, office.actors["north"])


def test_whoever_was_accepted_is_not_late(office, row):
    row = office.to(row, "passed")
    with at(2030, 1, 1):
        assert overdue(office.actors["office"]) == []
    assert Application.objects.for_system("测试").get(pk=row.pk).closed_on is not None
