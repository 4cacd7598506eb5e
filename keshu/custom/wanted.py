"""What somebody wants a ledger to be, as plain data, and how two such wishes differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keshu.custom.columns import KINDS, WHO, Col, Count, to_json
from keshu.custom.models import Definition


@dataclass(frozen=True)
class Wanted:
    """What somebody wants a ledger to be. Columns that stand already carry their slot, measures their code."""

    code: str
    name: str
    about: str = ""
    prefix: str = ""
    columns: tuple[Col, ...] = ()
    measures: tuple[Count, ...] = ()
    key: tuple[str, ...] = ()
    who: tuple[str, ...] = ("bureau",)
    counts_by: str = ""
    unit_use: str = str(Definition.Unit.OPTIONAL)
    batch: bool = False
    active: bool = True


def wanted_of(definition: Definition) -> Wanted:
    """A definition as something wanted: what a page begins with."""
    return Wanted(
        code=definition.code,
        name=definition.name,
        about=definition.about,
        prefix=definition.prefix,
        columns=definition.cols,
        measures=definition.counts,
        key=tuple(definition.key),
        who=tuple(definition.who),
        counts_by=definition.counts_by,
        unit_use=definition.unit_use,
        batch=definition.batch,
        active=definition.active,
    )


_HEADS = {
    "name": "名称",
    "about": "说明",
    "prefix": "编号字头",
    "key": "认同一条凭",
    "who": "谁可登记",
    "counts_by": "计入日期取自",
    "unit_use": "单位",
    "batch": "收汇总行",
    "active": "在用",
}


def differences(wanted: Wanted, stands: Wanted) -> list[str]:
    """What is different in ``stands`` from ``wanted``, a sentence each; empty when they say the same."""
    found = [
        f"{label}：{_said(getattr(wanted, name))} → {_said(getattr(stands, name))}"
        for name, label in _HEADS.items()
        if getattr(wanted, name) != getattr(stands, name)
    ]
    found += _listed("列", {c.name: c for c in wanted.columns}, {c.name: c for c in stands.columns}, {"slot"})
    found += _moved([c.name for c in wanted.columns], [c.name for c in stands.columns])
    found += _listed(
        "计量", {c.name: c for c in wanted.measures}, {c.name: c for c in stands.measures}, {"code"}
    )
    return found


_FIELDS = {
    "kind": "种类", "label": "显示名", "required": "必填", "choices": "选项", "shown": "列表显示", "total": "合计",
    "searchable": "可查找", "places": "小数位", "help": "提示", "off": "停用", "unit": "单位", "field": "加总",
    "condition": "条件", "date": "按哪天", "until": "到期", "nature": "流量或存量", "verified": "核实后才计", "definition": "口径",
}  # fmt: skip


def _listed(what: str, left: Mapping[str, Any], right: Mapping[str, Any], apart: set[str]) -> list[str]:
    found = [f"去掉了{what}“{name}”" for name in left if name not in right]
    found += [f"增加了{what}“{name}”" for name in right if name not in left]
    for name in left:
        if name in right:
            one, other = to_json(left[name]), to_json(right[name])
            changes = [
                f"{_FIELDS.get(part, part)} {_said(one.get(part))} → {_said(other.get(part))}"
                for part in sorted(one.keys() | other.keys())
                if part not in apart and one.get(part) != other.get(part)
            ]
            if changes:
                found.append(f"{what}“{name}”：{'，'.join(changes)}")
    return found


def _moved(left: list[str], right: list[str]) -> list[str]:
    """A sentence where columns that both have stand in another order."""
    here, there = [n for n in left if n in right], [n for n in right if n in left]
    return [] if here == there else [f"列的顺序：{'、'.join(here)} → {'、'.join(there)}"]


def _said(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(str(WHO.get(one, one)) for one in value) or "空"
    return KINDS.get(value, "") or dict(Definition.Unit.choices).get(value, "") or str(value) or "空"
