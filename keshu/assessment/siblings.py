"""Everybody who is ranked with a region, and what is held of them: the ground on which a rank may be computed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic.aggregate import Total
from keshu.figures.book import Book, book
from keshu.figures.evaluating import Evaluation, Figure, evaluate, growth
from keshu.figures.history import read
from keshu.figures.models import Indicator
from keshu.figures.reading import Reader
from keshu.figures.whole import from_total, total_of
from keshu.journal import moments
from keshu.terms import clock
from keshu.terms.period import Period


def ranked_with(definitions: Book, region: Region) -> list[Region]:
    """The region and its siblings of the same level that are ranked (市本级 and zones are not), in their order."""
    parent = definitions.regions.get(region.parent_id) if region.parent_id else None
    if parent is None:
        return [region]
    return [row for row in definitions.under(parent, region.level) if row.is_ranked]


@dataclass(frozen=True)
class Held:
    """An indicator at two periods for everybody ranked together. ``figures`` hold both sides of each region; ``values`` what is
    ranked: the value, or the growth for an indicator that is watched by its growth. ``summed`` says what is in the figures of a
    region that has none of its own and is shown as the sum of its parts; such a sum is never ranked among published values.
    """

    indicator: Indicator
    regions: tuple[Region, ...]
    earlier: Period
    later: Period
    figures_before: Mapping[int, Figure]
    figures: Mapping[int, Figure]
    before: Mapping[int, Decimal | None]
    values: Mapping[int, Decimal | None]
    summed: str = ""

    def missing(self) -> list[Region]:
        """Who lacks a value at the later period."""
        return [region for region in self.regions if self.values[region.pk] is None]

    def missing_at_either(self) -> list[Region]:
        """Who lacks a value at one of the periods."""
        return [
            region
            for region in self.regions
            if self.values[region.pk] is None or self.before[region.pk] is None
        ]


def held(
    indicator: Indicator,
    regions: Sequence[Region],
    earlier: Period,
    later: Period,
    *,
    own: Region | None = None,
    revision: int | None = None,
    vintage: str = "latest",
) -> Held:
    """Read an indicator at two periods for some regions. The earlier figure of a region is taken from the release of its later
    one where that release holds both years. ``own``: the region whose figures are summed from its parts where it has none of
    its own. A constant number of queries.
    """
    at = moments.latest() if revision is None else revision
    definitions = book(at)
    reader = Reader(definitions, at, vintage, clock.today())
    indicator = definitions.indicators.get(indicator.pk, indicator)
    parts = _parts(definitions, own)
    read(reader, [(indicator, [earlier, later])], [row.pk for row in (*regions, *parts)])
    now, then = Evaluation(reader, indicator, later), Evaluation(reader, indicator, earlier)
    figures = {region.pk: now.figure(region.pk) for region in regions}
    before = {region.pk: then.figure(region.pk, like=figures[region.pk]) for region in regions}
    if indicator.change_as_growth:
        values = {pk: growth(figure, before[pk]) for pk, figure in figures.items()}
        values_before: dict[int, Decimal | None] = dict.fromkeys(values)
    else:
        values = {pk: figure.value for pk, figure in figures.items()}
        values_before = {pk: figure.value for pk, figure in before.items()}
    summed = ""
    if own is not None and not figures[own.pk].held and not before[own.pk].held:
        totals = _total(reader, indicator, parts, later), _total(reader, indicator, parts, earlier)
        if totals[0] and totals[1] and totals[0].included == totals[1].included:
            figures[own.pk] = from_total(figures[own.pk], totals[0])
            before[own.pk] = from_total(before[own.pk], totals[1])
            summed = totals[0].note
    return Held(indicator, tuple(regions), earlier, later, before, figures, values_before, values, summed)


def _parts(definitions: Book, region: Region | None) -> list[Region]:
    """What a region is the sum of: what stands directly below it."""
    return definitions.children.get(region.pk, []) if region is not None else []


def _total(reader: Reader, indicator: Indicator, parts: Sequence[Region], period: Period) -> Total | None:
    figures = {part.pk: evaluate(reader, indicator, part.pk, period) for part in parts}
    total = total_of(reader.book, indicator, parts, figures) if parts else None
    return total if total is not None and total.value is not None else None


def own_figures(
    wanted: Iterable[tuple[Indicator, Period]], region: Region, *, revision: int | None = None
) -> dict[tuple[int, str], Figure]:
    """The figures of one region for some indicators and periods, by (indicator, period code): its own, else the sum of its parts.
    One query for each set of periods.
    """
    pairs = list(wanted)
    at = moments.latest() if revision is None else revision
    reader = Reader(book(at), at, "latest", clock.today())
    parts = _parts(reader.book, region)
    read(
        reader,
        [(indicator, [period]) for indicator, period in pairs],
        [region.pk, *(part.pk for part in parts)],
    )
    found = {}
    for indicator, period in pairs:
        figure = evaluate(reader, indicator, region.pk, period)
        total = None if figure.held else _total(reader, indicator, parts, period)
        found[indicator.pk, period.code] = from_total(figure, total) if total else figure
    return found
