"""A workbook that came back, read by the columns of its form: rows with values or reasons, and what it says of its sender."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from keshu.collecting.columns import LONGEST_TEXT, MONEY, Col, reading_columns
from keshu.ledger.classified import refuse_classified
from keshu.ledger.intake.cells import BLANK, Cell, Kind, Row, text_cell
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.heads import MARK_SHEET, HeadMap
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.reading import Table, open_table
from keshu.terms.quantity import (
    IncompatibleUnits,
    UnreadableNumber,
    convert,
    is_missing,
    plain,
    read_quantity,
    scale,
    unit,
)
from keshu.terms.text import clean_name, nearest

#: Our own configuration: a county's form is no register.
MOST_ROWS = 20_000
COLLECTION, CODE, NAME = "收表", "代码", "填报单位"
_SAID = re.compile(r"(?:填报|报送|填表)单位(?:\(盖章\)|（盖章）|\(章\)|（章）)?[:：]\s*([^\s　:：]+)")
_SAID_CODE = re.compile(r"代码[:：]\s*([A-Za-z0-9-]{6,50})")
_CALLED = re.compile("[:：]")
_SUM = re.compile(r"(?:合计|总计|小计|累计|本页合计)")
_FOOT = re.compile(
    r"(?:注|备注|说明|填表说明|填表人|制表人?|填报人|审核人?|复核人?|负责人|单位负责人|分管领导|联系人|联系电话|报出日期|填报日期|报送日期)"
    r"(?:\d*[:：.、].*)?"
)


class TooManyRows(IntakeError):
    def __init__(self, count: int) -> None:
        super().__init__(
            f"这份表有 {count} 行以上，超过 {MOST_ROWS} 行，没有读。请核对是不是传错了，或分成几份收。"
        )


class NothingFilled(IntakeError):
    """A blank that came back as it went out is no 零报告: that is said deliberately."""

    def __init__(self) -> None:
        super().__init__(
            "表头下面一行都没有填，不当作零报告。有数的填好再交；没有可报的，请在“网上填”或“代录”里勾“零报告”。"
        )


@dataclass(frozen=True)
class ReadRow:
    """One row: values by column key (missing ones absent), what stood there where that differs, why it is not taken."""

    at: int
    values: dict[str, str]
    texts: dict[str, str]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> bool:
        return bool(self.problems)


@dataclass
class ReadReply:
    """What a file holds. ``mark``: name → text of the hidden sheet; ``said``: the sender and the code written on the sheet."""

    rows: list[ReadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    mark: dict[str, str] = field(default_factory=dict)
    said: str = ""
    said_code: str = ""

    @property
    def taken(self) -> list[ReadRow]:
        """The rows that are taken."""
        return [row for row in self.rows if not row.wrong]


def read_reply(
    source: str | Path | BinaryIO, filename: str, cols: Sequence[Col], *, limits: Limits | None = None
) -> ReadReply:
    """Read a workbook by the columns of its form. Raises IntakeError (no head, columns missing …) and Classified."""
    found = ReadReply()
    with open_table(source, filename, columns=reading_columns(cols), limits=limits) as table:
        assert table.head is not None
        _mark(table, found)
        reader = _Reader(cols, table.head)
        found.letters = {col.key: table.head.letter_of(col.key) for col in cols}
        for row in table.body():
            refuse_classified(*(cell.text for cell in row.cells if cell.kind is Kind.TEXT))
            _said(row, found)
            _one(row, reader, found)
            if len(found.rows) > MOST_ROWS:
                raise TooManyRows(MOST_ROWS)
        found.notes += table.notes
    if reader.numbered:
        found.notes.append(f"{reader.numbered} 行只有序号，没有读")
    if not found.rows:
        raise NothingFilled
    found.rows = _unrepeated(found.rows, cols)
    _check_sum(reader, found)
    return found


def read_typed(lines: Sequence[Mapping[str, str]], cols: Sequence[Col]) -> list[ReadRow]:
    """Rows that were typed on a page, by column key; blank lines are left out. The numbers are in the columns' own units."""
    head = HeadMap(
        0, 0, [col.name for col in cols], reading_columns(cols), {col.key: n for n, col in enumerate(cols)}
    )
    reader = _Reader(cols, head)
    rows = []
    for at, line in enumerate(lines, 1):
        texts = [line.get(col.key, "").strip() for col in cols]
        if any(texts):
            refuse_classified(*texts)
            picked = {col.key: text_cell(text) for col, text in zip(cols, texts, strict=True)}
            rows.append(reader.row(at, picked))
    return _unrepeated(rows, cols)


def _mark(table: Table, found: ReadReply) -> None:
    """The hidden sheet, and what the rows above the head say."""
    for row in table.beside(MARK_SHEET):
        if len(row.cells) >= 2 and row.cells[0].text and len(found.mark) < 10:
            found.mark[row.cells[0].text] = row.cells[1].text[:100]
    for row in table.above:
        _said(row, found)


def _said(row: Row, found: ReadReply) -> None:
    if found.said and found.said_code:
        return
    for at, cell in enumerate(row.cells):
        text = cell.text
        if "单位" not in text and "代码" not in text:
            continue
        if not found.said and (match := _SAID.search(text)):
            found.said = match[1][:100]
        elif not found.said and text.strip() in (
            "填报单位",
            "填报单位：",
            "填报单位:",
            "报送单位：",
            "报送单位:",
        ):
            beside = (one.text.strip() for one in row.cells[at + 1 :] if one.text.strip())
            # A blank place is followed by what the next one is called: 填报单位：  单位：万元.
            found.said = next((one for one in beside if not _CALLED.search(one)), "")[:100]
        if not found.said_code and (match := _SAID_CODE.search(text)):
            found.said_code = match[1]


def _one(row: Row, reader: "_Reader", found: ReadReply) -> None:
    picked = reader.head.pick(row)
    first = next((cell.text.strip() for cell in row.cells if cell.text.strip()), "")
    if _SAID.match(first):
        return
    if _FOOT.fullmatch(first) and not reader.numbers(picked):
        found.notes.append(f"第 {row.number} 行“{first[:20]}”不是数据，没有读")
        return
    if not any(cell.text.strip() or cell.problem for cell in picked.values()):
        reader.numbered += 1  # lines of a blank that are numbered already
        return
    if any(_SUM.fullmatch(text) for text in (*reader.names(picked), "".join(first.split()))):
        reader.sums.append(reader.row(row.number, picked))
        return
    found.rows.append(reader.row(row.number, picked))


class _Reader:
    """Reads rows of one table: which cell is which, and what a cell may be."""

    def __init__(self, cols: Sequence[Col], head: HeadMap) -> None:
        self.cols, self.head = tuple(cols), head
        self.sums: list[ReadRow] = []
        self.numbered = 0
        self._units = {col.key: self._unit(col) for col in cols if col.is_number}
        self._choices = {
            col.key: {clean_name(one): one for one in col.choices} for col in cols if col.kind == "choice"
        }

    def _unit(self, col: Col) -> str:
        """The unit of a number column in this table: its own head first, then the one above the table where it fits."""
        written = self.head.units.get(col.key, "")
        if written or not col.unit:
            return written
        above = self.head.sheet_unit
        return above if above and _fits(above, col.unit) else ""

    def names(self, picked: Mapping[str, Cell]) -> list[str]:
        """The texts of the columns that name things, where one may stand for 合计."""
        return [
            "".join(picked[col.key].text.split())
            for col in self.cols
            if not col.is_number and col.key in picked
        ]

    def numbers(self, picked: Mapping[str, Cell]) -> bool:
        """Whether a number column holds a number."""
        return any(
            picked[col.key].kind is Kind.NUMBER for col in self.cols if col.is_number and col.key in picked
        )

    def row(self, at: int, picked: Mapping[str, Cell]) -> ReadRow:
        """The row as values, with a sentence for each cell that cannot be taken."""
        values: dict[str, str] = {}
        texts: dict[str, str] = {}
        problems: list[tuple[str, str]] = []
        for col in self.cols:
            cell = picked.get(col.key, BLANK)
            text = cell.text.strip()
            try:
                value = self._value(col, cell)
            except ValueError as problem:
                problems.append((col.key, str(problem)))
                texts[col.key] = text[:LONGEST_TEXT]
                continue
            if value is None and col.must:
                problems.append((col.key, f"“{col.name}”没有填"))
            if value is not None:
                values[col.key] = value
            if text != (value or ""):
                texts[col.key] = text[:LONGEST_TEXT]
        return ReadRow(at, values, texts, tuple(problems))

    def _value(self, col: Col, cell: Cell) -> str | None:
        """What a cell says; None for nothing. ValueError with the sentence for the clerk."""
        if cell.problem:
            raise ValueError(f"“{col.name}”{cell.problem}")
        text = cell.text.strip()
        if col.is_number:
            return self._number(col, text)
        if not text:
            return None
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"“{col.name}”有 {len(text)} 字，最多 {LONGEST_TEXT} 字，请删短")
        if col.kind == "choice":
            return self._choice(col, text)
        return " ".join(text.split())

    def _number(self, col: Col, text: str) -> str | None:
        if is_missing(text):
            return None
        try:
            number, written = read_quantity(text)
        except UnreadableNumber as problem:
            raise ValueError(f"“{col.name}”{str(problem).split('。请改成')[0]}") from problem
        source = written or self._units.get(col.key, "")
        if source in MONEY and not col.unit:
            raise ValueError(
                f"“{col.name}”写的是{source}，收表时没有定这一列的单位，不知道按什么加，请按发下去的表填"
            )
        if source and col.unit and source != col.unit:
            try:
                number = convert(number, source, col.unit)
            except IncompatibleUnits:
                raise ValueError(
                    f"“{col.name}”写的是{source}，这一列要{col.unit}，换算不了，请核对"
                ) from None
        return self._scaled(col, number, text)

    @staticmethod
    def _scaled(col: Col, number: Decimal, text: str) -> str:
        try:
            scale(number, col.decimals)
        except ValueError:
            places = f"最多 {col.decimals} 位小数" if col.decimals else "应当是整数"
            raise ValueError(
                f"“{col.name}”读到 {text}{'' if plain(number) == text else f'（{plain(number)}{col.unit}）'}，{places}，"
                "系统不替人舍入，请改好"
            ) from None
        if abs(number) >= Decimal(10) ** 15:
            raise ValueError(f"“{col.name}”{text} 大得不合常理，请核对")
        return plain(number)

    def _choice(self, col: Col, text: str) -> str:
        known = self._choices[col.key].get(clean_name(text))
        if known is not None:
            return known
        near = nearest(text, col.choices, n=1)
        guess = f"是不是“{near[0]}”？" if near else ""
        raise ValueError(
            f"“{col.name}”写的“{text[:20]}”不在选项里，{guess}可选：{'、'.join(col.choices[:12])}"
        )


def _fits(first: str, second: str) -> bool:
    try:
        convert(Decimal(1), unit(first).name, second)
    except (IncompatibleUnits, ValueError):
        return False
    return True


def key_of(values: Mapping[str, str], cols: Iterable[Col]) -> tuple[str, ...]:
    """What tells a row from another, spelled one way."""
    return tuple(clean_name(values.get(col.key, "")) for col in cols if col.is_key)


def _unrepeated(rows: list[ReadRow], cols: Sequence[Col]) -> list[ReadRow]:
    """Rows whose key occurs twice are all refused: nobody can tell which is meant."""
    places: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        places.setdefault(key_of(row.values, cols), []).append(row.at)
    first = next((col.key for col in cols if col.is_key), "")
    named = "、".join(col.name for col in cols if col.is_key)
    found = []
    for row in rows:
        same = places[key_of(row.values, cols)]
        if len(same) > 1 and any(key_of(row.values, cols)):
            listed = "、".join(map(str, same[:5])) + ("等" if len(same) > 5 else "")
            said = f"第 {listed} 行的“{named}”相同，不知道以哪一行为准，请只留一行"
            found.append(ReadRow(row.at, row.values, row.texts, (*row.problems, (first, said))))
        else:
            found.append(row)
    return found


def _check_sum(reader: _Reader, found: ReadReply) -> None:
    """A 合计 row is no data; where it differs from the rows above it, that is said."""
    for row in reader.sums:
        words = []
        for col in reader.cols:
            said = row.values.get(col.key)
            if col.is_number and said is not None:
                held = [Decimal(one.values[col.key]) for one in found.rows if col.key in one.values]
                total = sum(held, Decimal(0))
                if total != Decimal(said):
                    words.append(f"“{col.name}”写的合计是 {said}，各行加起来是 {plain(total)}")
        told = f"，可是{'；'.join(words)}，请核对" if words else ""
        found.notes.append(f"第 {row.at} 行是合计，不作数据读{told}")
