"""Evaluating an indicator for one subject and period: numerator, denominator, value, or the reason why there is none."""

from decimal import Decimal
from typing import NamedTuple

from keshu.figures.arithmetic.ratio import WIDE, ratio
from keshu.figures.book import Book
from keshu.figures.models import Indicator, Measure, SchemeItem
from keshu.figures.reading import NO_DENOMINATOR, Reader, Value
from keshu.terms import formula, formula_tree
from keshu.terms.period import Period

ESTIMATE_NOT_COUNTED = "只有推算数"
ONE = Decimal(1)


class Side(NamedTuple):
    """A numerator or denominator: its value and the measured values it is made of."""

    value: Decimal | None
    parts: tuple[tuple[Measure, Period, Value], ...]
    missing: str = ""

    @property
    def releases(self) -> frozenset[int]:
        """The releases its values are of."""
        if len(self.parts) == 1:
            return frozenset(self.parts[0][2].releases)
        return frozenset(pk for _, _, value in self.parts for pk in value.releases)


class Figure(NamedTuple):
    """An indicator's value for a subject and a data period, unrounded, with both sides and why it is missing."""

    indicator: Indicator
    subject_id: int
    period: Period
    value: Decimal | None
    numerator: Side
    denominator: Side | None
    factor: Decimal
    missing: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether the indicator divides."""
        return self.denominator is not None

    @property
    def held(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def data_period(item: SchemeItem, indicator: Indicator, period: Period) -> Period:
    """The data period of an indicator in a dispatch of ``period``: the year it is fixed for, the year to date, or the month-end.

    A dispatch of a whole year asks for that data year; during a year an annual figure trails by the item's lag.
    """
    rule = indicator.period_rule
    lag = 0 if period.kind == "year" else item.lag
    if rule == Indicator.PeriodRule.ANNUAL:
        return Period.year(period.year - lag)
    shifted = period.shift_years(-lag) if lag else period
    if rule == Indicator.PeriodRule.STOCK:
        return shifted.single_month() if shifted.kind != "day" else shifted
    return shifted.to_date()


def denominator_period(indicator: Indicator, period: Period) -> Period:
    """Where the denominator stands: with the numerator, or at the end of the year before (企业法人单位数)."""
    return Period.month(period.year - 1, 12) if indicator.denominator_annual else period


def measures_of(book: Book, indicator: Indicator) -> list[Measure]:
    """The measures an indicator's formula reads."""
    return [book.symbols[name] for name in book.ratio(indicator).whole.names]


def side(
    reader: Reader, expression: formula.Expression, subject: int, period: Period, like: "Side | None" = None
) -> Side:
    """One side of an indicator. ``like`` asks for values of the releases another side was taken from, where these hold them."""
    parts: list[tuple[Measure, Period, Value]] = []
    env: dict[str, Decimal | None] = {}
    missing = ""
    preferred = {measure.id: value.releases for measure, _, value in like.parts} if like else None
    symbols = reader.book.symbols
    for name in expression.names:
        measure = symbols[name]
        releases = preferred.get(measure.id, ()) if preferred else ()
        value = reader.value(
            measure, subject, period, releases[0] if len(releases) == 1 else None, counted=True
        )
        if value.value is None:
            if reader.sources(measure, subject, period):
                value = Value(None, missing=ESTIMATE_NOT_COUNTED, period=value.period)
            missing = missing or f"{value.missing}（{measure.name}）"
        parts.append((measure, period, value))
        env[name] = value.value
    return Side(expression.evaluate(env), tuple(parts), missing)


def evaluate(
    reader: Reader, indicator: Indicator, subject: int, period: Period, like: Figure | None = None
) -> Figure:
    """The figure of an indicator. A missing numerator or denominator, or a zero denominator, gives a reason, never 0."""
    return Evaluation(reader, indicator, period).figure(subject, like)


class Evaluation:
    """An indicator and a period, prepared to be evaluated for many subjects."""

    def __init__(self, reader: Reader, indicator: Indicator, period: Period) -> None:
        self.indicator, self.period = indicator, period
        parsed = reader.book.ratio(indicator)
        self.factor = parsed.factor
        self.above = _Plan(reader, parsed.numerator, period)
        under = parsed.denominator
        self.below = _Plan(reader, under, denominator_period(indicator, period)) if under else None

    def figure(self, subject: int, like: Figure | None = None) -> Figure:
        """The figure of one subject; ``like`` asks for values of the releases of another figure."""
        numerator = self.above.side(subject, like.numerator if like else None)
        if self.below is None:
            missing = "" if numerator.value is not None else numerator.missing or "缺数"
            return Figure(
                self.indicator, subject, self.period, numerator.value, numerator, None, ONE, missing
            )
        under = self.below.side(subject, like.denominator if like else None)
        value = ratio(numerator.value, under.value, self.factor)
        missing = "" if value is not None else self._why(numerator, under)
        return Figure(self.indicator, subject, self.period, value, numerator, under, self.factor, missing)

    def _why(self, numerator: Side, under: Side) -> str:
        """Why a ratio has no value. A numerator not yet there comes first, but not where the denominator is last year's end:
        without that one no numerator of this year could ever make a value.
        """
        lacks = under.value is None
        if numerator.value is None and not (lacks and self.indicator.denominator_annual):
            return numerator.missing or "缺数"
        if lacks:
            names = "、".join(m.name for m, _, v in under.parts if not v.held)
            return f"{NO_DENOMINATOR}（{names}）"
        return "分母为零"


class _Plan:
    """One side of an indicator for many subjects: a side that is one measure, held once, needs no formula."""

    def __init__(self, reader: Reader, expression: formula.Expression, period: Period) -> None:
        self.reader, self.expression, self.period = reader, expression, period
        bare = isinstance(expression.tree, formula_tree.Name)
        self.measure = reader.book.symbols[expression.names[0]] if bare else None

    def side(self, subject: int, like: Side | None) -> Side:
        """The side of one subject."""
        if self.measure is not None:
            value = self.reader.plain(self.measure, subject, self.period)
            if value is not None:
                return Side(value.value, ((self.measure, self.period, value),))
        return side(self.reader, self.expression, subject, self.period, like)


def growth(now: Figure, before: Figure) -> Decimal | None:
    """Growth of an amount in percent against the same period of last year; None without a positive base."""
    if now.value is None or before.value is None or before.value <= 0:
        return None
    return WIDE.divide(WIDE.multiply(WIDE.subtract(now.value, before.value), Decimal(100)), before.value)
