"""Change of a figure between two periods, its split into a numerator and a denominator effect, and the
sentence that says it.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import NamedTuple

from keshu.terms.quantity import round_half_up, show_growth, show_number

from .logarithm import ln_of_quotient
from .ratio import HUNDRED, WIDE

POINTS, PERCENT = "百分点", "%"
LOG_MEAN, SHAPLEY = "log_mean_divisia", "shapley"

#: Growth above this (in %) is written as a multiple: 3.1 倍.
MULTIPLE_FROM = Decimal(300)
#: Below this |ln(after / before)| the quotient that defines the log mean has lost its digits; the series
#: takes over.
NEAR = Decimal("1e-15")
ZERO = Decimal(0)


class Change(NamedTuple):
    """``value`` in ``unit`` (百分点 or %), unrounded; None with a Chinese ``reason`` that stands in its place
    on the page.
    """

    value: Decimal | None
    unit: str
    reason: str | None = None


class Split(NamedTuple):
    """Change of a ratio as numerator effect + denominator effect, all in the unit of the ratio.

    ``residual`` = change − both effects, as computed (≤ 1e-12 in size). ``method`` is for the specialist's
    page, never for a sentence. Everything None with a Chinese ``reason`` where a side is missing or a
    denominator is zero.
    """

    change: Decimal | None
    numerator_effect: Decimal | None
    denominator_effect: Decimal | None
    method: str | None
    residual: Decimal | None
    reason: str | None = None


def change(now: Decimal | None, before: Decimal | None, is_ratio: bool, base: str = "去年同期") -> Change:
    """Percentage points for a ratio, percent for an amount.

    An amount over a missing, zero or negative base, or one that turns negative, gets a reason and no
    percentage. ``base`` names the earlier period in the reason.
    """
    unit = POINTS if is_ratio else PERCENT
    if now is None:
        return Change(None, unit, "本期缺数")
    if before is None:
        return Change(None, unit, f"{base}缺数")
    if is_ratio:
        return Change(WIDE.subtract(now, before), unit)
    if before <= 0 or now < 0:
        return Change(None, unit, show_growth(now, before).replace("去年同期", base))
    return Change(_growth(now, before), unit)


def _growth(now: Decimal, before: Decimal) -> Decimal:
    """Growth in %; ``before`` > 0."""
    return WIDE.divide(WIDE.multiply(WIDE.subtract(now, before), HUNDRED), before)


def split(
    n0: Decimal | None,
    d0: Decimal | None,
    n1: Decimal | None,
    d1: Decimal | None,
    factor: Decimal = HUNDRED,
) -> Split:
    """Split the change of ``factor`` × n / d from (n0, d0) to (n1, d1).

    All positive: the log-mean Divisia index, effects L(q1, q0)·ln(n1/n0) and −L(q1, q0)·ln(d1/d0), where L(a,
    b) = (a−b)/ln(a/b) and L(a, a) = a. A zero or negative value forbids logarithms: the Shapley value of two
    factors, each effect being the mean over both orders of change. Both add up to the change exactly; the
    residual is what fifty digits leave over.
    """
    if n0 is None or n1 is None:
        return Split(None, None, None, None, None, "本期没有分子" if n1 is None else "上期没有分子")
    if d0 is None or d1 is None:
        return Split(None, None, None, None, None, "本期没有分母" if d1 is None else "上期没有分母")
    if d0 == 0 or d1 == 0:
        return Split(None, None, None, None, None, "本期分母为零" if d1 == 0 else "上期分母为零")
    multiply, divide, subtract = WIDE.multiply, WIDE.divide, WIDE.subtract
    before, after = divide(multiply(factor, n0), d0), divide(multiply(factor, n1), d1)
    moved = subtract(after, before)
    if n0 > 0 and d0 > 0 and n1 > 0 and d1 > 0 and factor > 0:
        method = LOG_MEAN
        by_n, by_d = ln_of_quotient(n1, n0), ln_of_quotient(d1, d0)
        # The same difference of logarithms stands in L and in the sum of effects, so the effects add up
        # to the change whatever the last digit of a logarithm is.
        by_q = subtract(by_n, by_d)
        weight = _log_mean_of_near(before, after, by_q) if abs(by_q) < NEAR else divide(moved, by_q)
        numerator_effect, denominator_effect = multiply(weight, by_n), WIDE.minus(multiply(weight, by_d))
    else:
        method = SHAPLEY
        numerator_effect, denominator_effect = _shapley(n0, d0, n1, d1, factor)
    residual = subtract(subtract(moved, numerator_effect), denominator_effect)
    # −0E-49 and the like become a plain 0.
    return Split(
        moved or ZERO, numerator_effect or ZERO, denominator_effect or ZERO, method, residual or ZERO
    )


def _log_mean_of_near(before: Decimal, after: Decimal, by_q: Decimal) -> Decimal:
    with localcontext(WIDE):
        return (before * after).sqrt() * (1 + by_q * by_q / 24)


def _shapley(n0: Decimal, d0: Decimal, n1: Decimal, d1: Decimal, factor: Decimal) -> tuple[Decimal, Decimal]:
    with localcontext(WIDE):
        return factor * (n1 - n0) * (1 / d0 + 1 / d1) / 2, factor * (n0 + n1) * (1 / d1 - 1 / d0) / 2


@dataclass(frozen=True)
class _Move:
    """How one side moved: ``sign`` of the move, growth in % (None where no percentage may be written), and
    its words.
    """

    sign: int
    growth: Decimal | None
    words: str


def _size(growth: Decimal) -> str:
    """|growth| in words: 3.1%, 3.1 倍 above 300 %."""
    if growth > MULTIPLE_FROM:
        return f"{show_number(WIDE.divide(growth, HUNDRED), 1)} 倍"
    return f"{show_number(growth.copy_abs(), 1)}%"


def _move(name: str, now: Decimal, before: Decimal) -> _Move:
    sign = (now > before) - (now < before)
    if before == 0 or now == 0:
        if now == before:
            return _Move(0, None, f"{name}两期均为零")
        if now == 0:
            return _Move(sign, None, f"{name}归零" if before > 0 else f"{name}由负归零")
        return _Move(sign, None, f"{name}从无到有" if now > 0 else f"{name}由零转负")
    if before < 0 or now < 0:
        if before < 0 and now < 0:
            return _Move(sign, None, f"{name}两期均为负")
        return _Move(sign, None, f"{name}由负转正" if now > 0 else f"{name}由正转负")
    if sign == 0:
        return _Move(0, Decimal(0), f"{name}持平")
    growth = _growth(now, before)
    if round_half_up(growth.copy_abs(), 1) == 0:
        return _Move(sign, growth, f"{name}{'微增' if sign > 0 else '微降'}")
    return _Move(sign, growth, f"{name}{'增' if sign > 0 else '降'} {_size(growth)}")


def _compared(upper: _Move, lower: _Move, numerator: str, denominator: str) -> str:
    """The clause that says which side decided; "" where the growth rates speak for themselves."""
    if upper.growth is None or lower.growth is None or upper.sign == 0 or lower.sign == 0:
        return ""
    if upper.sign != lower.sign:
        return "一增一降" if upper.sign > 0 else "一降一增"
    if upper.growth == lower.growth:
        return "两者同步"
    numerator_more = upper.growth.copy_abs() > lower.growth.copy_abs()
    faster, slower = (numerator, denominator) if numerator_more else (denominator, numerator)
    # 7.42 % and 7.38 % are both written 7.4%: say that the difference is a small one.
    slightly = "略" if _size(upper.growth) == _size(lower.growth) else ""
    return f"{faster}{slightly}快于{slower}" if upper.sign > 0 else f"{faster}{slightly}降得更多"


def sentence(
    n0: Decimal | None,
    d0: Decimal | None,
    n1: Decimal | None,
    d1: Decimal | None,
    factor: Decimal = HUNDRED,
    *,
    numerator: str = "分子",
    denominator: str = "分母",
    name: str = "占比",
    unit: str = POINTS,
    places: int = 2,
) -> str:
    """Why a ratio moved, in one Chinese clause without a full stop: 分子增 3.1%、分母增
    7.4%，分母快于分子，占比降 0.06 个百分点.

    ``numerator``, ``denominator`` and ``name`` may be the reader's own words (合同额, 地区生产总值).
    ``unit``: 百分点, or the unit of a ratio that is no percentage (家/万家). Where the change cannot be
    explained, the sentence says why.
    """
    parted = split(n0, d0, n1, d1, factor)
    if parted.change is None or n0 is None or d0 is None or n1 is None or d1 is None:
        return f"{parted.reason}，{name}变化无从分解"
    upper, lower = _move(numerator, n1, n0), _move(denominator, d1, d0)
    moves = f"{upper.words}、{lower.words}"
    if upper.words.removeprefix(numerator) == lower.words.removeprefix(denominator) == "持平":
        moves = f"{numerator}、{denominator}都持平"
    clauses = [
        moves,
        _compared(upper, lower, numerator, denominator),
        _outcome(parted.change, name, unit, places),
    ]
    return "，".join(filter(None, clauses))


def _outcome(moved: Decimal, name: str, unit: str, places: int) -> str:
    if moved == 0:
        return f"{name}持平"
    word = "升" if moved > 0 else "降"
    measure = f" 个{unit}" if unit == POINTS else f" {unit}"
    if round_half_up(moved.copy_abs(), places) == 0:
        return f"{name}微{word}（不到 {show_number(Decimal(1).scaleb(-places), places)}{measure}）"
    return f"{name}{word} {show_number(moved.copy_abs(), places)}{measure}"
