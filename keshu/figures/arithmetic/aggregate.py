"""A total over subjects: Σnumerator / Σdenominator, naming what is in it and what is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from .ratio import HUNDRED, WIDE, ratio

#: county 县(市、区) · own 市本级 · zone counted separately · zone_inside: reported inside its county (其中),
#: never added.
Kind = Literal["county", "own", "zone", "zone_inside"]


class Part(NamedTuple):
    """What one subject brings to a total; None where a side is not held."""

    key: str
    name: str
    kind: Kind
    numerator: Decimal | None
    denominator: Decimal | None = None


@dataclass(frozen=True)
class LeftOut:
    """A subject that is not in the total, and why (Chinese words as on the page)."""

    key: str
    name: str
    reason: str


@dataclass(frozen=True)
class Total:
    """A total. ``value`` None: nothing to divide. ``numerator`` and ``denominator`` are the sums of what is
    included.
    """

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    included: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    note: str


def _add(total: Decimal | None, value: Decimal | None) -> Decimal | None:
    """Sum of held values; None + None stays None, because a sum of nothing is missing and not 0."""
    if total is None or value is None:
        return value if total is None else total
    return WIDE.add(total, value)


def _why_out(part: Part, own_numerator_counts: bool, amounts: bool) -> str | None:
    """Reason why a part stays out, or None when it is in."""
    if part.kind == "zone_inside":
        return "其中数，不另加"
    if part.numerator is None:
        return "缺数"
    if amounts or part.denominator is not None or (part.kind == "own" and own_numerator_counts):
        return None
    return "无分母"


def _note(parts: Sequence[Part], included: Sequence[str], left_out: Sequence[LeftOut]) -> str:
    inside = [part.name for part in parts if part.kind == "zone_inside"]
    held = set(included)
    added = [part.name for part in parts if part.kind in ("own", "zone") and part.key in held]
    absent = [out.name for out in left_out if out.name not in inside]
    clauses = []
    if added:
        clauses.append(f"含{'、'.join(added)}")
    if absent:
        clauses.append(f"未含{'、'.join(absent)}")
    if inside:
        clauses.append(f"{'、'.join(inside)}为其中数，不另加")
    return "，".join(clauses)


#: numerator, denominator, included, left out, note
_Sums = tuple[Decimal | None, Decimal | None, tuple[str, ...], tuple[LeftOut, ...], str]


def _sum(parts: Sequence[Part], own_numerator_counts: bool, amounts: bool) -> _Sums:
    numerator = denominator = None
    included: list[str] = []
    left_out: list[LeftOut] = []
    for part in parts:
        reason = _why_out(part, own_numerator_counts, amounts)
        if reason is not None:
            left_out.append(LeftOut(part.key, part.name, reason))
            continue
        included.append(part.key)
        numerator = _add(numerator, part.numerator)
        denominator = None if amounts else _add(denominator, part.denominator)
    return numerator, denominator, tuple(included), tuple(left_out), _note(parts, included, left_out)


def total(parts: Sequence[Part], factor: Decimal = HUNDRED, *, own_numerator_counts: bool = False) -> Total:
    """Ratio of the whole: ``factor`` × Σnumerator / Σdenominator over the parts of which both sides are held.

    A part with one side only is left out on both, because its denominator without its numerator would lower
    the ratio. ``own_numerator_counts``: 市本级 has amounts but no denominator of its own (no GDP); where the
    denominators of the counties cover the whole city, its numerator belongs in. A zone counted separately
    without a denominator is left out and named.
    """
    numerator, denominator, included, left_out, note = _sum(parts, own_numerator_counts, amounts=False)
    return Total(ratio(numerator, denominator, factor), numerator, denominator, included, left_out, note)


def amount(parts: Sequence[Part]) -> Total:
    """Total of an amount: Σnumerator over counties, 市本级 and separate zones; ``value`` equals
    ``numerator``.
    """
    numerator, _, included, left_out, note = _sum(parts, True, amounts=True)
    return Total(numerator, numerator, None, included, left_out, note)


def combine(totals: Sequence[Total], factor: Decimal = HUNDRED, *, amounts: bool = False) -> Total:
    """Total of totals over disjoint parts: equals :func:`total` (``amounts``: :func:`amount`) over all the
    parts together.
    """
    numerator = denominator = None
    for one in totals:
        numerator, denominator = _add(numerator, one.numerator), _add(denominator, one.denominator)
    notes = dict.fromkeys(one.note for one in totals if one.note)
    return Total(
        numerator if amounts else ratio(numerator, denominator, factor),
        numerator,
        denominator,
        tuple(key for one in totals for key in one.included),
        tuple(out for one in totals for out in one.left_out),
        "；".join(notes),
    )
