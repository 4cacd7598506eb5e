"""本月各线: what the registers' measures stand at this year and this month, beside the same stretch of last year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keshu.figures import counting
from keshu.figures.book import Book
from keshu.figures.models import Measure
from keshu.terms.period import Period
from keshu.terms.quantity import unscale


@dataclass(frozen=True)
class Pace:
    """One line of business: of a flow the sum since January and in the present month, of a stock what is held and how it moved.

    ``before`` is the same stretch a year ago: whole months of a flow, the same month's end of a stock; None where nothing
    was held then. Values in the measure's stored unit.
    """

    measure: Measure
    so_far: Decimal
    this_month: Decimal
    before: Decimal | None


def paces(
    held: Book, revision: int, region: int, today: date, *, codes: Iterable[str] | None = None
) -> list[Pace]:
    """Every register measure in use in a region and below, in the order of the definitions. One query.

    As of ``revision``. ``codes``: only these measures. A measure under which nothing was ever counted is left out (台账未启用, not zero).
    """
    wanted = None if codes is None else set(codes)
    measures = [
        measure
        for measure in held.measures.values()
        if measure.register and (wanted is None or measure.code in wanted)
    ]
    if not measures:
        return []
    cells = counting.read([m.pk for m in measures], held.below(region), revision)
    found = []
    for measure in measures:
        months = [cell for (pk, _), listed in cells.items() if pk == measure.pk for cell in listed]
        if months:
            found.append(_pace(measure, months, today))
    return found


def _pace(measure: Measure, months: list[counting.Cell], today: date) -> Pace:
    year, month = today.year, today.month
    this, last = _month(year, month), _month(year - 1, month)
    stock = measure.nature == Measure.Nature.STOCK

    def summed(first: str, end: str) -> Decimal:
        return unscale(sum(c.amount for c in months if first <= c.period <= end), measure.decimals)

    first_now, first_then = ("", "") if stock else (_month(year, 1), _month(year - 1, 1))
    known = any(first_then <= cell.period <= last for cell in months)
    return Pace(
        measure,
        summed(first_now, this),
        summed(this, this),
        summed(first_then, last) if known else None,
    )


def _month(year: int, month: int) -> str:
    return Period.month(year, month).code
