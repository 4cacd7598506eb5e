"""A register's rows as Excel and CSV: what would run as a formula is made harmless, numbers stay numbers."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from keshu.terms.quantity import plain
from keshu.terms.text import guard_cell


def register_csv(heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """CSV in UTF-8 with a mark that Excel and WPS read."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guard_cell(head) for head in heads])
    for line in lines:
        writer.writerow([_csv(value) for value in line])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _csv(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else guard_cell(str(value))


def register_xlsx(title: str, heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """One sheet, its head frozen. Streams: the rows may be many."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:30])
    sheet.freeze_panes = "A2"
    first = [WriteOnlyCell(sheet, value=head) for head in heads]
    for cell in first:
        cell.font = Font(bold=True)
    sheet.append(first)
    for line in lines:
        sheet.append([value if isinstance(value, Decimal) else _text(sheet, str(value)) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: Any, value: str) -> Any:
    cell = WriteOnlyCell(sheet, value=guard_cell(value))
    cell.data_type = "s"
    return cell
