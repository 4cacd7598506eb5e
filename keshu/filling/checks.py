"""校核 of a filled form: relations that do not hold, what is missing, formulas over missing cells, figures that left otherwise before."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.filling.composing import Sheet
from keshu.filling.computing import MISSING, CellValue
from keshu.filling.layout import place_of
from keshu.filling.models import Filled
from keshu.filling.relations import EQUAL, Relation, read_relations
from keshu.reports.issuing import Warning
from keshu.terms.quantity import plain

WRONG, NOTE = "wrong", "note"
#: Missing cells that are named one by one.
NAMED_AT_MOST = 30
OWN_LEVEL, ESTIMATE = "市本级", "推算数"
_LEFT_OUT = re.compile("未含([^，；（）]+)")


@dataclass(frozen=True)
class Check:
    """One finding: ``level`` wrong (must be put right or explained) or note (worth a look); ``keys``: the cells it is about."""

    level: str
    kind: str
    what: str
    keys: tuple[str, ...] = ()


def is_open(one: Check) -> bool:
    """Whether a finding wants words before the form leaves."""
    return one.level == WRONG


def checks_of(
    filled: Filled, values: Sequence[CellValue], sheet: Sheet, changed: Iterable[Warning]
) -> list[Check]:
    """All findings, the wrong ones first."""
    by_key = {value.cell.key: value for value in values}
    found: list[Check] = []
    for relation in read_relations(filled.mapping.sums, sheet.layout):
        one = _relation(relation, by_key, sheet)
        if one is not None:
            found.append(one)
    found += _missing(values)
    found += _formulas(by_key, sheet)
    found += _partial(values, by_key)
    found += [
        Check(WRONG, "changed", warning.said.rstrip("。"), tuple(_keys_of(warning, values)))
        for warning in changed
    ]
    return sorted(found, key=lambda one: one.level != WRONG)


def name_of(key: str, by_key: dict[str, CellValue]) -> str:
    """C12（望岭县 技术合同成交额）"""
    value = by_key.get(key)
    place = place_of(key)
    where = place.address if place.sheet == 1 else f"第 {place.sheet} 张 {place.address}"
    label = value.cell.label if value is not None else ""
    return f"{where}（{label}）" if label else where


def _relation(relation: Relation, by_key: dict[str, CellValue], sheet: Sheet) -> Check | None:
    """A relation that does not hold, or that cannot be looked at because a part is missing; None where it holds.

    Compared as the form shows it. Where the unrounded values agree, a last digit lost by rounding is only noted.
    """
    keys = (relation.total, *relation.parts)
    lacking = [key for key in keys if key in by_key and by_key[key].state == MISSING]
    if lacking:
        told = "、".join(name_of(key, by_key) for key in lacking[:3])
        return Check(NOTE, "sum", f"{relation.said} 没有核：缺 {told}", keys)
    total = sheet.number(relation.total) or Decimal(0)
    parts = sum((sheet.number(key) or Decimal(0) for key in relation.parts), Decimal(0))
    holds = total == parts if relation.mark == EQUAL else total <= parts
    if holds:
        return None
    word = "合计" if relation.mark == EQUAL else "上限"
    sums = f"{name_of(relation.total, by_key)} {plain(total)}，{word} {plain(parts)}，差 {plain(abs(total - parts))}"
    if relation.mark == EQUAL and _only_rounding(relation, by_key):
        return Check(NOTE, "rounding", f"{sums}：因四舍五入，未舍入的数相等", keys)
    return Check(WRONG, "sum", f"{relation.said} 不成立：{sums}", keys)


def _only_rounding(relation: Relation, by_key: dict[str, CellValue]) -> bool:
    """Whether the unrounded values agree; known only where all of them are figures of one unit."""
    held = [by_key.get(key) for key in (relation.total, *relation.parts)]
    exact = [value.value for value in held if value is not None and value.value is not None]
    if len(exact) != len(held) or len({value.cell.code for value in held if value}) != 1:
        return False
    return exact[0] == sum(exact[1:], Decimal(0))


def _missing(values: Iterable[CellValue]) -> list[Check]:
    """Missing cells by reason: one finding for each reason, the cells named."""
    by_reason: dict[str, list[CellValue]] = {}
    for value in values:
        if value.state == MISSING:
            by_reason.setdefault(value.missing, []).append(value)
    found = []
    for reason, lacking in by_reason.items():
        named = "、".join(name_of(one.cell.key, {one.cell.key: one}) for one in lacking[:NAMED_AT_MOST])
        more = f"等 {len(lacking)} 格" if len(lacking) > NAMED_AT_MOST else ""
        keys = tuple(one.cell.key for one in lacking)
        found.append(Check(WRONG, "missing", f"缺 {len(lacking)} 格（{reason}）：{named}{more}", keys))
    return found


def _formulas(by_key: dict[str, CellValue], sheet: Sheet) -> list[Check]:
    """Formulas that add over a missing cell as if it were nothing, and those that divide by zero."""
    found = []
    for key, read in sheet.reads.items():
        made = sheet.formulas[key]
        lacking = [one for one in sorted(read) if one in by_key and by_key[one].state == MISSING]
        if lacking and made.value is not None:
            told = "、".join(name_of(one, by_key) for one in lacking[:3])
            what = (
                f"{name_of(key, by_key)} 的公式里缺 {told}，表自己会当没有来算，结果 {plain(made.value)} 偏少"
            )
            found.append(Check(WRONG, "formula", what, (key, *lacking)))
        elif made.value is None and made.why == "除数为零":
            found.append(
                Check(WRONG, "formula", f"{name_of(key, by_key)} 的公式除数为零，表里会显示错误", (key,))
            )
        elif made.value is None:
            found.append(Check(NOTE, "formula", f"{name_of(key, by_key)}：{made.why}，打开后看一眼", (key,)))
    return found


def _partial(values: Iterable[CellValue], by_key: dict[str, CellValue]) -> Iterator[Check]:
    """A total that leaves somebody out: in the form only the number stands, nobody sees it. 市本级 has no figure of its own in some."""
    for value in values:
        left_out = [
            name for names in _LEFT_OUT.findall(value.note) for name in names.split("、") if name != OWN_LEVEL
        ]
        if left_out:
            where = name_of(value.cell.key, by_key)
            what = f"{where} {value.said} 未含{'、'.join(left_out)}，表里看不出来"
            yield Check(WRONG, "partial", what, (value.cell.key,))
        elif ESTIMATE in value.note:
            yield Check(NOTE, "estimate", f"{name_of(value.cell.key, by_key)} 是推算数", (value.cell.key,))


def _keys_of(warning: Warning, values: Iterable[CellValue]) -> list[str]:
    leaving = warning.leaving
    return [
        value.cell.key for value in values if (value.cell.code, value.subject_id, value.period) == leaving.key
    ]
