"""Working days around the National Day of 2026, a year without arrangement, the own table before the published one."""

from datetime import date

import pytest

from keshu.diary.days import Workdays, spoken, unpublished
from keshu.journal.writing import writing
from keshu.rules.calendar import CalendarUnknown
from keshu.rules.models import CalendarDay
from tests.diary.world import day

pytestmark = pytest.mark.django_db


def test_the_national_day_and_the_saturday_worked_for_it():
    """After Wednesday 09-30 up to Saturday 10-10: 10-08 Thursday, 10-09 Friday, 10-10 Saturday (worked) = 3."""
    left = Workdays().left(day(9, 30), day(10, 10))
    assert (left.days, left.workdays) == (10, 3)
    assert left.text == "剩 10 天（3 个工作日）" and left.tone == "slow"


def test_five_working_days_from_the_monday_before_the_holiday_end_on_the_saturday():
    """09-29, 09-30, 10-08, 10-09, 10-10."""
    days = Workdays()
    assert days.moved(day(9, 28), 5) == day(10, 10)
    assert days.moved(day(10, 10), -5) == day(9, 28)
    assert days.near(day(9, 28)) == day(10, 10)


def test_days_past_are_negative_and_said_as_late():
    left = Workdays().left(day(9, 28), day(9, 24))
    # 09-25 to 09-27 are the Mid-autumn holiday; of the four days after 09-24 only Monday 09-28 is worked.
    assert (left.days, left.workdays, left.text, left.tone) == (-4, -1, "超期 4 天", "late")


@pytest.mark.parametrize(("days", "said"), [(0, "今日"), (1, "明日")])
def test_today_and_tomorrow_have_their_words(days, said):
    assert Workdays().left(day(9, 28), day(9, 28 + days)).text == said


def test_a_year_without_arrangement_is_said_and_not_guessed():
    left = Workdays().left(day(12, 28, 2098), day(1, 8, 2099))
    assert left.workdays is None and left.days == 11
    assert "2098 年的放假安排" in left.why and "工作日数不了" in left.text
    with pytest.raises(CalendarUnknown):
        Workdays().moved(day(12, 28, 2098), 3)
    assert Workdays().near(day(12, 28, 2098)) == day(1, 4, 2099)
    sheet = Workdays().sheet(2099, 1)
    assert all(cell.works is None and not cell.mark for week in sheet for cell in week)
    assert unpublished(cell for week in sheet for cell in week if cell.inside) == [2099]


def test_the_own_table_comes_before_the_published_arrangement(actor):
    with writing(actor, "县庆"):
        CalendarDay(day=day(9, 29), works=False, note="县庆").save()
    days = Workdays()
    assert days.moved(day(9, 28), 1) == day(9, 30)
    cell = next(cell for week in days.sheet(2026, 9) for cell in week if cell.day == day(9, 29))
    assert (cell.mark, cell.name, cell.works) == ("休", "县庆", False)


def test_the_sheet_marks_holidays_and_moved_days():
    cells = {cell.day: cell for week in Workdays().sheet(2026, 10) for cell in week}
    assert len(cells) == 35 and min(cells) == date(2026, 9, 28) and max(cells) == date(2026, 11, 1)
    assert (cells[day(10, 1)].mark, cells[day(10, 1)].name) == ("休", "国庆节")
    assert cells[day(10, 3)].mark == "休"  # a Saturday of the holiday
    assert (cells[day(10, 10)].mark, cells[day(10, 10)].name) == ("班", "")
    assert cells[day(10, 17)].mark == "" and cells[day(10, 17)].works is False  # an ordinary Saturday
    assert not cells[day(9, 30)].inside


def test_counting_many_reads_the_own_table_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        days = Workdays()
        for n in range(1, 28):
            days.left(day(9, 1), day(9, n))


def test_a_day_is_spoken_with_its_weekday():
    assert spoken(day(10, 19)) == "2026-10-19 星期一"
