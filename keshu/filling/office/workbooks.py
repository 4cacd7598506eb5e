"""A form that is an Excel workbook: its layout, its values read back, and the same file with figures in its cells."""

import io
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from keshu.filling.layout import LaidCell, LaidSheet, Layout, place_of
from keshu.filling.office.package import has_part, read_part, with_parts
from keshu.filling.office.sheets import CellAt, Entry, SheetAt, fill, scan
from keshu.filling.office.spans import Edit, Walk, apply
from keshu.ledger.intake.cells import Shown, saved_number, shown_by
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.workbook import SheetPart, Workbook, unescape
from keshu.ledger.intake.xml import local
from keshu.terms.quantity import plain

#: A form is read by a person: what is wider or longer is a register, no form. Our own bounds.
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS, MOST_CELLS = 1000, 120, 30, 20_000
_BUILTIN_DECIMALS = {1: 0, 2: 2, 3: 0, 4: 2, 9: 0, 10: 2, 37: 0, 38: 0, 39: 2, 40: 2}
_PLACES = re.compile(r"0\.(0+)")


class NoForm(IntakeError):
    """A file that is too large to be a form, or holds no table."""


def read_layout(content: bytes, name: str) -> Layout:
    """The sheets of a workbook as grids. Raises the errors of ``ledger.intake`` and NoForm."""
    book = Workbook(io.BytesIO(content), name, Limits())
    try:
        if len(book.sheets) > MOST_SHEETS:
            raise NoForm(
                f"“{name}”有 {len(book.sheets)} 张工作表，不像一份要填的表。请只留要报的工作表再传。"
            )
        formats = _formats(content, name)
        sheets = []
        for number, part in enumerate(book.sheets, 1):
            sheets.append(_laid(scan(read_part(content, part.part, name), name), part, number, book, formats))
    finally:
        book.close()
    if not any(sheet.cells for sheet in sheets):
        raise NoForm(f"“{name}”里没有表：所有工作表都是空的。请核对是不是传错了文件。")
    return Layout("xlsx", sheets)


def _laid(
    sheet: SheetAt, part: SheetPart, number: int, book: Workbook, formats: list[tuple[int | None, bool]]
) -> LaidSheet:
    made = LaidSheet(part.name, part.part, number, hidden=part.hidden, merges=sheet.merges)
    for address, cell in sheet.cells.items():
        decimals, percent = formats[cell.style] if cell.style < len(formats) else (None, False)
        text = _text(cell, book, percent)
        if text or cell.has_formula or decimals is not None or percent:
            # A table of data or an array may keep its formula elsewhere: it is no cell to be filled.
            formula = cell.formula or ("…" if cell.has_formula else "")
            made.cells[address] = LaidCell(text, formula, decimals, percent)
        if text or cell.has_formula or cell.style:
            made.rows, made.columns = max(made.rows, cell.row), max(made.columns, cell.column + 1)
    for area in made.merges:
        made.rows, made.columns = max(made.rows, area.bottom), max(made.columns, area.right + 1)
    if made.rows > MOST_ROWS or made.columns > MOST_COLUMNS or len(made.cells) > MOST_CELLS:
        raise NoForm(
            f"“{part.name}”有 {made.rows} 行 {made.columns} 列，不像一份要填的表（最多 {MOST_ROWS} 行 {MOST_COLUMNS} 列）。"
            "请删去表以外的内容和格式再传；要成批导入的数走“导入”。"
        )
    made.hidden_rows = [row for row in sheet.hidden_rows if row <= made.rows]
    for first, last, _, shut, width in sheet.columns:
        for column in range(first, min(last, made.columns - 1) + 1):
            made.widths[column] = width
            if shut:
                made.hidden_columns.append(column)
    return made


def _text(cell: CellAt, book: Workbook, percent: bool) -> str:
    """What the cell shows: its words, or its number with all its digits."""
    if cell.kind == "s":
        try:
            return book.strings[int(cell.raw)].strip()
        except (ValueError, IndexError):  # points past the table of strings
            return ""
    if cell.kind in ("inlineStr", "str"):
        return unescape(cell.raw).strip()
    number = _number(cell.raw) if cell.kind == "n" else None
    if number is None:
        return cell.raw.strip()
    return plain(number * 100) + "%" if percent else plain(number)


def _number(raw: str) -> Decimal | None:
    try:
        return saved_number(raw.strip()) if raw.strip() else None
    except InvalidOperation:
        return None


def _formats(content: bytes, name: str) -> list[tuple[int | None, bool]]:
    """By style: the decimals that a number shows (None where the format says nothing), and whether it shows percent."""
    if not has_part(content, "xl/styles.xml"):
        return []
    codes: dict[int, str] = {}
    used: list[int] = []
    inside = [False]

    def start(tag: str, given: dict[str, str]) -> None:
        what = local(tag)
        if what == "numFmt":
            codes[_whole(given.get("numFmtId"))] = given.get("formatCode", "")[:500]
        elif what == "cellXfs":
            inside[0] = True
        elif what in ("cellStyles", "dxfs"):
            inside[0] = False
        elif what == "xf" and inside[0]:
            used.append(_whole(given.get("numFmtId")))

    Walk(read_part(content, "xl/styles.xml", name), name, start).run()
    return [_format(number, codes.get(number)) for number in used]


def _format(number: int, code: str | None) -> tuple[int | None, bool]:
    percent = shown_by(number, code) is Shown.PERCENT
    if code is None:
        return _BUILTIN_DECIMALS.get(number), percent
    first = code.split(";")[0]
    found = _PLACES.search(first)
    return (len(found[1]) if found else 0 if "0" in first else None), percent


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def write(
    content: bytes,
    name: str,
    layout: Layout,
    entries: Mapping[str, Entry],
    results: Mapping[str, Entry],
) -> bytes:
    """The same file with ``entries`` (by key) in its cells and ``results`` kept beside its formulas. Every other part stays byte
    for byte; only where a formula has a result that is not known here, the workbook is told to compute when it is opened."""
    by_part: dict[str, tuple[dict[str, Entry], dict[str, Entry]]] = {}
    for at, given in enumerate((entries, results)):
        for key, entry in given.items():
            place = place_of(key)
            part = layout.sheet(place.sheet).part
            by_part.setdefault(part, ({}, {}))[at][place.address] = entry
    changed = {
        part: fill(read_part(content, part, name), name, put, kept) for part, (put, kept) in by_part.items()
    }
    if any(result is None for result in results.values()):
        main = "xl/workbook.xml"
        changed[main] = _computing(read_part(content, main, name), name)
    return with_parts(content, changed)


def _computing(data: bytes, name: str) -> bytes:
    """workbook.xml with the wish to compute all formulas when it is opened."""
    found: list[tuple[int, dict[str, str]]] = []
    after: list[int] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if local(tag) == "calcPr":
            found.append((walk.here, given))
        elif local(tag) == "sheets":
            after.append(walk.here)

    def end(tag: str) -> None:
        # calcPr stands behind these (ECMA-376 part 1, 18.2.27).
        if local(tag) in ("sheets", "functionGroups", "externalReferences", "definedNames"):
            after[-1:] = [data.index(b">", walk.here) + 1]

    walk = Walk(data, name, start, end)
    walk.run()
    if found:
        at, given = found[0]
        if "fullCalcOnLoad" in given:
            tag = data[at : walk.tag_end(at)]
            tag = re.sub(rb"""fullCalcOnLoad\s*=\s*(?:"[^"]*"|'[^']*')""", b'fullCalcOnLoad="1"', tag)
            return apply(data, [Edit(at, walk.tag_end(at), tag)])
        behind = at + len(re.match(rb"<[^\s/>]+", data[at:])[0])  # type: ignore[index]
        return apply(data, [Edit(behind, behind, b' fullCalcOnLoad="1"')])
    if not after:
        return data
    prefix = re.search(rb"<([A-Za-z0-9]+:)?sheets[\s>]", data)
    mark = (prefix[1] or b"") if prefix else b""
    return apply(data, [Edit(after[-1], after[-1], b"<" + mark + b'calcPr fullCalcOnLoad="1"/>')])
