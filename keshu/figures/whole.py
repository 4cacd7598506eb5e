"""The whole of its parts: Σnumerator / Σdenominator over the children of a region, and that sum as a figure of the parent."""

from collections.abc import Mapping, Sequence

from keshu.directory.models import Region
from keshu.figures.arithmetic import aggregate
from keshu.figures.book import Book
from keshu.figures.evaluating import Figure, Side, measures_of
from keshu.figures.models import Indicator

KINDS: dict[str, aggregate.Kind] = {
    "area": "county",
    "own": "own",
    "zone": "zone",
    "zone_inside": "zone_inside",
}


def total_of(
    book: Book, indicator: Indicator, regions: Sequence[Region], figures: Mapping[int, Figure]
) -> aggregate.Total | None:
    """Σnumerator / Σdenominator over ``regions`` (figures by subject), the sum of an amount; None for a score or a rate
    without sides, which has no total.
    """
    parts = []
    for region in regions:
        figure = figures[region.pk]
        under = figure.denominator.value if figure.denominator else None
        parts.append(
            aggregate.Part(region.code, region.name, KINDS[region.part], figure.numerator.value, under)
        )
    ratio = book.ratio(indicator)
    if ratio.denominator is not None:
        return aggregate.total(parts, ratio.factor, own_numerator_counts=indicator.own_numerator_counts)
    summed = all(measure.nature != "rate" for measure in measures_of(book, indicator))
    return aggregate.amount(parts) if summed else None


def from_total(parent: Figure, total: aggregate.Total) -> Figure:
    """The sum over the parts as a figure of the parent."""
    numerator = Side(total.numerator, ())
    under = Side(total.denominator, ()) if parent.denominator is not None else None
    missing = "" if total.value is not None else parent.missing
    return Figure(
        parent.indicator,
        parent.subject_id,
        parent.period,
        total.value,
        numerator,
        under,
        parent.factor,
        missing,
    )
