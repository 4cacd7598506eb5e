"""Days as an office counts them: calendar days and working days left, and the sheet of a month with its moved days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from keshu.rules.calendar import CalendarUnknown, is_workday
from keshu.rules.models import CalendarDay

WEEKDAYS = "一二三四五六日"
_HOLIDAYS = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


@dataclass(frozen=True)
class Left:
    """How far a day is from another: calendar days and working days, negative when past.

    ``workdays`` is None where a year's arrangement of holidays is not published; ``why`` then says which.
    """

    days: int
    workdays: int | None
    why: str = ""

    @property
    def short(self) -> str:
        """剩 9 天, 明日, 今日, 超期 2 天."""
        if self.days < 0:
            return f"超期 {-self.days} 天"
        return ("今日", "明日")[self.days] if self.days < 2 else f"剩 {self.days} 天"

    @property
    def counted(self) -> str:
        """5 个工作日, for what is further than tomorrow; that they cannot be counted where that is so."""
        if self.days < 2:
            return ""
        return "工作日数不了" if self.workdays is None else f"{self.workdays} 个工作日"

    @property
    def text(self) -> str:
        """剩 9 天（5 个工作日）, 明日, 今日, 超期 2 天."""
        return f"{self.short}（{self.counted}）" if self.counted else self.short

    @property
    def tone(self) -> str:
        """The lamp of a deadline: late when past, slow within five working days (three days where they cannot be counted)."""
        if self.days < 0:
            return "late"
        near = self.days <= 3 if self.workdays is None else self.workdays <= NEAR
        return "slow" if near else ""


#: Within so many working days something is near: our own configuration, no document fixes it.
NEAR = 5


@dataclass(frozen=True)
class SheetDay:
    """One day of a month's sheet. ``works`` is None in a year without a published arrangement; ``mark`` is 休 or 班 where
    the State Council moved the day, ``name`` the holiday's."""

    day: date
    inside: bool
    works: bool | None
    mark: str = ""
    name: str = ""


class Workdays:
    """Counts working days for a whole page: the own table of moved days is read once (one query)."""

    def __init__(self) -> None:
        rows = CalendarDay.objects.values_list("day", "works", "note")
        self._notes = {day: note for day, _, note in rows}
        self.kept = {day: works for day, works, _ in rows}
        self._known: dict[date, bool | None] = {}
        self._sums: dict[tuple[date, int], list[int | None]] = {}

    def works(self, day: date) -> bool | None:
        """Whether a day is worked; None in a year without an arrangement."""
        if day not in self._known:
            try:
                self._known[day] = is_workday(day, self.kept)
            except CalendarUnknown:
                self._known[day] = None
        return self._known[day]

    def left(self, today: date, day: date) -> Left:
        """From ``today`` (not counted) to ``day`` (counted)."""
        start, end = min(today, day), max(today, day)
        counted = self._counted(today, 1 if day >= today else -1, (end - start).days)
        if counted is None:
            year = self._unknown_after(start)
            return Left((day - today).days, None, f"还没有 {year} 年的放假安排，工作日没有数")
        return Left((day - today).days, counted if day >= today else -counted)

    def _counted(self, today: date, step: int, far: int) -> int | None:
        """Working days of the ``far`` days after today, or of those up to today from so far before; None where one is unknown.

        Sums are kept, so that a page of hundreds walks the longest stretch once.
        """
        sums = self._sums.setdefault((today, step), [0])
        while len(sums) <= far:
            n = len(sums)
            works = self.works(today + timedelta(days=n) if step > 0 else today - timedelta(days=n - 1))
            last = sums[-1]
            sums.append(None if works is None or last is None else last + works)
        return sums[far]

    def _unknown_after(self, start: date) -> int:
        day = start + timedelta(days=1)
        while self.works(day) is not None:
            day += timedelta(days=1)
        return day.year

    def moved(self, day: date, count: int) -> date:
        """The day ``count`` working days after a day; before it when negative. Raises CalendarUnknown."""
        step = timedelta(days=1 if count >= 0 else -1)
        wanted = abs(count)
        while wanted:
            day += step
            works = self.works(day)
            if works is None:
                raise CalendarUnknown(
                    f"还没有 {day.year} 年的放假安排，不能数工作日。通知发布后，请规划科把调休日导入日历。"
                )
            wanted -= works
        return day

    def near(self, today: date) -> date:
        """The last day that is near: five working days on, a week where they cannot be counted."""
        try:
            return self.moved(today, NEAR)
        except CalendarUnknown:
            return today + timedelta(days=7)

    def sheet(self, year: int, month: int) -> list[list[SheetDay]]:
        """The weeks of a month, Monday first, filled up with the days before and after."""
        first = date(year, month, 1)
        day = first - timedelta(days=first.weekday())
        weeks = []
        while day < first or (day.year, day.month) == (year, month):
            weeks.append([self._sheet_day(day + timedelta(days=n), month) for n in range(7)])
            day += timedelta(days=7)
        return weeks

    def _sheet_day(self, day: date, month: int) -> SheetDay:
        works = self.works(day)
        if works is None:
            return SheetDay(day, day.month == month, None)
        name = self._notes.get(day) or _named(day)
        weekend = day.weekday() > 4
        mark = "休" if not works and (name or not weekend) else "班" if works and weekend else ""
        return SheetDay(day, day.month == month, works, mark, name if not works else "")


def _named(day: date) -> str:
    """The holiday a day belongs to, in Chinese; empty on ordinary days."""
    try:
        return str(_HOLIDAYS.get(chinese_calendar.get_holiday_detail(day)[1], ""))
    except NotImplementedError:
        return ""


def unpublished(days: Iterable[SheetDay]) -> list[int]:
    """The years of a sheet for which no arrangement is published."""
    return sorted({day.day.year for day in days if day.works is None})


def spoken(day: date) -> str:
    """2026-10-19 星期一."""
    return f"{day} 星期{WEEKDAYS[day.weekday()]}"
