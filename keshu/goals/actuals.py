"""What stands behind a goal now, or stood at an earlier revision: its counters added up, its indicator, or the place reached.

Everything for many goals is asked together: the number of queries follows from how many different counters there are, not from
how many goals.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from keshu.directory.models import Employment, Region, Unit
from keshu.figures import slicing
from keshu.figures.arithmetic import aggregate
from keshu.figures.arithmetic.completion import completion, why_no_completion
from keshu.figures.arithmetic.ratio import WIDE, Direction
from keshu.figures.book import Book, book
from keshu.figures.evaluating import Evaluation, measures_of
from keshu.figures.models import Indicator, Measure, RegionShown, Standing
from keshu.figures.reading import Reader
from keshu.figures.whole import KINDS, total_of
from keshu.goals.bounds import Bounds, bounds_on
from keshu.goals.models import Counter, Goal
from keshu.journal import moments
from keshu.terms.period import Period
from keshu.terms.quantity import IncompatibleUnits, UnknownUnit, convert, unit, unscale

NO_COUNTER, FLAWED, QUALITATIVE, NOT_BEGUN = "没有指定计数来源", "原文有误", "定性任务看佐证", "还没开始"
NO_PLACE = "没有通报位次"


@dataclass(frozen=True)
class Part:
    """What one counter (or the indicator) gives, in its own unit; ``said`` is the condition as the pages say it."""

    label: str
    value: Decimal | None
    unit: str
    missing: str = ""
    measure_code: str = ""
    where: str = ""
    said: str = ""
    decimals: int = 0


@dataclass(frozen=True)
class Actual:
    """What was reached of a goal, in the goal's unit, unrounded.

    ``completion`` is a share (1 = 100 %) of the 基本目标 in force in the period, of a range of its upper bound; None with a reason
    in ``waits`` (a rank and a qualitative goal have none). ``region_id`` is the region that was counted.
    """

    value: Decimal | None
    unit: str
    missing: str
    parts: tuple[Part, ...]
    completion: Decimal | None
    period: Period
    waits: str = ""
    region_id: int | None = None
    bounds: Bounds | None = None


def actual(goal: Goal, *, until: date, revision: int | None = None) -> Actual:
    """What was reached of one goal by the end of a day, now or as of a revision. See :func:`actuals`."""
    return actuals([goal], until=until, revision=revision)[goal.pk]


def actuals(goals: Iterable[Goal], *, until: date, revision: int | None = None) -> dict[int, Actual]:
    """What was reached of many goals by the end of ``until``, by primary key, in a constant number of queries.

    Counters over a register count to the day; with a reported value among a goal's counters, and for indicators, the last whole
    month counts. A region counts everything below it (a reported value that it does not hold itself is the sum of its counties and
    its own level, naming who is missing), a unit its region, a person the region of the unit it works in; a goal of
    nobody counts what the house counts. Goals are given as they stood at ``revision``; their counters are read as of it too.
    """
    asked = list(goals)
    at = moments.latest() if revision is None else revision
    reading = _Reading(asked, until, at, now=revision is None or revision == moments.latest())
    return {goal.pk: reading.of(goal) for goal in asked}


def before_of(goal: Goal, subjects: Iterable[int]) -> dict[int, Decimal | None]:
    """What each of some subjects reached of a goal in the year before, by the goal's counters or indicator. None where unknown."""
    at = moments.latest()
    counters = _counters([goal], at, now=True).get(goal.pk, [])
    asked: dict[int, Goal] = {}
    for pk in subjects:
        one = Goal(kind=goal.kind, unit=goal.unit, year=goal.year - 1, subject_id=pk, decimals=goal.decimals)
        one.pk, one.indicator_id = -pk, goal.indicator_id
        asked[pk] = one
    last = date(goal.year - 1, 12, 31)
    reading = _Reading(asked.values(), last, at, now=True, counters={-pk: counters for pk in asked})
    return {pk: reading.of(one).value for pk, one in asked.items()}


def period_of(year: int, until: date, *, whole_months: bool) -> Period | None:
    """The stretch of a goal's year that has passed: to the day, or the last whole month; None before the first is over."""
    if until.year > year:
        return Period.year(year)
    if until.year < year:
        return None
    if not whole_months:
        return Period.day(until)
    ended = (until + timedelta(days=1)).month - 1 or (12 if until.month == 12 else 0)
    return Period.ytd(year, ended) if ended else None


class _Reading:
    """The values behind a set of goals, read together."""

    def __init__(
        self,
        goals: Collection[Goal],
        until: date,
        revision: int,
        *,
        now: bool,
        counters: dict[int, list[Counter]] | None = None,
    ) -> None:
        self.until, self.revision = until, revision
        self.book: Book = book(revision)
        self.counters = _counters(goals, revision, now=now) if counters is None else counters
        self.bounds = bounds_on(goals, until, revision, now=now)
        self.regions = _regions(goals, self.book)
        self.spreads: dict[tuple[int, str, str], slicing.Spread | str] = {}
        self.sums: dict[tuple[int, str, str], dict[int, int]] = {}
        self.evaluations: dict[tuple[int, str], Evaluation] = {}
        self.under: dict[int, list[Region]] = {}
        self.reader = Reader(self.book, revision, on=until)
        self._load(goals)
        self.places = self._places(goals)

    # ---- one goal

    def of(self, goal: Goal) -> Actual:
        region = self.regions.get(goal.pk)
        bounds = self.bounds[goal.pk]
        if goal.kind == Goal.Kind.QUALITY:
            return self._without(goal, QUALITATIVE, region, bounds)
        if goal.kind == Goal.Kind.RANK:
            return self._place(goal, region, bounds)
        counters = self.counters.get(goal.pk, ())
        period = self._period(goal, counters)
        if period is None:
            return self._without(goal, NOT_BEGUN, region, bounds)
        if region is None or not (counters or goal.indicator_id):
            return self._without(goal, NO_COUNTER, region, bounds)
        parts = (
            tuple(self._counted(goal, one, region, period) for one in counters)
            if counters
            else (self._evaluated(goal, region, period),)
        )
        value, missing = _together(parts, goal.unit)
        done = None if goal.flawed else completion(value, bounds.low, bounds.high, _direction(goal))
        waits = ""
        if done is None:
            waits = FLAWED if goal.flawed else missing
            waits = waits or why_no_completion(value, bounds.low, bounds.high, _direction(goal)) or ""
        return Actual(value, goal.unit, missing, parts, done, period, waits, region, bounds)

    def _period(self, goal: Goal, counters: Iterable[Counter]) -> Period | None:
        if not counters and goal.indicator_id:
            indicator = self.book.indicators[goal.indicator_id]
            if indicator.period_rule == Indicator.PeriodRule.ANNUAL:
                return Period.year(goal.year)
        listed = [self.book.measures[one.measure_id] for one in counters]
        by_day = bool(listed) and all(measure.register for measure in listed)
        return period_of(goal.year, self.until, whole_months=not by_day)

    def _without(self, goal: Goal, missing: str, region: int | None, bounds: Bounds) -> Actual:
        period = Period.year(goal.year) if self.until.year != goal.year else Period.day(self.until)
        waits = FLAWED if goal.flawed else missing
        return Actual(None, goal.unit, missing, (), None, period, waits, region, bounds)

    def _place(self, goal: Goal, region: int | None, bounds: Bounds) -> Actual:
        found = self.places.get((goal.indicator_id or 0, region or 0))
        if found is None:
            return self._without(goal, NO_PLACE, region, bounds)
        label = f"{found.assessor}通报" + (f"（共 {found.population}）" if found.population else "")
        part = Part(label, found.value, goal.unit, said=found.doc_no)
        period = Period.parse(found.period)
        return Actual(found.value, goal.unit, "", (part,), None, period, "位次不算完成率", region, bounds)

    # ---- its parts

    def _counted(self, goal: Goal, counter: Counter, region: int, period: Period) -> Part:
        measure = self.book.measures[counter.measure_id]
        if measure.register and _sliced(counter, period):
            return self._sliced(goal, counter, measure, region, period)
        amount, missing, said = self._reported(measure, region, period)
        before = _base(goal, measure)
        if amount is not None and before is not None:
            base, absent, _ = self._reported(measure, region, before)
            missing = f"{before.label}{absent}" if base is None else ""
            amount = None if base is None else WIDE.subtract(amount, base)
        return Part(
            measure.name,
            amount,
            measure.unit,
            missing,
            measure.code,
            counter.where,
            said,
            measure.shown_decimals,
        )

    def _reported(self, measure: Measure, region: int, period: Period) -> tuple[Decimal | None, str, str]:
        """(value, why there is none, what is in it): the region's own figure, else that of its counties and its own level together."""
        value = self.reader.value(measure, region, period)
        if value.value is not None or measure.register or measure.nature == Measure.Nature.RATE:
            return value.value, value.missing, ""
        parts = [
            aggregate.Part(
                one.code, one.name, KINDS[one.part], self.reader.value(measure, one.pk, period).value
            )
            for one in self._under(region)
        ]
        total = aggregate.amount(parts)
        return (total.value, "", total.note) if total.value is not None else (None, value.missing, "")

    def _under(self, region: int) -> list[Region]:
        """The counties of a city with its own level, the towns of a county."""
        if region not in self.under:
            place = self.book.regions[region]
            self.under[region] = self.book.under(place, "county") or self.book.under(place, "town")
        return self.under[region]

    def _sliced(self, goal: Goal, counter: Counter, measure: Measure, region: int, period: Period) -> Part:
        spread = self.spreads[measure.pk, counter.where, period.code]
        if isinstance(spread, str):
            return Part(measure.name, None, measure.unit, spread, measure.code, counter.where)
        amount, missing = self._below(measure, counter.where, period, region), spread.missing
        before = _base(goal, measure)
        if before is not None and not missing:
            amount -= self._below(measure, counter.where, before, region)
        value = None if missing else amount
        return Part(
            measure.name,
            value,
            measure.unit,
            missing,
            measure.code,
            counter.where,
            spread.said,
            measure.shown_decimals,
        )

    def _below(self, measure: Measure, where: str, period: Period, region: int) -> Decimal:
        """A region with all below it, of a slice that is held by region."""
        spread = self.spreads[measure.pk, where, period.code]
        assert isinstance(spread, slicing.Spread)
        kept = self.sums.setdefault((measure.pk, where, period.code), {})
        if region not in kept:
            kept[region] = sum(spread.amounts.get(pk, 0) for pk in self.book.below(region))
        return unscale(kept[region], spread.measure.decimals)

    def _evaluated(self, goal: Goal, region: int, period: Period) -> Part:
        indicator = self.book.indicators[goal.indicator_id or 0]
        own = period.single_month() if _by_stock(indicator) else period
        evaluation = self.evaluations[indicator.pk, own.code]
        figure, said = evaluation.figure(region), ""
        value = figure.value
        if value is None and (parts := self._under(region)):
            whole = total_of(
                self.book, indicator, parts, {one.pk: evaluation.figure(one.pk) for one in parts}
            )
            if whole is not None and whole.value is not None:
                value, said = whole.value, whole.note
        missing = "" if value is not None else figure.missing
        return Part(indicator.name, value, indicator.unit, missing, "", "", said, indicator.decimals)

    # ---- what is read together

    def _load(self, goals: Iterable[Goal]) -> None:
        measures: dict[int, Measure] = {}
        regions: set[int] = set()
        periods: dict[str, Period] = {}
        for goal in goals:
            counters = self.counters.get(goal.pk, ())
            period = self._period(goal, counters)
            region = self.regions.get(goal.pk)
            if period is None or region is None:
                continue
            regions |= {region, *(one.pk for one in self._under(region))}
            for counter in counters:
                measure = self.book.measures[counter.measure_id]
                wanted = [period, *filter(None, (_base(goal, measure),))]
                if measure.register and _sliced(counter, period):
                    for one in wanted:
                        self._slice(measure, counter.where, one)
                    continue
                measures[measure.pk] = measure
                periods.update({one.code: one for one in wanted})
            if not counters and goal.indicator_id and goal.kind != Goal.Kind.RANK:
                indicator = self.book.indicators[goal.indicator_id]
                own = period.single_month() if _by_stock(indicator) else period
                measures.update({one.pk: one for one in measures_of(self.book, indicator)})
                last = Period.month(own.year - 1, 12)
                periods.update({own.code: own, last.code: last})
                key = (indicator.pk, own.code)
                if key not in self.evaluations:
                    self.evaluations[key] = Evaluation(self.reader, indicator, own)
        if measures:
            self.reader.load(measures.values(), regions, periods.values())

    def _slice(self, measure: Measure, where: str, period: Period) -> None:
        key = (measure.pk, where, period.code)
        if key in self.spreads:
            return
        try:
            found = slicing.by_region(measure.code, where, period=period, revision=self.revision)
        except (slicing.NoRegisterBehind, ValueError, LookupError) as refusal:
            self.spreads[key] = f"计数条件不成立：{refusal}"
            return
        self.spreads[key] = found

    def _places(self, goals: Iterable[Goal]) -> dict[tuple[int, int], Standing]:
        """The newest published place of an indicator and a region, by data period then day of publication."""
        indicators = {
            goal.indicator_id for goal in goals if goal.kind == Goal.Kind.RANK and goal.indicator_id
        }
        if not indicators:
            return {}
        rows = [
            row
            for row in Standing.as_of(self.revision)
            if row.kind == Standing.Kind.RANK
            and row.indicator_id in indicators
            and (row.released_on is None or row.released_on <= self.until)
            and Period.parse(row.period).end <= self.until
        ]
        rows.sort(key=lambda row: (Period.parse(row.period), row.released_on or date.min, row.pk))
        return {(row.indicator_id, row.subject_id): row for row in rows}


def _counters(goals: Collection[Goal], revision: int, *, now: bool) -> dict[int, list[Counter]]:
    wanted = {goal.pk for goal in goals}
    if now:
        rows: Iterable[Counter] = Counter.objects.for_system("目标的计数来源，随目标一起看")
        if len(wanted) < 500:
            rows = rows.filter(goal_id__in=wanted)  # type: ignore[attr-defined]
    else:
        rows = Counter.as_of(revision)
    found: dict[int, list[Counter]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one.order, one.pk)):
        if row.goal_id in wanted:
            found[row.goal_id].append(row)
    return found


def _regions(goals: Iterable[Goal], definitions: Book) -> dict[int, int]:
    """Goal → the region that is counted for it."""
    listed = list(goals)
    others = {
        goal.subject_id for goal in listed if goal.subject_id and goal.subject_id not in definitions.regions
    }
    units: dict[int, int] = {}
    if others:
        units = dict(Unit._base_manager.values_list("pk", "region_id"))
        posts = Employment._base_manager.order_by("valid_from", "pk").values_list(
            "person_id", "unit__region_id"
        )
        units |= {person: region for person, region in posts if person in others}
    house = None
    if any(goal.subject_id is None for goal in listed):
        house = RegionShown.objects.values_list("region_id", flat=True).first()
    found: dict[int, int] = {}
    for goal in listed:
        region = house if goal.subject_id is None else units.get(goal.subject_id, goal.subject_id)
        if region is not None and region in definitions.regions:
            found[goal.pk] = region
    return found


def _sliced(counter: Counter, period: Period) -> bool:
    """Whether the records must be asked: under a condition, or within a month, of which the cube knows only the whole."""
    return bool(counter.where.strip()) or period.kind == "day"


def _base(goal: Goal, measure: Measure) -> Period | None:
    """The end of last year, from which the 净增 of a stock is counted."""
    if goal.kind != Goal.Kind.NET or measure.nature != Measure.Nature.STOCK:
        return None
    return Period.month(goal.year - 1, 12)


def _by_stock(indicator: Indicator) -> bool:
    return indicator.period_rule == Indicator.PeriodRule.STOCK


def _direction(goal: Goal) -> Direction:
    return "down" if goal.direction == Goal.Direction.DOWN else "up"


def _together(parts: Iterable[Part], wanted: str) -> tuple[Decimal | None, str]:
    """The parts added up in the goal's unit. One part missing, or of a unit that cannot be converted, and there is no sum."""
    total = Decimal(0)
    for part in parts:
        if part.value is None:
            return None, f"{part.label}{part.missing or '缺数'}"
        try:
            total = WIDE.add(total, _in_unit(part.value, part.unit, wanted))
        except (IncompatibleUnits, UnknownUnit):
            return None, f"{part.label}以{part.unit}计，目标以{wanted}计，不能换算"
    return total, ""


def _in_unit(value: Decimal, of: str, wanted: str) -> Decimal:
    if of == wanted:
        return value
    if unit(of).dimension == unit(wanted).dimension:
        return convert(value, of, wanted)
    raise IncompatibleUnits(of, wanted)
