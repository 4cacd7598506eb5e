"""给数: several measures × regions × period × comparison answered at once, from one reader, with 截至时间 and 口径."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from keshu.directory.models import Region
from keshu.figures.arithmetic import aggregate, ranking
from keshu.figures.arithmetic.change import Change, change
from keshu.figures.book import Book, book
from keshu.figures.evaluating import Figure, Side, denominator_period, evaluate, growth, measures_of
from keshu.figures.models import CubeDelta, Indicator, Measure
from keshu.figures.reading import NOT_APPLICABLE, Reader, measure_period
from keshu.figures.whole import KINDS, from_total, total_of
from keshu.journal import moments
from keshu.reports.parsing import LAST_PERIOD, LAST_YEAR, Question, Thing
from keshu.reports.wording import Amount, indicator_amount, measure_amount
from keshu.terms import clock
from keshu.terms.period import Period

YEARS_BACK, MONTHS_BACK = 5, 12
DEMONSTRATION = "演示"


@dataclass(frozen=True)
class Held:
    """A value for one region and period: of its own, or the sum of its parts (``note`` names what is in it)."""

    value: Decimal | None
    missing: str = ""
    note: str = ""
    estimated: bool = False
    releases: frozenset[int] = frozenset()
    figure: Figure | None = None


@dataclass(frozen=True)
class Given:
    """One figure of an answer. ``value`` unrounded, in the thing's own (stored) unit."""

    thing: Thing
    region: Region
    period: Period
    held: Held
    before: Held | None = None
    before_period: Period | None = None
    change: Change | None = None
    place: int | None = None
    tied: bool = False
    of: int = 0
    lacking: int = 0
    demonstration: bool = False

    @property
    def value(self) -> Decimal | None:
        """The value, or None."""
        return self.held.value

    @property
    def fixed(self) -> bool:
        """已定: an annual figure."""
        return isinstance(self.thing, Indicator) and self.thing.period_rule == Indicator.PeriodRule.ANNUAL

    @property
    def unit(self) -> str:
        """The unit the value is held in."""
        return self.thing.unit

    @property
    def decimals(self) -> int:
        """Decimals shown."""
        return self.thing.decimals if isinstance(self.thing, Indicator) else self.thing.shown_decimals

    @property
    def amount(self) -> Amount | None:
        """As it is written; None when it is missing."""
        return None if self.value is None else self.written(self.value)

    def written(self, value: Decimal, shown: str | None = None) -> Amount:
        """Any value of this thing as it is written, in unit ``shown`` where one is asked for."""
        if isinstance(self.thing, Indicator):
            return indicator_amount(self.thing, value, shown)
        return measure_amount(self.thing, value, shown)

    @property
    def label(self) -> str:
        """The definition in a word or two: 输出技术口径, 统计局口径."""
        if isinstance(self.thing, Measure):
            return f"{self.thing.authority}口径"
        return self.thing.definition_label or self.thing.definition.partition("；")[0][:30]


@dataclass
class Answer:
    """Figures by thing in the order asked, the day they are as of, and the revision that replays them."""

    question: Question
    figures: list[Given]
    day: date
    revision: int
    asked: str
    vintage: str
    sources: tuple[str, ...] = ()
    series: dict[int, list[tuple[Period, Decimal | None]]] = field(default_factory=dict)

    @property
    def by_thing(self) -> list[tuple[Thing, list[Given]]]:
        """The figures grouped by thing, in the order asked."""
        groups: dict[tuple[str, int], tuple[Thing, list[Given]]] = {}
        for given in self.figures:
            key = (type(given.thing).__name__, given.thing.pk)
            groups.setdefault(key, (given.thing, []))[1].append(given)
        return list(groups.values())


def answer(question: Question, *, as_of: str | None = None, vintage: str = "latest") -> Answer:
    """Look up what was asked. ``as_of``: a moment or ``r<number>``, default now. A figure that is not there carries its reason."""
    revision = moments.read_as_of(as_of)
    day = moments.judged_at(as_of, revision).date()
    reader = Reader(book(revision), revision, vintage, day)
    desk = _Desk(reader, question)
    desk.read()
    figures = [desk.given(thing, region) for thing in question.things for region in question.regions]
    made = Answer(question, figures, day, revision, as_of or "", vintage, desk.sources(figures))
    if len(question.regions) == 1:
        made.series = {at: desk.series(given) for at, given in enumerate(figures)}
    return made


def hold(reader: Reader, wanted: Sequence[tuple[Thing, Region, Period]]) -> list[Held]:
    """The values of figures that are named one by one, in that order, read together."""
    things = list({(type(t).__name__, t.pk): t for t, _, _ in wanted}.values())
    regions = list({r.pk: r for _, r, _ in wanted}.values())
    desk = _Desk(reader, Question(things=things, regions=regions))
    periods: dict[tuple[str, int], set[Period]] = {}
    for thing, _, period in wanted:
        periods.setdefault(desk.key(thing), set()).add(period)
    desk.load({desk.key(thing): (thing, periods[desk.key(thing)]) for thing in things}.values())
    return [desk.value(thing, region, period) for thing, region, period in wanted]


def previous_period(period: Period) -> Period | None:
    """上期 of the same kind: the month, quarter, half or year before; of 1—9月 the months up to August; None for 1月 to date."""
    if period.kind == "year":
        return period.previous_year()
    size = {"month": 1, "quarter": 3, "half": 6}.get(period.kind)
    if size is None or (period.is_ytd and period.kind == "months"):
        return period.previous_month_ytd() if period.is_ytd else None
    first = period.year * 12 + period.start.month - 1 - size
    return Period.months(first // 12, first % 12 + 1, first % 12 + size)


def is_rate(definitions: Book, thing: Thing) -> bool:
    """Whether a change is said in points: ratios, and measures that are rates or scores themselves."""
    if isinstance(thing, Measure):
        return thing.nature == Measure.Nature.RATE
    if definitions.ratio(thing).denominator is not None:
        return True
    return all(measure.nature == Measure.Nature.RATE for measure in measures_of(definitions, thing))


class _Desk:
    """What is needed to answer one question, read in a few queries."""

    def __init__(self, reader: Reader, question: Question) -> None:
        self.reader, self.question = reader, question
        self.book: Book = reader.book
        self.children = {r.pk: self.book.children.get(r.pk, []) for r in question.regions}
        self.siblings = {r.pk: self._siblings(r) for r in question.regions}
        self.subjects = {r.pk for r in question.regions}
        for group in (*self.children.values(), *self.siblings.values()):
            self.subjects |= {r.pk for r in group}
        self.periods: dict[tuple[str, int], Period] = {}

    def _siblings(self, region: Region) -> list[Region]:
        if not region.is_ranked or region.parent_id is None:
            return []
        return [
            r for r in self.book.children.get(region.parent_id, []) if r.is_ranked and r.level == region.level
        ]

    def measures(self, thing: Thing) -> list[Measure]:
        return measures_of(self.book, thing) if isinstance(thing, Indicator) else [thing]

    # ---- reading ---------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Fix each thing's period, then load every value that is asked for."""
        known = self._known_periods()
        asked = []
        for thing in self.question.things:
            period = self._period_for(thing, known)
            self.periods[self.key(thing)] = period
            compared = self._compared(thing, period)
            asked.append(
                (thing, {period, *([compared] if compared else []), *self._series_periods(thing, period)})
            )
        self.load(asked)

    def load(self, asked: Iterable[tuple[Thing, set[Period]]]) -> None:
        """Read things at periods, with what they divide by or are compared with: one load for each set of periods."""
        wanted: dict[frozenset[Period], set[int]] = {}
        for thing, periods in asked:
            own = set(periods)
            if isinstance(thing, Indicator):
                if thing.change_as_growth:
                    own |= {p.previous_year() for p in periods}
                own |= {denominator_period(thing, p) for p in tuple(own)}
            for measure in self.measures(thing):
                wanted.setdefault(frozenset(own), set()).add(measure.pk)
        for together, pks in wanted.items():
            self.reader.load([self.book.measures[pk] for pk in pks], self.subjects, together)

    @staticmethod
    def key(thing: Thing) -> tuple[str, int]:
        return (type(thing).__name__, thing.pk)

    def _known_periods(self) -> dict[int, set[Period]]:
        """The periods under which anything is held, by measure. One query; asked only where a period is to be found."""
        pks = {m.pk for thing in self.question.things for m in self.measures(thing)}
        asked = {r.pk for r in self.question.regions} | {
            r.pk for group in self.children.values() for r in group
        }
        rows = (
            CubeDelta.objects.filter(
                measure_id__in=pks, subject_id__in=asked, revision__lte=self.reader.revision
            )
            .order_by()
            .values_list("measure_id", "period")
            .annotate(Sum("held"))
        )
        found: dict[int, set[Period]] = {}
        for measure, code, held in rows:
            if held:
                found.setdefault(measure, set()).add(Period.parse(code))
        return found

    def _period_for(self, thing: Thing, known: dict[int, set[Period]]) -> Period:
        asked = self.question.period
        candidates = self._candidates(thing, known)
        if asked is None:
            newest = max(candidates, default=None, key=lambda p: (p.end, -p.months))
            return newest or self._nothing_held(thing)
        if self._is_annual(thing):
            if asked.kind == "year":
                return asked
            years = [p for p in candidates if p.year <= asked.year]
            return max(years, default=Period.year(asked.year - 1))
        if isinstance(thing, Measure):
            return measure_period(thing, asked)
        if thing.period_rule == Indicator.PeriodRule.STOCK:
            return asked if asked.kind == "day" else asked.single_month()
        return (
            asked.to_date()
            if self.book.ratio(thing).denominator is not None or thing.change_as_growth
            else asked
        )

    def _is_annual(self, thing: Thing) -> bool:
        if isinstance(thing, Indicator):
            return thing.period_rule == Indicator.PeriodRule.ANNUAL
        return thing.frequency == Measure.Frequency.YEAR and thing.nature != Measure.Nature.STOCK

    def _candidates(self, thing: Thing, known: dict[int, set[Period]]) -> set[Period]:
        """Periods in which the thing has data, as the thing writes them; for a ratio those with both sides where there are any."""
        if isinstance(thing, Measure):
            return known.get(thing.pk, set())
        parsed = self.book.ratio(thing)
        above = [self.book.symbols[name] for name in parsed.numerator.names]
        found = {self._shaped(thing, p) for m in above for p in known.get(m.pk, set())} - {None}
        periods = {p for p in found if p is not None}
        if parsed.denominator is None:
            return periods
        below = [self.book.symbols[name] for name in parsed.denominator.names]
        both = {p for p in periods if all(self._holds(m, denominator_period(thing, p), known) for m in below)}
        return both or periods

    @staticmethod
    def _holds(measure: Measure, period: Period, known: dict[int, set[Period]]) -> bool:
        return measure_period(measure, period) in known.get(measure.pk, set())

    @staticmethod
    def _shaped(thing: Indicator, period: Period) -> Period | None:
        if thing.period_rule == Indicator.PeriodRule.ANNUAL:
            return period if period.kind == "year" else None
        if thing.period_rule == Indicator.PeriodRule.STOCK:
            return period.single_month() if period.kind != "day" else period
        return period.to_date()

    def _nothing_held(self, thing: Thing) -> Period:
        """The period whose reason is told when nothing at all is held: last year, or the months that are over."""
        today = self.reader.on or clock.today()
        if self._is_annual(thing) or today.month == 1:
            return Period.year(today.year - 1)
        stock = (
            thing.period_rule == Indicator.PeriodRule.STOCK
            if isinstance(thing, Indicator)
            else thing.nature == Measure.Nature.STOCK
        )
        return Period.month(today.year, today.month - 1) if stock else Period.ytd(today.year, today.month - 1)

    def _compared(self, thing: Thing, period: Period) -> Period | None:
        if self.question.comparison == LAST_YEAR:
            return period.previous_year()
        return previous_period(period) if self.question.comparison == LAST_PERIOD else None

    # ---- one figure ------------------------------------------------------------------------------------------

    def value(self, thing: Thing, region: Region, period: Period, like: Held | None = None) -> Held:
        """The value of a region: its own where it is held, else the sum over its children."""
        if isinstance(thing, Measure):
            return self._measured(thing, region, period)
        if thing.change_as_growth:
            return self._growth(thing, region, period)
        own = evaluate(self.reader, thing, region.pk, period, like.figure if like else None)
        if own.held or not self.children.get(region.pk):
            return self._told(own, region)
        children = self.children[region.pk]
        figures = {r.pk: evaluate(self.reader, thing, r.pk, period) for r in children}
        total = total_of(self.book, thing, children, figures)
        if total is None or total.value is None:
            return self._told(own, region)
        releases = frozenset(pk for f in figures.values() for side in sides(f) for pk in side.releases)
        return Held(total.value, note=total.note, releases=releases, figure=from_total(own, total))

    def _told(self, figure: Figure, region: Region) -> Held:
        releases = frozenset(pk for side in sides(figure) for pk in side.releases)
        missing = figure.missing
        if not figure.held and not region.is_ranked and figure.numerator.value is None:
            missing = NOT_APPLICABLE
        return Held(figure.value, missing, releases=releases, figure=figure)

    def _growth(self, thing: Indicator, region: Region, period: Period) -> Held:
        """Growth of the amount over the same period of last year, of the region or of the sum of its children."""
        children = self.children.get(region.pk) or []
        ends = []
        for at in (period, period.previous_year()):
            own = evaluate(self.reader, thing, region.pk, at)
            if not own.held and children:
                figures = {r.pk: evaluate(self.reader, thing, r.pk, at) for r in children}
                total = total_of(self.book, thing, children, figures)
                if total is not None and total.value is not None:
                    releases = frozenset(pk for f in figures.values() for pk in f.numerator.releases)
                    ends.append((from_total(own, total), releases, total.note))
                    continue
            ends.append((own, own.numerator.releases, ""))
        (now, releases, note), (before, _, _) = ends
        value = growth(now, before)
        missing = "" if value is not None else now.missing or "去年同期无"
        return Held(value, missing, note=note, releases=releases, figure=now)

    def _measured(self, measure: Measure, region: Region, period: Period) -> Held:
        own = self.reader.value(measure, region.pk, period)
        children = self.children.get(region.pk)
        if own.held or not children or measure.nature == Measure.Nature.RATE:
            return Held(own.value, own.missing, estimated=own.estimated, releases=frozenset(own.releases))
        values = {r.pk: self.reader.value(measure, r.pk, period) for r in children}
        parts = [aggregate.Part(r.code, r.name, KINDS[r.part], values[r.pk].value) for r in children]
        total = aggregate.amount(parts)
        if total.value is None:
            return Held(None, own.missing)
        used = [values[r.pk] for r in children if r.code in total.included]
        releases = frozenset(pk for v in used for pk in v.releases)
        return Held(total.value, note=total.note, estimated=any(v.estimated for v in used), releases=releases)

    def given(self, thing: Thing, region: Region) -> Given:
        """The whole answer for one thing and region."""
        period = self.periods[self.key(thing)]
        held = self.value(thing, region, period)
        compared = self._compared(thing, period)
        before = moved = None
        watched_by_growth = isinstance(thing, Indicator) and thing.change_as_growth
        if compared is not None and not watched_by_growth:
            before = self.value(thing, region, compared, held)
            base = "去年同期" if self.question.comparison == LAST_YEAR else "上期"
            moved = change(held.value, before.value, is_rate(self.book, thing), base)
        place, tied, of, lacking = self._place(thing, region, period)
        return Given(
            thing,
            region,
            period,
            held,
            before,
            compared if before is not None else None,
            moved,
            place,
            tied,
            of,
            lacking,
            any(DEMONSTRATION in str(self.reader.release(pk)) for pk in held.releases),
        )

    def _place(self, thing: Thing, region: Region, period: Period) -> tuple[int | None, bool, int, int]:
        siblings = self.siblings[region.pk]
        if len(siblings) < 2:
            return None, False, 0, 0
        values = {r.pk: self.value(thing, r, period).value for r in siblings}
        direction = thing.direction if isinstance(thing, Indicator) else "up"
        places = ranking.rank(values, direction)  # type: ignore[arg-type]
        if region.pk not in places.place:
            return None, False, places.of, len(places.missing)
        return places.place[region.pk], places.tied[region.pk], places.of, len(places.missing)

    # ---- beside it -------------------------------------------------------------------------------------------

    def _series_periods(self, thing: Thing, period: Period) -> list[Period]:
        """What a picture of one region shows: a stock by month, everything else the same period of five years."""
        if len(self.question.regions) != 1:
            return []
        if period.kind == "month" and self._is_stock(thing):
            months = []
            number = period.year * 12 + period.end.month - 1
            for back in reversed(range(MONTHS_BACK)):
                months.append(Period.month((number - back) // 12, (number - back) % 12 + 1))
            return months
        return [period.shift_years(-back) for back in reversed(range(YEARS_BACK))]

    @staticmethod
    def _is_stock(thing: Thing) -> bool:
        if isinstance(thing, Indicator):
            return thing.period_rule == Indicator.PeriodRule.STOCK
        return thing.nature == Measure.Nature.STOCK

    def series(self, given: Given) -> list[tuple[Period, Decimal | None]]:
        """The values of one region over periods, from the first that is held."""
        points = [
            (period, self.value(given.thing, given.region, period).value)
            for period in self._series_periods(given.thing, given.period)
        ]
        first = next((at for at, (_, value) in enumerate(points) if value is not None), len(points))
        return points[first:]

    def sources(self, figures: Sequence[Given]) -> tuple[str, ...]:
        """The publications behind the answer, each once."""
        pks = dict.fromkeys(pk for given in figures for pk in sorted(given.held.releases))
        return tuple(dict.fromkeys(str(self.reader.release(pk)) for pk in pks))


def sides(figure: Figure) -> Iterable[Side]:
    """Numerator and denominator of a figure."""
    return (figure.numerator,) if figure.denominator is None else (figure.numerator, figure.denominator)
