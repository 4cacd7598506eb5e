"""The table of ``make replay``: figure, home, stated, recomputed, equal; coverage by row; the mutation run."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from keshu.terms.quantity import plain, wan
from tests.replay.proving import Proof, coverage
from tests.replay.recomputing import declared
from tests.replay.stated import Figure

COLUMNS = ("号", "什么", "出处：台账·计量·条件", "文件", "复算", "相等", "只差一个条件而不计的")
WIDTHS = (9, 36, 58, 27, 11, 6, 0)


def _line(words: Sequence[str]) -> str:
    return "  " + "".join(map(_wide, words, WIDTHS)).rstrip()


def figures(proof: Proof) -> str:
    """The figures of one document."""
    document = proof.document
    lines = [f"\n{document.id} {document.title}", _line(COLUMNS)]
    for figure in document.figures:
        found = proof.found[figure.id]
        equal = "等" if found.value == figure.value else "不等"
        literal = f"（文件印作 {figure.literal}）" if figure.literal else ""
        around = proof.misses.get(figure.id, {})
        near = f"{sum(around.values())} 条（{len(around)} 种）" if around else ""
        words = (
            figure.id, figure.what, _home(figure), _said(figure.value, figure.unit) + literal,
            _said(found.value, figure.unit), equal, near,
        )  # fmt: skip
        lines.append(_line(words))
    lines += [f"  {relation.says}" for relation in document.relations]
    lines += [f"  错：{problem}" for problem in proof.wrong]
    return "\n".join(lines)


def summary(proofs: Sequence[Proof], seconds: float) -> str:
    """Coverage by row and what the mutation run did."""
    rows = "　".join(f"{row} {held}/{all_}" for row, (held, all_) in coverage(proofs).items())
    wrong = sum(len(proof.wrong) for proof in proofs)
    return (
        f"\n覆盖　{rows}\n"
        f"变异　去掉条件 {sum(p.removed for p in proofs)} 次，删去记录 {sum(p.deleted for p in proofs)} 次，"
        f"撤销 {sum(p.taken_back for p in proofs)} 次；不合 {wrong} 处　{seconds:.0f} 秒"
    )


def _home(figure: Figure) -> str:
    """Register, measure and conditions; of a completion what it divides."""
    if not figure.measure:
        low, high = figure.low, figure.high
        target = plain(high) if low is None else plain(low) if high is None else f"{plain(low)}—{plain(high)}"
        return f"（{'＋'.join(figure.completes)}）÷ 目标 {target}"
    register, measure = declared(figure.measure)
    return "·".join([register.name, measure.name, *figure.where])


def _said(value: Decimal | None, unit: str) -> str:
    if value is None:
        return "缺"
    return f"{wan(value)}万元" if unit == "元" else f"{plain(value)}{unit}"


def _wide(text: str, columns: int) -> str:
    """The text padded to a number of columns, a Chinese character taking two."""
    width = sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)
    return text + " " * max(1, columns - width)
