"""Tables that go out as Excel or CSV, row by row: numbers stay numbers, text never becomes a formula."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.uploads import disk_full_as_refusal
from keshu.terms.quantity import plain
from keshu.terms.text import guard_cell

Value = str | int | Decimal | bool | date | None
Kind = Literal["xlsx", "csv"]

SHEET_ROWS = 1_048_576
# Rows that are looked at to find sensible column widths.
PEEKED_ROWS = 200
# Reasons are sentences: they get room, since not every program makes a row higher for wrapped text.
NARROWEST, WIDEST, WIDEST_TINTED = 8, 48, 100

TITLE_FONT = Font(bold=True, size=14)
HEAD_FONT = Font(bold=True)
HEAD_FILL = PatternFill("solid", fgColor="E8EEF5")
TINT = PatternFill("solid", fgColor="FDECEA")
NOTE_FONT = Font(color="5F6B7A")
WRAPPED = Alignment(wrap_text=True, vertical="center")
_LINE = Side(style="thin", color="C5CDD8")
HEAD_BORDER = Border(bottom=_LINE)


class TooManyRows(IntakeError):
    def __init__(self) -> None:
        super().__init__(
            "要导出的行超过 Excel 一张工作表能放的 1048576 行。请加筛选条件分几次导出，或改为导出 CSV。"
        )


def write_table(
    head: Sequence[str],
    rows: Iterable[Sequence[Value]],
    out: Path | BinaryIO,
    *,
    title: str = "",
    notes: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
    kind: Kind | None = None,
    sheet: str = "数据",
    tinted: Sequence[str] = (),
) -> int:
    """Stream a table into an xlsx or CSV file and return the number of rows; memory does not grow with them.

    ``kind`` defaults to the suffix of a path, else xlsx. ``formats``: Excel number format by head text. ``tinted``: heads of
    columns with a warning colour. A CSV is UTF-8 with a byte order mark, and carries head and rows only: a title or a note in
    it would be read as data. ``None`` is a blank cell; what a missing value shows is the caller's to say.
    A path is written beside itself and renamed. Errors: DiskFull, TooManyRows.
    """
    kind = kind or ("csv" if isinstance(out, Path) and out.suffix.lower() == ".csv" else "xlsx")
    with replacing(out) as stream:
        if kind == "csv":
            return _write_csv(head, rows, stream)
        return _write_xlsx(
            head, rows, stream, title=title, notes=notes, formats=formats or {}, sheet=sheet, tinted=tinted
        )


@contextmanager
def replacing(out: Path | BinaryIO) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of ``out`` when all went well, and leaves no half file when it did not."""
    if not isinstance(out, Path):
        with disk_full_as_refusal():
            yield out
        return
    with (
        disk_full_as_refusal(),
        NamedTemporaryFile(dir=out.parent, prefix=".outgoing-", delete=False) as stream,
    ):
        temporary = Path(stream.name)
        try:
            yield stream  # type: ignore[misc]
            stream.flush()
            temporary.chmod(0o644)
            temporary.replace(out)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def safe_text(text: str) -> str:
    """Text fit for a cell of any spreadsheet: no formula, no control characters."""
    return guard_cell(ILLEGAL_CHARACTERS_RE.sub("", text))


def width_of(text: str) -> int:
    """Columns that a text takes on the screen: a Chinese character takes two."""
    return max(
        (
            sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)
            for line in text.splitlines()
        ),
        default=0,
    )


def _write_csv(head: Sequence[str], rows: Iterable[Sequence[Value]], stream: BinaryIO) -> int:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
    try:
        writer = csv.writer(text)
        writer.writerow([safe_text(name) for name in head])
        count = 0
        for row in rows:
            writer.writerow([as_text(value) for value in row])
            count += 1
        return count
    finally:
        text.flush()
        text.detach()


def as_text(value: Value) -> str:
    """A value as it stands in a text file: plain digits, ISO dates, 是 or 否."""
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_xlsx(
    head: Sequence[str],
    rows: Iterable[Sequence[Value]],
    stream: BinaryIO,
    *,
    title: str,
    notes: Sequence[str],
    formats: Mapping[str, str],
    sheet: str,
    tinted: Sequence[str],
) -> int:
    book = Workbook(write_only=True)
    book.properties.creator = "科枢"
    book.properties.title = title
    page = book.create_sheet(sheet)
    rows = iter(rows)
    peeked = list(islice(rows, PEEKED_ROWS))
    head_row = 2 if title else 1
    page.freeze_panes = f"A{head_row + 1}"
    page.print_title_rows = f"{head_row}:{head_row}"
    fit_to_width(page)
    for at, name in enumerate(head):
        texts = chain([name], (as_text(row[at]) for row in peeked if at < len(row)))
        widest = max(map(width_of, texts))
        page.column_dimensions[get_column_letter(at + 1)].width = min(
            max(widest + 2, NARROWEST), WIDEST if name not in tinted else WIDEST_TINTED
        )
    if title:
        cell = WriteOnlyCell(page, safe_text(title))
        cell.font = TITLE_FONT
        page.append([cell])
    page.append([_head_cell(page, name, name in tinted) for name in head])
    dress = _dresser(page, [formats.get(name, "") for name in head], [name in tinted for name in head])
    count = 0
    for row in chain(peeked, rows):
        count += 1
        if count + head_row + len(notes) + 1 > SHEET_ROWS:
            raise TooManyRows
        page.append([dress(at, value) for at, value in enumerate(row)])
    if notes:
        page.append([])
    for note in notes:
        cell = WriteOnlyCell(page, safe_text(note))
        cell.font = NOTE_FONT
        page.append([cell])
    book.save(stream)
    return count


def fit_to_width(page: Worksheet) -> None:
    """Printed on A4 across, all columns on one page."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _head_cell(page: object, name: str, tinted: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, safe_text(name))  # type: ignore[arg-type]
    cell.font, cell.border, cell.alignment = HEAD_FONT, HEAD_BORDER, WRAPPED
    cell.fill = TINT if tinted else HEAD_FILL
    return cell


def _dresser(page: object, formats: Sequence[str], tinted: Sequence[bool]) -> Callable[[int, Value], object]:
    """How a value of a column becomes a cell; plain values stay bare, which is what makes long tables quick."""

    def dress(at: int, value: Value) -> object:
        code = formats[at] if at < len(formats) else ""
        colour = at < len(tinted) and tinted[at]
        bare: object = value
        if isinstance(value, str):
            bare = safe_text(value)
        elif isinstance(value, bool):
            bare = as_text(value)
        elif isinstance(value, datetime):
            bare, code = value.replace(tzinfo=None), code or "yyyy-mm-dd hh:mm"
        elif isinstance(value, date):
            code = code or "yyyy-mm-dd"
        if not colour and (not code or isinstance(bare, str | None)):
            return bare
        cell = WriteOnlyCell(page, bare)  # type: ignore[arg-type]
        if code and not isinstance(bare, str):
            cell.number_format = code
        if colour:
            cell.fill = TINT
        return cell

    return dress
