"""The dispatch table (调度): every indicator of a scheme for every region of a level, with completion, lamp, rank and change."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic import aggregate, ranking
from keshu.figures.arithmetic.change import Change, Split, change, split
from keshu.figures.arithmetic.completion import completion, met, time_progress
from keshu.figures.arithmetic.forecast import Course, Forecast, forecast, forecast_ratio
from keshu.figures.arithmetic.lamps import Lamp, LampRule, lamp, load_rule
from keshu.figures.arithmetic.ratio import Refused
from keshu.figures.book import Book, book
from keshu.figures.evaluating import (
    Figure,
    Side,
    data_period,
    denominator_period,
    evaluate,
    growth,
    measures_of,
    side,
)
from keshu.figures.models import Indicator, Scheme, SchemeItem, Target
from keshu.figures.reading import NOT_APPLICABLE, Reader
from keshu.figures.whole import from_total, total_of
from keshu.journal import moments
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period

HISTORY_YEARS = 4
SPARK_MONTHS = 12


class NoSuchDispatch(LookupError):
    """The scheme has no indicators or the level has no regions."""


@dataclass(frozen=True)
class Row:
    """One indicator of one region. Decimals are unrounded; completion and progress are shares (1 = 100 %)."""

    item: SchemeItem
    region: Region
    figure: Figure
    previous: Figure
    target: Target | None
    completion: Decimal | None
    met: bool | None
    progress: Decimal | None
    lamp: Lamp | None
    rank: int | None
    tied: bool
    of: int
    rank_change: int | None
    change: Change
    split: Split | None
    mixes: bool
    mean: Decimal | None
    gap_to_mean: Decimal | None
    gap_to_parent: Decimal | None
    next_up: Region | None
    gap_to_next: Decimal | None
    forecast: Forecast | Refused | None
    spark: tuple[Decimal | None, ...] = ()
    class_rank: int | None = None
    class_of: int | None = None

    @property
    def indicator(self) -> Indicator:
        """The row's indicator."""
        return self.figure.indicator

    @property
    def value(self) -> Decimal | None:
        """The value shown: the figure's, or the growth where the indicator is watched by its growth."""
        if self.indicator.change_as_growth:
            return growth(self.figure, self.previous)
        return self.figure.value

    @property
    def fixed(self) -> bool:
        """已定: an annual figure; no lamp, no time progress, no supervision on itself."""
        return self.indicator.period_rule == Indicator.PeriodRule.ANNUAL

    @property
    def missing(self) -> str:
        """Why there is no value, empty when there is one."""
        if self.figure.missing:
            return self.figure.missing
        return "去年同期无" if self.value is None else ""


@dataclass(frozen=True)
class Column:
    """What belongs to an indicator as a whole: data period, total, mean, missing."""

    item: SchemeItem
    indicator: Indicator
    period: Period
    total: aggregate.Total | None
    parent: Figure
    previous_total: aggregate.Total | None
    previous_parent: Figure
    mean: Decimal | None
    of: int
    missing: tuple[str, ...]
    progress: Decimal | None
    plan: Rule | None
    total_row: Row | None = None


@dataclass
class Dispatch:
    """A dispatch table as of a revision."""

    scheme: Scheme
    period: Period
    level: str
    parent: Region
    revision: int
    as_of: datetime | None
    asked: str
    vintage: str
    lamp_rule: Rule | None
    regions: list[Region] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    leading: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    leading_rows: list[Row] = field(default_factory=list)
    reader: Reader | None = None

    def row(self, indicator: Indicator, region: Region) -> Row:
        """The row of an indicator and a region."""
        for row in (*self.rows, *self.leading_rows):
            if row.indicator.pk == indicator.pk and row.region.pk == region.pk:
                return row
        raise NoSuchDispatch(f"{region} 不在这张调度表里。")


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
) -> Dispatch:
    """Compute a dispatch. ``region`` names the parent whose children of ``level`` are the rows (default: the installation's
    own region, or the nation for provinces); ``as_of`` a moment or ``r<number>``. Raises UnknownName, NoSuchDispatch.
    """
    revision = moments.read_as_of(as_of)
    definitions = book(revision)
    scheme = definitions.scheme(scheme_name)
    parent = parent_of(definitions, level, region, root)
    regions = definitions.under(parent, level)
    if not regions:
        label = Region.Level(level).label
        raise NoSuchDispatch(f"{parent.name}下面没有{label}地区。请换一个层级或地区。")
    at = anchor(scheme, period)
    on = _judged_on(at, revision, as_of)
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
    reader = _read(
        definitions, revision, vintage, on, at, [*items, *leading], [*regions, parent], sparks, forecasts
    )
    table.reader = reader
    targets = _targets(revision, [*items, *leading], [*regions, parent], at, definitions)
    for group, columns, rows in (
        (items, table.columns, table.rows),
        (leading, table.leading, table.leading_rows),
    ):
        for item in group:
            builder = _Builder(table, reader, item, targets, on, sparks, forecasts)
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


def _judged_on(period: Period, revision: int, as_of: str | None) -> date:
    """The day on which lateness and rules are judged: the as-of day, else today."""
    moment = moments.moment_of(revision) if as_of else None
    return moment.date() if moment else clock.today()


def _history(period: Period) -> list[Period]:
    """Periods a forecast looks back to: the same months and the whole of the past years."""
    found = []
    for back in range(1, HISTORY_YEARS + 1):
        found += [period.shift_years(-back), Period.year(period.year - back)]
    return found


def spark_periods(indicator: Indicator, period: Period) -> list[Period]:
    """The points of a row's small curve: twelve years, month-ends or single months up to the period."""
    if indicator.period_rule == Indicator.PeriodRule.ANNUAL or period.kind == "year":
        return [Period.year(period.year - back) for back in reversed(range(SPARK_MONTHS))]
    months = []
    year, month = period.end.year, period.end.month
    for _ in range(SPARK_MONTHS):
        months.append(Period.month(year, month))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return months[::-1]


def _read(
    definitions: Book,
    revision: int,
    vintage: str,
    on: date,
    at: Period,
    items: list[SchemeItem],
    subjects: list[Region],
    sparks: bool,
    forecasts: bool,
) -> Reader:
    """One reader filled with everything the table asks for."""
    reader = Reader(definitions, revision, vintage, on)
    pks = [region.pk for region in subjects]
    wanted: dict[int, set[Period]] = {}
    for item in items:
        indicator = definitions.indicators[item.indicator_id]
        period = data_period(item, indicator, at)
        periods = {period, period.previous_year()}
        if forecasts and indicator.period_rule == Indicator.PeriodRule.TO_DATE and period.kind != "year":
            periods.update(_history(period))
        periods |= {denominator_period(indicator, p) for p in tuple(periods)}
        if sparks:
            periods.update(spark_periods(indicator, period))
        for measure in measures_of(definitions, indicator):
            wanted.setdefault(measure.pk, set()).update(periods)
    by_periods: dict[frozenset[Period], list[int]] = {}
    for pk, periods in wanted.items():
        by_periods.setdefault(frozenset(periods), []).append(pk)
    for group, measure_pks in by_periods.items():
        reader.load([definitions.measures[pk] for pk in measure_pks], pks, group)
    return reader


def _targets(
    revision: int, items: list[SchemeItem], subjects: list[Region], at: Period, definitions: Book
) -> dict[tuple[int, int], Target]:
    """Targets of the data years by (indicator, subject), as of the revision."""
    years = {
        item.indicator_id: data_period(item, definitions.indicators[item.indicator_id], at).year
        for item in items
    }
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


class _Builder:
    """Builds one column of the table."""

    def __init__(
        self,
        table: Dispatch,
        reader: Reader,
        item: SchemeItem,
        targets: dict[tuple[int, int], Target],
        on: date,
        sparks: bool,
        forecasts: bool,
    ) -> None:
        self.table, self.reader, self.item, self.targets = table, reader, item, targets
        self.book = reader.book
        self.indicator = self.book.indicators[item.indicator_id]
        self.period = data_period(item, self.indicator, table.period)
        self.before = self.period.previous_year()
        self.sparks, self.forecasts = sparks, forecasts
        self.plan = self.book.rule("plan", item.plan, on) if item.plan not in ("", "full") else None
        rule = self.book.rule("lamps", item.lamp_rule, on) if item.lamp_rule else table.lamp_rule
        self.lamps: LampRule | None = (
            load_rule({**rule.data, "code": rule.code, "name": rule.name}) if rule else None
        )

    @property
    def fixed(self) -> bool:
        return self.indicator.period_rule == Indicator.PeriodRule.ANNUAL

    def progress(self) -> Decimal | None:
        """Where the calendar or the plan stands; nothing for a fixed figure."""
        if self.fixed:
            return None
        if self.item.plan == "full":
            return Decimal(1)
        plan = (
            {int(month): Decimal(share) for month, share in self.plan.data["months"].items()}
            if self.plan
            else None
        )
        return time_progress(self.period.elapsed_share(), plan, self.period.end.month)

    def build(self) -> tuple[Column, list[Row]]:
        now = {r.pk: evaluate(self.reader, self.indicator, r.pk, self.period) for r in self.table.regions}
        then = {
            r.pk: evaluate(self.reader, self.indicator, r.pk, self.before, like=now[r.pk])
            for r in self.table.regions
        }
        ranked = [region for region in self.table.regions if region.is_ranked]
        shown = {r.pk: self.shown(now[r.pk], then[r.pk]) for r in self.table.regions}
        places = ranking.rank({r.pk: shown[r.pk] for r in ranked}, self.indicator.direction)
        places_then = ranking.rank({r.pk: then[r.pk].value for r in ranked}, self.indicator.direction)
        by_class = ranking.rank_within(
            {r.pk: shown[r.pk] for r in ranked},
            {r.pk: r.group or None for r in ranked},
            self.indicator.direction,
        )
        middle = ranking.mean(shown[r.pk] for r in ranked)
        parent = evaluate(self.reader, self.indicator, self.table.parent.pk, self.period)
        parent_then = evaluate(self.reader, self.indicator, self.table.parent.pk, self.before, like=parent)
        total, total_then = self.total(now), self.total(then)
        whole = parent.value if parent.held else total.value if total else None
        progress = self.progress()
        above = ranking.gaps_to_next({r.pk: shown[r.pk] for r in ranked}, self.indicator.direction)
        names = {region.pk: region for region in self.table.regions}
        rows = []
        for region in self.table.regions:
            figure, previous = now[region.pk], then[region.pk]
            place = places.place.get(region.pk)
            ahead = above.get(region.pk)
            members = by_class.get(region.group) if region.is_ranked else None
            value = shown[region.pk]
            rows.append(
                self.row(
                    region,
                    figure,
                    previous,
                    progress,
                    rank=place,
                    tied=places.tied.get(region.pk, False),
                    of=places.of,
                    rank_change=ranking.rank_change(place, places_then.place.get(region.pk))
                    if not self.indicator.change_as_growth
                    else None,
                    mean=middle,
                    gap_to_mean=ranking.gap_to(value, middle) if region.is_ranked else None,
                    gap_to_parent=ranking.gap_to(value, whole),
                    next_up=names[ahead.keys[-1]] if ahead else None,  # type: ignore[index]
                    gap_to_next=ahead.gap if ahead else None,
                    class_rank=members.place.get(region.pk) if members else None,
                    class_of=members.of if members else None,
                )
            )
        column = Column(
            item=self.item,
            indicator=self.indicator,
            period=self.period,
            total=total,
            parent=parent,
            previous_total=total_then,
            previous_parent=parent_then,
            mean=middle,
            of=places.of,
            missing=tuple(names[pk].name for pk in places.missing),  # type: ignore[index]
            progress=progress,
            plan=self.plan,
            total_row=self.total_row(parent, parent_then, total, total_then, progress),
        )
        return column, rows

    def shown(self, figure: Figure, previous: Figure) -> Decimal | None:
        return growth(figure, previous) if self.indicator.change_as_growth else figure.value

    def total(self, figures: dict[int, Figure]) -> aggregate.Total | None:
        return total_of(self.book, self.indicator, self.table.regions, figures)

    def row(
        self, region: Region, figure: Figure, previous: Figure, progress: Decimal | None, **facts: object
    ) -> Row:
        """A row with target, completion, lamp, change and forecast."""
        target = self.targets.get((self.indicator.pk, region.pk))
        value = self.shown(figure, previous)
        low, high = (target.low, target.high) if target else (None, None)
        direction = self.indicator.direction
        done = completion(value, low, high, direction)
        is_met = met(value, low, high, direction)
        lit = None
        if not self.fixed and self.lamps is not None and (target is not None or not figure.held):
            reason = None if value is not None else (figure.missing or "去年同期无")
            lit = lamp(self.lamps, completion=done, progress=progress, missing_reason=reason, met=is_met)
        figure, applicable = _not_applicable(region, figure, previous)
        if not applicable:
            lit = None
        moved = self.change(figure, previous)
        parts = None
        if figure.denominator is not None and previous.denominator is not None:
            parts = split(
                previous.numerator.value,
                previous.denominator.value,
                figure.numerator.value,
                figure.denominator.value,
                figure.factor,
            )
        mixes = figure.held and previous.held and figure.numerator.releases != previous.numerator.releases
        return Row(
            item=self.item,
            region=region,
            figure=figure,
            previous=previous,
            target=target,
            completion=done,
            met=is_met,
            progress=progress,
            lamp=lit,
            change=moved,
            split=parts,
            mixes=mixes,
            forecast=self.forecast(figure, region.pk),
            spark=self.spark(region.pk),
            **facts,  # type: ignore[arg-type]
        )

    def change(self, figure: Figure, previous: Figure) -> Change:
        """Percentage points (or the indicator's own unit) for ratios, rates and scores; percent for amounts."""
        if self.indicator.change_as_growth:
            return Change(None, "%", "本身就是同比")
        difference = figure.is_ratio or any(m.nature == "rate" for m, _, _ in figure.numerator.parts)
        moved = change(figure.value, previous.value, difference)
        if difference and self.indicator.unit != "%":
            return replace(moved, unit=self.indicator.unit)
        return moved

    def total_row(
        self,
        parent: Figure,
        parent_then: Figure,
        total: aggregate.Total | None,
        total_then: aggregate.Total | None,
        progress: Decimal | None,
    ) -> Row:
        """The whole as a row: the parent's own published figure where it is held, else the sum of its parts."""
        figure = parent if parent.held or total is None else from_total(parent, total)
        previous = (
            parent_then if parent_then.held or total_then is None else from_total(parent_then, total_then)
        )
        return self.row(
            self.table.parent,
            figure,
            previous,
            progress,
            rank=None,
            tied=False,
            of=0,
            rank_change=None,
            mean=None,
            gap_to_mean=None,
            gap_to_parent=None,
            next_up=None,
            gap_to_next=None,
        )

    def forecast(self, figure: Figure, subject: int) -> Forecast | Refused | None:
        """The year-end range of an indicator that accumulates; None for fixed figures, stocks and whole years."""
        if not self.forecasts or self.fixed or self.period.kind == "year":
            return None
        if self.indicator.period_rule != Indicator.PeriodRule.TO_DATE or self.indicator.change_as_growth:
            return None
        same: dict[int, Figure] = {}
        full: dict[int, Figure] = {}
        for back in range(1, HISTORY_YEARS + 1):
            year = self.period.year - back
            same[year] = evaluate(self.reader, self.indicator, subject, self.period.shift_years(-back))
            full[year] = evaluate(self.reader, self.indicator, subject, Period.year(year))
        above = Course(
            figure.numerator.value,
            {year: f.numerator.value for year, f in same.items()},
            {year: f.numerator.value for year, f in full.items()},
        )
        month = self.period.end.month
        if figure.denominator is None:
            return forecast(above.ytd, month, above.same_period, above.full_year)
        below = Course(
            figure.denominator.value,
            {year: f.denominator.value for year, f in same.items() if f.denominator},
            {year: f.denominator.value for year, f in full.items() if f.denominator},
        )
        return forecast_ratio(above, below, month, figure.factor)

    def spark(self, subject: int) -> tuple[Decimal | None, ...]:
        """The small curve: yearly values, month-end stocks, or the numerator month by month."""
        if not self.sparks:
            return ()
        periods = spark_periods(self.indicator, self.period)
        if self.indicator.period_rule == Indicator.PeriodRule.TO_DATE and self.period.kind != "year":
            expression = self.book.ratio(self.indicator).numerator
            return tuple(side(self.reader, expression, subject, period).value for period in periods)
        return tuple(evaluate(self.reader, self.indicator, subject, period).value for period in periods)


def _not_applicable(region: Region, figure: Figure, previous: Figure) -> tuple[Figure, bool]:
    """A part (市本级, zone) that never had a value of this indicator is 不单列, which is not the same as missing."""
    if region.is_ranked or figure.held or figure.numerator.value is not None:
        return figure, True
    if previous.held or previous.numerator.value is not None:
        return figure, True
    changed = Figure(
        figure.indicator,
        figure.subject_id,
        figure.period,
        None,
        figure.numerator,
        figure.denominator,
        figure.factor,
        NOT_APPLICABLE,
    )
    return changed, False
