"""Ways in which superiors turn a figure into points (计分法库): pure functions over Decimals, unrounded.

Each says its formula and where it was found. Parameters come from dated rules (``rules.yaml``), never from here. A missing value
gives no score: missing is not zero. Points are rounded once, when shown.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from keshu.figures.arithmetic import ranking
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE, Direction

ZERO, ONE = Decimal(0), Decimal(1)
SIXTY = Decimal(60)


@dataclass(frozen=True)
class Scored:
    """Points, unrounded; None with a Chinese ``reason`` where they cannot be known."""

    points: Decimal | None
    reason: str = ""


@dataclass(frozen=True)
class Given:
    """What a method may need of one subject: its ``value``, what was promised (``target``), its growth in %, and the values (or
    growths) of everybody who is assessed with it, its own among them under ``key``.
    """

    key: Hashable
    value: Decimal | None
    values: Mapping[Any, Decimal | None] = field(default_factory=dict)
    target: Decimal | None = None
    growth: Decimal | None = None
    growths: Mapping[Any, Decimal | None] = field(default_factory=dict)
    direction: Direction = "up"


def _clamped(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return max(low, min(high, value))


def completion_ratio(
    weight: Decimal,
    value: Decimal | None,
    target: Decimal | None,
    *,
    cap: Decimal = ZERO,
    direction: Direction = "up",
) -> Scored:
    """目标完成比例: weight × min(1 + cap, value / target); ``down``: target / value. Below the target in proportion, never negative.

    Source: 常州市武进区 2010 年科技考核 (met = full marks, above and below in proportion, a bounded bonus).
    """
    if value is None:
        return Scored(None, "缺数")
    if target is None or target <= 0:
        return Scored(None, "没有可比的目标")
    above, below = (value, target) if direction == "up" else (target, value)
    if below <= 0:
        return Scored(None, "实际不大于零，比例无从算起")
    share = _clamped(WIDE.divide(above, below), ZERO, ONE + cap)
    return Scored(WIDE.multiply(weight, share))


def threshold(
    weight: Decimal, value: Decimal | None, target: Decimal | None, *, direction: Direction = "up"
) -> Scored:
    """达标赋分: full marks when the target is met, nothing otherwise. Usual practice; no document fixes it."""
    if value is None:
        return Scored(None, "缺数")
    if target is None:
        return Scored(None, "没有目标")
    reached = value >= target if direction == "up" else value <= target
    return Scored(weight if reached else ZERO)


def standard_capped(
    weight: Decimal, value: Decimal | None, standard: Decimal | None, *, direction: Direction = "up"
) -> Scored:
    """标准值封顶: weight × min(100, 100·x/s)/100; reverse indicators s/x.

    Source: 全国及区域科技进步统计监测 (d = x/标准值 × 100, taken as 100 from there on).
    """
    return completion_ratio(weight, value, standard, cap=ZERO, direction=direction)


def efficacy(
    weight: Decimal,
    key: Hashable,
    values: Mapping[Hashable, Decimal | None],
    *,
    base: Decimal = SIXTY,
    span: Decimal = Decimal(40),
    level: str = "full",
    direction: Direction = "up",
) -> Scored:
    """功效系数: weight × (base + span·(x−min)/(max−min))/100; reverse indicators swap the ends.

    ``level`` says what all get where everybody is equal (max = min): ``full`` or ``base``. General statistical practice with
    60 + 40.
    """
    held = [value for value in values.values() if value is not None]
    own = values.get(key)
    if own is None:
        return Scored(None, "缺数")
    if len(held) < len(values):
        return Scored(None, "有的地区没有数，最大最小值定不下来")
    low, high = min(held), max(held)
    if low == high:
        grade = base + span if level == "full" else base
    else:
        from_bottom = WIDE.subtract(own, low) if direction == "up" else WIDE.subtract(high, own)
        grade = base + WIDE.divide(WIDE.multiply(span, from_bottom), WIDE.subtract(high, low))
    return Scored(WIDE.divide(WIDE.multiply(weight, grade), HUNDRED))


def mean_based(
    weight: Decimal,
    key: Hashable,
    values: Mapping[Hashable, Decimal | None],
    *,
    base: Decimal,
    step: Decimal,
    points: Decimal,
    direction: Direction = "up",
) -> Scored:
    """均值基准: at the mean of all ``base`` (a share of the weight); each full ``step`` % above or below it ± ``points``, within
    0—weight.

    Source: 常州市武进区 2011 年科技考核 (达到全区均值得基本分，每高低 5% 加减 0.5 分).
    """
    own = values.get(key)
    if own is None:
        return Scored(None, "缺数")
    if any(value is None for value in values.values()):
        return Scored(None, "有的地区没有数，均值定不下来")
    middle = ranking.mean(values.values())
    if middle is None or middle <= 0:
        return Scored(None, "均值不大于零，高低无从算起")
    off = WIDE.divide(WIDE.multiply(WIDE.subtract(own, middle), HUNDRED), middle)
    if direction == "down":
        off = -off
    steps = int(WIDE.divide(off, step))  # whole steps, towards the mean
    return Scored(_clamped(weight * base + points * steps, ZERO, weight))


def rank_points(
    weight: Decimal,
    key: Hashable,
    values: Mapping[Hashable, Decimal | None],
    *,
    step: Decimal,
    floor: Decimal = ZERO,
    ties: ranking.Ties = "1,1,3",
    direction: Direction = "up",
    classes: Mapping[Hashable, str | None] | None = None,
) -> Scored:
    """位次赋分: the first has full marks, each further place ``step`` less, not below ``floor``; with ``classes`` places count
    inside each class (分类分组, 宣城市 2019 年考核). Usual practice; the step is the superior's own.
    """
    if values.get(key) is None:
        return Scored(None, "缺数")
    if any(value is None for value in values.values()):
        return Scored(None, "有的地区没有数，位次定不下来")
    places = ranking.rank(values, direction, ties)
    if classes is not None:
        own = classes.get(key)
        if own is None:
            return Scored(None, "没有分类，组内位次定不下来")
        places = ranking.rank_within(values, classes, direction, ties)[own]
    return Scored(max(floor, weight - step * (places.place[key] - 1)))


def rank_bands(
    weight: Decimal,
    key: Hashable,
    values: Mapping[Hashable, Decimal | None],
    table: Sequence[tuple[int, Decimal]],
    *,
    direction: Direction = "up",
) -> Scored:
    """位次分档: the share of the weight of the first band that the place falls into. ``table``: (last place of the band, share), any
    order; behind the last band nothing. Usual practice; the bands are the superior's own.
    """
    if values.get(key) is None:
        return Scored(None, "缺数")
    if any(value is None for value in values.values()):
        return Scored(None, "有的地区没有数，位次定不下来")
    place = ranking.rank(values, direction).place[key]
    reached = [(last, share) for last, share in table if place <= last]
    return Scored(WIDE.multiply(weight, min(reached)[1]) if reached else ZERO)


def bands(weight: Decimal, value: Decimal | None, table: Sequence[tuple[Decimal, Decimal]]) -> Scored:
    """分档: the share of the weight at the highest bound that the value reaches. ``table``: (lower bound, share), any order.

    Used for 高企 and 科技型中小企业 counts.
    """
    if value is None:
        return Scored(None, "缺数")
    reached = [(bound, share) for bound, share in table if value >= bound]
    return Scored(WIDE.multiply(weight, max(reached)[1]) if reached else ZERO)


def total_and_growth(
    weight: Decimal,
    key: Hashable,
    values: Mapping[Hashable, Decimal | None],
    growths: Mapping[Hashable, Decimal | None],
    *,
    alpha: Decimal,
    cap: Decimal | None = None,
    base: Decimal = SIXTY,
    span: Decimal = Decimal(40),
    direction: Direction = "up",
) -> Scored:
    """总量+增速: weight × (α·total + (1−α)·growth), each part by 功效系数. ``cap`` bounds a growth in %: from a tiny base it says
    nothing (a county of 安徽 stood at +4502.1 % in 2022H1). No official α was found; 0.4—0.7 is practice.
    """
    if any(growth is None for growth in growths.values()) or key not in growths:
        return Scored(None, "有的地区没有增速，总量加增速算不出")
    capped = {
        one: growth if cap is None or growth is None else min(growth, cap) for one, growth in growths.items()
    }
    amount = efficacy(weight, key, values, base=base, span=span, direction=direction)
    faster = efficacy(weight, key, capped, base=base, span=span, direction=direction)
    if amount.points is None or faster.points is None:
        return amount if amount.points is None else faster
    share = WIDE.multiply(alpha, amount.points)
    return Scored(WIDE.add(share, WIDE.multiply(ONE - alpha, faster.points)))


# ---- by rule ------------------------------------------------------------------------------------------------


class UnknownMethod(LookupError):
    """A rule names a method that the library does not have."""


def _decimal(data: Mapping[str, Any], name: str, otherwise: str = "0") -> Decimal:
    return Decimal(str(data.get(name, otherwise)))


def _completion(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    return completion_ratio(
        weight, given.value, given.target, cap=_decimal(data, "cap"), direction=given.direction
    )


def _threshold(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    return threshold(weight, given.value, given.target, direction=given.direction)


def _standard(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    standard = _decimal(data, "standard") if "standard" in data else None
    return standard_capped(weight, given.value, standard, direction=given.direction)


def _efficacy(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    return efficacy(
        weight,
        given.key,
        given.values,
        base=_decimal(data, "base", "60"),
        span=_decimal(data, "span", "40"),
        level=str(data.get("level", "full")),
        direction=given.direction,
    )


def _mean(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    return mean_based(
        weight,
        given.key,
        given.values,
        base=_decimal(data, "base", "1"),
        step=_decimal(data, "step", "5"),
        points=_decimal(data, "points", "0.5"),
        direction=given.direction,
    )


def _rank(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    return rank_points(
        weight,
        given.key,
        given.values,
        step=_decimal(data, "step", "1"),
        floor=_decimal(data, "floor"),
        direction=given.direction,
    )


def _rank_bands(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    table = [(int(last), Decimal(str(share))) for last, share in data["table"]]
    return rank_bands(weight, given.key, given.values, table, direction=given.direction)


def _bands(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    table = [(Decimal(str(bound)), Decimal(str(share))) for bound, share in data["table"]]
    return bands(weight, given.value, table)


def _total_growth(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    cap = _decimal(data, "cap") if "cap" in data else None
    return total_and_growth(
        weight,
        given.key,
        given.values,
        given.growths,
        alpha=_decimal(data, "alpha", "0.5"),
        cap=cap,
        direction=given.direction,
    )


_METHODS: dict[str, tuple[Callable[[Decimal, Given, Mapping[str, Any]], Scored], bool]] = {
    "completion": (_completion, False),
    "threshold": (_threshold, False),
    "standard": (_standard, False),
    "bands": (_bands, False),
    "efficacy": (_efficacy, True),
    "mean": (_mean, True),
    "rank": (_rank, True),
    "rank_bands": (_rank_bands, True),
    "total_growth": (_total_growth, True),
}


def needs_siblings(data: Mapping[str, Any]) -> bool:
    """Whether a rule's method looks at everybody who is assessed. Raises UnknownMethod."""
    return _method(data)[1]


def score(weight: Decimal, given: Given, data: Mapping[str, Any]) -> Scored:
    """Points by the method of a dated rule: its ``data`` names ``method`` and the parameters. Raises UnknownMethod."""
    return _method(data)[0](weight, given, data)


def _method(data: Mapping[str, Any]) -> tuple[Callable[[Decimal, Given, Mapping[str, Any]], Scored], bool]:
    name = str(data.get("method", ""))
    if name not in _METHODS:
        raise UnknownMethod(f"计分法库里没有“{name}”。可以写 {'、'.join(_METHODS)}。")
    return _METHODS[name]
