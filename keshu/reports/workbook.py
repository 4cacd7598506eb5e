"""A dispatch as an Excel workbook: the table, every line, the leading indicators, and the notes that let it be replayed."""

import io
from collections.abc import Collection, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from keshu.directory.models import Region
from keshu.figures.dispatch import Column, Dispatch, Row
from keshu.figures.instead import ShownColumn, columns_shown, leading_columns
from keshu.ledger.intake.writing import safe_text
from keshu.reports import details, heading
from keshu.reports.archives import steady
from keshu.reports.conclusions import conclusion, spoken
from keshu.reports.wording import is_money, lamp_words, reached
from keshu.terms.quantity import column_money_unit, round_half_up
from keshu.terms.units import convert

#: What Excel keeps of a number. Further digits would be lost on opening, so they are rounded here, once.
FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
THIN, STRONG = Side(style="thin", color="BFC7C5"), Side(style="medium", color="17212B")
HEAD_FILL = PatternFill("solid", fgColor="ECEEEA")
TITLE_FONT, HEAD_FONT, TEXT_FONT = (
    Font(name="宋体", size=16, bold=True),
    Font(name="黑体", size=10),
    Font(name="宋体", size=10),
)
RULE, HEAD_RULE = Border(bottom=THIN), Border(top=STRONG, bottom=STRONG)
MIDDLE, WRAPPED = Alignment(vertical="center"), Alignment(vertical="center", wrap_text=True)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
PER_INDICATOR = ("值", "位次", "完成率（%）", "灯")


def workbook(table: Dispatch, shown: set[int] | None = None, brief: Collection[int] = ()) -> bytes:
    """The workbook. ``shown``: subjects whose rows are whole (None = all); ``brief``: subjects of which value and place show."""
    book = Workbook()
    book.remove(book.active)
    _table_sheet(book.create_sheet("总表"), table, columns_shown(table), shown, brief)
    _detail_sheet(book.create_sheet("明细"), table, shown)
    if table.leading:
        _table_sheet(book.create_sheet("先行指标"), table, leading_columns(table), shown, brief)
    _notes_sheet(book.create_sheet("口径与出处"), table, shown)
    book.properties.title = heading.title(table)
    book.properties.creator = "科枢"
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue(), table.as_of)


# ---- cells --------------------------------------------------------------------------------------------------


def bare(sheet: Worksheet, row: int, column: int, value: details.Value) -> Cell:
    """Write one cell without dress: text guarded against formulas, numbers as numbers."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = safe_text(value)
        cell.data_type = "s"
    else:
        cell.value = FIFTEEN.plus(value) if isinstance(value, Decimal) else value
    return cell


def put(sheet: Worksheet, row: int, column: int, value: details.Value, places: int | None = None) -> Cell:
    """Write one cell of a table that is read and printed; ``places`` fixes the decimals shown."""
    cell = bare(sheet, row, column, value)
    if places is not None and isinstance(value, Decimal):
        cell.number_format = "0" if places == 0 else f"0.{'0' * places}"
    cell.font, cell.border = TEXT_FONT, RULE
    cell.alignment = WRAPPED if isinstance(value, str) and len(value) > 12 else MIDDLE
    return cell


def _title(sheet: Worksheet, table: Dispatch, width: int, note: str = "") -> int:
    """Title, the line that lets the table be replayed, the conclusion; gives the first free row."""
    for row, (text, font, height) in enumerate(
        (
            (heading.title(table), TITLE_FONT, 28),
            (heading.one_line(table), TEXT_FONT, 18),
            (note, TEXT_FONT, 34),
        ),
        1,
    ):
        cell = sheet.cell(row=row, column=1, value=safe_text(text))
        cell.data_type = "s"
        cell.font = font
        cell.alignment = WRAPPED
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        sheet.row_dimensions[row].height = height if text else 4
    return 4


def _head(cell: Cell) -> None:
    cell.font, cell.fill = HEAD_FONT, HEAD_FILL
    cell.border, cell.alignment = HEAD_RULE, CENTRED


def _printed(sheet: Worksheet, table: Dispatch, heads: str, *, columns: str = "") -> None:
    """A4 across, heads repeated. One page wide, or on several with these columns repeated where there are too many to read."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    if columns:
        sheet.page_setup.scale = 70
        sheet.print_title_cols = columns
    else:
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = heads
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.oddFooter.left.text = f"复现码 {heading.replay_code(table)}"
    sheet.oddFooter.right.text = "第 &P 页 共 &N 页"


# ---- sheets -------------------------------------------------------------------------------------------------


def _table_sheet(
    sheet: Worksheet,
    table: Dispatch,
    columns: Sequence[ShownColumn],
    shown: set[int] | None,
    brief: Collection[int],
) -> None:
    """Regions × indicators: value, place, completion, lamp word; then the mean and the whole."""
    width = 1 + 4 * len(columns)
    top = _title(sheet, table, width, spoken(conclusion(table, shown)))
    _head(put(sheet, top, 1, "地区"))
    _head(put(sheet, top + 1, 1, ""))
    sheet.merge_cells(start_row=top, start_column=1, end_row=top + 1, end_column=1)
    sheet.column_dimensions["A"].width = 13
    seen = [region for region in table.regions if shown is None or region.pk in shown or region.pk in brief]
    for position, one in enumerate(columns):
        at, column, held = 2 + 4 * position, one.column, one.rows
        by_region = {row.region.pk: row for row in held}
        unit = _column_unit(column, held)
        mark = (
            "，已定" if held and held[0].fixed else f"，{heading.instead_words(one)}" if one.instead else ""
        )
        _head(put(sheet, top, at, f"{column.indicator.short_name}（{column.period.label}{mark}）"))
        sheet.merge_cells(start_row=top, start_column=at, end_row=top, end_column=at + 3)
        for offset, head in enumerate(PER_INDICATOR):
            _head(put(sheet, top + 1, at + offset, f"值（{unit}）" if offset == 0 else head))
            sheet.column_dimensions[get_column_letter(at + offset)].width = (12, 8, 10, 10)[offset]
        for line, region in enumerate(seen, top + 2):
            _cells(sheet, line, at, by_region[region.pk], unit, whole=shown is None or region.pk in shown)
        _foot(sheet, top + 2 + len(seen), at, column, unit)
    for line, region in enumerate(seen, top + 2):
        put(sheet, line, 1, region.name)
    put(sheet, top + 2 + len(seen), 1, "县区均值" if table.level == "county" else "均值")
    put(
        sheet,
        top + 3 + len(seen),
        1,
        "全市" if table.parent.level == Region.Level.CITY else table.parent.name,
    )
    note = heading.inside_note(table)
    if note:
        put(sheet, top + 4 + len(seen), 1, note)
        sheet.merge_cells(
            start_row=top + 4 + len(seen), start_column=1, end_row=top + 4 + len(seen), end_column=width
        )
    sheet.freeze_panes = sheet.cell(row=top + 2, column=2)
    _printed(sheet, table, f"{top}:{top + 1}")


def _column_unit(column: Column, rows: Sequence[Row]) -> str:
    unit = column.indicator.unit
    return column_money_unit(row.value for row in rows) if is_money(unit) else unit


def _rounded(column: Column | Row, value: Decimal, unit: str) -> tuple[Decimal, int]:
    """A value in the column's unit with the decimals it is shown with."""
    indicator = column.indicator
    places = 2 if is_money(indicator.unit) else indicator.decimals
    return round_half_up(
        convert(value, indicator.unit, unit) if unit != indicator.unit else value, places
    ), places


def _cells(sheet: Worksheet, line: int, at: int, row: Row, unit: str, *, whole: bool) -> None:
    if row.value is None:
        put(sheet, line, at, row.missing).alignment = CENTRED
    else:
        value, places = _rounded(row, row.value, unit)
        put(sheet, line, at, value, places)
    place = row.rank if row.region.is_ranked else "不排位" if row.value is not None else ""
    put(sheet, line, at + 1, place).alignment = CENTRED
    if whole:
        done = None if row.completion is None or row.fixed else round_half_up(row.completion * 100, 1)
        put(sheet, line, at + 2, done, 1)
        lamp = f"已定 {reached(row)}".strip() if row.fixed and row.value is not None else lamp_words(row.lamp)
        put(sheet, line, at + 3, lamp).alignment = CENTRED
    else:
        put(sheet, line, at + 2, "")
        put(sheet, line, at + 3, "")


def _foot(sheet: Worksheet, line: int, at: int, column: Column, unit: str) -> None:
    """The mean of the ranked, and the whole with what is in it."""
    for offset in range(4):
        put(sheet, line, at + offset, "")
        put(sheet, line + 1, at + offset, "")
    if column.mean is not None:
        put(sheet, line, at, *_rounded(column, column.mean, unit))
    whole = column.total_row
    if whole is not None and whole.value is not None:
        put(sheet, line + 1, at, *_rounded(column, whole.value, unit))
    elif whole is not None:
        put(sheet, line + 1, at, whole.missing)
    note = heading.total_note(column)
    if note:
        put(sheet, line + 1, at + 1, note)
        sheet.merge_cells(start_row=line + 1, start_column=at + 1, end_row=line + 1, end_column=at + 3)


def _detail_sheet(sheet: Worksheet, table: Dispatch, shown: set[int] | None) -> None:
    top = _title(sheet, table, 16)
    for position, field in enumerate(details.FIELDS, 1):
        _head(put(sheet, top, position, field.head))
        sheet.column_dimensions[get_column_letter(position)].width = field.width
    for line, values in enumerate(details.rows(table, shown), top + 1):
        for position, value in enumerate(values, 1):
            bare(sheet, line, position, value)
    sheet.freeze_panes = sheet.cell(row=top + 1, column=3)
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(details.FIELDS))}{sheet.max_row}"
    _printed(sheet, table, f"{top}:{top}", columns="A:B")


def _notes_sheet(sheet: Worksheet, table: Dispatch, shown: set[int] | None) -> None:
    """Where the table comes from, what each indicator means, and what is not there."""
    for letter, width in zip("ABCDEFG", (26, 22, 14, 50, 30, 20, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    line = _title(sheet, table, 7)
    for label, value in (
        *heading.lines(table),
        ("数值", "总表按声明的小数位四舍五入一次；明细不舍入，保留 Excel 能存的 15 位"),
    ):
        put(sheet, line, 1, label)
        put(sheet, line, 2, value)
        sheet.merge_cells(start_row=line, start_column=2, end_row=line, end_column=5)
        line += 1
    line = _block(
        sheet,
        line + 1,
        ("指标", "数据期间", "口径版本", "口径", "分子 ÷ 分母", "依据文号", "责任科室"),
        [
            (d.name, d.period, d.label, d.text, d.formula, d.doc_no, d.office)
            for d in heading.definitions(table)
        ],
    )
    lacking = [(a.indicator, a.region, a.period, a.reason) for a in heading.absences(table, shown)]
    line = _block(
        sheet, line + 1, ("缺数指标", "地区", "期间", "原因"), lacking or [("本期没有缺数", "", "", "")]
    )
    mixed = [
        (r.indicator.name, r.region.name, r.figure.period.label, "两期取自不同发布")
        for r in heading.mixed(table, shown)
    ]
    if mixed:
        _block(sheet, line + 1, ("两期发布不同", "地区", "期间", "说明"), mixed)
    sheet.freeze_panes = "A4"
    _printed(sheet, table, "1:2")


def _block(sheet: Worksheet, line: int, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    for position, head in enumerate(heads, 1):
        _head(put(sheet, line, position, head))
    for values in rows:
        line += 1
        for position, value in enumerate(values, 1):
            put(sheet, line, position, value)
    return line + 1
