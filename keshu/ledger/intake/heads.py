"""Finding the head of a table among titles and blanks, and which column is which whatever the clerk calls it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from keshu.ledger.intake.cells import BLANK, SERIALS, Cell, Kind, Row, Shown, date_cell, from_serial, letter
from keshu.ledger.intake.hazards import AmbiguousColumn, HeadNotFound, MissingColumns
from keshu.terms.quantity import UnknownUnit, unit
from keshu.terms.text import clean_name, nearest


class Holds(StrEnum):
    """What a column holds; decides how dates, merged cells and numbers in it are read."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that an import knows. ``names``: the name shown in templates first, then aliases, Chinese or English."""

    key: str
    names: tuple[str, ...]
    required: bool = False
    holds: Holds = Holds.TEXT
    help: str = ""

    @property
    def name(self) -> str:
        return self.names[0]


# Columns that our own refusal workbooks add, and counters that everybody writes: known, and not read.
IGNORED = frozenset(("行号", "列", "原因", "序号"))
# Sheets of our own templates: passed over without a word.
GUIDE_SHEET, CHOICES_SHEET = "填写说明", "选项"
# Where a workbook says for whom it was made: hidden, read by those who ask for it.
MARK_SHEET = "科枢标记"


@dataclass(slots=True)
class HeadMap:
    """A recognised head. Rows ``first``–``last`` are the head; ``names`` are its texts by column, ``index`` where each key stands.

    ``units``: the unit written in a column's name (成交额（万元） → 万元); ``sheet_unit``: the one written above the table
    (单位：万元). ``unknown``: (letter, name) of columns that no key claims.
    """

    first: int
    last: int
    names: list[str]
    columns: tuple[Column, ...]
    index: dict[str, int]
    units: dict[str, str] = field(default_factory=dict)
    sheet_unit: str = ""
    unknown: list[tuple[str, str]] = field(default_factory=list)
    repeated: dict[str, list[int]] = field(default_factory=dict)
    _plan: list[tuple[str, int, Holds]] = field(default_factory=list)

    def unit_of(self, key: str) -> str:
        """The unit in the column's name, else for number columns the one above the table, else empty."""
        if key in self.units:
            return self.units[key]
        column = next(column for column in self.columns if column.key == key)
        return self.sheet_unit if column.holds is Holds.NUMBER else ""

    def letter_of(self, key: str) -> str:
        """Column letters of a key, as the clerk sees them; empty when the table has no such column."""
        return letter(self.index[key]) if key in self.index else ""

    def pick(self, row: Row) -> dict[str, Cell]:
        """The row's cells by key, read as their columns demand; a column that the table lacks is absent.

        A date serial in a date or period column becomes a date, with a note. A merged value is repeated where it names
        things (note), refused where it counts (``problem``): nobody can tell which row the number belongs to.
        """
        if not self._plan:
            kinds = {column.key: column.holds for column in self.columns}
            self._plan = [(key, at, kinds[key]) for key, at in self.index.items()]
        cells = row.cells
        width = len(cells)
        picked = {}
        for key, at, holds in self._plan:
            cell = cells[at] if at < width else BLANK
            if cell.merged or (cell.kind is not Kind.TEXT and cell.kind is not Kind.BLANK):
                cell = self._read(cell, holds, row, at)
            picked[key] = cell
        return picked

    def _read(self, cell: Cell, holds: Holds, row: Row, at: int) -> Cell:
        if cell.problem:
            return cell
        if cell.merged and self._shares(cell, row, at):
            if holds is Holds.NUMBER:
                return cell._replace(
                    problem=f"合并单元格 {cell.merged} 里的 {cell.text} 不知道属于哪一格，请取消合并后分别填写"
                )
            cell = _noted(cell, f"取自合并单元格 {cell.merged}")
        if cell.kind is Kind.NUMBER:
            return _number_as(cell, holds)
        if cell.kind is Kind.DATE and holds is Holds.NUMBER:
            return cell._replace(problem=f"“{cell.text}”是日期，这一列应填数；请把单元格格式改为“常规”后重填")
        return cell

    def _shares(self, cell: Cell, row: Row, at: int) -> bool:
        """Whether the merged area covers a second row, or a second column that is read."""
        left, right = (re.sub("[A-Z]", "", end) for end in cell.merged.split(":"))
        if left != right:
            return True
        return any(
            other != at and other < len(row.cells) and row.cells[other].merged == cell.merged
            for other in self.index.values()
        )


def _noted(cell: Cell, note: str) -> Cell:
    return cell._replace(note=f"{cell.note}；{note}" if cell.note else note)


def _number_as(cell: Cell, holds: Holds) -> Cell:
    number = cell.value
    if holds is Holds.NUMBER:
        return cell
    if holds is Holds.TEXT:
        digits = cell.text.lstrip("-")
        if len(digits) > 15 and digits.isdigit():
            return cell._replace(
                problem=f"“{cell.text}”存成了数，超过 15 位的末尾已被改掉，请把这一列设为文本后重填"
            )
        return cell
    if number == int(number) and int(number) in SERIALS:  # type: ignore[call-overload]
        moment = from_serial(number)  # type: ignore[arg-type]
        shown = Shown.MONTH if holds is Holds.PERIOD and moment.day == 1 else Shown.DAY
        read = date_cell(moment, shown, cell.note)
        return _noted(read, f"{cell.text} 是日期序号，读作 {read.text}")
    if holds is Holds.PERIOD and cell.text.endswith(".1"):
        return cell._replace(
            problem=f"“{cell.text}”看不出是 1 月还是 10 月，请把单元格设为文本，写成 2026-01 或 2026-10"
        )
    return cell


# ---- names

_BRACKET = re.compile(r"[(\[{【〔]([^()\[\]{}【】〔〕]*)[)\]}】〕]$")
_BEHIND = re.compile(r"^(.+?)[,/:_;、](?:单位:?)?([^,/:_;、]+)$")
_ABOVE = re.compile(r"(?<![\u4e00-\u9fff])(?:计量|金额|货币)?单位:([^\s,，;；、)）]+)")


def normal(name: str) -> str:
    """A head's name for comparing: half-width, without any space, without the star of required columns, lower case."""
    folded = unicodedata.normalize("NFKC", clean_name(name))
    return "".join(folded.split()).replace("*", "").rstrip(":").casefold()


@lru_cache(maxsize=4096)
def _known_unit(text: str) -> str:
    """The unit that a text is, else empty. Kept: heads are alike, and what is no unit costs a search for the nearest one."""
    text = text.removeprefix("单位").removeprefix(":")
    try:
        return unit(text).name if text else ""
    except UnknownUnit:
        return ""


def spellings(name: str) -> Iterator[tuple[str, str]]:
    """(name, unit) from the whole name to the barest: 成交额(万元)(必填) → itself, 成交额(万元), then (成交额, 万元)."""
    bare, found = normal(name), ""
    yield bare, found
    while (match := _BRACKET.search(bare)) and match.start():
        found = _known_unit(match[1]) or found
        bare = bare[: match.start()]
        yield bare, found
    # 单位：元 above a table tells the unit of its numbers; it is no column of organisations.
    if (match := _BEHIND.match(bare)) and _known_unit(match[2]) and match[1] != "单位":
        yield match[1], _known_unit(match[2])


def aliases(columns: Iterable[Column]) -> dict[str, str]:
    """Normal name → key, for every name of every column."""
    return {normal(name): column.key for column in columns for name in (*column.names, column.key)}


# ---- matching

_NUMBERED = re.compile(r"[甲乙丙丁戊己庚辛壬癸]|\(?\d{1,2}\)?|[①-⑳]|栏次|[—-]")


def is_column_numbers(row: Row) -> bool:
    """Whether a row under a head only numbers its columns (甲 乙 1 2 3), as statistical forms do."""
    texts = [normal(cell.text) for cell in row.cells if cell.text]
    return len(texts) > 1 and bool({"甲", "栏次"} & set(texts)) and all(map(_NUMBERED.fullmatch, texts))


def match_head(row: Row, columns: Sequence[Column], *, below: Row | None = None) -> HeadMap:
    """Which columns a row names; with ``below``, the two rows together are the head (技术合同 over 成交额). Never fails.

    A name of the lower row is tried first under its upper one (技术合同成交额), then alone, then the upper one alone.
    """
    keys = aliases(columns)
    upper, lower = _texts(row), _texts(below) if below else []
    if below and not any(cell.merged for cell in row.cells):
        upper = _filled_right(upper, len(lower))
    head = HeadMap(row.number, (below or row).number, [], tuple(columns), {})
    trials: list[list[str]] = []
    for at in range(max(len(upper), len(lower))):
        over = upper[at] if at < len(upper) else ""
        under = lower[at] if at < len(lower) else ""
        parts = [over, under] if over and under and over != under else [over or under]
        head.names.append("".join(parts))
        trials.append(["".join(parts), under, over] if len(parts) == 2 else parts)
    claimed: dict[int, str] = {}
    for rank in range(3):
        taken = set(head.index)
        for at, names in enumerate(trials):
            if at in claimed or rank >= len(names) or not names[rank]:
                continue
            for bare, found in spellings(names[rank]):
                key = keys.get(bare)
                if key is None or key in taken:
                    continue
                claimed[at] = key
                head.names[at] = names[rank]
                if key not in head.index:
                    head.index[key] = at
                    if found:
                        head.units[key] = found
                elif not _same_area(row, head.index[key], at):
                    head.repeated.setdefault(key, [head.index[key]]).append(at)
                break
    head.unknown = [
        (letter(at), name)
        for at, name in enumerate(head.names)
        if name and at not in claimed and normal(name) not in IGNORED
    ]
    return head


def _texts(row: Row | None) -> list[str]:
    return [cell.text.strip() for cell in row.cells] if row else []


def _filled_right(texts: list[str], width: int) -> list[str]:
    """Text files have no merges: an upper head stands over the blanks to its right."""
    filled, last = [], ""
    for at in range(max(width, len(texts))):
        last = (texts[at] if at < len(texts) else "") or last
        filled.append(last)
    return filled


def _same_area(row: Row, first: int, second: int) -> bool:
    cells = row.cells
    return (
        max(first, second) < len(cells)
        and bool(cells[first].merged)
        and cells[first].merged == cells[second].merged
    )


def find_head(rows: Sequence[Row], columns: Sequence[Column], *, within: int = 20) -> HeadMap:
    """The head among the first rows of a table (blank rows left out): the first that names half of the required columns.

    Errors: HeadNotFound, MissingColumns (with the nearest guesses), AmbiguousColumn.
    """
    rows = rows[:within]
    required = [column for column in columns if column.required]
    wanted = required or list(columns)
    for at, row in enumerate(rows):
        head = match_head(row, columns)
        after = rows[at + 1 : at + 2]
        if after:
            joined = match_head(row, columns, below=after[0])
            alone = match_head(after[0], columns)
            if len(joined.index) > max(len(head.index), len(alone.index)):
                head = joined
            elif len(alone.index) > len(head.index):
                continue  # the upper line of a head whose lower line, merged cells spread, names them all
        if 2 * sum(column.key in head.index for column in wanted) < len(wanted) or not head.index:
            continue
        for key, places in head.repeated.items():
            raise AmbiguousColumn(_name(columns, key), [letter(place) for place in places])
        missing = [column for column in required if column.key not in head.index]
        if missing:
            found = [head.names[place] for place in sorted(head.index.values())]
            raise MissingColumns(
                head.last, found, [column.name for column in missing], _guesses(missing, head)
            )
        head.sheet_unit = unit_above(rows[:at])
        following = next((one for one in rows[at:] if one.number > head.last), None)
        if following is not None and is_column_numbers(following):
            head.last = following.number
        return head
    raise HeadNotFound(within, [column.name for column in wanted], _what_was_seen(rows, wanted))


def _name(columns: Sequence[Column], key: str) -> str:
    return next(column.name for column in columns if column.key == key)


def _guesses(missing: Sequence[Column], head: HeadMap) -> dict[str, str]:
    """For each missing column the unclaimed head text most like one of its names."""
    free = {bare: name for _, name in head.unknown for bare, _ in spellings(name)}
    guesses = {}
    for column in missing:
        found = [guess for alias in column.names for guess in nearest(alias, free, n=1)]
        if found:
            guesses[column.name] = free[found[0]]
    return guesses


def unit_above(titles: Sequence[Row]) -> str:
    """The unit that the rows above a table give for its numbers (单位：万元); empty when none is written."""
    for row in reversed(titles):
        for cell in row.cells:
            for match in _ABOVE.finditer(unicodedata.normalize("NFKC", cell.text).replace("位: ", "位:")):
                if found := _known_unit(match[1]):
                    return found
    return ""


def _what_was_seen(rows: Sequence[Row], wanted: Sequence[Column]) -> str:
    if not rows:
        return "这张表是空的"
    nearest = max(rows, key=lambda row: len(match_head(row, wanted).index))
    texts = [cell.text.strip() for cell in nearest.cells if cell.text.strip()]
    shown = "、".join(texts[:8]) + ("……" if len(texts) > 8 else "")
    return f"最像的是第 {nearest.number} 行：{shown[:120]}"
