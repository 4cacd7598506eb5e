"""Days of a project that follow from dated rules: by when to be accepted, until when an extension may be asked for."""

import calendar
from datetime import date
from typing import Any

from keshu.procedure.moving import MoveRefused
from keshu.programmes.models import Application
from keshu.rules.dated import NoRuleInForce, in_force
from keshu.rules.models import Rule
from keshu.terms import clock

#: The states in which acceptance is still awaited of the organisation.
AWAITED = frozenset({str(Application.State.RUNNING), str(Application.State.FAILED)})


def add_months(day: date, months: int) -> date:
    """The same day ``months`` months later (earlier when negative), the last of the month where it has no such day.

    2027-08-31 and six months give 2028-02-29.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def rule_of(kind: str, code: str, on: date | None = None) -> Rule:
    """The rule in force on a day (today). Raises MoveRefused, so that a step without a rule is refused with the reason."""
    try:
        return in_force(kind, code, on or clock.today())
    except NoRuleInForce as absent:
        raise MoveRefused(str(absent)) from absent


def ruled(kind: str, code: str, on: date | None = None) -> dict[str, Any]:
    """What the rule in force says."""
    data: dict[str, Any] = rule_of(kind, code, on).data
    return data


def months_to_accept(on: date | None = None) -> int:
    """Within how many months after its end a project applies for acceptance, by the rule in force (today)."""
    return int(ruled("deadline", "project-acceptance", on)["months"])


def accept_by(ends_on: date, on: date | None = None) -> date:
    """The last day to apply for acceptance of a project that ends on a day, by the rule in force (today)."""
    return add_months(ends_on, months_to_accept(on))


def extend_by(ends_on: date, on: date | None = None) -> date:
    """The last day to ask for an extension."""
    return add_months(ends_on, -int(ruled("limit", "project-extension", on)["months_before"]))


def due_for_acceptance(application: Any, months: int | None = None) -> date | None:
    """The last day to apply for acceptance: what stands in the project, else what follows from its end; None without an end.

    ``months``: of the rule, where many projects are asked after (``months_to_accept``).
    """
    if application.accept_by is not None:
        day: date = application.accept_by
        return day
    if application.ends_on is None:
        return None
    return add_months(application.ends_on, months_to_accept() if months is None else months)


def is_overdue(application: Any, on: date | None = None, months: int | None = None) -> bool:
    """Whether a project that runs, or has to be put right after a failure, is past its last day to apply for acceptance."""
    if application.closed_on is not None or application.state not in AWAITED:
        return False
    due = due_for_acceptance(application, months)
    return due is not None and due < (on or clock.today())
