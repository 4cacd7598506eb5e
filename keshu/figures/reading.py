"""Reading values for figures: which release is taken, how cumulative and monthly figures give each other, why one is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from keshu.figures import counting, cube
from keshu.figures.book import Book
from keshu.figures.models import Measure, Release
from keshu.terms.period import Period
from keshu.terms.quantity import unscale

PREFERENCE = ("authority", "bulletin", "feedback", "county", "estimate")
UNRELEASED, UNREPORTED, RETURNED, NO_DENOMINATOR, NOT_APPLICABLE = (
    "未发布",
    "未报",
    "已退回",
    "无分母",
    "不单列",
)
NOT_KEPT = "台账未启用"


class Value(NamedTuple):
    """A value with where it comes from: the releases it was taken or derived from, or why it is missing."""

    value: Decimal | None
    releases: tuple[int, ...] = ()
    estimated: bool = False
    derived: str = ""
    missing: str = ""
    period: str = ""

    @property
    def held(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def measure_period(measure: Measure, period: Period) -> Period:
    """The period a measure's value is kept under: a stock stands at the last month of the period, others as they are."""
    return (
        period.single_month() if measure.nature == Measure.Nature.STOCK and period.kind != "day" else period
    )


def months_between(period: Period) -> list[Period]:
    """The single months of a period of whole months."""
    return [Period.month(period.year, m) for m in range(period.start.month, period.end.month + 1)]


@dataclass
class Reader:
    """Values of some measures for some subjects as of a revision, read in one query and then from memory.

    ``vintage`` is ``latest`` (revised values win) or ``first`` (the value of the first release wins).
    """

    book: Book
    revision: int
    vintage: str = "latest"
    on: date | None = None
    absent: dict[cube.Cell, str] = field(default_factory=dict)
    _cells: cube.Cells = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)
    _months: dict[tuple[int, int], list[counting.Cell]] = field(default_factory=dict)
    _in_use: set[int] = field(default_factory=set)
    _releases: dict[int, Release] = field(default_factory=dict)
    _periods: dict[tuple[int, str], Period] = field(default_factory=dict)

    def load(self, measures: Iterable[Measure], subjects: Iterable[int], periods: Iterable[Period]) -> None:
        """Fetch what ``value`` will be asked for: every measure × subject × period and what these derive from."""
        measures = list(measures)
        people = set(subjects)
        self._load_registers([measure for measure in measures if measure.register], people)
        measures = [measure for measure in measures if not measure.register]
        listed = list(periods)
        codes: dict[frozenset[str], list[int]] = {}
        for measure in measures:
            codes.setdefault(frozenset(self._codes(measure, listed)), []).append(measure.pk)
        for wanted, measure_pks in codes.items():
            fetched = self.fetch(measure_pks, people, wanted)
            self._met.update(held.release_id for cell in fetched.values() for held in cell)
            self._cells.update(fetched)

    def _load_registers(self, measures: list[Measure], subjects: set[int]) -> None:
        if not measures:
            return
        below = {pk for subject in subjects for pk in self.book.below(subject)}
        pks = [measure.pk for measure in measures]
        self._months.update(counting.read(pks, below, self.revision))
        self._in_use |= counting.in_use(pks, self.revision)

    def _counted(self, measure: Measure, subject: int, period: Period) -> Value:
        """A register's own figure: the months of the period for a flow, all months up to its end for a stock.

        A region counts itself and everything under it. A register in which nothing was ever entered is not in use: that is
        missing, not zero.
        """
        first, last = counting.months_of(measure, period)
        cells = [cell for pk in self.book.below(subject) for cell in self._months.get((measure.pk, pk), ())]
        if not cells and measure.pk not in self._in_use:
            return Value(None, missing=NOT_KEPT, period=period.code)
        amount = sum(cell.amount for cell in cells if first <= cell.period <= last)
        return Value(unscale(amount, measure.decimals), (), False, "台账逐条计", period=period.code)

    def fetch(self, measures: list[int], subjects: set[int], codes: frozenset[str]) -> cube.Cells:
        """The cells of measures × subjects × period codes. One query."""
        return cube.read(measures, subjects, codes, self.revision)

    def held_periods(
        self, measures: Iterable[Measure], subjects: Iterable[int], year: int
    ) -> dict[int, list[Period]]:
        """The periods of a year under which anything is held, by measure. One query."""
        found: dict[int, list[Period]] = {}
        pks = {measure.pk for measure in measures}
        for measure, code in cube.held_periods(pks, set(subjects), year, self.revision):
            found.setdefault(measure, []).append(Period.parse(code))
        return found

    def _codes(self, measure: Measure, periods: list[Period]) -> set[str]:
        found: set[str] = set()
        for period in periods:
            own = measure_period(measure, period)
            found.add(own.code)
            if measure.nature == Measure.Nature.FLOW and own.kind not in ("day", "year"):
                if measure.typed == Measure.Typed.SINGLE and own.months > 1:
                    found |= {month.code for month in months_between(own)} | {
                        Period.months(own.year, 1, 2).code
                    }
                elif measure.typed == Measure.Typed.CUMULATIVE and not own.is_ytd:
                    found |= {Period.ytd(own.year, own.end.month).code}
                    found |= {Period.ytd(own.year, own.start.month - 1).code}
            elif own.kind == "year" and measure.typed == Measure.Typed.SINGLE:
                found |= {month.code for month in months_between(own)}
        return found

    @cached_property
    def preference(self) -> tuple[str, ...]:
        """The order in which kinds of release are taken, from the dated rule."""
        rule = self.book.rule("preference", "default", self.on) if self.on else None
        return tuple(rule.data["order"]) if rule else PREFERENCE

    def release(self, pk: int) -> Release:
        """A release that a loaded value is of. All that were met are read together when the first is asked for."""
        if pk not in self._releases:
            met = self._met - self._releases.keys()
            self._releases.update({row.pk: row for row in Release.as_of(self.revision, met)})
        return self._releases[pk]

    def _order(self, held: cube.Held) -> tuple[int, int, int, int]:
        release = self.release(held.release_id)
        kind = (
            self.preference.index(release.kind) if release.kind in self.preference else len(self.preference)
        )
        day = release.released_on.toordinal() if release.released_on else 0
        if self.vintage == "first":
            return (kind, int(release.revised), day, release.pk)
        return (kind, -int(release.revised), -day, -release.pk)

    def sources(self, measure: Measure, subject: int, period: Period) -> list[cube.Held]:
        """What each release holds of a figure, the preferred one first."""
        return self._held(measure.id, subject, self._own(measure, period).code)

    def _own(self, measure: Measure, period: Period) -> Period:
        """``measure_period``, remembered: a table asks for the same few thousands of times."""
        key = (measure.id, period.code)
        own = self._periods.get(key)
        if own is None:
            own = self._periods[key] = measure_period(measure, period)
        return own

    def _held(self, measure: int, subject: int, code: str) -> list[cube.Held]:
        found = self._cells.get((measure, subject, code))
        if not found:
            return []
        return found if len(found) == 1 else sorted(found, key=self._order)

    def plain(self, measure: Measure, subject: int, period: Period) -> Value | None:
        """The value where exactly one release holds one and it is no estimate, as ``value`` gives it; else None."""
        own = self._own(measure, period)
        found = self._cells.get((measure.id, subject, own.code))
        if found is None or len(found) != 1 or found[0].estimated:
            return None
        held = found[0]
        return Value(unscale(held.scaled, measure.decimals), (held.release_id,), False, "", "", own.code)

    def value(
        self,
        measure: Measure,
        subject: int,
        period: Period,
        release: int | None = None,
        *,
        counted: bool = False,
    ) -> Value:
        """The value of a figure; ``release`` asks for one release's value where that release holds it.

        ``counted`` passes over estimates, which never enter an indicator. Cumulative and single-month values derive
        from each other by the measure's declared way of typing.
        """
        own = self._own(measure, period)
        if measure.register:
            return self._counted(measure, subject, own)
        found = self._held(measure.id, subject, own.code)
        if counted and found:
            found = [held for held in found if not held.estimated]
        if release is not None:
            found = [held for held in found if held.release_id == release] or found
        if found:
            held = found[0]
            return Value(
                unscale(held.scaled, measure.decimals), (held.release_id,), held.estimated, period=own.code
            )
        if measure.nature == Measure.Nature.FLOW and own.kind != "day":
            if measure.typed == Measure.Typed.SINGLE and own.months > 1:
                return self._sum_of_months(measure, subject, own)
            if measure.typed == Measure.Typed.CUMULATIVE and not own.is_ytd:
                return self._difference(measure, subject, own)
        return Value(None, missing=self._reason(measure, subject, own), period=own.code)

    def _reason(self, measure: Measure, subject: int, period: Period) -> str:
        known = self.absent.get((measure.id, subject, period.code))
        if known:
            return known
        if self.on is not None and (self.on - period.end).days <= measure.lag_days:
            return UNRELEASED
        if measure.authority in ("本局", "县局"):
            return UNREPORTED
        return UNRELEASED

    def _sum_of_months(self, measure: Measure, subject: int, period: Period) -> Value:
        months = months_between(period)
        joint = Period.months(period.year, 1, 2)
        parts: list[Value] = []
        while months:
            first = months.pop(0)
            value = self._direct(measure, subject, first)
            if not value.held and first.start.month == 1 and period.months >= 2:
                value = self._direct(measure, subject, joint)
                if value.held:
                    months.pop(0)
            if not value.held:
                return Value(None, missing=self._reason(measure, subject, first), period=period.code)
            parts.append(value)
        total = sum((part.value for part in parts if part.value is not None), Decimal(0))
        releases = tuple(dict.fromkeys(pk for part in parts for pk in part.releases))
        return Value(total, releases, any(p.estimated for p in parts), "各月相加", period=period.code)

    def _difference(self, measure: Measure, subject: int, period: Period) -> Value:
        now = self._direct(measure, subject, Period.ytd(period.year, period.end.month))
        before = self._direct(measure, subject, Period.ytd(period.year, period.start.month - 1))
        if now.value is None or before.value is None:
            return Value(None, missing=self._reason(measure, subject, period), period=period.code)
        releases = tuple(dict.fromkeys(now.releases + before.releases))
        estimated = now.estimated or before.estimated
        return Value(now.value - before.value, releases, estimated, "本期累计减上期累计", period=period.code)

    def _direct(self, measure: Measure, subject: int, period: Period) -> Value:
        found = self.sources(measure, subject, period)
        if not found:
            return Value(None, period=period.code)
        return Value(unscale(found[0].scaled, measure.decimals), (found[0].release_id,), found[0].estimated)
