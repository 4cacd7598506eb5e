"""The whole of its parts: Σnumerator / Σdenominator over the children of a region, and that sum as a figure of the parent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic import aggregate
from keshu.figures.book import Book
from keshu.figures.evaluating import Figure, Side, denominator_period, evaluate, measures_of
from keshu.figures.models import Indicator
from keshu.figures.reading import Reader
from keshu.terms.period import Period

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
        figure = figures[region.id]
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


@dataclass(frozen=True)
class Whole:
    """A region's figure as the sum of its parts."""

    total: aggregate.Total
    parts: tuple[tuple[Region, Figure], ...]

    @property
    def value(self) -> Decimal | None:
        """The value of the whole."""
        return self.total.value

    @property
    def numerator(self) -> Decimal | None:
        """Σ of the numerators of what is in."""
        return self.total.numerator

    @property
    def denominator(self) -> Decimal | None:
        """Σ of the denominators of what is in."""
        return self.total.denominator


def whole_of(
    definitions: Book,
    revision: int,
    indicator: Indicator,
    region: Region,
    period: Period,
    level: str,
    vintage: str = "latest",
) -> Whole | None:
    """The figure of a region from its children of ``level``; None where the region's own figure is held (that one is shown
    then), where there are no children, or where a score has no total.
    """
    regions = definitions.under(region, level) if level else []
    if not regions:
        return None
    reader = Reader(definitions, revision, vintage)
    subjects = [region.id, *(part.pk for part in regions)]
    reader.load(
        measures_of(definitions, indicator), subjects, {period, denominator_period(indicator, period)}
    )
    if evaluate(reader, indicator, region.id, period).held:
        return None
    figures = {part.pk: evaluate(reader, indicator, part.pk, period) for part in regions}
    total = total_of(definitions, indicator, regions, figures)
    return Whole(total, tuple((part, figures[part.pk]) for part in regions)) if total else None
