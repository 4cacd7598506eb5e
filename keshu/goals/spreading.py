"""Sharing a total out: in proportion, within floors and caps, in whole units of the goal's decimals, summing exactly. Pure.

Quotas are exact fractions; what is left after rounding them down goes to the largest remainders (Hamilton's method). Which share
gets it follows from the shares alone, never from the order they are given in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from keshu.terms.quantity import plain, scale, unscale
from keshu.terms.units import EXACT


class CannotSpread(ValueError):
    """Why a total cannot be shared out as asked; each failure has a class of its own."""


class WeightMissing(CannotSpread):
    """A share has nothing to be measured by: missing is not zero."""


class NoWeight(CannotSpread):
    """Something is left to share, and every share that could take it weighs nothing."""


class FloorsTooHigh(CannotSpread):
    """What is locked and what may not be undercut together exceed the total."""


class CapsTooLow(CannotSpread):
    """What is locked and what may not be exceeded together fall short of the total."""


class BoundsCrossed(CannotSpread):
    """A share's floor lies above its cap."""


class MarginMisread(CannotSpread):
    """A 加压系数 outside what its document allows, or with no number of the goal's decimals within it."""


@dataclass(frozen=True)
class Share:
    """One who takes a part. ``key`` tells it from the others and breaks ties; ``weight`` is what it is measured by.

    ``fixed``: a share that stays as it is (locked, or issued already). ``floor`` and ``cap`` bound what it may get.
    """

    key: str
    weight: Decimal | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None
    fixed: Decimal | None = None
    name: str = ""

    @property
    def said(self) -> str:
        """What a sentence calls it."""
        return self.name or self.key


def spread(total: Decimal, shares: Sequence[Share], *, decimals: int = 0) -> dict[str, Decimal]:
    """Key → part of ``total``, each with at most ``decimals`` decimals; together exactly ``total``.

    Fixed shares keep what they have, the rest is shared in proportion to the weights as far as floors and caps allow.
    Raises CannotSpread (WeightMissing, NoWeight, FloorsTooHigh, CapsTooLow, BoundsCrossed) and TooManyDecimals where the total
    or a fixed part has more decimals than the goal.
    """
    whole = scale(total, decimals)
    kept = {one.key: scale(one.fixed, decimals) for one in shares if one.fixed is not None}
    free = sorted((one for one in shares if one.fixed is None), key=lambda one: one.key)
    parts = kept | _allot(whole - sum(kept.values()), free, decimals, sum(kept.values()), whole)
    return {one.key: unscale(parts[one.key], decimals) for one in shares}


def pressed(total: Decimal, margin: Decimal, low: Decimal, high: Decimal, *, decimals: int = 0) -> Decimal:
    """What children are to sum to: ``total`` × ``margin`` (加压系数), rounded down to the decimals but not below total × ``low``.

    Raises MarginMisread for a margin outside ``low``—``high``, or where no number of these decimals lies within.
    """
    if not low <= margin <= high:
        raise MarginMisread(
            f"加压系数 {plain(margin)} 不在文件规定的 {plain(low)}—{plain(high)} 之内。请改系数，或引用另一份文件。"
        )
    step = Decimal((0, (1,), -decimals))
    asked = EXACT.multiply(total, margin)
    found = asked.quantize(step, ROUND_FLOOR, EXACT)
    lowest = EXACT.multiply(total, low)
    if found < lowest:
        found = EXACT.add(found, step)
    if found > EXACT.multiply(total, high):
        raise MarginMisread(
            f"{plain(total)} × {plain(low)}—{plain(high)} 之间没有 {decimals} 位小数的数。请放宽系数，或多留小数。"
        )
    return found


def _allot(rest: int, free: Sequence[Share], decimals: int, kept: int, whole: int) -> dict[str, int]:
    """Scaled parts of the free shares, together ``rest``."""
    floors = [_inner(one.floor, decimals, up=True) or 0 for one in free]
    caps = [_inner(one.cap, decimals, up=False) for one in free]
    for one, floor, cap in zip(free, floors, caps, strict=True):
        if cap is not None and cap < floor:
            raise BoundsCrossed(
                f"{one.said}不低于 {_told(floor, decimals)}，又不高于 {_told(cap, decimals)}，没有这样的数。请改一头。"
            )
    least = sum(floors)
    if rest < least:
        raise FloorsTooHigh(
            f"要分 {_told(whole, decimals)}，锁定的已有 {_told(kept, decimals)}，其余不低于 {_told(least, decimals)}，"
            f"超出 {_told(least - rest, decimals)}。请解锁、放低下限，或用加压系数。"
        )
    if all(cap is not None for cap in caps):
        most = sum(cap for cap in caps if cap is not None)
        if rest > most:
            raise CapsTooLow(
                f"要分 {_told(whole, decimals)}，锁定的已有 {_told(kept, decimals)}，其余不高于 {_told(most, decimals)}，"
                f"还少 {_told(rest - most, decimals)}。请解锁、放高上限，或再加一个承担对象。"
            )
    if not free:
        return {}
    weights = _weights(free)
    if rest > least and not any(weights[at] and caps[at] != floors[at] for at in range(len(free))):
        raise NoWeight(
            f"还有 {_told(rest - least, decimals)} 没有着落：没有锁定的对象权数都是 0。请填权数，或人工分。"
        )
    quotas = _plainly(rest, weights, floors, caps) or _bounded(rest, weights, floors, caps, free, decimals)
    return _rounded(rest, free, quotas, caps)


def _inner(bound: Decimal | None, decimals: int, *, up: bool) -> int | None:
    """A bound in whole units within it: a floor of 2.5 pieces asks for 3, a cap of 2.5 allows 2."""
    if bound is None:
        return None
    found = Fraction(bound) * 10**decimals
    return -((-found.numerator) // found.denominator) if up else found.numerator // found.denominator


def _weights(free: Sequence[Share]) -> list[int]:
    """Weights as whole numbers in the same proportions."""
    exponents = []
    for one in free:
        if one.weight is None:
            raise WeightMissing(
                f"{one.said}没有权数（上年数或权重），不能按比例分。请补上，或先给它定一个数并锁定。"
            )
        if one.weight < 0:
            raise WeightMissing(f"{one.said}的权数 {plain(one.weight)} 是负数，不能按比例分。请换一列权数。")
        exponents.append(int(one.weight.as_tuple().exponent))
    places = max(0, -min(exponents))
    return [scale(one.weight or Decimal(0), places) for one in free]


Quota = tuple[int, int]  # whole part, remainder as a numerator over a denominator common to all


def _plainly(rest: int, weights: list[int], floors: list[int], caps: list[int | None]) -> list[Quota] | None:
    """Quotas where no floor and no cap is touched."""
    total = sum(weights)
    if not total:
        return [(floor, 0) for floor in floors] if rest == sum(floors) else None
    quotas = [divmod(rest * weight, total) for weight in weights]
    for (whole, over), floor, cap in zip(quotas, floors, caps, strict=True):
        if whole < floor or (cap is not None and (whole > cap or (whole == cap and over))):
            return None
    return quotas


def _bounded(
    rest: int,
    weights: list[int],
    floors: list[int],
    caps: list[int | None],
    free: Sequence[Share],
    decimals: int,
) -> list[Quota]:
    """Quotas that floors and caps hold: the level λ at which Σ clamp(λ·weight, floor, cap) is what there is to share.

    The sum rises with λ in straight pieces; between two bends it is solved exactly.
    """
    steady = sum(floor for weight, floor in zip(weights, floors, strict=True) if not weight)
    bends: list[tuple[Fraction, int, int]] = []  # level, change of the constant part, change of the slope
    for weight, floor, cap in zip(weights, floors, caps, strict=True):
        if not weight:
            continue
        steady += floor
        bends.append((Fraction(floor, weight), -floor, weight))
        if cap is not None:
            bends.append((Fraction(cap, weight), cap, -weight))
    bends.sort(key=lambda bend: bend[0])
    slope, level, at = 0, Fraction(0), 0
    while at < len(bends):
        bend = bends[at][0]
        if steady + slope * bend >= rest:
            break
        while at < len(bends) and bends[at][0] == bend:
            steady, slope = steady + bends[at][1], slope + bends[at][2]
            at += 1
    if not slope:
        if steady != rest:
            raise NoWeight(
                f"还有 {_told(rest - steady, decimals)} 没有着落：有权数的都到了上限。请放高{free[0].said}等的上限，或人工分。"
            )
        level = bends[at - 1][0] if at else Fraction(0)
    else:
        level = Fraction(rest - steady, slope)
    top, under = level.numerator, level.denominator
    quotas: list[Quota] = []
    for weight, floor, cap in zip(weights, floors, caps, strict=True):
        whole, over = divmod(top * weight, under)
        if whole < floor:
            whole, over = floor, 0
        if cap is not None and whole >= cap:
            whole, over = cap, 0
        quotas.append((whole, over))
    return quotas


def _rounded(rest: int, free: Sequence[Share], quotas: list[Quota], caps: list[int | None]) -> dict[str, int]:
    """The largest remainders get one unit each; of equal ones the larger quota first, then the key."""
    parts = [whole for whole, _ in quotas]
    left = rest - sum(parts)
    order = sorted(range(len(free)), key=lambda at: (-quotas[at][1], -quotas[at][0], free[at].key))
    for at in order[:left]:
        assert quotas[at][1] and (caps[at] is None or parts[at] < caps[at])  # type: ignore[operator]
        parts[at] += 1
    return {one.key: part for one, part in zip(free, parts, strict=True)}


def _told(scaled: int, decimals: int) -> str:
    return plain(unscale(scaled, decimals))


@dataclass(frozen=True)
class Sum:
    """What children add up to beside their parent. ``short`` is what is missing below parent × lower margin, None when nothing is."""

    total: Decimal | None
    difference: Decimal | None
    short: Decimal | None
    above: bool = False  # more than the margin allows: said in plain ink
    drafts: int = 0  # how many of them are not issued yet
    missing: int = 0  # how many have no number


def summed(
    parent: Decimal | None,
    children: Sequence[Decimal | None],
    *,
    margin_low: Decimal = Decimal(1),
    margin_high: Decimal = Decimal(1),
    drafts: int = 0,
) -> Sum:
    """The children's sum and how it stands to the parent: 少 is a shortfall below parent × ``margin_low``, more is only more."""
    held = [one for one in children if one is not None]
    if not held:
        return Sum(None, None, None, drafts=drafts, missing=len(children))
    total = Decimal(0)
    for one in held:
        total = EXACT.add(total, one)
    if parent is None:
        return Sum(total, None, None, drafts=drafts, missing=len(children) - len(held))
    difference = EXACT.subtract(total, parent)
    lacking = EXACT.subtract(EXACT.multiply(parent, margin_low), total)
    above = total > EXACT.multiply(parent, margin_high)
    return Sum(total, difference, lacking if lacking > 0 else None, above, drafts, len(children) - len(held))
