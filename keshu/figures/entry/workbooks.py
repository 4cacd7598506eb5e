"""The county's own workbook: a template with the form's rows goes out, a filled one comes in as a preview before it fills cells."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from keshu.figures.entry.models import FormRow, Sheet
from keshu.figures.entry.reading_cells import read_cell
from keshu.figures.entry.sheets import ABSENCES, Content, asks_estimate
from keshu.ledger.intake.cells import Row
from keshu.ledger.intake.heads import Column, HeadMap, Holds
from keshu.ledger.intake.reading import Table, open_table
from keshu.ledger.intake.writing import Value, write_table
from keshu.terms.quantity import UnknownUnit, is_missing
from keshu.terms.text import clean_name, nearest
from keshu.terms.units import unit

#: A form has some dozens of rows; a file with more is not this form.
MOST_ROWS = 500


@dataclass(frozen=True)
class Line:
    """One row of an uploaded workbook against one cell: what stands, what comes, and why it cannot come."""

    number: int
    label: str
    row: FormRow | None
    old: str
    new: str
    note: str
    estimate: str
    verdict: str
    why: str = ""


@dataclass(frozen=True)
class Preview:
    """What confirming would do."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def count(self, verdict: str) -> int:
        """How many lines are new, changed, same or refused."""
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def fills(self) -> list[Line]:
        """The lines that change a cell."""
        return [line for line in self.lines if line.verdict in ("new", "changed")]


def columns_of(sheet: Sheet) -> list[Column]:
    """The template's columns; 数值 also goes by the names counties give it."""
    period = sheet.stretch
    names = (
        "数值",
        "本期数",
        "填报数",
        "累计",
        "当月",
        period.short_label,
        f"{period.to_date().short_label}累计",
    )
    columns = [
        Column("label", ("项目", "指标", "指标名称", "项目名称"), required=True),
        Column("unit", ("单位", "计量单位")),
        Column("typed", ("填", "口径", "填报口径")),
        Column(
            "value",
            tuple(dict.fromkeys(names)),
            required=True,
            holds=Holds.NUMBER,
            help="填一个数；没有发生填 0，还没有数的写原因",
        ),
        Column("note", ("说明", "备注")),
    ]
    if asks_estimate(sheet.form, period):
        columns.append(Column("estimate", ("全年预计数", "全年预计"), holds=Holds.NUMBER))
    return columns


def write_form(content: Content) -> bytes:
    """The form as an xlsx to fill: its rows, what stands in the cells, the number column tinted."""
    columns = columns_of(content.sheet)
    lines: list[list[Value]] = []
    for entry in content.entries:
        row, cell = entry.row, entry.cell
        if not row.is_typed:
            continue
        value = _as_number(row, cell.text) or cell.absence or None
        line: list[Value] = [row.label, row.unit, row.get_typed_display(), value, cell.note or None]
        if len(columns) > len(line):
            line.append(_as_number(row, cell.estimate_text))
        lines.append(line)
    out = io.BytesIO()
    form = content.sheet.form
    write_table(
        [column.name for column in columns],
        lines,
        out,
        title=f"{content.sheet.region.name}{content.period.label}{form.name}",
        notes=[
            f"表号：{form.number}　制定机关：{form.issuer}　批准文号：{form.approval_no}",
            f"没有发生填 0；没有数的写原因：{'、'.join(ABSENCES)}。",
        ],
        kind="xlsx",
        sheet=form.number,
        tinted=["数值", "全年预计数"],
    )
    return out.getvalue()


def _as_number(row: FormRow, text: str) -> Value:
    """A cell as the workbook holds it: a number where it reads as one, else the text."""
    found = read_cell(row, text)
    return found.value if found.value is not None else text or None


def read_workbook(content: Content, stream: BinaryIO, filename: str) -> Preview:
    """Read an uploaded workbook against the sheet. Nothing is written. Every refusal of the file is an IntakeError."""
    lines = []
    seen: set[int] = set()
    with open_table(stream, filename, columns=columns_of(content.sheet)) as table:
        assert table.head is not None
        for source in table.body():
            line = _line(content, table.head, source, seen)
            if line is not None:
                lines.append(line)
            if len(lines) >= MOST_ROWS:
                break
        return Preview(tuple(lines), _notes(table, lines))


def _notes(table: Table, lines: Sequence[Line]) -> tuple[str, ...]:
    more = [f"超过 {MOST_ROWS} 行，后面的没有读"] if len(lines) >= MOST_ROWS else []
    return (*table.notes, *more)


def _line(content: Content, head: HeadMap, source: Row, seen: set[int]) -> Line | None:
    def text(key: str) -> str:
        place = head.index.get(key)
        return source.cells[place].text.strip() if place is not None and place < len(source.cells) else ""

    label, value = text("label"), text("value")
    if not label or (
        not value and not text("note") and not text("estimate") and _row_of(content, label)[0] is None
    ):
        return None
    row, close = _row_of(content, label)

    def refused(why: str) -> Line:
        return Line(source.number, label, row, "", value, text("note"), text("estimate"), "refused", why)

    if row is None:
        return refused(f"表里没有“{label}”。{f'是不是“{close}”？' if close else ''}")
    entry = content.entry(row.pk)
    if row.pk in seen:
        return refused(f"“{row.label}”出现了两行，只留一行再传。")
    seen.add(row.pk)
    problem = _problem(head, source, row, value, text("unit"))
    if problem:
        return refused(problem)
    old = entry.cell.text or entry.cell.absence
    new = "" if is_missing(value) else value
    written = _in_row_unit(head, row, new, text("unit"))
    if not row.is_typed or not entry.is_open:
        if not new or new == old:
            return None
        return refused("这一行不用填或现在不能改。")
    note = text("note") or entry.cell.note
    estimate = text("estimate") or entry.cell.estimate_text
    same = _same(row, written, entry.cell.text or entry.cell.absence) if new else True
    if same and note == entry.cell.note and estimate == entry.cell.estimate_text:
        return Line(source.number, label, row, old, written or old, note, estimate, "same")
    return Line(source.number, label, row, old, written or old, note, estimate, "changed" if old else "new")


def _row_of(content: Content, label: str) -> tuple[FormRow | None, str]:
    """The form's row of that label, or the nearest label."""
    wanted = clean_name(label)
    names: dict[str, FormRow] = {}
    for entry in content.entries:
        for name in (entry.row.measure.name, *entry.row.measure.aliases, entry.line.name, entry.row.label):
            names[clean_name(name)] = entry.row
    if wanted in names:
        return names[wanted], ""
    close = nearest(wanted, [entry.row.label for entry in content.entries], 1)
    return None, close[0] if close else ""


def _problem(head: HeadMap, source: Row, row: FormRow, value: str, own_unit: str) -> str:
    place = head.index["value"]
    cell = source.cells[place] if place < len(source.cells) else None
    if cell is not None and cell.problem:
        return cell.problem
    if cell is not None and cell.merged:
        return f"数值在合并的格子 {cell.merged} 里，不知道是哪一行的。拆开再传。"
    named = own_unit or head.units.get("value", "") or head.sheet_unit
    if named:
        try:
            # A unit above the whole table is the unit of its amounts; only one beside the row speaks of the row.
            if own_unit and unit(named).dimension != unit(row.unit).dimension:
                return f"单位写的是“{named}”，这一行填{row.unit}。改成{row.unit}再传。"
        except UnknownUnit:
            return f"单位“{named}”不认识，这一行填{row.unit}。"
    if value and not is_missing(value) and value not in ABSENCES:
        return read_cell(row, value).problem
    return ""


def _in_row_unit(head: HeadMap, row: FormRow, text: str, own_unit: str) -> str:
    """The text, with the file's unit behind it where that differs from the row's."""
    named = own_unit or head.units.get("value", "") or head.sheet_unit
    if not text or text in ABSENCES or not named or named == row.unit:
        return text
    if unit(named).dimension != unit(row.unit).dimension or unit(named).power == unit(row.unit).power:
        return text
    return text if text[-1] not in "0123456789." else f"{text}{named}"


def _same(row: FormRow, new: str, old: str) -> bool:
    if new == old:
        return True
    left, right = read_cell(row, new), read_cell(row, old)
    return left.scaled is not None and left.scaled == right.scaled
