"""Working days against the State Council's own notice for 2026 (国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.journal.writing import writing
from keshu.rules.calendar import CalendarUnknown, add_workdays, is_workday, workdays_between
from keshu.rules.models import CalendarDay


def days(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=n) for n in range((end - start).days + 1)}


#: The notice: seven holidays with the days off they give, and the weekend days that are worked for them.
OFF = (
    days("2026-01-01", "2026-01-03")
    | days("2026-02-15", "2026-02-23")
    | days("2026-04-04", "2026-04-06")
    | days("2026-05-01", "2026-05-05")
    | days("2026-06-19", "2026-06-21")
    | days("2026-09-25", "2026-09-27")
    | days("2026-10-01", "2026-10-07")
)
WORKED = {
    date.fromisoformat(text)
    for text in ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
}


def test_every_day_of_2026_is_as_the_notice_says():
    for day in days("2026-01-01", "2026-12-31"):
        expected = day in WORKED or (day not in OFF and day.weekday() < 5)
        assert is_workday(day, {}) == expected, day


@pytest.mark.django_db
def test_five_working_days_over_the_national_day():
    """From 9-30 (Wednesday): 10-1 to 10-7 off, 10-8, 10-9, then Saturday 10-10 worked, 10-12, 10-13."""
    assert add_workdays(date(2026, 9, 30), 5) == date(2026, 10, 13)
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 13)) == 5
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 7)) == 0
    assert workdays_between(date(2026, 10, 9), date(2026, 10, 10)) == 1


@pytest.mark.django_db
def test_the_first_day_does_not_count_and_the_last_one_does():
    monday, friday = date(2026, 11, 2), date(2026, 11, 6)
    assert workdays_between(monday, friday) == 4
    assert workdays_between(monday, monday) == 0
    assert workdays_between(friday, monday) == -4
    assert add_workdays(monday, 0) == monday


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2003, 12, 31)])
def test_a_year_without_an_arrangement_is_said_and_never_guessed(day):
    with pytest.raises(CalendarUnknown) as said:
        is_workday(day, {})
    assert f"还没有 {day.year} 年的放假安排" in str(said.value)
    assert "导入日历" in str(said.value)


@pytest.mark.django_db
def test_counting_into_an_unknown_year_is_refused():
    with pytest.raises(CalendarUnknown, match="2027"):
        add_workdays(date(2026, 12, 30), 5)


@pytest.mark.django_db
def test_the_bureaus_own_table_makes_a_year_known(actor):
    with writing(actor, "导入 2027 年调休"):
        CalendarDay(day=date(2027, 1, 1), works=False).save()
        CalendarDay(day=date(2027, 1, 3), works=True).save()
    assert not is_workday(date(2027, 1, 1))
    assert is_workday(date(2027, 1, 3))  # a Sunday
    assert is_workday(date(2027, 1, 4))
    assert not is_workday(date(2027, 1, 9))


@pytest.mark.django_db
def test_one_day_entered_by_hand_leaves_the_rest_of_a_published_year_alone(actor):
    with writing(actor, "台风停工"):
        CalendarDay(day=date(2026, 9, 23), works=False).save()
    assert not is_workday(date(2026, 9, 23))
    assert not is_workday(date(2026, 10, 1))
    assert is_workday(date(2026, 10, 10))


@pytest.mark.django_db
def test_adding_and_counting_agree():
    @given(st.dates(date(2025, 1, 1), date(2026, 9, 1)), st.integers(1, 60))
    def agree(start, count):
        end = add_workdays(start, count)
        assert workdays_between(start, end) == count
        assert is_workday(end)
        assert workdays_between(start, end - timedelta(days=1)) == count - 1

    agree()
