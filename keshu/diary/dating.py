"""Deadlines stand in date columns and in columns of moments; here both are days."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from keshu.terms import clock


def within(model: type[models.Model], field: str, first: date | None, last: date | None) -> Q:
    """The records whose date or moment falls from ``first`` to ``last`` (None: open), in Shanghai's days."""
    ends: dict[str, date | None]
    if isinstance(model._meta.get_field(field), models.DateTimeField):
        # Midnight ends the day before (24:00).
        ends = {"gt": _midnight(first), "lte": _midnight(last + timedelta(days=1) if last else None)}
    else:
        ends = {"gte": first, "lte": last}
    return Q(**{f"{field}__{name}": end for name, end in ends.items() if end is not None})


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), clock.TZ)


def day_of(value: Any) -> date | None:
    """The day of what stands in such a column. A moment at midnight is the end of the day before."""
    if not isinstance(value, datetime):
        return value
    local = value.astimezone(clock.TZ)
    return (local - timedelta(microseconds=1)).date() if local.time() == time() else local.date()


def time_of(value: Any) -> time | None:
    """The time of day of a moment; None for a date, and for a moment at midnight."""
    if not isinstance(value, datetime):
        return None
    local = value.astimezone(clock.TZ).time()
    return None if local == time() else local
