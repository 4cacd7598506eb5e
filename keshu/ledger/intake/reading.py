"""Opening an uploaded table, whatever it really is, and streaming its rows as the clerk sees them."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from keshu.ledger.intake.biff import OldBook, OldSheet
from keshu.ledger.intake.cells import Row, text_cell
from keshu.ledger.intake.hazards import (
    EmptyFile,
    EncryptedWorkbook,
    HeadNotFound,
    IntakeError,
    NotATable,
    NoVisibleSheet,
    OnlyHead,
    OtherWorkbook,
    TooLarge,
    WebPageNotWorkbook,
)
from keshu.ledger.intake.heads import (
    CHOICES_SHEET,
    GUIDE_SHEET,
    MARK_SHEET,
    Column,
    HeadMap,
    find_head,
    match_head,
)
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.merges import Spreading, find_areas
from keshu.ledger.intake.sheet import sheet_rows
from keshu.ledger.intake.sniffing import Found, sniff
from keshu.ledger.intake.textfile import TextTable
from keshu.ledger.intake.workbook import SheetPart, Workbook
from keshu.ledger.intake.xml import pieces

#: What is read of a sheet that stands beside the table (a mark, not data).
BESIDE_ROWS = 50


class Table:
    """One table of an uploaded file. A context manager; one reading at a time.

    ``sheet``: name of the worksheet, empty for text files. ``head``: where the columns stand, when columns were asked for.
    ``above``: the rows over the head. ``notes``: sentences on what was passed over or assumed; complete when the rows have been
    read to the end.
    """

    def __init__(
        self, name: str, rows: Callable[[], Iterator[Row]], close: Callable[[], None], sheet: str = ""
    ) -> None:
        self.name, self.sheet = name, sheet
        self.head: HeadMap | None = None
        self.above: list[Row] = []
        self.notes: list[str] = []
        self._rows, self._close = rows, close
        self._others: dict[str, Callable[[], Iterator[Row]]] = {}

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank, from the top, title rows and 合计 rows included. Can be asked again."""
        return (row for row in self._rows() if row.cells)

    def body(self) -> Iterator[Row]:
        """The rows under the head, 合计 and 注 rows included: what is no data is refused with a reason, never dropped.

        Raises OnlyHead when there are none.
        """
        assert self.head is not None, "open_table was given no columns"
        last, count, hidden = self.head.last, 0, 0
        for row in self.rows():
            if row.number > last:
                count += 1
                hidden += row.hidden
                yield row
        if not count:
            raise OnlyHead(last)
        if hidden:
            self.notes.append(f"有 {hidden} 行被隐藏或筛选掉，也一并读了；不想报的行请删除后再传")

    def beside(self, sheet: str) -> list[Row]:
        """The first rows of another worksheet of the same file, hidden or not; empty where there is none of this name."""
        rows = self._others.get(sheet)
        return list(islice((row for row in rows() if row.cells), BESIDE_ROWS)) if rows else []

    def close(self) -> None:
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_table(
    source: str | Path | BinaryIO,
    filename: str = "",
    *,
    columns: Sequence[Column] = (),
    limits: Limits | None = None,
) -> Table:
    """Open an xlsx, xlsm, xls, et, csv or txt file, told apart by content; ``source`` is a path or a seekable binary stream.

    With ``columns`` the worksheet whose head names them is chosen and ``Table.head`` is set; without, the first visible
    worksheet that holds anything. Memory does not grow with the number of rows, but for workbooks of the old format, which are
    small. Every refusal is an IntakeError.
    """
    limits = limits or Limits()
    if isinstance(source, str | Path):
        path = Path(source)
        filename = filename or path.name
        _check_size(filename, path.stat().st_size, limits)
        stream: BinaryIO = path.open("rb")
        close = stream.close
    else:
        stream, close = source, lambda: None
        _check_size(filename, stream.seek(0, os.SEEK_END), limits)
    try:
        found = sniff(stream, filename, limits)
        if found is Found.XLSX:
            return _open_workbook(Workbook(stream, filename, limits), columns, close)
        if found is Found.OLD_WORKBOOK:
            return _open_workbook(OldBook(stream, filename, limits), columns, close)
        if found is Found.TEXT:
            return _open_text(stream, filename, columns, limits, close)
        raise _refusal(found, filename)
    except BaseException:
        close()
        raise


def _check_size(name: str, size: int, limits: Limits) -> None:
    if size > limits.upload_bytes:
        raise TooLarge(name, size, limits.upload_bytes)
    if size == 0:
        raise EmptyFile(name)


def _refusal(found: Found, name: str) -> IntakeError:
    if found is Found.ENCRYPTED:
        return EncryptedWorkbook(name)
    if found in (Found.XLSB, Found.ODS):
        return OtherWorkbook(name, found.value.name)
    if found is Found.WEB_PAGE:
        return WebPageNotWorkbook(name)
    return NotATable(name, found.value.name)


def _open_text(
    stream: BinaryIO, name: str, columns: Sequence[Column], limits: Limits, close: Callable[[], None]
) -> Table:
    def rank(texts: Sequence[str]) -> int:
        return len(match_head(Row(1, [text_cell(text) for text in texts]), columns).index)

    text = TextTable(stream, name, limits, rank)
    table = Table(name, text.rows, close)
    if columns:
        first = list(islice(table.rows(), limits.head_within + 1))
        head = table.head = find_head(first, columns, within=limits.head_within)
        table.above = [row for row in first if row.number < head.first]
        table.notes += _unknown_columns(table.head)
    return table


def _open_workbook(
    workbook: Workbook | OldBook, columns: Sequence[Column], close: Callable[[], None]
) -> Table:
    def close_both() -> None:
        workbook.close()
        close()

    try:
        hidden = [sheet.name for sheet in workbook.sheets if sheet.hidden]
        visible = [sheet for sheet in workbook.sheets if not sheet.hidden]
        if not visible:
            raise NoVisibleSheet(workbook.name, hidden)
        table = _choose(workbook, visible, columns, close_both)
        table._others = {sheet.name: _plain_rows(workbook, sheet) for sheet in workbook.sheets}
    except BaseException:
        workbook.close()
        raise
    table.notes += [
        f"工作表“{name}”是隐藏的，没有读" for name in hidden if name not in (CHOICES_SHEET, MARK_SHEET)
    ]
    return table


def _choose(
    workbook: Workbook | OldBook,
    visible: Sequence[SheetPart | OldSheet],
    columns: Sequence[Column],
    close: Callable[[], None],
) -> Table:
    """The first visible sheet whose head fits, with notes on the others; else the most telling of the refusals."""
    chosen: Table | None = None
    refusals: list[IntakeError] = []
    passed: list[str] = []
    for sheet in visible:
        table = Table(workbook.name, _spread_rows(workbook, sheet), close, sheet.name)
        first = list(islice(table.rows(), workbook.limits.head_within + 1))
        if not first:
            continue
        if not columns:
            if chosen is None:
                chosen = table
            else:
                passed.append(f"工作表“{sheet.name}”没有读；要读请单独存成一个文件上传")
            continue
        try:
            head = table.head = find_head(first, columns, within=workbook.limits.head_within)
            table.above = [row for row in first if row.number < head.first]
        except IntakeError as refusal:
            refusals.append(refusal)
            if sheet.name != GUIDE_SHEET:
                passed.append(f"工作表“{sheet.name}”没有认得的表头，没有读")
            continue
        if chosen is None:
            chosen = table
        else:
            passed.append(f"工作表“{sheet.name}”也有同样的表头，没有读；要读请单独存成一个文件上传")
    if chosen is None:
        if not refusals:
            raise EmptyFile(workbook.name)
        raise next((one for one in refusals if not isinstance(one, HeadNotFound)), refusals[0])
    chosen.notes += passed
    if chosen.head is not None:
        chosen.notes += _unknown_columns(chosen.head)
    return chosen


def _plain_rows(workbook: Workbook | OldBook, sheet: SheetPart | OldSheet) -> Callable[[], Iterator[Row]]:
    """A way to read the rows of a sheet as the file holds them."""
    if isinstance(workbook, OldBook):
        assert isinstance(sheet, OldSheet)
        return lambda: workbook.rows(sheet)
    assert isinstance(sheet, SheetPart)
    return lambda: sheet_rows(workbook, sheet)


def _spread_rows(workbook: Workbook | OldBook, sheet: SheetPart | OldSheet) -> Callable[[], Iterator[Row]]:
    """A way to read the sheet from the top, merged areas filled; the areas are looked up once."""
    limits = workbook.limits
    plain = _plain_rows(workbook, sheet)
    if isinstance(workbook, OldBook):
        assert isinstance(sheet, OldSheet)
        held = list(plain())  # the areas stand behind the rows; an old workbook is small
        areas = sheet.areas

        def plain() -> Iterator[Row]:
            return (row._replace(cells=list(row.cells)) for row in held)

    else:
        assert isinstance(sheet, SheetPart)
        with workbook.open_part(sheet.part) as stream:
            areas = find_areas(pieces(stream, workbook.name), sheet.name, limits.merges)

    def rows() -> Iterator[Row]:
        if not areas:
            yield from plain()
            return
        spreading = Spreading(areas, limits.columns)
        for row in plain():
            spreading.spread(row.number, row.cells)
            yield row

    return rows


def _unknown_columns(head: HeadMap) -> list[str]:
    return [f"{letter}列“{name}”不认识，没有读" for letter, name in head.unknown]
