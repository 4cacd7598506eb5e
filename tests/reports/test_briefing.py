"""The briefing on official paper: its measures after GB/T 9704-2012, its words from facts, its bytes from its revision."""

import io
import re
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from keshu.reports.archives import steady
from keshu.reports.briefing import briefing_docx, compose
from keshu.reports.keeping import (
    FileLost,
    content_of,
    figures_digest,
    holds,
    keep_briefing,
    pinned,
    recomposed,
)
from keshu.terms.period import Period

SEPTEMBER = Period.parse("2026-01..09")


@pytest.fixture
def table(office):
    return pinned("strong-st-5", SEPTEMBER, level="county", region=None)


@pytest.fixture
def paper(table):
    return Document(io.BytesIO(briefing_docx(table, issuer="青禾市科学技术局")))


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def style(paper, name):
    return paper.styles[name]


def east_asian(holder):
    return holder.element.rPr.rFonts.get(qn("w:eastAsia"))


def test_page_is_a4_with_the_margins_of_the_standard(paper):
    section = paper.sections[0]
    measures = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    assert [round(m / Mm(1)) for m in measures] == [210, 297, 37, 35]
    assert [round(m / Mm(1)) for m in (section.left_margin, section.right_margin)] == [28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    # 22 lines in 225 mm = 637.8 pt: 28.95 pt = 579 twentieths; 28 characters in 156 mm = 442.2 pt.
    assert grid.get(qn("w:linePitch")) == "579" and grid.get(qn("w:type")) == "linesAndChars"
    pitch = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert 28 * pitch == pytest.approx(442.2, abs=0.1)


def test_body_is_size_three_on_a_fixed_line(paper):
    body, title = style(paper, "公文正文"), style(paper, "公文标题")
    assert body.font.size == Pt(16) and style(paper, "Normal").paragraph_format.line_spacing == Pt(28.95)
    assert east_asian(body) == "仿宋_GB2312" and east_asian(title) == "方正小标宋简体"
    assert title.font.size == Pt(22)
    assert east_asian(style(paper, "公文一级")) == "黑体"


def test_fonts_have_a_name_to_fall_back_on(table):
    names = zipfile.ZipFile(io.BytesIO(briefing_docx(table))).read("word/fontTable.xml").decode()
    assert 'w:name="方正小标宋简体"><w:altName w:val="方正小标宋_GBK,华文中宋' in names


def test_page_numbers_stand_outside_between_dashes(paper):
    assert paper.settings.odd_and_even_pages_header_footer
    section = paper.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        xml = footer.paragraphs[0]._element.xml
        assert "— " in xml and "PAGE" in xml and f'w:jc w:val="{side}"' in xml


def test_parts_are_numbered_as_in_official_papers(paper):
    text = [paragraph.text for paragraph in paper.paragraphs]
    heads = [line for line in text if re.fullmatch("[一二三四五]、.+", line)]
    assert heads == ["一、总体情况", "二、指标情况", "三、先行指标", "四、缺数说明", "五、口径说明"]
    assert text[0] == "青禾市强科技行动五项指标调度简报" and text[1] == "（2026年1—9月）"
    assert [line for line in text if line][-2:] == ["青禾市科学技术局", "2026年10月12日"]
    assert not any("{" in line or "⟦" in line for line in text)


def test_an_indicator_is_told_from_facts(table):
    told = {part.head: part.text for section in compose(table).sections for part in section.parts}
    contracts = told["（四）技术合同成交额占地区生产总值比重。"]
    # Whole: (20.08 + 4.50 + 0.89664 + 0.70 + 0.86) / (800 + 300 + 200 + 250) = 27.03664 / 1550 = 1.744 %.
    # Mean of 2.51, 1.50, 0.44832, 0.28 = 1.18458.
    assert contracts.startswith(
        "2026年1—9月，全市1.74%（含市本级），县区均值1.18%，居首云麓区2.51%，居末望岭县0.28%。"
    )
    assert "滞后1个：望岭县（0.28%，完成46.2%）。偏慢1个：枫桥县（1.50%，完成93.8%）。" in contracts
    # 云麓区 17.92 / 800 = 2.24 % → 2.51 %: the biggest of the four changes.
    assert contracts.endswith("与上年同期比变化最大的是云麓区，分子增12.1%、分母持平，占比升0.27个百分点。")
    fixed = told["（二）研发经费投入强度。"]
    assert (
        fixed.startswith("2025年（已定），全市2.41%")
        and "未达目标1个：望岭县。已达目标1个：云麓区。" in fixed
    )
    assert told["（一）综合科技进步水平指数。"] == "2025年（已定），各地都还没有数：未发布。"


def test_tables_show_lamps_as_shape_and_word(paper):
    first, second = paper.tables
    line = next(row for row in first.rows if row.cells[0].text == "望岭县")
    assert line.cells[4].text == "0.28\n■ 滞后　第4"
    own = next(row for row in first.rows if row.cells[0].text == "市本级")
    assert own.cells[4].text == "无分母\n8600.00万元"
    assert second.rows[0].cells[1].text.startswith("规上研发费用")


def test_missing_ones_are_listed_with_their_reason(table):
    told = "".join(part.text for part in compose(table).sections[3].parts)
    assert "每万家法人高企数：枫桥县，无分母（企业法人单位数）" in told and told.endswith(
        "缺数不按零计，不参加排位。"
    )


def test_kept_file_is_the_same_when_made_again(table, clerk, files, office):
    made = keep_briefing(clerk, table, "青禾市科学技术局")
    first = content_of(made)
    office.put("contract_output", "望岭县", "2026-01..09", "90000000", reason="追溯调整")
    again, content = recomposed(made)
    assert content == first and figures_digest(again) == made.figures_sha256 and holds(made)
    assert (
        figures_digest(pinned("strong-st-5", SEPTEMBER, level="county", region=None)) != made.figures_sha256
    )


def test_a_lost_or_altered_file_is_named(table, clerk, files):
    made = keep_briefing(clerk, table)
    path = files / made.sha256[:2] / made.sha256
    path.chmod(0o644)
    path.write_bytes(b"x")
    with pytest.raises(FileLost, match="被改过"):
        content_of(made)
    path.unlink()
    with pytest.raises(FileLost, match=f"复现码 r{made.revision}"):
        content_of(made)


def test_archives_hold_no_time_of_their_own(table):
    content = briefing_docx(table)
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }
    assert steady(content, table.as_of) == content


def test_a_long_title_breaks_before_the_kind_of_paper(base, today):
    made = pinned("provinces", Period.year(2022), level="province", region=None)
    text = [p.text for p in Document(io.BytesIO(briefing_docx(made))).paragraphs]
    assert text[0] == "全国—31省科技指标调度简报"
