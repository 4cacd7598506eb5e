"""Whether a wanted ledger works: every sentence beside the place it speaks of; slots and codes are given here."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from keshu.custom.columns import (
    KINDS,
    LONGEST,
    SORT,
    TAKEN,
    TITLE,
    WHO,
    Col,
    Count,
    condition_names,
    condition_types,
    free_slot,
)
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.renaming import renamed
from keshu.custom.uses import lasting, needed
from keshu.custom.wanted import Wanted
from keshu.ledger.conditions import NotAFilter, condition_q
from keshu.ledger.registers import registers
from keshu.terms.formula import FormulaError, is_name, parse
from keshu.terms.quantity import UnknownUnit
from keshu.terms.quantity import unit as named_unit

CODE = re.compile(r"[a-z][a-z0-9_]{1,29}")
PREFIX = re.compile(r"[A-Z][A-Z0-9-]{0,9}")
LONGEST_NAME, LONGEST_LABEL, LONGEST_ABOUT, MOST_CHOICES = 20, 30, 200, 60


class DefinitionRefused(ValueError):
    """A definition that cannot be saved: a sentence for each place (``name``, ``column.2``, ``measure.0``)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(dict.fromkeys(self.problems.values())))


@dataclass
class _Problems:
    found: dict[str, str] = field(default_factory=dict)

    def add(self, place: str, said: str) -> None:
        """The first sentence of a place stays."""
        self.found.setdefault(place, said)

    def raise_any(self) -> None:
        """DefinitionRefused when there are any."""
        if self.found:
            raise DefinitionRefused(self.found)


def settled(wanted: Wanted, definition: Definition, before: Wanted | None) -> Wanted:
    """What is wanted with slots and codes given, conditions in the new names, when everything holds. DefinitionRefused."""
    problems = _Problems()
    _check_head(wanted, definition, problems)
    _check_columns(wanted, before, problems)
    problems.raise_any()
    columns = _placed(wanted, definition, before, problems)
    problems.raise_any()
    renames = {
        old.name: new.name
        for old in (before.columns if before else ())
        for new in columns
        if old.slot == new.slot and old.name != new.name
    }
    wanted = replace(
        wanted,
        columns=columns,
        key=tuple(_now(name, renames, columns) for name in wanted.key),
        counts_by=_now(wanted.counts_by, renames, columns),
    )
    measures = _measured(wanted, definition, before, renames, problems)
    wanted = replace(wanted, measures=measures)
    _check_named(wanted, problems)
    if before is not None:
        _check_uses(wanted, definition, before, problems)
    problems.raise_any()
    return wanted


def _now(name: str, renames: Mapping[str, str], columns: Iterable[Col]) -> str:
    """The present name of a column that is still called by its old one."""
    return name if name in {col.name for col in columns} else renames.get(name, name)


def _check_head(wanted: Wanted, definition: Definition, problems: _Problems) -> None:
    if not CODE.fullmatch(wanted.code):
        problems.add("code", "代码用小写字母开头，后面是小写字母、数字或下划线，2 到 30 个。")
    if not wanted.name.strip() or len(wanted.name) > 40:
        problems.add("name", "名称要写，最多 40 字。")
    if len(wanted.about) > LONGEST_ABOUT:
        problems.add("about", f"说明写了 {len(wanted.about)} 字，最多 {LONGEST_ABOUT} 字。")
    if not PREFIX.fullmatch(wanted.prefix):
        problems.add("prefix", "编号字头用大写字母开头，可以有数字和短横，最多 10 个，例如 ZL。")
    for other in registers():
        if other.name == wanted.name and other.code != definition.code:
            problems.add("name", f"已经有一个台账叫“{wanted.name}”。请换一个名称。")
    if not wanted.who or set(wanted.who) - set(WHO):
        problems.add("who", f"谁可登记至少选一个：{'、'.join(WHO.values())}。")
    if wanted.unit_use not in Definition.Unit.values:
        problems.add("unit_use", "是否登记单位请从列出的里面选。")
    if "organisation" in wanted.who and wanted.unit_use == Definition.Unit.NONE:
        problems.add("unit_use", "单位自己登记的台账要写单位，请改为可以写或必须写单位。")


def _check_columns(wanted: Wanted, before: Wanted | None, problems: _Problems) -> None:
    if not wanted.columns:
        problems.add("columns", "至少要有一列；第一列是记录的名称，用文字。")
    names: set[str] = set()
    was = {col.slot: col for col in before.columns} if before else {}
    for at, col in enumerate(wanted.columns):
        place = f"column.{at}"
        if not is_name(col.name) or len(col.name) > LONGEST_NAME:
            problems.add(
                place,
                f"列名“{col.name[:20]}”不能用：只用汉字、字母、数字和下划线，不以数字开头，最多 {LONGEST_NAME} 字；单位、括号写在显示名里。",
            )
        if col.name in TAKEN:
            problems.add(place, f"“{col.name}”每个台账都有，不用再定。")
        if col.name in names:
            problems.add(place, f"有两列都叫“{col.name}”（停用的也算）。请换一个名称。")
        names.add(col.name)
        if len(col.label) > LONGEST_LABEL:
            problems.add(place, f"显示名最多 {LONGEST_LABEL} 字。")
        if col.kind not in KINDS:
            problems.add(place, f"没有“{col.kind}”这种列。可以用：{'、'.join(KINDS.values())}。")
            continue
        old = was.get(col.slot)
        if old is not None and old.kind != col.kind:
            problems.add(
                place,
                f"“{old.name}”是{KINDS[old.kind]}，不能改成{KINDS[col.kind]}：已登记的内容会读不懂。请停用这一列，另加一列。",
            )
        if old is not None and col.kind == "number" and col.places < old.places:
            problems.add(place, f"“{old.name}”的小数位只能加，不能从 {old.places} 位减到 {col.places} 位。")
        if not 0 <= col.places <= 4:
            problems.add(place, "小数位最多 4 位。")
        _check_choices(col, place, problems)
    if wanted.columns and (wanted.columns[0].kind != "text" or wanted.columns[0].off):
        problems.add("column.0", "第一列是记录的名称，要用文字，不能停用。")


def _check_choices(col: Col, place: str, problems: _Problems) -> None:
    if col.kind != "choice":
        return
    if not col.choices:
        problems.add(place, f"“{col.name}”是选项，要写有哪些可选，用顿号隔开。")
    if len(col.choices) > MOST_CHOICES or any(len(choice) > LONGEST["choice"] for choice in col.choices):
        problems.add(place, f"选项最多 {MOST_CHOICES} 个，每个最多 {LONGEST['choice']} 字。")
    if len(set(col.choices)) != len(col.choices):
        problems.add(place, f"“{col.name}”的选项有重复的。")


def _placed(
    wanted: Wanted, definition: Definition, before: Wanted | None, problems: _Problems
) -> tuple[Col, ...]:
    """The columns with their slots: those that stand keep theirs, new ones get one that nobody has had."""
    known = {col.slot for col in before.columns} if before else set()
    taken = known | set(definition.spent)
    placed: list[Col] = []
    for at, col in enumerate(wanted.columns):
        slot: str | None = col.slot if col.slot in known else None
        if at == 0:
            slot = TITLE
            if before is not None and col.slot != TITLE:
                problems.add("column.0", "第一列是记录的名称，可以改名，不能换成别的列。")
        elif slot == TITLE:
            problems.add(f"column.{at}", "记录的名称要放在第一列。")
        if slot is None:
            slot = free_slot(col.kind, {*taken, TITLE})
        if slot is None or SORT[col.kind] != slot.rstrip("0123456789"):
            many = KINDS[col.kind].split("（")[0]
            problems.add(
                f"column.{at}", f"{many}列已经用完了（停用和去掉的也占位置），不能再加“{col.name}”。"
            )
            continue
        taken.add(slot)
        placed.append(replace(col, slot=slot, required=col.required or slot == TITLE))
    return tuple(placed)


def _measured(
    wanted: Wanted,
    definition: Definition,
    before: Wanted | None,
    renames: Mapping[str, str],
    problems: _Problems,
) -> tuple[Count, ...]:
    """The measures with their codes, their conditions in the present names and checked."""
    old_types = condition_types(before.columns) if before else {}
    old = {count.code: count for count in before.measures} if before else {}
    taken = set(old) | {one for one in definition.spent if "_" in one}
    found: list[Count] = []
    for at, asked in enumerate(wanted.measures):
        place = f"measure.{at}"
        code = (
            asked.code
            if asked.code in old
            else next(made for n in range(1, 1000) if (made := f"{wanted.code}_{n}") not in taken)
        )
        taken.add(code)
        count = replace(
            asked,
            code=code,
            field=_now(asked.field, renames, wanted.columns),
            date=_now(asked.date, renames, wanted.columns),
            until=_now(asked.until, renames, wanted.columns),
        )
        if count.condition:
            kept = old.get(count.code)
            source = old_types if kept is not None and kept.condition == count.condition else {}
            count = replace(count, condition=_condition(count, wanted, source, renames, place, problems))
        _check_measure(count, wanted, place, problems)
        found.append(count)
    return tuple(found)


def _condition(
    count: Count,
    wanted: Wanted,
    old: Mapping[str, str],
    renames: Mapping[str, str],
    place: str,
    problems: _Problems,
) -> str:
    """The condition in the present names; a problem names the word that is wrong."""
    types = condition_types(wanted.columns)
    try:
        if old and renames:
            text = renamed(parse(count.condition, old), renames)
        else:
            known = {**{name: types[now] for name, now in renames.items() if now in types}, **types}
            written = parse(count.condition, known)
            late = {name: renames[name] for name in written.names if name not in types}
            text = renamed(written, late) if late else count.condition
        expression = parse(text, types)
        condition_q(expression, condition_names(wanted.columns), CustomRecord)
    except (FormulaError, NotAFilter) as error:
        problems.add(place, f"计量“{count.name}”的条件不对：{error}")
        return count.condition
    return text


def _check_measure(count: Count, wanted: Wanted, place: str, problems: _Problems) -> None:
    cols = {col.name: col for col in wanted.columns}
    if not count.name.strip() or len(count.name) > 80:
        problems.add(place, "计量要有名称，最多 80 字。")
    if count.field and count.field != "件数":
        col = cols.get(count.field)
        if col is None or col.kind not in ("money", "number", "count"):
            problems.add(place, f"计量“{count.name}”要加总的“{count.field}”不是金额、数或整数列。")
    for name in (count.date, count.until):
        if name and (name not in cols or cols[name].kind != "date"):
            problems.add(place, f"计量“{count.name}”用的日期“{name}”不是日期列。")
    if count.until and count.nature != "stock":
        problems.add(place, f"计量“{count.name}”写了到期日期，只有存量才会到期，请改为存量或去掉到期日期。")
    try:
        named_unit(count.unit)
    except UnknownUnit as error:
        problems.add(place, f"计量“{count.name}”的单位“{count.unit}”系统不认识。{error}")


def _check_named(wanted: Wanted, problems: _Problems) -> None:
    used = {col.name: col for col in wanted.columns if not col.off}
    for name in wanted.key:
        if name not in used and name not in ("地区", "单位"):
            problems.add("key", f"认同一条用的“{name}”不是在用的列。")
        elif name in used and used[name].kind == "long":
            problems.add("key", f"“{name}”是长文字，不能用来认同一条。")
    if wanted.counts_by and (wanted.counts_by not in used or used[wanted.counts_by].kind != "date"):
        problems.add("counts_by", f"计入日期取自的“{wanted.counts_by}”不是在用的日期列。")
    if wanted.measures and len({count.name for count in wanted.measures}) != len(wanted.measures):
        problems.add("measures", "有两个计量同名，请换一个名称。")


def _check_uses(wanted: Wanted, definition: Definition, before: Wanted, problems: _Problems) -> None:
    stay = {col.slot: (at, col) for at, col in enumerate(wanted.columns)}
    for col in before.columns:
        if col.slot not in stay:
            found = [*lasting(definition, col), *needed(wanted, col)]
            if found:
                problems.add(
                    "columns",
                    f"“{col.name}”还在用，不能去掉：{'；'.join(found)}。可以停用它：不再登记，数据留着。",
                )
            continue
        at, now = stay[col.slot]
        if now.off and not col.off and (still := needed(wanted, now)):
            problems.add(f"column.{at}", f"“{now.name}”还不能停用：{'；'.join(still)}。请先改那里。")
