"""Working days. The published arrangement of a year must be there; a year without one is said, never guessed."""

from collections.abc import Mapping
from datetime import date, timedelta

import chinese_calendar

from keshu.rules.models import CalendarDay


class CalendarUnknown(LookupError):
    """The year's arrangement of holidays is not loaded."""


def is_workday(day: date, kept: Mapping[date, bool] | None = None) -> bool:
    """Whether a day is worked. Own table first, then the published arrangement; CalendarUnknown without either.

    A day entered by hand changes that day alone. In a year that is published nowhere but in the own table, the days it
    does not name are ordinary weekdays and weekends.
    """
    table = arranged() if kept is None else kept
    if day in table:
        return table[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        if any(d.year == day.year for d in table):
            return day.weekday() < 5
        raise CalendarUnknown(
            f"还没有 {day.year} 年的放假安排，不能数工作日。国务院办公厅通知发布后，请规划科把调休日导入日历。"
        ) from error


def arranged() -> dict[date, bool]:
    """The bureau's own table of moved days: day → works."""
    return dict(CalendarDay.objects.values_list("day", "works"))


def add_workdays(start: date, count: int) -> date:
    """The day ``count`` working days after ``start`` (the start itself not counted)."""
    table = arranged()
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day, table)
    return day


def workdays_between(start: date, end: date) -> int:
    """Working days after ``start`` up to and including ``end``; negative when the end lies before."""
    if end < start:
        return -workdays_between(end, start)
    table = arranged()
    return sum(is_workday(start + timedelta(days=n), table) for n in range(1, (end - start).days + 1))
