"""What a form asks for: its columns, as a clerk defines them and as an upload is read by them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from keshu.ledger.intake.heads import IGNORED, Column, Holds, normal
from keshu.terms.quantity import UnknownUnit, unit

KINDS = {"text": "文字", "number": "数", "choice": "选项"}
#: Our own configuration: a form that is filled by hand is not wider; decimals as everywhere in the house.
MOST_COLUMNS, MOST_DECIMALS, LONGEST_NAME, LONGEST_TEXT = 40, 6, 60, 500
MONEY = ("元", "万元", "亿元")
_ENDS = re.compile(r"[（(][^（）()]*[）)]$")


class FormRefused(ValueError):
    """A definition that cannot be sent out; ``problems`` maps a place of the form to its sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("；".join(problems.values()))


@dataclass(frozen=True)
class Col:
    """One column. ``key``: its name in rows (c1 …), given once. ``is_key``: tells one row of a sender from another.

    A number is kept in ``unit`` with at most ``decimals`` decimals. ``also``: other names that heads of files may carry.
    """

    key: str
    name: str
    kind: str = "text"
    is_key: bool = False
    required: bool = False
    unit: str = ""
    decimals: int = 0
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What stands in the head of a workbook: 成交额（万元）."""
        return f"{self.name}（{self.unit}）" if self.unit else self.name

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    @property
    def must(self) -> bool:
        """Whether a row without it is not taken."""
        return self.is_key or self.required


def to_json(cols: Iterable[Col]) -> list[dict[str, Any]]:
    """As a JSON column keeps them."""
    return [asdict(col) for col in cols]


def from_json(held: Iterable[dict[str, Any]]) -> tuple[Col, ...]:
    """The columns of a JSON column."""
    return tuple(
        Col(**{**one, "choices": tuple(one.get("choices", ())), "also": tuple(one.get("also", ()))})
        for one in held
    )


def reading_columns(cols: Sequence[Col]) -> tuple[Column, ...]:
    """What the intake looks for: every column of the form must stand in the head, whatever its place.

    Names stand without their unit, so that the unit written in a head is read and not taken for granted.
    """
    return tuple(_column(col, col.name, required=True) for col in cols)


def sending_columns(cols: Sequence[Col]) -> tuple[Column, ...]:
    """What the workbook that goes out shows: names with units, a star where a row may not be without."""
    return tuple(_column(col, col.label, required=col.must) for col in cols)


def _column(col: Col, shown: str, *, required: bool) -> Column:
    holds = Holds.NUMBER if col.is_number else Holds.TEXT
    return Column(col.key, (shown, *col.also), required=required, holds=holds, help=_help(col))


def _help(col: Col) -> str:
    words = []
    if col.is_number:
        unit_said = f"，单位{col.unit}" if col.unit else ""
        places = f"最多 {col.decimals} 位小数" if col.decimals else "整数"
        words.append(f"数{unit_said}，{places}；没有数据请留空，不要填 0")
    elif col.kind == "choice":
        words.append(f"从这些里选：{'、'.join(col.choices)}")
    if col.is_key:
        words.append("凭它认同一行，一份表里不能重")
    return "；".join(words)


def settled(cols: Sequence[Col]) -> tuple[Col, ...]:
    """The columns with keys given, when they make a form. Raises FormRefused with a sentence per column (``c0``, ``c1`` …)."""
    problems: dict[str, str] = {}
    seen: dict[str, int] = {}
    for at, col in enumerate(cols):
        said = _problem(col)
        for name in (col.name, *col.also):
            bare = normal(name)
            if not said and bare in seen:
                said = f"“{name}”和第 {seen[bare] + 1} 列重名，读表时分不清。请改一个。"
            seen.setdefault(bare, at)
        if said:
            problems[f"c{at}"] = said
    if not cols:
        problems["columns"] = "还没有列。至少要一列，并指定哪几列是认行的。"
    elif len(cols) > MOST_COLUMNS:
        problems["columns"] = f"有 {len(cols)} 列，最多 {MOST_COLUMNS} 列。请拆成几张表收。"
    elif not any(col.is_key for col in cols):
        problems["columns"] = "没有指定认行的列，两份表就没法逐行比。请勾上一列或几列。"
    if problems:
        raise FormRefused(problems)
    taken = {col.key for col in cols if col.key}
    numbers = (f"c{n}" for n in range(1, 10 * MOST_COLUMNS) if f"c{n}" not in taken)
    return tuple(col if col.key else Col(**{**asdict(col), "key": next(numbers)}) for col in cols)


def _problem(col: Col) -> str:
    if not col.name:
        return "这一列没有名称。写上，或把这一行清空。"
    if len(col.name) > LONGEST_NAME:
        return f"“{col.name[:20]}…”有 {len(col.name)} 字，最多 {LONGEST_NAME} 字。请改短。"
    if normal(col.name) in IGNORED:
        return f"“{col.name}”是表里常有的序号或说明列，读表时会跳过。请换一个名称。"
    if col.kind not in KINDS:
        return f"“{col.name}”的种类不认识。请选文字、数或选项。"
    if col.kind == "choice" and len(col.choices) < 2:
        return f"“{col.name}”是选项，至少要写两个，用顿号隔开。"
    if not 0 <= col.decimals <= MOST_DECIMALS:
        return f"“{col.name}”写了 {col.decimals} 位小数，最多 {MOST_DECIMALS} 位。请改小。"
    if col.unit:
        try:
            unit(col.unit)
        except UnknownUnit:
            return (
                f"“{col.name}”的单位“{col.unit}”不认识，换算不了。请写万元、元、人、项、家、件、%这样的单位。"
            )
    return ""


def bare_name(head: str) -> tuple[str, str]:
    """(name, unit) of a head text of a blank workbook: 成交额（万元） → (成交额, 万元); a bracket that is no unit stays."""
    text = head.strip().lstrip("*")
    match = _ENDS.search(text)
    if match is None:
        return text, ""
    inside = match[0][1:-1].removeprefix("单位：").removeprefix("单位:").strip()
    try:
        return text[: match.start()], unit(inside).name
    except UnknownUnit:
        return text, ""
