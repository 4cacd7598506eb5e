"""One worksheet's XML: what stands in its cells and at which byte, read in one pass and edited in place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl.formula.translate import Translator

from keshu.filling.layout import Area
from keshu.filling.office.spans import Edit, Walk, apply, escaped
from keshu.ledger.intake.cells import column_index, letter
from keshu.ledger.intake.xml import local
from keshu.terms.quantity import plain

#: What goes into a cell: a number, a text, or None for nothing (its style stays).
Entry = Decimal | str | None

_KIND = re.compile(rb"""\st\s*=\s*(?:"[^"]*"|'[^']*')""")
_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass
class CellAt:
    """A cell of the sheet: where its element lies, its style, what it holds raw, its formula."""

    row: int
    column: int
    start: int
    kind: str
    style: int
    end: int = 0
    raw: str = ""
    formula: str = ""
    has_formula: bool = False
    formula_start: int = 0
    formula_end: int = 0

    @property
    def address(self) -> str:
        """C12"""
        return f"{letter(self.column)}{self.row}"


@dataclass
class RowAt:
    """A row of the sheet: where its element lies."""

    number: int
    start: int
    inner: int
    style: int | None
    end: int = 0
    empty: bool = False
    cells: list[CellAt] = field(default_factory=list)


@dataclass
class SheetAt:
    """Everything of a sheet that filling needs."""

    data: bytes
    prefix: str = ""
    rows: dict[int, RowAt] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    columns: list[tuple[int, int, int, bool, int]] = field(default_factory=list)
    body_start: int = 0
    body_inner: int = 0
    body_end: int = 0

    @property
    def cells(self) -> dict[str, CellAt]:
        """Cells by address."""
        return {cell.address: cell for row in self.rows.values() for cell in row.cells}

    def style_of(self, row: int, column: int) -> int:
        """The style a cell has that the file does not list: its row's, else its column's."""
        held = self.rows.get(row)
        if held is not None and held.style is not None:
            return held.style
        return next((style for first, last, style, _, _ in self.columns if first <= column <= last), 0)


def scan(data: bytes, name: str) -> SheetAt:
    """Read the XML of a worksheet. DamagedWorkbook, ForbiddenXml, OtherEncoding."""
    sheet = SheetAt(data)
    shared: dict[str, tuple[str, str]] = {}
    state = {"row": 0, "column": -1, "in_v": False, "in_t": False, "in_f": False, "phonetic": False}
    pieces: list[str] = []
    formula: list[str] = []
    current: list[CellAt] = []
    share: list[str] = []

    def start(tag: str, given: dict[str, str]) -> None:
        what = local(tag)
        here = walk.here
        if what == "c":
            found = _REFERENCE.fullmatch(given.get("r", ""))
            state["column"] = column_index(found[1]) if found else int(state["column"]) + 1
            cell = CellAt(
                int(state["row"]),
                int(state["column"]),
                here,
                given.get("t", "n"),
                _whole(given.get("s")) or 0,
            )
            current[:] = [cell]
            pieces.clear()
            sheet.rows[cell.row].cells.append(cell)
        elif what == "row":
            number = _whole(given.get("r")) or int(state["row"]) + 1
            styled = given.get("customFormat") in ("1", "true")
            row = RowAt(number, here, walk.tag_end(here), _whole(given.get("s")) if styled else None)
            row.empty = walk.is_empty(here)
            sheet.rows[number] = row
            state["row"], state["column"] = number, -1
            if given.get("hidden") in ("1", "true"):
                sheet.hidden_rows.append(number)
        elif what == "v":
            state["in_v"] = True
        elif what == "t":
            state["in_t"] = not state["phonetic"]
        elif what == "rPh":
            state["phonetic"] = True
        elif what == "f" and current:
            current[0].has_formula, current[0].formula_start = True, here
            formula.clear()
            share[:] = [given["si"]] if given.get("t") == "shared" and "si" in given else []
            state["in_f"] = True
        elif what == "sheetData":
            sheet.prefix = tag.removesuffix("sheetData")
            sheet.body_start, sheet.body_inner = here, walk.tag_end(here)
        elif what == "mergeCell":
            sheet.merges += _area(given.get("ref", ""))
        elif what == "col":
            first, last = _whole(given.get("min")) or 1, _whole(given.get("max")) or 1
            width = given.get("width", "").partition(".")[0]
            shut = given.get("hidden") in ("1", "true")
            sheet.columns.append(
                (first - 1, last - 1, _whole(given.get("style")) or 0, shut, _whole(width) or 0)
            )

    def end(tag: str) -> None:
        what = local(tag)
        if what == "c" and current:
            current[0].end = walk.element_end(current[0].start)
            current[0].raw = "".join(pieces)
            current.clear()
        elif what == "row":
            sheet.rows[int(state["row"])].end = walk.element_end(sheet.rows[int(state["row"])].start)
        elif what in ("v", "t"):
            state["in_v"] = state["in_t"] = False
        elif what == "rPh":
            state["phonetic"] = False
        elif what == "f" and current:
            cell = current[0]
            cell.formula_end = walk.element_end(cell.formula_start)
            cell.formula = "".join(formula)
            state["in_f"] = False
            if share and cell.formula:
                shared[share[0]] = (cell.formula, cell.address)
            elif share and share[0] in shared:
                text, origin = shared[share[0]]
                cell.formula = Translator(f"={text}", origin).translate_formula(cell.address)[1:]
        elif what == "sheetData":
            sheet.body_end = walk.element_end(sheet.body_start)

    def text(data: str) -> None:
        if state["in_f"]:
            formula.append(data)
        elif state["in_v"] or state["in_t"]:
            pieces.append(data)

    walk = Walk(data, name, start, end, text)
    walk.run()
    return sheet


def fill(data: bytes, name: str, entries: Mapping[str, Entry], results: Mapping[str, Entry]) -> bytes:
    """The sheet with ``entries`` in its cells (by address) and ``results`` kept beside its formulas.

    A cell keeps its style; where the file lists none, it gets that of its row or column. A formula stays; a result of None
    takes the old one away, so that the reader's program computes it.
    """
    sheet = scan(data, name)
    held = sheet.cells
    edits: list[Edit] = []
    missing: dict[int, list[tuple[int, bytes]]] = {}
    for address, entry in entries.items():
        cell = held.get(address)
        if cell is not None and cell.has_formula:
            raise ValueError(f"{address} holds a formula")
        if cell is not None:
            edits += _put(sheet, cell, entry)
        elif entry is not None:
            found = _REFERENCE.fullmatch(address)
            assert found is not None
            row, column = int(found[2]), column_index(found[1])
            style = sheet.style_of(row, column)
            missing.setdefault(row, []).append((column, _element(sheet.prefix, address, style, entry)))
    for address, result in results.items():
        cell = held.get(address)
        if cell is not None and cell.has_formula:
            edits.append(_result(sheet, cell, result))
    edits += _added(sheet, missing)
    return apply(data, edits)


def _put(sheet: SheetAt, cell: CellAt, entry: Entry) -> list[Edit]:
    if entry is None and cell.raw == "":
        return []
    tag = sheet.data[cell.start : _open_end(sheet.data, cell.start)].rstrip(b">").rstrip(b"/").rstrip()
    tag = _KIND.sub(b"", tag)
    return [Edit(cell.start, cell.end, _closed(tag, sheet.prefix, entry))]


def _open_end(data: bytes, start: int) -> int:
    quote = 0
    for at in range(start, len(data)):
        byte = data[at]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in (34, 39):
            quote = byte
        elif byte == 62:
            return at + 1
    raise ValueError("a tag without end")


def _closed(tag: bytes, prefix: str, entry: Entry) -> bytes:
    """A whole element from its opened tag (without its end) and what goes in."""
    mark = prefix.encode()
    if entry is None:
        return tag + b"/>"
    if isinstance(entry, Decimal):
        return tag + b"><" + mark + b"v>" + plain(entry).encode() + b"</" + mark + b"v></" + mark + b"c>"
    inside = b"<" + mark + b"is><" + mark + b't xml:space="preserve">' + escaped(entry)
    return tag + b' t="inlineStr">' + inside + b"</" + mark + b"t></" + mark + b"is></" + mark + b"c>"


def _element(prefix: str, address: str, style: int, entry: Entry) -> bytes:
    styled = f' s="{style}"' if style else ""
    return _closed(f'<{prefix}c r="{address}"{styled}'.encode(), prefix, entry)


def _result(sheet: SheetAt, cell: CellAt, result: Entry) -> Edit:
    """The element of a formula with another kept result."""
    mark = sheet.prefix.encode()
    tag = sheet.data[cell.start : _open_end(sheet.data, cell.start)].rstrip(b">").rstrip()
    tag = _KIND.sub(b"", tag)
    formula = sheet.data[cell.formula_start : cell.formula_end]
    value = b""
    if isinstance(result, Decimal):
        value = b"<" + mark + b"v>" + plain(result).encode() + b"</" + mark + b"v>"
    elif isinstance(result, str):
        tag += b' t="str"'
        value = b"<" + mark + b"v>" + escaped(result) + b"</" + mark + b"v>"
    return Edit(cell.start, cell.end, tag + b">" + formula + value + b"</" + mark + b"c>")


def _added(sheet: SheetAt, missing: Mapping[int, list[tuple[int, bytes]]]) -> list[Edit]:
    """Cells and rows that the file does not list, put where they belong."""
    mark = sheet.prefix.encode()
    edits: list[Edit] = []
    alone: dict[int, list[bytes]] = {}
    for number, unsorted in sorted(missing.items()):
        row = sheet.rows.get(number)
        cells = sorted(unsorted)
        if row is None:
            inside = b"".join(element for _, element in cells)
            whole = b"<" + mark + f'row r="{number}">'.encode() + inside + b"</" + mark + b"row>"
            later = [other.start for other in sheet.rows.values() if other.number > number]
            alone.setdefault(min(later, default=-1), []).append(whole)
            continue
        if row.empty:
            tag = sheet.data[row.start : row.inner].rstrip(b">").rstrip(b"/").rstrip()
            inside = b"".join(element for _, element in cells)
            edits.append(Edit(row.start, row.end, tag + b">" + inside + b"</" + mark + b"row>"))
            continue
        at: dict[int, list[bytes]] = {}
        closing = sheet.data.rindex(b"</", row.start, row.end)
        for column, element in cells:
            after = [cell.start for cell in row.cells if cell.column > column]
            at.setdefault(min(after, default=closing), []).append(element)
        edits += [Edit(where, where, b"".join(elements)) for where, elements in at.items()]
    for where, rows in alone.items():
        if where >= 0:
            edits.append(Edit(where, where, b"".join(rows)))
        elif sheet.body_inner == sheet.body_end:  # <sheetData/>
            tag = sheet.data[sheet.body_start : sheet.body_inner].rstrip(b">").rstrip(b"/").rstrip()
            whole = tag + b">" + b"".join(rows) + b"</" + mark + b"sheetData>"
            edits.append(Edit(sheet.body_start, sheet.body_end, whole))
        else:
            closing = sheet.data.rindex(b"</", sheet.body_inner, sheet.body_end)
            edits.append(Edit(closing, closing, b"".join(rows)))
    return edits


def _area(reference: str) -> list[Area]:
    first, _, last = reference.replace("$", "").partition(":")
    ends = [_REFERENCE.fullmatch(one) for one in (first, last or first)]
    if not ends[0] or not ends[1]:
        return []
    return [Area(int(ends[0][2]), column_index(ends[0][1]), int(ends[1][2]), column_index(ends[1][1]))]


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None
