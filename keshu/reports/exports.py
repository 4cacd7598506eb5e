"""A dispatch as a file: Excel, Word, a page to print, CSV or JSON. Each carries period, as-of, revision, rule and replay code."""

import csv
import io
import json
from collections.abc import Collection
from decimal import Decimal
from typing import Literal

from keshu.figures.canonical import dispatch_json, number
from keshu.figures.dispatch import Dispatch
from keshu.ledger.intake.writing import safe_text
from keshu.reports import details, heading
from keshu.reports.briefing import briefing_docx
from keshu.reports.printable import printable
from keshu.reports.workbook import workbook

Format = Literal["xlsx", "docx", "html", "csv", "json"]
MEDIA_TYPES: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


class UnknownFormat(ValueError):
    """A format that is not made."""


def export_dispatch(
    table: Dispatch, format: Format | str, *, shown: set[int] | None = None, brief: Collection[int] = ()
) -> bytes:
    """The table as a file's bytes.

    ``shown``: pks of the subjects whose rows may leave (None = all); ``brief``: pks of subjects of which only value and place
    show, in the printed table and the sheet 总表. Ranks stay those of the whole. Raises UnknownFormat.
    """
    if format == "xlsx":
        return workbook(table, shown, brief)
    if format == "docx":
        return briefing_docx(table, shown)
    if format == "html":
        return printable(table, shown, brief).encode()
    if format == "csv":
        return _csv(table, shown)
    if format == "json":
        return json.dumps(dispatch_json(table, shown=shown), ensure_ascii=False, indent=1).encode()
    raise UnknownFormat(f"不出“{format}”格式。可以要 {'、'.join(MEDIA_TYPES)}。")


def file_name(table: Dispatch, format: str) -> str:
    """青禾市强科技行动五项指标_2026年1—9月_r123.xlsx"""
    return f"{heading.title(table)}_{table.period.label}_{heading.replay_code(table)}.{format}"


def _csv(table: Dispatch, shown: set[int] | None) -> bytes:
    """UTF-8 with a byte order mark (Excel and WPS read it as it is); one line per figure, each ending with what replays it."""
    carried = heading.lines(table)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*details.HEADS, *(f"表·{label}" for label, _ in carried)])
    for values in details.rows(table, shown):
        writer.writerow([*(_cell(value) for value in values), *(safe_text(value) for _, value in carried)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: details.Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number(value) or ""
    return safe_text(value) if isinstance(value, str) else str(value)
