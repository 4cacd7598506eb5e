"""Whether a score sheet adds up: what does not is said with its arithmetic and left as issued."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from keshu.assessment.models import Assessment, Item
from keshu.terms.quantity import plain

ZERO, HUNDRED, ONE = Decimal(0), Decimal(100), Decimal(1)


class Line(NamedTuple):
    """One item as issued. ``deduction`` and ``weight`` are None where the sheet does not state them."""

    name: str
    full: Decimal
    score: Decimal
    deduction: Decimal | None = None
    weight: Decimal | None = None


def line_of(item: Item) -> Line:
    """An item as a line."""
    return Line(item.name, item.full, item.score, item.deduction, item.weight)


def flaws(lines: Sequence[Line], *, total: Decimal, score: Decimal | None) -> tuple[str, ...]:
    """What does not add up, each a Chinese sentence with the arithmetic; () when everything does.

    Checked: items' full marks against ``total``, items' scores against the reported ``score``, full − score against a stated
    deduction, a score above full marks, stated weights against 100 (or 1). Nothing is changed. A sheet without items has no
    flaws.
    """
    if not lines:
        return ()
    found = []
    found += _sum("满分", [line.full for line in lines], total, "满分")
    if score is not None:
        found += _sum("得分", [line.score for line in lines], score, "通报得分")
    found += [flaw for line in lines if (flaw := flaw_of(line))]
    weights = [line.weight for line in lines if line.weight is not None]
    if len(weights) == len(lines):
        found += _weights(weights)
    return tuple(found)


def flaw_of(line: Line) -> str:
    """What does not add up inside one item; empty when nothing does not. 加减分项 have no full marks to compare with."""
    if line.full == 0:
        return ""
    if line.score > line.full:
        return f"“{line.name}”得分 {plain(line.score)} 高于满分 {plain(line.full)}。"
    lost = line.full - line.score
    if line.deduction is None or lost == line.deduction:
        return ""
    return (
        f"“{line.name}”满分 {plain(line.full)} − 得分 {plain(line.score)} = {plain(lost)}，"
        f"通报扣分写的是 {plain(line.deduction)}。"
    )


def _sum(name: str, parts: Iterable[Decimal], stated: Decimal, called: str) -> list[str]:
    parts = list(parts)
    added = sum(parts, ZERO)
    if added == stated:
        return []
    terms = " + ".join(plain(part) for part in parts)
    word = "多" if added > stated else "少"
    return [
        f"各项{name} {terms} = {plain(added)}，比{called} {plain(stated)} {word} {plain(abs(added - stated))}。"
    ]


def _weights(weights: Sequence[Decimal]) -> list[str]:
    added = sum(weights, ZERO)
    if added in (HUNDRED, ONE):
        return []
    return [f"各项权重 {' + '.join(plain(one) for one in weights)} = {plain(added)}，不是 100。"]


def flaws_of(assessment: Assessment, items: Iterable[Item]) -> tuple[str, ...]:
    """:func:`flaws` of an assessment with all its items. Ask only for a reader who sees all of them."""
    score = assessment.score.value if assessment.score is not None else None
    return flaws([line_of(item) for item in items], total=assessment.total, score=score)
