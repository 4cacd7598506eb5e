"""Ten blank forms as superiors send them, each with something that a careless writer breaks. Figures go into ``cells``."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break

THIN = Side(style="thin", color="FF333333")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


@dataclass(frozen=True)
class BlankForm:
    """A blank: what it is like, its bytes, and the cells that are filled (key → decimals)."""

    what: str
    kind: str
    content: bytes
    cells: dict[str, int]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The package with the text of one part changed, as another program would have written it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for entry in source.infolist():
            data = source.read(entry)
            to.writestr(entry, change(data.decode()).encode() if entry.filename == part else data)
    return out.getvalue()


def with_shared_strings(content: bytes) -> bytes:
    """The texts of the first sheet in the table of shared strings, as Excel saves them."""
    texts: list[str] = []

    def shared(found: re.Match[str]) -> str:
        texts.append(found[2])
        return f'{found[1]} t="s"><v>{len(texts) - 1}</v></c>'

    def sheet(text: str) -> str:
        return re.sub(r'(<c [^>]*?) t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>', shared, text)

    content = rewritten(content, "xl/worksheets/sheet1.xml", sheet)
    assert texts
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    relation = (
        '<Relationship Id="rIdShared" Target="sharedStrings.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    content = rewritten(content, "[Content_Types].xml", lambda text: text.replace("</Types>", override))
    content = rewritten(
        content, "xl/_rels/workbook.xml.rels", lambda text: text.replace("</Relationships>", relation)
    )
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(
            "xl/sharedStrings.xml",
            f'<sst xmlns="{main}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>',
        )
    return out.getvalue()


def png() -> bytes:
    """A red point of 2 × 2."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        size, check = len(data).to_bytes(4, "big"), zlib.crc32(kind + data).to_bytes(4, "big")
        return size + kind + data + check

    head = (2).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    rows = zlib.compress(b"".join(b"\x00" + b"\xc0\x20\x20" * 2 for _ in range(2)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def monthly() -> BlankForm:
    """Merged title, unit over the table, two rows of heads, a total that sums, notes below, print titles."""
    book = Workbook()
    sheet = book.active
    sheet.title = "表1"
    sheet.merge_cells("A1:F1")
    sheet["A1"] = "科技统计月报（2026年9月）"
    sheet["A1"].font = Font(name="方正小标宋简体", size=18, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet["A2"], sheet["F2"] = "填报单位：青禾市科技局", "单位：万元"
    for area in ("A3:A4", "B3:C3", "D3:E3", "F3:F4"):
        sheet.merge_cells(area)
    sheet["A3"], sheet["B3"], sheet["D3"], sheet["F3"] = "地区", "技术合同成交额", "财政科技支出", "备注"
    sheet["B4"], sheet["C4"], sheet["D4"], sheet["E4"] = (
        "本年累计",
        "上年同期累计",
        "本年累计",
        "上年同期累计",
    )
    for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县"), 5):
        sheet.cell(row, 1, name)
        for column in range(2, 6):
            cell = sheet.cell(row, column)
            cell.number_format, cell.border = "#,##0.00", BOX
    sheet["A9"] = "合计"
    for column in "BCDE":
        sheet[f"{column}9"] = f"=SUM({column}5:{column}8)"
        sheet[f"{column}9"].font = Font(bold=True)
    sheet["A11"] = "注：1.技术合同成交额按输出技术填报。"
    sheet.merge_cells("A11:F11")
    sheet.print_title_rows, sheet.print_area = "1:4", "A1:F11"
    sheet.freeze_panes = "B5"
    sheet.column_dimensions["A"].width, sheet.row_dimensions[1].height = 22, 34
    cells = {f"1!{column}{row}": 2 for row in range(5, 9) for column in "BCDE"}
    return BlankForm("合并标题、两层表头、合计公式", "xlsx", saved(book), cells)


def validated() -> BlankForm:
    """Data validation, a hidden column of codes, notes on cells, frozen panes, a filter, a link."""
    book = Workbook()
    sheet = book.active
    sheet.title = "高企情况"
    heads = ("序号", "代码", "县(市、区)", "有效高企数（家）", "研发强度（%）", "是否达标")
    for column, head in enumerate(heads, 1):
        cell = sheet.cell(1, column, head)
        cell.fill, cell.border = PatternFill("solid", fgColor="FFDDEBF7"), BOX
    for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县"), 2):
        sheet.cell(row, 1, row - 1)
        sheet.cell(row, 2, f"9901{row:02d}")
        sheet.cell(row, 3, name)
        sheet.cell(row, 4).number_format = "0"
    sheet.column_dimensions["B"].hidden = True
    rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="100", allow_blank=True)
    rule.error = "研发强度应在 0 到 100 之间"
    sheet.add_data_validation(rule)
    rule.add("E2:E5")
    choice = DataValidation(type="list", formula1='"是,否"')
    sheet.add_data_validation(choice)
    choice.add("F2:F5")
    sheet["D1"].comment = Comment("期末有效数，不含外地迁入未备案的", "省厅")
    sheet["A7"] = "说明见"
    sheet["A7"].hyperlink = "http://example.org/notes"
    sheet.auto_filter.ref = "A1:F5"
    sheet.freeze_panes = "D2"
    return BlankForm(
        "数据有效性、隐藏列、批注",
        "xlsx",
        with_shared_strings(saved(book)),
        {f"1!{c}{r}": d for r in range(2, 6) for c, d in (("D", 0), ("E", 2))},
    )


def two_sheets() -> BlankForm:
    """A second sheet that reads the first, a name, protection, a hidden sheet of choices."""
    book = Workbook()
    first = book.active
    first.title = "分县"
    second, third = book.create_sheet("汇总 表"), book.create_sheet("选项")
    third.sheet_state = "hidden"
    third["A1"] = "是"
    first.append(["地区", "技术合同成交额（亿元）", "生产总值（亿元）", "占比（%）"])
    for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县"), 2):
        first.cell(row, 1, name)
        first.cell(row, 4, f"=ROUND(B{row}/C{row}*100,2)")
        for column in (2, 3):
            first.cell(row, column).protection = Protection(locked=False)
    first.protection.sheet, first.protection.password = True, "form"
    second.append(["项目", "数值"])
    second["A2"], second["B2"] = "技术合同成交额（亿元）", "=SUM(分县!B2:B5)"
    second["A3"], second["B3"] = "生产总值（亿元）", "=SUM(分县!C2:C5)"
    second["A4"], second["B4"] = "高新技术企业数（家）", None
    second.sheet_properties.tabColor = "FF1F4E78"
    book.defined_names["各县合同"] = DefinedName("各县合同", attr_text="分县!$B$2:$B$5")
    cells = {f"1!{c}{r}": 4 for r in range(2, 6) for c in "BC"} | {"2!B4": 0}
    return BlankForm("两张表、跨表公式、保护、隐藏表", "xlsx", saved(book), cells)


def with_image() -> BlankForm:
    """A picture and its drawing, put in as a program of the superior would; openpyxl keeps no picture it did not make."""
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"] = "指标", "数值"
    sheet["A2"], sheet["A3"] = "高新技术企业数（家）", "技术合同成交额（万元）"
    content = saved(book)
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/>'
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" '
        'Target="../drawings/drawing1.xml"/></Relationships>'
    )
    content = rewritten(
        content,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(
            "</worksheet>",
            '<drawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/></worksheet>',
        ),
    )
    content = rewritten(
        content,
        "[Content_Types].xml",
        lambda text: text.replace(
            "</Types>",
            '<Default Extension="png" ContentType="image/png"/><Override PartName="/xl/drawings/drawing1.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>',
        ),
    )
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as package:
        package.writestr("xl/drawings/drawing1.xml", drawing)
        package.writestr("xl/worksheets/_rels/sheet1.xml.rels", relation)
        package.writestr("xl/media/image1.png", png())
    return BlankForm("图片", "xlsx", out.getvalue(), {"1!B2": 0, "1!B3": 2})


def percents() -> BlankForm:
    """Percent formats, conditional colours, header and footer, landscape, a page break, dates."""
    book = Workbook()
    sheet = book.active
    sheet.append(["县区", "研发投入强度", "科技支出占比", "填表日期"])
    for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县", "市本级"), 2):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2).number_format, sheet.cell(row, 3).number_format = "0.00%", "0.0%"
        sheet.cell(row, 4, date(2026, 10, 8)).number_format = 'yyyy"年"m"月"d"日"'
    red = PatternFill("solid", bgColor="FFF8CBAD")
    sheet.conditional_formatting.add("B2:C6", CellIsRule(operator="lessThan", formula=["0.01"], fill=red))
    sheet.oddHeader.center.text, sheet.oddFooter.right.text = "省科技厅制", "第 &P 页 共 &N 页"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = 0.3
    sheet.row_breaks.append(Break(id=4))
    return BlankForm(
        "百分比格式、页眉页脚、条件格式",
        "xlsx",
        saved(book),
        {f"1!{c}{r}": d for r in range(2, 7) for c, d in (("B", 2), ("C", 1))},
    )


def sparse() -> BlankForm:
    """Cells and rows that the file does not list: their style is the row's or the column's."""
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["C1"] = "项目", "万元"
    sheet["A3"], sheet["A6"] = "财政科技支出", "技术合同成交额"
    sheet["B6"] = 1
    sheet["A7"] = "其他"
    book["Sheet"].column_dimensions["C"].number_format = "0.0000"
    content = saved(book)

    def without(text: str) -> str:
        text = re.sub(r'<c r="B6"[^>]*>.*?</c>', "", text)
        return text.replace('<row r="3">', '<row r="3" ht="20" customHeight="1">')

    content = rewritten(content, "xl/worksheets/sheet1.xml", without)
    return BlankForm(
        "没有写出来的空格和空行", "xlsx", content, {"1!C3": 2, "1!C4": 2, "1!C6": 2, "1!B6": 0, "1!C7": 2}
    )


def shared_formulas() -> BlankForm:
    """Formulas shared down a column as Excel saves them, with kept results, and a chain of calculation."""
    book = Workbook()
    sheet = book.active
    sheet.append(["县区", "本期（万元）", "上年同期（万元）", "增减（万元）"])
    for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县"), 2):
        sheet.cell(row, 1, name)
        sheet.cell(row, 4, f"=B{row}-C{row}")
    sheet["A6"], sheet["D6"] = "合计", "=SUM(D2:D5)"
    content = saved(book)

    def shared(text: str) -> str:
        first = '<f t="shared" ref="D2:D5" si="0">B2-C2</f><v>0</v>'
        text = re.sub(r"<f>B2-C2</f><v>", first.removesuffix("0</v>"), text).replace("<v></v>", "<v>0</v>")
        made = re.sub(r"<f>B[3-5]-C[3-5]</f>", '<f t="shared" si="0"/>', text)
        assert made.count('t="shared"') == 4
        return made

    content = with_shared_strings(rewritten(content, "xl/worksheets/sheet1.xml", shared))
    cells = {f"1!{c}{r}": 2 for r in range(2, 6) for c in "BC"}
    return BlankForm("共享公式", "xlsx", content, cells)


def prefixed() -> BlankForm:
    """Written by a program that puts a prefix before every tag."""
    book = Workbook()
    sheet = book.active
    sheet.append(["指标", "计量单位", "本月", "累计"])
    for name, unit in (("技术合同成交额", "万元"), ("高新技术企业数", "家"), ("财政科技支出", "亿元")):
        sheet.append([name, unit])
    sheet["C2"].number_format = "0.00"
    sheet["C2"].font = Font(color="FF0000FF")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def with_prefix(text: str) -> str:
        text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", text)
        return text.replace(f'xmlns="{main}"', f'xmlns:x="{main}"')

    content = rewritten(saved(book), "xl/worksheets/sheet1.xml", with_prefix)
    return BlankForm("标签带前缀", "xlsx", content, {f"1!{c}{r}": 2 for r in (2, 3, 4) for c in "CD"})


def word_merged() -> BlankForm:
    """A Word table with merged heads, a merged first column, formatted runs and rules to write on."""
    document = Document()
    document.add_heading("县区科技工作情况表", 1)
    table = document.add_table(7, 5)
    table.style = "Table Grid"
    table.cell(0, 0).merge(table.cell(1, 0)).text = "地区"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "技术合同成交额（万元）"
    table.cell(0, 3).merge(table.cell(0, 4)).text = "高新技术企业数（家）"
    for column, head in enumerate(("本年累计", "上年同期累计", "本期", "上年末"), 1):
        table.cell(1, column).text = head
    for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县"), 2):
        table.cell(row, 0).text = name
    run = table.cell(2, 1).paragraphs[0].add_run("0")
    run.bold, run.font.size = True, Pt(12)
    run.font.name = "仿宋_GB2312"
    run._element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋_GB2312")
    table.cell(3, 1).paragraphs[0].add_run("____").underline = True
    table.cell(3, 1).paragraphs[0].add_run("（核实后填）")
    table.cell(6, 0).merge(table.cell(6, 4)).text = "填表人：        审核人："
    document.add_paragraph("注：按输出技术填报。")
    out = io.BytesIO()
    document.save(out)
    cells = {f"1!{c}{r}": d for r in (3, 4, 5, 6) for c, d in (("B", 2), ("C", 2), ("D", 0), ("E", 0))}
    return BlankForm("Word 合并单元格", "docx", out.getvalue(), cells)


def word_two_tables() -> BlankForm:
    """Two tables, one with a table inside, a picture, headers, a landscape page, shaded cells."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.header.paragraphs[0].text = "附件2"
    section.footer.paragraphs[0].text = "省科技厅制表"
    document.add_picture(io.BytesIO(png()))
    first = document.add_table(3, 3)
    for column, head in enumerate(("指标", "单位", "完成数")):
        first.cell(0, column).text = head
    first.cell(1, 0).text, first.cell(1, 1).text = "技术合同成交额", "亿元"
    first.cell(2, 0).text, first.cell(2, 1).text = "高新技术企业数", "家"
    inner = first.cell(2, 1).add_table(1, 1)
    inner.cell(0, 0).text = "期末数"
    paragraph = first.cell(1, 2).paragraphs[0]
    paragraph.paragraph_format.alignment = 2
    shade = paragraph._p.get_or_add_pPr()
    mark = shade.makeelement(qn("w:rPr"), {})
    mark.append(mark.makeelement(qn("w:b"), {}))
    shade.append(mark)
    document.add_paragraph("（二）分县情况")
    second = document.add_table(3, 2)
    second.cell(0, 0).text, second.cell(0, 1).text = "县区", "高新技术企业数（家）"
    second.cell(1, 0).text, second.cell(2, 0).text = "云麓区", "望岭县"
    second.cell(1, 1).paragraphs[0].add_run(" ").font.color.rgb = RGBColor(0x1F, 0x4E, 0x78)
    out = io.BytesIO()
    document.save(out)
    return BlankForm(
        "Word 两张表、页眉、图片", "docx", out.getvalue(), {"1!C2": 4, "1!C3": 0, "2!B2": 0, "2!B3": 0}
    )


FORMS: tuple[Callable[[], BlankForm], ...] = (
    monthly,
    validated,
    two_sheets,
    with_image,
    percents,
    sparse,
    shared_formulas,
    prefixed,
    word_merged,
    word_two_tables,
)
