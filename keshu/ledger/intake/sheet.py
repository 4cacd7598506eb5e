"""The rows of one worksheet, streamed: expat over the unpacked XML, a few hundred rows in memory at a time.

openpyxl's read-only mode takes about five times as long on the same sheet and holds all shared strings in memory.
"""

from collections.abc import Iterator

from keshu.ledger.intake.cells import (
    BLANK,
    FORMULA_READ,
    NO_RESULT,
    Cell,
    Kind,
    Row,
    Shown,
    column_index,
    iso_date_cell,
    letter,
    number_cell,
    text_cell,
)
from keshu.ledger.intake.hazards import CellTooLong, TooWide
from keshu.ledger.intake.workbook import SheetPart, Workbook, unescape
from keshu.ledger.intake.xml import feed, parser_for

# Texts of a sheet whose cells are kept for the next time they turn up: how many, and how long at most.
REMEMBERED, REMEMBERED_CHARS = 4096, 64


def sheet_rows(workbook: Workbook, sheet: SheetPart) -> Iterator[Row]:
    """Every row that the sheet's XML lists, blank ones too, in file order; merged areas are not spread here.

    Errors: DamagedWorkbook, ForbiddenXml, TooWide, CellTooLong, DiskFull (strings are kept on disk).
    """
    build = _CellBuilder(workbook)
    most_columns, most_chars = workbook.limits.columns, workbook.limits.cell_chars
    rows: list[Row] = []
    cells: list[Cell] = []
    pieces: list[str] = []
    number = column = chars = 0
    kind = style = ""
    hidden = collecting = phonetic = formula = valued = False
    c = v = t = f = row = r_ph = sheet_data = ""

    def root(tag: str, attributes: dict[str, str]) -> None:
        nonlocal c, v, t, f, row, r_ph, sheet_data
        prefix = tag[: tag.find(":") + 1]
        c, v, t, f, row = (prefix + name for name in ("c", "v", "t", "f", "row"))
        r_ph, sheet_data = prefix + "rPh", prefix + "sheetData"
        parser.StartElementHandler = start

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal number, column, kind, style, hidden, collecting, phonetic, formula, valued, chars, cells
        if tag == c:
            reference = attributes.get("r")
            if reference is None:
                column += 1
            else:
                try:
                    column = column_index(reference.rstrip("0123456789"))
                except ValueError:
                    column += 1
            kind = attributes.get("t", "n")
            style = attributes.get("s", "")
            formula = valued = False
            chars = 0
            pieces.clear()
        elif tag == v:
            collecting = valued = True
        elif tag == t:
            collecting = valued = not phonetic
        elif tag == row:
            given = attributes.get("r", "")
            number = int(given) if given.isdigit() and len(given) < 9 else number + 1
            hidden = attributes.get("hidden", "0") in ("1", "true")
            column, cells = -1, []
        elif tag == f:
            formula = True
        elif tag == r_ph:
            phonetic = True

    def end(tag: str) -> None:
        nonlocal collecting, phonetic
        if tag in (v, t):
            collecting = False
        elif tag == c:
            cell = build(kind, style, pieces[0] if len(pieces) == 1 else "".join(pieces), formula, valued)
            if cell is BLANK:
                return
            if column >= most_columns:
                raise TooWide(number, letter(column), most_columns)
            missing = column - len(cells)
            if missing > 0:
                cells.extend([BLANK] * missing)
            if missing < 0:
                cells[column] = cell
            else:
                cells.append(cell)
        elif tag == row:
            rows.append(Row(number, cells, hidden))
        elif tag == r_ph:
            phonetic = False
        elif tag == sheet_data:
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None

    def text(data: str) -> None:
        nonlocal chars
        if collecting:
            chars += len(data)
            if chars > most_chars * 2:
                raise CellTooLong(number, most_chars)
            pieces.append(data)

    parser = parser_for(workbook.name, root, end, text)
    with workbook.open_part(sheet.part) as stream:
        for _ in feed(parser, stream, workbook.name):
            yield from rows
            rows.clear()


class _CellBuilder:
    """From what a ``<c>`` element holds to the cell that the clerk sees."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._known: dict[tuple[str, str], Cell] = {}
        self._shown = {str(index): shown for index, shown in enumerate(workbook.shown)}
        self._epoch_1904 = workbook.epoch_1904

    def __call__(self, kind: str, style: str, raw: str, formula: bool, valued: bool) -> Cell:
        if formula:
            if not raw and not (kind == "str" and valued):
                return Cell(Kind.UNCOMPUTED, "", problem=NO_RESULT)
            cell = self._value(kind, style, raw)
            return cell if cell is BLANK else cell._replace(note=_joined(FORMULA_READ, cell.note))
        if not raw:
            return BLANK
        if kind not in ("s", "inlineStr", "str"):
            return self._value(kind, style, raw)
        # Names, units and periods stand in a table thousands of times; their cells are alike.
        known = self._known.get((kind, raw))
        if known is None:
            known = self._value(kind, style, raw)
            if len(raw) <= REMEMBERED_CHARS:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[kind, raw] = known
        return known

    def _value(self, kind: str, style: str, raw: str) -> Cell:
        if kind == "s":
            try:
                return text_cell(self._workbook.strings[int(raw)])
            except (ValueError, IndexError):
                return Cell(Kind.ERROR, "", problem="指向的文字在文件里找不到，请重填")
        if kind == "n":
            return number_cell(raw.strip(), self._shown.get(style, Shown.PLAIN), self._epoch_1904)
        if kind == "b":
            truth = raw.strip() in ("1", "true")
            return Cell(Kind.BOOLEAN, "TRUE" if truth else "FALSE", truth)
        if kind == "e":
            return Cell(Kind.ERROR, raw, None, problem=f"是错误值 {raw}，请改正公式或直接填数后再传")
        if kind == "d":
            return iso_date_cell(raw.strip())
        return text_cell(unescape(raw))


def _joined(first: str, second: str) -> str:
    return f"{first}；{second}" if second else first
