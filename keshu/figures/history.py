"""An indicator over several periods: values, places, mean and whole at each, read at once; small curves of one column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic import ranking
from keshu.figures.dispatch import Column, Dispatch, spark_periods
from keshu.figures.evaluating import Figure, denominator_period, evaluate, growth, measures_of, side
from keshu.figures.models import CubeDelta, Indicator
from keshu.figures.reading import Reader
from keshu.figures.whole import total_of
from keshu.terms.period import Period

QUARTERS, YEARS = 8, 5


@dataclass(frozen=True)
class Point:
    """One period of a history. ``values`` by region in the indicator's unit, unrounded; ``whole`` is the parent's own figure
    where it is held, else the sum over the parts.
    """

    period: Period
    figures: dict[int, Figure]
    values: dict[int, Decimal | None]
    places: ranking.Ranking
    mean: Decimal | None
    whole: Decimal | None

    @property
    def held(self) -> bool:
        """Whether anything is known of the period."""
        return self.places.of > 0


@dataclass(frozen=True)
class History:
    """An indicator over periods, oldest first."""

    indicator: Indicator
    regions: tuple[Region, ...]
    points: tuple[Point, ...]

    def series(self, region_id: int) -> list[Decimal | None]:
        """The values of one region, one per period."""
        return [point.values.get(region_id) for point in self.points]

    def ranks(self, region_id: int) -> list[int | None]:
        """The places of one region, one per period."""
        return [point.places.place.get(region_id) for point in self.points]

    @property
    def held(self) -> "History":
        """The same from the first to the last period of which something is known."""
        known = [number for number, point in enumerate(self.points) if point.held]
        kept = self.points[known[0] : known[-1] + 1] if known else ()
        return History(self.indicator, self.regions, kept)


def periods_of(indicator: Indicator, period: Period, span: str = "quarters") -> list[Period]:
    """The periods of a history that ends with ``period``, oldest first.

    ``years``: five years (a fixed figure: always). ``quarters``: the eight last quarter ends, cumulative from January or,
    for a stock, as month-ends; the period itself stands last although it may end within a quarter.
    """
    if indicator.period_rule == Indicator.PeriodRule.ANNUAL or period.kind == "year" or span == "years":
        last = (
            period.year
            if period.end.month == 12 or indicator.period_rule == Indicator.PeriodRule.ANNUAL
            else period.year - 1
        )
        return [Period.year(last - back) for back in reversed(range(YEARS))]
    stock = indicator.period_rule == Indicator.PeriodRule.STOCK
    found = [period]
    year, quarter = period.year, (period.end.month - 1) // 3
    while len(found) < QUARTERS:
        if quarter == 0:
            year, quarter = year - 1, 4
        found.append(Period.month(year, quarter * 3) if stock else Period.ytd(year, quarter * 3))
        quarter -= 1
    return found[::-1]


def read(
    reader: Reader, wanted: Iterable[tuple[Indicator, Sequence[Period]]], subjects: Iterable[int]
) -> None:
    """Load everything that the histories of these indicators ask for: a query for each set of periods, not for each indicator."""
    pks = list(subjects)
    by_periods: dict[frozenset[Period], set[int]] = {}
    for indicator, periods in wanted:
        asked = {p for period in periods for p in (period, denominator_period(indicator, period))}
        if indicator.change_as_growth:
            asked |= {period.previous_year() for period in asked}
        for measure in measures_of(reader.book, indicator):
            by_periods.setdefault(frozenset(asked), set()).add(measure.pk)
    for asked_for, measures in by_periods.items():
        reader.load([reader.book.measures[pk] for pk in measures], pks, asked_for)


def history(
    reader: Reader, indicator: Indicator, regions: Sequence[Region], parent: Region, periods: Sequence[Period]
) -> History:
    """The history of an indicator from a reader already filled by :func:`read`. Places are among the ranked regions."""
    return History(
        indicator,
        tuple(regions),
        tuple(_point(reader, indicator, regions, parent, period) for period in periods),
    )


def _point(
    reader: Reader, indicator: Indicator, regions: Sequence[Region], parent: Region, period: Period
) -> Point:
    figures = {region.pk: evaluate(reader, indicator, region.pk, period) for region in regions}
    own = evaluate(reader, indicator, parent.pk, period)
    if indicator.change_as_growth:
        before = period.previous_year()
        values = {pk: growth(now, evaluate(reader, indicator, pk, before)) for pk, now in figures.items()}
        whole = growth(own, evaluate(reader, indicator, parent.pk, before))
    else:
        values = {pk: figure.value for pk, figure in figures.items()}
        whole = own.value
        if whole is None:
            total = total_of(reader.book, indicator, regions, figures)
            whole = total.value if total else None
    ranked = {region.pk: values[region.pk] for region in regions if region.is_ranked}
    return Point(
        period,
        figures,
        values,
        ranking.rank(ranked, indicator.direction),
        ranking.mean(ranked.values()),
        whole,
    )


def sparks(table: Dispatch, column: Column) -> dict[int, tuple[Decimal | None, ...]]:
    """The small curves of one column by region, the parent's among them: yearly values, month-end stocks, or what was added
    to the numerator month by month. One or two queries for the column.
    """
    reader = table.reader
    assert reader is not None  # a dispatch is always read
    indicator = column.indicator
    periods = spark_periods(indicator, column.period)
    subjects = [region.pk for region in table.regions] + [table.parent.pk]
    monthly = indicator.period_rule == Indicator.PeriodRule.TO_DATE and column.period.kind != "year"
    if monthly:
        expression = reader.book.ratio(indicator).numerator
        reader.load([reader.book.symbols[name] for name in expression.names], subjects, periods)
        curves = {pk: tuple(side(reader, expression, pk, p).value for p in periods) for pk in subjects}
        if not any(value is not None for value in curves[table.parent.pk]):
            areas = [region.pk for region in table.regions if region.part != "zone_inside"]
            curves[table.parent.pk] = tuple(
                _sum([curves[pk][at] for pk in areas]) for at in range(len(periods))
            )
        return curves
    read(reader, [(indicator, periods)], subjects)
    curves = {pk: tuple(evaluate(reader, indicator, pk, p).value for p in periods) for pk in subjects}
    return curves


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    held = [value for value in values if value is not None]
    return sum(held, Decimal(0)) if held else None


def periods_held(
    reader: Reader, indicators: Iterable[Indicator], subjects: Iterable[int], *, annual: bool
) -> list[Period]:
    """The dispatch periods of which something is held, newest first: years, or the year to date up to a month. One query."""
    measures: set[int] = set()
    for indicator in indicators:
        if annual or indicator.period_rule != Indicator.PeriodRule.ANNUAL:
            measures |= {
                reader.book.symbols[name].pk for name in reader.book.ratio(indicator).numerator.names
            }
    codes = (
        CubeDelta.objects.filter(
            measure_id__in=measures, subject_id__in=set(subjects), revision__lte=reader.revision
        )
        .order_by()
        .values_list("period", flat=True)
        .distinct()
    )
    found = set()
    for code in codes:
        period = Period.parse(code)
        found.add(Period.year(period.year) if annual else period.to_date())
    return sorted(found, reverse=True)
