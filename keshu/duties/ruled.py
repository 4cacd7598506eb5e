"""The dated rules of supervision, and the days that follow from them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from keshu.duties.models import Order
from keshu.rules.dated import in_force

E = Order.Every
MONTHS = {str(E.MONTH): 1, str(E.QUARTER): 3}


def ruled(code: str, on: date, kind: str = "deadline") -> Mapping[str, Any]:
    """What the rule of supervision in force on a day says (order-signing, order-feedback, order-escalation; limit order-extension,
    order-closing). Raises NoRuleInForce."""
    data: Mapping[str, Any] = in_force(kind, code, on).data
    return data


def feedback_after(every: str, day: date) -> date | None:
    """The first day of feedback after ``day``: each Friday, the last day of each month or quarter. None where none is due."""
    if every == E.WEEK:
        return day + timedelta(days=(4 - day.weekday()) % 7 or 7)
    months = MONTHS.get(every)
    if months is None:
        return None
    end = _period_end(day, months)
    return end if end > day else _period_end(end + timedelta(days=1), months)


def first_feedback(every: str, issued_on: date, due_on: date) -> date | None:
    """The first day of feedback of a new order; what is due before it needs none on the way."""
    first = feedback_after(every, issued_on)
    return first if first is not None and first < due_on else None


def missed(every: str, feedback_due_on: date | None, on: date) -> tuple[date, ...]:
    """The days of feedback that passed without any, up to the day before ``on``, oldest first."""
    found: list[date] = []
    day = feedback_due_on
    while day is not None and day < on:
        found.append(day)
        day = feedback_after(every, day)
    return tuple(found)


def _period_end(day: date, months: int) -> date:
    last = (day.month - 1) // months * months + months
    return (date(day.year + last // 12, last % 12 + 1, 1)) - timedelta(days=1)
