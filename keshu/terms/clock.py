"""The only module that reads the time; everything else asks here and can therefore be shown any moment.

Which answer wins, first to last: ``pretend`` (loaders, tests) > the pinned file of a demonstration > the
environment variable ``KESHU_NOW`` (the suite run as of another day) > the machine's clock.
"""

import os
import re
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Shanghai")

_pretended: ContextVar[datetime | None] = ContextVar("keshu_pretended_now", default=None)
_pinned_path: Path | None = None
_pinned_read: tuple[tuple[int, int], date] | None = None  # (mtime_ns, size) of the file, and what it said
_pin_lock = threading.Lock()

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_ZONE = re.compile(r"Z|[+-]\d{2}:?\d{2}", re.IGNORECASE)


class UnreadableMoment(ValueError):
    """A text that names no moment; the message is for the person who typed it."""

    def __init__(self, text: object, why: str = "不是日期，也不是日期加时刻") -> None:
        self.text = text
        super().__init__(
            f"时点“{text}”读不懂：{why}。请写成 2026-10-10（指当天 24:00）、2026-10-10 09:30 "
            f"或 2026-10-10T09:30:00+08:00。"
        )


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai.

    A pinned or configured date replaces only the date: the time of day keeps running.
    """
    pretended = _pretended.get()
    if pretended is not None:
        return pretended
    real = datetime.now(TZ)
    fixed = _pinned_date() or _configured_date()
    if fixed is None:
        return real
    return datetime.combine(fixed, real.time(), TZ)


def today() -> date:
    """The date of ``now()`` in Asia/Shanghai."""
    return now().date()


def fixed_day() -> date | None:
    """The day that a demonstration's file or the environment fixes, so that a page can say so; None when time runs."""
    return _pinned_date() or _configured_date()


def monotonic() -> float:
    """Seconds of a clock that never goes back: for durations only."""
    return time.monotonic()


def moment(text: str) -> datetime:
    """The moment a person or a command names in an as-of, aware, in Asia/Shanghai.

    A bare date means 24:00 of that day and is returned as the next day's midnight. A time without a zone is
    Shanghai time; 24:00 is accepted. Raises UnreadableMoment.
    """
    day, clock_time, zoned = _read(text)
    if zoned is not None:
        return zoned
    if clock_time is None or isinstance(clock_time, str):
        return _next_midnight(day, text)
    return datetime.combine(day, clock_time, TZ)


def pin(path: Path | str | None) -> None:
    """Name the file that fixes today's date; a file that is not there pins nothing, None unpins.

    The file holds a date or a moment as text, of which the date (in Shanghai) is used; it is read again when it
    changes. A file that holds something else makes ``now()`` raise UnreadableMoment rather than show a wrong day.
    """
    global _pinned_path, _pinned_read
    with _pin_lock:
        _pinned_path = Path(path) if path is not None else None
        _pinned_read = None


@contextmanager
def pretend(at: datetime | date) -> Iterator[datetime]:
    """Within the block, and only in this thread or task, ``now()`` is ``at`` and stands still.

    A datetime without a zone is Shanghai time; a bare date is its midnight (00:00).
    """
    if not isinstance(at, datetime):
        at = datetime.combine(at, time_of_day(), TZ)
    at = at.replace(tzinfo=TZ) if at.tzinfo is None else at.astimezone(TZ)
    token = _pretended.set(at)
    try:
        yield at
    finally:
        _pretended.reset(token)


def _pinned_date() -> date | None:
    global _pinned_read
    path = _pinned_path
    if path is None:
        return None
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        held = _pinned_read
        if held is not None and held[0] == stamp:
            return held[1]
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    fixed = _date_of(text)
    with _pin_lock:
        if _pinned_path == path:
            _pinned_read = (stamp, fixed)
    return fixed


def _configured_date() -> date | None:
    text = os.environ.get("KESHU_NOW")
    return _date_of(text) if text else None


def _date_of(text: str) -> date:
    """The date in Shanghai of a date or moment; a bare date is itself, not its 24:00."""
    day, _, zoned = _read(text)
    return zoned.date() if zoned is not None else day


def _read(text: object) -> tuple[date, time_of_day | str | None, datetime | None]:
    """(date, time of day or "24:00" or None, the moment in Shanghai when a zone was written)."""
    if not isinstance(text, str):
        raise UnreadableMoment(text)
    cleaned = unicodedata.normalize("NFKC", text).strip()
    found = _DATE.match(cleaned)
    if not found:
        raise UnreadableMoment(text)
    year, month, day_number = (int(part) for part in found.groups() if part is not None)
    try:
        day = date(year, month, day_number)
    except ValueError:
        raise UnreadableMoment(text, "没有这一天") from None
    rest = cleaned[found.end() :]
    if not rest:
        return day, None, None
    rest = rest[1:] if rest[0] in "Tt" else rest.lstrip()
    found = _TIME.match(rest)
    if not found:
        raise UnreadableMoment(text)
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    microsecond = int((found[4] or "").ljust(6, "0"))
    zone = rest[found.end() :].strip()
    if zone and not _ZONE.fullmatch(zone):
        raise UnreadableMoment(text)
    if (hour, minute, second, microsecond) == (24, 0, 0, 0) and not zone:
        return day, "24:00", None
    try:
        clock_time = time_of_day(hour, minute, second, microsecond)
        zoned = None
        if zone:
            offset = datetime.fromisoformat(f"2000-01-01T00:00:00{zone.upper()}").tzinfo
            zoned = datetime.combine(day, clock_time, offset).astimezone(TZ)
    except (ValueError, OverflowError):
        raise UnreadableMoment(text, "没有这个时刻") from None
    return day, clock_time, zoned


def _next_midnight(day: date, text: object) -> datetime:
    try:
        return datetime.combine(day + timedelta(days=1), time_of_day(), TZ)
    except OverflowError:
        raise UnreadableMoment(text, "年份太大") from None
