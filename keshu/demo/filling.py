"""The demonstration's forms of a superior: the monthly form in Excel is mapped and was sent for August, the one in Word has just come."""

import io
from datetime import datetime
from functools import partial

from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can
from keshu.figures.book import book
from keshu.filling.layout import Layout
from keshu.filling.mapping import PERIOD, REMARK, MappedCell, confirm_mapping
from keshu.filling.models import FormTemplate
from keshu.filling.receiving import latest_blank, new_template
from keshu.filling.suggesting import suggest, suggest_sums
from keshu.filling.working import export, fill_period, record_sent, type_in
from keshu.journal import moments
from keshu.journal.writing import Writing
from keshu.reports.archives import steady

PLANNER = Actor(
    account_id=None,
    name="苏知衡",
    sees_all=True,
    capabilities=frozenset({Can.FILL_FORMS, Can.GIVE_FIGURES, Can.SEE_ISSUED}),
)
MONTHLY, QUARTERLY = "县（市、区）科技创新主要指标月报表（演示）", "科技工作情况季报表（演示）"
RECEIVER = "演示省科学技术厅（演示）"
COUNTIES = ("云麓区", "禾中区", "南芷市", "苇湖区", "松坪县", "白河口县", "岚川县", "望岭县", "市本级")
FIRST, TOTAL = 5, 14


def stages() -> list[Stage]:
    """The form comes in and is mapped, August is filled and sent, September is filled; a Word form comes in."""
    return [
        Stage(moment(3, 5, 10), "收省厅月报表并对表", _receive, by="苏知衡"),
        Stage(moment(9, 18, 15), "填报省厅月报表", partial(_fill, "2026-08", True), by="苏知衡"),
        Stage(moment(10, 11, 16), "填九月省厅月报表", partial(_fill, "2026-09", False), by="苏知衡"),
        Stage(moment(10, 11, 16, 30), "收省厅季报表", _receive_word, by="苏知衡"),
    ]


def monthly_blank(at: datetime) -> bytes:
    """The superior's monthly form: two rows of heads, a total that the form sums itself, notes below."""
    wb = Workbook()
    sheet = wb.active
    assert sheet is not None
    sheet.title = "月报"
    line = Side(style="thin")
    for area in ("A1:H1", "A3:A4", "B3:D3", "E3:F3", "G3:G4", "H3:H4", "A15:H15"):
        sheet.merge_cells(area)
    sheet["A1"] = "县(市、区)科技创新主要指标月报表（2026年  月）"
    sheet["A1"].font, sheet["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    sheet["A2"], sheet["G2"] = "填报单位：青禾市科学技术局", "表号：演示科统01表"
    for address, text in {
        "A3": "地区",
        "B3": "输出技术合同成交额（万元）",
        "E3": "财政科技支出（万元）",
        "G3": "高新技术企业数（家）",
        "H3": "情况说明",
        "B4": "本年累计",
        "C4": "上年同期累计",
        "D4": "累计同比增长（%）",
        "E4": "本年累计",
        "F4": "上年同期累计",
    }.items():
        sheet[address] = text
    for row in range(3, TOTAL + 1):
        for column in range(1, 9):
            cell = sheet.cell(row, column)
            cell.border = Border(left=line, right=line, top=line, bottom=line)
            if row < FIRST:
                cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            elif column in (2, 3, 5, 6):
                cell.number_format = "0.00"
            elif column in (4, 7):
                cell.number_format = "0.0" if column == 4 else "0"
    for row, name in enumerate(COUNTIES, FIRST):
        sheet.cell(row, 1, name)
    sheet.cell(TOTAL, 1, "合计")
    for letter in "BCEFG":
        sheet[f"{letter}{TOTAL}"] = f"=SUM({letter}{FIRST}:{letter}{TOTAL - 1})"
    sheet["A15"] = "注：高新技术企业数为期末有效数；没有数的格留空，在情况说明里写明原因。"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["H"].width = 14, 24
    for letter in "BCDEFG":
        sheet.column_dimensions[letter].width = 13
    sheet.page_setup.orientation, sheet.print_title_rows = "landscape", "1:4"
    out = io.BytesIO()
    wb.save(out)
    return steady(out.getvalue(), at)


def quarterly_blank(at: datetime) -> bytes:
    """A form in Word that has not been mapped yet."""
    document = Document()
    document.add_heading("科技工作情况季报表", 1)
    table = document.add_table(5, 4)
    table.style = "Table Grid"
    for column, head in enumerate(("指标", "计量单位", "本年累计", "上年同期累计")):
        table.cell(0, column).text = head
    rows = (
        ("输出技术合同成交额", "万元"),
        ("财政科技支出", "万元"),
        ("高新技术企业数", "家"),
        ("有效发明专利", "件"),
    )
    for row, (name, unit) in enumerate(rows, 1):
        table.cell(row, 0).text, table.cell(row, 1).text = name, unit
    out = io.BytesIO()
    document.save(out)
    return steady(out.getvalue(), at)


def _receive(block: Writing) -> int:
    content = monthly_blank(moment(3, 5, 10))
    form = new_template(
        PLANNER,
        io.BytesIO(content),
        "县区科技创新主要指标月报表.xlsx",
        name=MONTHLY,
        receiver=RECEIVER,
        frequency=str(FormTemplate.Frequency.MONTH),
        doc_no="演科统〔2026〕2号",
    )
    blank = latest_blank(form)
    layout, definitions = Layout.of(blank.layout), book(moments.latest())
    cells = suggest(layout, definitions, definitions.regions[form.region_id])
    cells += [
        MappedCell(f"1!H{row}", kind=REMARK, label=f"{name} 情况说明")
        for row, name in enumerate(COUNTIES, FIRST)
    ]
    cells.append(MappedCell("1!A1", kind=PERIOD, label="表题"))
    confirm_mapping(PLANNER, blank, cells, suggest_sums(layout, cells, definitions))
    return 0


def _fill(period: str, sent: bool, block: Writing) -> int:
    form = FormTemplate._base_manager.get(name=MONTHLY)
    filled = fill_period(PLANNER, form, period)
    notes = {f"1!H{FIRST + 8}": "市本级没有法人单位的企业"}
    filled = type_in(PLANNER, filled, notes)
    if sent:
        filled = export(PLANNER, filled, note="市本级没有法人单位的企业，不报高企数")
        record_sent(PLANNER, filled, known=True)
    return 0


def _receive_word(block: Writing) -> int:
    content = quarterly_blank(moment(10, 11, 16))
    new_template(
        PLANNER,
        io.BytesIO(content),
        "科技工作情况季报表.docx",
        name=QUARTERLY,
        receiver=RECEIVER,
        frequency=str(FormTemplate.Frequency.QUARTER),
    )
    return 0
