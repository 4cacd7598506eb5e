"""Stock and flow from the same records: what a measure holds today and what came new this year, as filters over the register.

The figures of the cube are of whole months; here a day counts: something that ends on the 20th is still there on the 19th.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from keshu.ledger.conditions import condition_q
from keshu.ledger.registers import Register, RegisterMeasure


@dataclass(frozen=True)
class Standing:
    """One measure over some records: held now (of a flow: come in this year), and those of them that are new this year."""

    measure: RegisterMeasure
    held: Decimal
    new: Decimal


def counted(
    register: Register, measure: RegisterMeasure, *, since: date | None = None, until: date | None = None
) -> Q:
    """The records that a measure counts: a flow those dated ``since``…``until``; a stock those there at the end of ``until`` that
    came in from ``since`` on. Without a bound nothing is asked on that side."""
    found = _condition(register, measure) & Q(**{f"{measure.date}__isnull": False})
    if measure.field:
        found &= Q(**{f"{measure.field}__isnull": False})
    if since is not None:
        found &= Q(**{f"{measure.date}__gte": since})
    if until is None:
        return found
    found &= Q(**{f"{measure.date}__lte": until})
    if measure.nature == "stock":
        for name, still in ((measure.until, "gte"), (measure.leaves, "gt")):
            if name:
                found &= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__{still}": until})
    return found


def _condition(register: Register, measure: RegisterMeasure) -> Q:
    expression = register.conditions[measure.code]
    if expression is None:
        return Q()
    paths = {name: register.names.get(name, name) for name in expression.names}
    return condition_q(expression, paths, register.model)


def standing(register: Register, rows: "QuerySet[object]", today: date) -> list[Standing]:
    """What every measure of the register holds over ``rows`` as of ``today``. One query."""
    sums = {}
    first = date(today.year, 1, 1)
    for at, measure in enumerate(register.measures):
        amount = F(measure.field or "items")
        since = None if measure.nature == "stock" else first
        sums[f"held{at}"] = Sum(amount, filter=counted(register, measure, since=since, until=today))
        sums[f"new{at}"] = Sum(amount, filter=counted(register, measure, since=first, until=today))
    if not sums:
        return []
    found = rows.order_by().aggregate(**sums)
    return [
        Standing(measure, Decimal(found[f"held{at}"] or 0), Decimal(found[f"new{at}"] or 0))
        for at, measure in enumerate(register.measures)
    ]
