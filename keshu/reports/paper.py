"""Official paper in Word after GB/T 9704-2012: page, grid, fonts, headings, page numbers, tables.

The standard: A4, 天头 37 mm, 订口 28 mm, 版心 156 × 225 mm (so the foot is 35 mm and the right margin 26 mm); 3号仿宋 body, 22 lines of
28 characters to a page; title 2号小标宋 centred; 一、黑体, （一）楷体, 3号 both; page numbers 4号 half-width 宋体 between dashes, odd pages
to the right and even ones to the left, one character from the edge. Fonts are named, never shipped: each has a fallback name.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from docx import Document
from docx.document import Document as Paper
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

TITLE_FACE, BODY_FACE, HEAD_FACE, SECOND_FACE, NUMBER_FACE = (
    "方正小标宋简体",
    "仿宋_GB2312",
    "黑体",
    "楷体_GB2312",
    "宋体",
)
#: face → the names a machine without it looks for next (ISO/IEC 29500-1 17.8.3.1), and the family it belongs to.
FALLBACKS = {
    TITLE_FACE: ("方正小标宋_GBK,华文中宋,STZhongsong,Noto Serif CJK SC", "roman"),
    BODY_FACE: ("仿宋,FangSong,STFangsong,Noto Serif CJK SC", "modern"),
    HEAD_FACE: ("SimHei,STHeiti,Noto Sans CJK SC", "modern"),
    SECOND_FACE: ("楷体,KaiTi,STKaiti,Noto Serif CJK SC", "modern"),
    NUMBER_FACE: ("SimSun,Songti SC,Noto Serif CJK SC", "roman"),
}
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
#: Characters of 2号 in one line of a title.
TITLE_CHARACTERS = 20
LINE = Pt(28.95)
TEXT_WIDTH = Mm(156)
LINE_PITCH = 579  # twentieths of a point: 28.95 pt, 22 lines in 225 mm
# 28 characters in 156 mm = 442.2 pt give 15.793 pt each, −0.207 pt from the 16 pt of the font, in 1/4096 pt.
CHARACTER_SPACE = -848
# The grid itself is declared for whoever opens the page settings; text does not snap to it, because programs disagree on how
# to squeeze 16 pt characters into it. A spacing of −0.25 pt gives the 28 characters (28 × 15.75 = 441 pt) everywhere.
SQUEEZE = -5  # twentieths of a point
MARK = "⟦表{}⟧"


@dataclass(frozen=True)
class TableCell:
    """A cell: a first line, and a smaller second one."""

    text: str
    second: str = ""


@dataclass(frozen=True)
class PaperTable:
    """A table of a paper: caption, heads (name, note), lines; ``first`` heads the first column, ``widths`` (mm) fix the columns."""

    caption: str
    heads: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, Sequence[TableCell]]]
    notes: Sequence[str] = field(default=())
    first: str = "地区"
    widths: Sequence[int] = field(default=())


def blank() -> Paper:
    """An empty paper: page, grid, styles (公文标题, 公文正文, 公文一级, 公文表题, 公文表格, 公文落款 …) and page numbers."""
    paper = Document()
    for paragraph in list(paper.paragraphs):
        paragraph._element.getparent().remove(paragraph._element)
    _page(paper)
    _styles(paper)
    _faces(paper)
    _numbers(paper)
    return paper


def head_line(paper: Paper, text: str) -> None:
    """A line at the head of every page, odd and even: what a loose sheet is told apart by."""
    section = paper.sections[0]
    section.header_distance = Mm(20)
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        paragraph = header.paragraphs[0]
        paragraph.style = paper.styles["公文表格"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run(text)


def add_table(paper: Paper, content: PaperTable) -> None:
    """A table at the end of the paper, with its caption above and its notes below."""
    if content.caption:
        paper.add_paragraph(content.caption, style="公文表题")
    _table(paper, content)
    for note in content.notes:
        paper.add_paragraph(note, style="公文表格")


@lru_cache(maxsize=1)
def template() -> bytes:
    """The Word template of a briefing, with the places that docxtpl fills."""
    paper = blank()
    paper.add_paragraph("{{ title }}", style="公文标题")
    paper.add_paragraph("{%p if second_title %}")
    paper.add_paragraph("{{ second_title }}", style="公文标题")
    paper.add_paragraph("{%p endif %}")
    paper.add_paragraph("{{ subtitle }}", style="公文副题")
    paper.add_paragraph("{{ carried }}", style="公文时点")
    paper.add_paragraph("{%p for section in sections %}")
    paper.add_paragraph("{{ section.head }}", style="公文一级")
    paper.add_paragraph("{%p for part in section.parts %}")
    paper.add_paragraph("{%p if part.text %}")
    mixed = paper.add_paragraph(style="公文正文")
    set_face(mixed.add_run("{{ part.head }}"), SECOND_FACE)
    mixed.add_run("{{ part.text }}")
    paper.add_paragraph("{%p endif %}")
    paper.add_paragraph("{%p if part.table is not none %}")
    paper.add_paragraph(MARK.format("{{ part.table }}"), style="公文表题")
    paper.add_paragraph("{%p endif %}")
    paper.add_paragraph("{%p endfor %}")
    paper.add_paragraph("{%p endfor %}")
    paper.add_paragraph("")
    paper.add_paragraph("{%p if issuer %}")
    paper.add_paragraph("{{ issuer }}", style="公文落款")
    paper.add_paragraph("{%p endif %}")
    paper.add_paragraph("{{ date }}", style="公文落款")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


# ---- page and styles ----------------------------------------------------------------------------------------


def _page(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(
        parse_xml(
            f'<w:docGrid {nsdecls("w")} w:type="linesAndChars" w:linePitch="{LINE_PITCH}" w:charSpace="{CHARACTER_SPACE}"/>'
        )
    )


def set_face(holder: object, name: str) -> None:
    """Set a font for Chinese and Latin alike; Word takes the Chinese one from w:eastAsia only."""
    fonts = holder._element.get_or_add_rPr().get_or_add_rFonts()  # type: ignore[attr-defined]
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), name)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        if fonts.get(qn(theme)) is not None:
            del fonts.attrib[qn(theme)]


def _style(paper: Paper, name: str, face: str, size: Pt, *, bold: bool = False) -> ParagraphStyle:
    style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    style.base_style = paper.styles["Normal"]
    style.font.size, style.font.bold = size, bold
    set_face(style, face)
    return style


def _characters(style: ParagraphStyle, *, first: int = 0, right: int = 0) -> None:
    """Indents counted in characters (hundredths), as Word does for Chinese text."""
    indent = style._element.get_or_add_pPr().get_or_add_ind()
    if first:
        indent.set(qn("w:firstLineChars"), str(first * 100))
        indent.set(qn("w:firstLine"), str(int(first * SIZE_3.pt * 20)))
    if right:
        indent.set(qn("w:rightChars"), str(right * 100))
        indent.set(qn("w:right"), str(int(right * SIZE_3.pt * 20)))


def _styles(paper: Paper) -> None:
    normal = paper.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.font.size = SIZE_3
    set_face(normal, BODY_FACE)
    # The grid counts characters of the document's default size, so the default has to be 3号 too.
    defaults = paper.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for size in (*defaults.findall(qn("w:sz")), *defaults.findall(qn("w:szCs"))):
        size.set(qn("w:val"), str(int(SIZE_3.pt * 2)))
    for language in defaults.findall(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    normal._element.get_or_add_pPr().append(_off_grid())
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    normal.paragraph_format.line_spacing = LINE
    normal.paragraph_format.widow_control = False
    title = _style(paper, "公文标题", TITLE_FACE, SIZE_2)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.line_spacing = Pt(35)
    title.paragraph_format.keep_with_next = True
    sub = _style(paper, "公文副题", SECOND_FACE, SIZE_3)
    sub.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    carried = _style(paper, "公文时点", SECOND_FACE, SIZE_5)
    carried.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    carried.paragraph_format.space_after = LINE
    body = _style(paper, "公文正文", BODY_FACE, SIZE_3)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _characters(body, first=2)
    body._element.get_or_add_rPr().append(parse_xml(f'<w:spacing {nsdecls("w")} w:val="{SQUEEZE}"/>'))
    first = _style(paper, "公文一级", HEAD_FACE, SIZE_3)
    first.paragraph_format.keep_with_next = True
    _characters(first, first=2)
    caption = _style(paper, "公文表题", HEAD_FACE, SIZE_4)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.keep_with_next = True
    cell = _style(paper, "公文表格", BODY_FACE, SIZE_5)
    cell.paragraph_format.line_spacing = Pt(14)
    sign = _style(paper, "公文落款", BODY_FACE, SIZE_3)
    sign.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _characters(sign, right=4)


def _off_grid() -> BaseOxmlElement:
    """A paragraph whose characters keep their own width."""
    return parse_xml(f'<w:snapToGrid {nsdecls("w")} w:val="0"/>')


def _faces(paper: Paper) -> None:
    """The font table: what to take where a font is not installed."""
    part = next(p for p in paper.part.package.iter_parts() if str(p.partname) == "/word/fontTable.xml")
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="{family}"/></w:font>'
        for name, (other, family) in FALLBACKS.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    part._blob = f"{head}<w:fonts {nsdecls('w')}>{entries}</w:fonts>".encode()


def _numbers(paper: Paper) -> None:
    """— 1 — at the foot: odd pages right, even pages left, one character in."""
    paper.settings.odd_and_even_pages_header_footer = True
    section = paper.sections[0]
    for footer, side, edge in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = paper.styles["Normal"]
        paragraph.alignment = side
        indent = paragraph._element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn(f"w:{edge}Chars"), "100")
        indent.set(qn(f"w:{edge}"), "280")
        _number_run(paragraph, "— ")
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            run = _number_run(paragraph, "")
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark = OxmlElement("w:instrText")
                mark.set(qn("xml:space"), "preserve")
                mark.text = text
            run.append(mark)
        _number_run(paragraph, " —")


def _number_run(paragraph: Paragraph, text: str) -> BaseOxmlElement:
    run = paragraph.add_run(text)
    run.font.size = SIZE_4
    set_face(run, NUMBER_FACE)
    return run._element


# ---- tables -------------------------------------------------------------------------------------------------


def place_tables(paper: Paper, tables: Sequence[PaperTable]) -> None:
    """Put each table after the paragraph that marks its place; the paragraph becomes its caption."""
    for number, content in enumerate(tables):
        mark = next(p for p in paper.paragraphs if p.text == MARK.format(number))
        for run in mark.runs[1:]:
            run._element.getparent().remove(run._element)
        mark.runs[0].text = content.caption
        table = _table(paper, content)
        mark._element.addnext(table._element)
        after = table._element
        for note in content.notes:
            line = paper.add_paragraph(note, style="公文表格")
            after.addnext(line._element)
            after = line._element


def _table(paper: Paper, content: PaperTable) -> Table:
    table = paper.add_table(rows=1, cols=1 + len(content.heads))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _rules(table)
    first = Mm(20)
    other = int((TEXT_WIDTH - first) / max(len(content.heads), 1))
    widths: list[int] = [Mm(one) for one in content.widths] or [first, *[other] * len(content.heads)]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    # By its id: looking a style up by name walks through all of them, for every cell.
    style = paper.styles["公文表格"].style_id
    _fill(table.rows[0].cells[0], TableCell(content.first), style, HEAD_FACE)
    for cell, (name, note) in zip(table.rows[0].cells[1:], content.heads, strict=True):
        _fill(cell, TableCell(name, note), style, HEAD_FACE)
    _row_rule(table.rows[0], "w:tblHeader")
    for name, cells in content.lines:
        row = table.add_row()
        _row_rule(row, "w:cantSplit")
        _fill(row.cells[0], TableCell(name), style)
        for cell, told in zip(row.cells[1:], cells, strict=True):
            _fill(cell, told, style)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    return table


def _fill(cell: _Cell, content: TableCell, style: str, face: str = "") -> None:
    paragraph = cell.paragraphs[0]
    paragraph._p.style = style
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(content.text)
    if face:
        set_face(run, face)
    for line in filter(None, content.second.split("\n")):
        paragraph.add_run().add_break()
        small = paragraph.add_run(line)
        small.font.size = Pt(8) if face else Pt(9)
    cell.vertical_alignment = 1  # type: ignore[assignment]


def _row_rule(row: object, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # type: ignore[attr-defined]


def _rules(table: Table) -> None:
    """Rules of 1.5 pt above and below, 0.5 pt between lines, none upright."""
    borders = "".join(
        f'<w:{edge} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
        for edge, size in (("top", 12), ("bottom", 12), ("insideH", 4))
    )
    properties = table._tbl.tblPr
    properties.append(parse_xml(f"<w:tblBorders {nsdecls('w')}>{borders}</w:tblBorders>"))
    properties.append(
        parse_xml(
            f'<w:tblCellMar {nsdecls("w")}><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>'
        )
    )
