"""The dispatch table (调度): every indicator of a scheme for every region of a level, with completion, lamp, rank and change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from keshu.directory.models import Region
from keshu.figures.arithmetic.forecast import Forecast
from keshu.figures.arithmetic.ratio import Refused
from keshu.figures.book import Book, book
from keshu.figures.columns import ColumnBuilder, spark_periods
from keshu.figures.entry.absence import absent_reasons
from keshu.figures.evaluating import data_period, denominator_period, measures_of
from keshu.figures.forecasting import history_periods, year_end
from keshu.figures.models import Indicator, Measure, Scheme, SchemeItem, Target
from keshu.figures.reading import Reader
from keshu.figures.table import Column, Dispatch, NoSuchDispatch, Row
from keshu.journal import moments
from keshu.terms.period import Period

__all__ = [
    "Column",
    "Dispatch",
    "NoSuchDispatch",
    "Row",
    "anchor",
    "dispatch",
    "forecast_of",
    "parent_of",
    "spark_periods",
]
# How far behind the dispatch period's end a leading figure may be dated: the meeting is held in the first half of the next month.
LEADING_DAYS = 15


def anchor(scheme: Scheme, period: Period) -> Period:
    """The dispatch period: a year for an annual scheme, else the year to date up to the period's end."""
    return Period.year(period.year) if scheme.annual else period.to_date()


def dispatch(
    scheme_name: str,
    period: Period,
    *,
    level: str = "county",
    region: str | None = None,
    as_of: str | None = None,
    vintage: str = "latest",
    root: Region | None = None,
    sparks: bool = False,
    forecasts: bool = True,
    make_reader: Callable[[Book, int, str, date], Reader] = Reader,
) -> Dispatch:
    """Compute a dispatch. ``region`` names the parent whose children of ``level`` are the rows (default: the installation's
    own region, or the nation for provinces); ``as_of`` a moment or ``r<number>``; ``make_reader`` gives the reader of the values
    (the database's, or one over published files). Raises UnknownName, NoSuchDispatch.
    """
    if level not in Region.Level.values:
        known = "、".join(f"{value}（{label}）" for value, label in Region.Level.choices)
        raise NoSuchDispatch(f"没有层级“{level}”。可以写 {known}。")
    revision = moments.read_as_of(as_of)
    definitions = book(revision)
    scheme = definitions.scheme(scheme_name)
    parent = parent_of(definitions, level, region, root)
    regions = definitions.under(parent, level)
    if not regions:
        label = Region.Level(level).label
        raise NoSuchDispatch(f"{parent.name}下面没有{label}地区。请换一个层级或地区。")
    at = anchor(scheme, period)
    judged = moments.judged_at(as_of, revision)
    on = judged.date()
    table = Dispatch(
        scheme=scheme,
        period=at,
        level=level,
        parent=parent,
        revision=revision,
        as_of=moments.moment_of(revision),
        asked=as_of or "",
        vintage=vintage,
        lamp_rule=definitions.rule("lamps", scheme.lamp_rule, on),
        regions=regions,
    )
    items = definitions.items_of(scheme)
    leading = definitions.items_of(scheme, leading=True)
    if not items:
        raise NoSuchDispatch(f"方案“{scheme.name}”还没有指标。请规划科先加指标。")
    reader = make_reader(definitions, revision, vintage, on)
    everyone = [*regions, parent]
    periods = _periods(reader, [*items, *leading], at, everyone)
    _load(reader, periods, everyone, sparks, forecasts, judged)
    table.reader = reader
    targets = _targets(revision, periods, everyone, definitions)
    for group, columns, rows in (
        (items, table.columns, table.rows),
        (leading, table.leading, table.leading_rows),
    ):
        for item in group:
            builder = ColumnBuilder(table, reader, item, periods[item], targets, on, sparks, forecasts)
            column, made = builder.build()
            columns.append(column)
            rows.extend(made)
    return table


def parent_of(definitions: Book, level: str, region: str | None = None, root: Region | None = None) -> Region:
    """The region whose children of ``level`` are dispatched: the one named, the installation's own, or the nation."""
    if region:
        return definitions.region(region)
    if root is not None and level not in ("province", "nation"):
        return definitions.regions.get(root.pk, root)
    nations = [row for row in definitions.regions.values() if row.level == Region.Level.NATION]
    if not nations:
        raise NoSuchDispatch("还没有地区。请先运行 keshu init，或用 --region 指明地区。")
    return nations[0]


def _periods(
    reader: Reader, items: list[SchemeItem], at: Period, subjects: list[Region]
) -> dict[SchemeItem, Period]:
    """The data period of every item; a leading one stands at the newest data held for it (规上研发费用 1—8月)."""
    definitions = reader.book
    found = {item: data_period(item, definitions.indicators[item.indicator_id], at) for item in items}
    leading = [item for item in items if item.leads_id is not None]
    if not leading or at.kind == "year":
        return found
    numerators = {
        item: definitions.symbols[
            definitions.ratio(definitions.indicators[item.indicator_id]).numerator.names[0]
        ]
        for item in leading
    }
    held = reader.held_periods(set(numerators.values()), [region.pk for region in subjects], at.year)
    latest = at.end + timedelta(days=LEADING_DAYS)
    for item, measure in numerators.items():
        indicator = definitions.indicators[item.indicator_id]
        ends = [period for period in held.get(measure.pk, []) if period.end <= latest]
        if indicator.period_rule == Indicator.PeriodRule.TO_DATE:
            ends = [p.to_date() for p in ends if p.is_ytd or measure.typed == Measure.Typed.SINGLE]
        if ends:
            found[item] = max(ends)
    return found


def _load(
    reader: Reader,
    periods: dict[SchemeItem, Period],
    subjects: list[Region],
    sparks: bool,
    forecasts: bool,
    judged: datetime,
) -> None:
    """Fill the reader with everything the table asks for: one query for each set of periods."""
    definitions = reader.book
    wanted: dict[int, set[Period]] = {}
    for item, period in periods.items():
        indicator = definitions.indicators[item.indicator_id]
        asked = {period, period.previous_year()}
        if forecasts:
            asked.update(history_periods(indicator, period))
        asked |= {denominator_period(indicator, p) for p in tuple(asked)}
        if sparks:
            asked.update(spark_periods(indicator, period))
        for measure in measures_of(definitions, indicator):
            wanted.setdefault(measure.pk, set()).update(asked)
    by_periods: dict[frozenset[Period], list[int]] = {}
    for pk, asked in wanted.items():
        by_periods.setdefault(frozenset(asked), []).append(pk)
    pks = [region.pk for region in subjects]
    for group, measure_pks in by_periods.items():
        reader.load([definitions.measures[pk] for pk in measure_pks], pks, group)
    now = set(periods.values())
    reader.absent.update(
        absent_reasons([definitions.measures[pk] for pk in wanted], pks, now, reader.revision, judged)
    )


def _targets(
    revision: int, periods: dict[SchemeItem, Period], subjects: list[Region], definitions: Book
) -> dict[tuple[int, int], Target]:
    """Targets of the data years by (indicator, subject), as of the revision; those of bare amounts beside their ratios."""
    years: dict[int, int] = {}
    for item, period in periods.items():
        years[item.indicator_id] = period.year
        bare = definitions.amount_indicator(definitions.indicators[item.indicator_id])
        if bare is not None:
            years.setdefault(bare.pk, period.year)
    found = {}
    pks = {region.pk for region in subjects}
    newest = moments.latest() == revision
    if newest:
        rows = Target.objects.for_system("调度目标").filter(
            indicator_id__in=years, year__in=set(years.values())
        )
    else:
        rows = Target.as_of(revision)
    for target in rows:
        if target.subject_id in pks and years.get(target.indicator_id) == target.year:
            found[(target.indicator_id, target.subject_id)] = target
    return found


def forecast_of(table: Dispatch, row: Row) -> Forecast | Refused | None:
    """The year-end range of a row of a table that was computed without forecasts."""
    assert table.reader is not None
    asked = history_periods(row.indicator, row.figure.period)
    asked += [denominator_period(row.indicator, period) for period in asked]
    table.reader.load(measures_of(table.reader.book, row.indicator), [row.region.pk], asked)
    return year_end(table.reader, row.indicator, row.figure.period, row.figure, row.region.pk)
