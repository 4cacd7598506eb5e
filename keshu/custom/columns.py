"""The content of a definition as plain data: its columns, the slots they lie in, its measures."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

Kind = Literal["text", "long", "money", "number", "count", "date", "choice", "flag"]
KINDS: dict[str, str] = {
    "text": "文字",
    "long": "长文字",
    "money": "金额（万元）",
    "number": "数",
    "count": "整数",
    "date": "日期",
    "choice": "选项",
    "flag": "是否",
}
#: How many slots of each sort a record has, and which sort a kind lies in.
ROOM = {"text": 12, "long": 2, "number": 8, "date": 4, "flag": 4}
SORT = {
    "text": "text",
    "choice": "text",
    "long": "long",
    "money": "number",
    "number": "number",
    "count": "number",
    "date": "date",
    "flag": "flag",
}
SLOTS = {sort: tuple(f"{sort}{n}" for n in range(1, many + 1)) for sort, many in ROOM.items()}
#: The slot of the first column: what a record is called.
TITLE = "text1"
#: How many places a number slot keeps, and how much of text.
PLACES = 4
LONGEST = {"text": 200, "choice": 60, "long": 5000}
WHO = {"bureau": "本局科室", "county": "县（市、区）局", "organisation": "单位自己"}
#: Columns that every ledger has; a column of a definition is called otherwise.
TAKEN = ("编号", "地区", "单位", "件数", "状态", "计入日期", "来源")


@dataclass(frozen=True)
class Col:
    """One column of a definition. ``name`` is what conditions say, ``label`` what the page shows; ``slot`` is its identity.

    ``off`` (停用): no longer shown or entered, its data stay.
    """

    name: str
    kind: str = "text"
    label: str = ""
    slot: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    shown: bool = True
    total: bool = False
    searchable: bool = False
    places: int = 0
    help: str = ""
    off: bool = False

    @property
    def shown_label(self) -> str:
        """What heads the column: a sum of money says its unit."""
        label = self.label or self.name
        return f"{label}（万元）" if self.kind == "money" and "元" not in label else label

    @property
    def decimals(self) -> int:
        """How many places its values have."""
        return {"money": 2, "number": self.places}.get(self.kind, 0)


@dataclass(frozen=True)
class Count:
    """One measure of a definition: records counted (件数 of a batch row) or a column summed, under a condition, in the month of a date.

    ``code`` is given once and stays. ``field``, ``date`` and ``until`` are names of columns; without ``date`` the record's own date.
    ``verified``: only what has been verified counts.
    """

    name: str
    unit: str = "件"
    code: str = ""
    field: str = ""
    condition: str = ""
    date: str = ""
    until: str = ""
    nature: str = "flow"
    verified: bool = False
    definition: str = ""

    @property
    def aggregate(self) -> str:
        """计数 or 合计."""
        return "合计" if self.field else "计数"


Content = TypeVar("Content", Col, Count)


def to_json(one: Col | Count) -> dict[str, Any]:
    """Without what stands at its default: files and histories stay short."""
    plain = asdict(one)
    defaults = {f.name: f.default for f in fields(one)}
    kept = {name: value for name, value in plain.items() if value != defaults[name]}
    if "choices" in kept:
        kept["choices"] = list(kept["choices"])
    return kept


def from_json(kind: type[Content], data: Mapping[str, Any]) -> Content:
    """The column or measure of stored data; names that this version does not know are left out."""
    known = {f.name for f in fields(kind)}
    values = {name: value for name, value in data.items() if name in known}
    if "choices" in values:
        values["choices"] = tuple(values["choices"])
    return kind(**values)


def free_slot(kind: str, taken: Collection[str]) -> str | None:
    """The first slot of the kind that no column has or had; None when there is none left."""
    return next((slot for slot in SLOTS[SORT[kind]] if slot not in taken), None)


def condition_names(columns: Iterable[Col]) -> dict[str, str]:
    """Name in a condition → slot, for the columns that a condition may use; 件数 is every record's own."""
    return {**{col.name: col.slot for col in columns if col.kind != "long"}, "件数": "items"}


TYPES = {"text": "text", "choice": "text", "money": "number", "number": "number", "count": "number",
         "date": "date", "flag": "bool"}  # fmt: skip


def condition_types(columns: Iterable[Col]) -> dict[str, str]:
    """Name in a condition → its type in the formula language."""
    return {**{col.name: TYPES[col.kind] for col in columns if col.kind in TYPES}, "件数": "number"}
