"""Import templates: a sheet to fill in whose columns are the importer's own, and a sheet that explains them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from keshu.ledger.intake.heads import CHOICES_SHEET, GUIDE_SHEET, MARK_SHEET, Column, Holds
from keshu.ledger.intake.writing import (
    HEAD_BORDER,
    HEAD_FILL,
    HEAD_FONT,
    NARROWEST,
    NOTE_FONT,
    TINT,
    TITLE_FONT,
    WIDEST,
    fit_to_width,
    replacing,
    safe_text,
    width_of,
)

# A list written into the validation itself may not be longer; longer ones stand on a hidden sheet.
INLINE_LIST_CHARS = 250
LAST_ROW = 1_048_576
# The guide's explaining column in characters, and the height of one line of it in points.
WHAT_WIDTH, LINE_POINTS = 60, 16

_HOW = {
    Holds.TEXT: "文字",
    Holds.NUMBER: "数，不带单位；没有数据请留空，不要填 0",
    Holds.DATE: "日期，如 2026-03-31",
    Holds.PERIOD: "时期，如 2026年、2026年上半年、2026年三季度、2026年9月、2026年1—9月",
}


def write_template(
    columns: Sequence[Column],
    out: Path | BinaryIO,
    *,
    title: str,
    examples: Sequence[Mapping[str, str]] = (),
    notes: Sequence[str] = (),
    dropdowns: Mapping[str, Sequence[str]] | None = None,
    above: Sequence[str] = (),
    mark: Mapping[str, str] | None = None,
) -> None:
    """Write an xlsx template. ``examples``: rows by column key; ``dropdowns``: choices by column key; ``above``: lines over the head;
    ``mark``: what a hidden sheet says of the workbook (name → text).

    Examples stand on the sheet 填写说明 only, so that none is ever imported. Required columns carry a star, which reading
    ignores. Every column but numbers is formatted as text, so that codes keep their zeros and 2026-09 stays what was typed.
    Errors: DiskFull.
    """
    book = Workbook()
    book.properties.creator, book.properties.title = "科枢", title
    page: Worksheet = book.active
    page.title = _sheet_name(title)
    for line, text in enumerate(above, start=1):
        page.cell(line, 1, safe_text(text)).font = TITLE_FONT if line == 1 else NOTE_FONT
    _lay_head(page, columns, len(above) + 1)
    _add_dropdowns(book, page, columns, dropdowns or {}, len(above) + 2)
    _explain(
        book.create_sheet(GUIDE_SHEET, 1),
        columns,
        title=title,
        examples=examples,
        notes=notes,
        dropdowns=dropdowns or {},
    )
    if mark:
        marks = book.create_sheet(MARK_SHEET)
        marks.sheet_state = "veryHidden"
        for entry in mark.items():
            marks.append([safe_text(text) for text in entry])
    with replacing(out) as stream:
        book.save(stream)


def _sheet_name(title: str) -> str:
    kept = "".join(one for one in title if one not in "[]:*?/\\'")[:31]
    return kept if kept and kept not in (GUIDE_SHEET, CHOICES_SHEET, MARK_SHEET) else "数据"


def _lay_head(page: Worksheet, columns: Sequence[Column], line: int) -> None:
    for at, column in enumerate(columns, start=1):
        cell = page.cell(line, at, safe_text(f"*{column.name}" if column.required else column.name))
        cell.font, cell.border = HEAD_FONT, HEAD_BORDER
        cell.fill = TINT if column.required else HEAD_FILL
        dimension = page.column_dimensions[get_column_letter(at)]
        dimension.width = min(max(width_of(column.name) + 6, NARROWEST + 6), WIDEST)
        if column.holds is not Holds.NUMBER:
            dimension.number_format = "@"
    page.freeze_panes = f"A{line + 1}"
    fit_to_width(page)


def _add_dropdowns(
    book: Workbook,
    page: Worksheet,
    columns: Sequence[Column],
    dropdowns: Mapping[str, Sequence[str]],
    first: int,
) -> None:
    choices: Worksheet | None = None
    for at, column in enumerate(columns, start=1):
        options = list(dropdowns.get(column.key, ()))
        if not options:
            continue
        inline = ",".join(options)
        if len(inline) <= INLINE_LIST_CHARS and not any(
            mark in inline.replace(",", "", len(options) - 1) for mark in ',"'
        ):
            formula = f'"{inline}"'
        else:
            if choices is None:
                choices = book.create_sheet(CHOICES_SHEET)
                choices.sheet_state = "hidden"
            place = choices.max_column + 1 if choices.max_row > 1 or choices["A1"].value else 1
            for line, option in enumerate(options, start=1):
                choices.cell(line, place, safe_text(option))
            letters = get_column_letter(place)
            formula = f"'{CHOICES_SHEET}'!${letters}$1:${letters}${len(options)}"
        validation = DataValidation(
            "list", formula1=formula, allow_blank=True, showErrorMessage=True, errorStyle="warning",
            errorTitle=column.name, error="请从下拉列表里选；列表里没有的，导入时会给出相近的名称供核对。",
        )  # fmt: skip
        letters = get_column_letter(at)
        validation.add(f"{letters}{first}:{letters}{LAST_ROW}")
        page.add_data_validation(validation)


def _explain(
    page: Worksheet,
    columns: Sequence[Column],
    *,
    title: str,
    examples: Sequence[Mapping[str, str]],
    notes: Sequence[str],
    dropdowns: Mapping[str, Sequence[str]],
) -> None:
    """What each column takes, one line per column: laid on its side, the guide can never be taken for a head."""
    fit_to_width(page)
    page["A1"] = safe_text(title)
    page["A1"].font = TITLE_FONT
    heads = ["列名", "必填", "填什么", "也认的列名", *(f"示例{at}" for at in range(1, len(examples) + 1))]
    for at, text in enumerate(heads, start=1):
        cell = page.cell(3, at, text)
        cell.font, cell.fill, cell.border = HEAD_FONT, HEAD_FILL, HEAD_BORDER
    for line, column in enumerate(columns, start=4):
        what = column.help or _HOW[column.holds]
        if column.key in dropdowns:
            what += "；从下拉列表里选"
        page.row_dimensions[line].height = LINE_POINTS * max(1, -(-width_of(what) // WHAT_WIDTH))
        texts = [column.name, "是" if column.required else "否", what, "、".join(column.names[1:])]
        texts += [str(example.get(column.key, "")) for example in examples]
        for at, text in enumerate(texts, start=1):
            cell = page.cell(line, at, safe_text(text))
            cell.number_format, cell.alignment = "@", Alignment(wrap_text=True, vertical="top")
    for line, note in enumerate(notes, start=len(columns) + 5):
        cell = page.cell(line, 1, safe_text(note))
        cell.font = NOTE_FONT
    for letters, width in zip("ABCD", (20, 6, WHAT_WIDTH, 30), strict=True):
        page.column_dimensions[letters].width = width
    for at in range(len(examples)):
        page.column_dimensions[get_column_letter(5 + at)].width = 24
