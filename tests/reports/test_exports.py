"""A dispatch as a file: readable by others, replayable, harmless to open."""

import csv
import io
import json
import zipfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from keshu.figures.dispatch import dispatch
from keshu.journal.writing import writing
from keshu.reports import details, heading
from keshu.reports.exports import UnknownFormat, export_dispatch
from keshu.terms.period import Period


@pytest.fixture
def table(office):
    return dispatch("strong-st-5", Period.parse("2026-01..09"), root=office.top)


def workbook(table, **options):
    return load_workbook(io.BytesIO(export_dispatch(table, "xlsx", **options)))


def grid(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_workbook_has_one_sheet_per_view(table):
    assert workbook(table).sheetnames == ["总表", "明细", "先行指标", "口径与出处"]


def test_numbers_are_numbers_with_the_unit_in_the_head(table):
    sheet = workbook(table)["总表"]
    rows = grid(sheet)
    head = rows[3].index("技术合同占比（2026年1—9月）")
    assert rows[4][head : head + 4] == ["值（%）", "位次", "完成率（%）", "灯"]
    line = next(row for row in rows if row[0] == "望岭县")
    # 0.28 % of 0.606 % = 46.2 %, fourth of four.
    assert line[head : head + 4] == [0.28, 4, 46.2, "■ 滞后"]
    assert sheet.cell(row=rows.index(line) + 1, column=head + 1).number_format == "0.00"


def test_missing_is_a_reason_and_not_a_zero(table):
    rows = grid(workbook(table)["总表"])
    head = rows[3].index("每万家法人高企数（2026年9月）")
    line = next(row for row in rows if row[0] == "枫桥县")
    assert line[head] == "无分母（企业法人单位数）" and line[head + 1] is None


def test_head_is_frozen_and_prints_on_a4_landscape(table):
    for sheet in workbook(table):
        assert sheet.freeze_panes, sheet.title
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows


def test_every_format_carries_what_replays_it(table):
    code = f"r{table.revision}"
    for sheet in workbook(table):
        assert code in sheet["A2"].value and "数据截至 2026-10-12 09:30" in sheet["A2"].value
    assert code in export_dispatch(table, "html").decode()
    assert json.loads(export_dispatch(table, "json"))["revision"] == table.revision
    lines = list(csv.DictReader(io.StringIO(export_dispatch(table, "csv").decode("utf-8-sig"))))
    assert {line["表·复现码"] for line in lines} == {code}
    assert {line["表·亮灯规则"] for line in lines} == {heading.rule_name(table)}
    word = zipfile.ZipFile(io.BytesIO(export_dispatch(table, "docx"))).read("word/document.xml").decode()
    assert code in word


def test_csv_begins_with_a_byte_order_mark_and_keeps_every_digit(table):
    content = export_dispatch(table, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    line = next(row for row in lines if row["地区"] == "岚川县" and row["指标代码"] == "contract_gdp")
    assert Decimal(line["数值"]) == Decimal("0.44832")  # 0.89664 / 200
    assert len(lines) == 11 * 5  # eleven indicators, four counties and 市本级


def test_notes_say_definition_and_what_is_missing(table):
    rows = [row[:5] for row in grid(workbook(table)["口径与出处"])]
    text = "\n".join(str(cell) for row in rows for cell in row)
    assert "输出技术合同成交额与地区生产总值之比" in text and "输出技术口径" in text
    assert ["每万家法人高企数", "枫桥县", "2026年9月", "无分母（企业法人单位数）", None] in rows


def test_a_name_that_would_run_as_a_formula_is_made_harmless(office):
    with writing(office.actor, "改名"):
        region = office["岚川县"]
        region.name = region.short_name = "=HYPERLINK(1)"
        region.save()
    table = dispatch("strong-st-5", Period.parse("2026-01..09"), root=office.top)
    for sheet in workbook(table):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    assert "'=HYPERLINK(1)" in [cell.value for cell in workbook(table)["总表"]["A"]]
    assert b"\n=HYPERLINK" not in export_dispatch(table, "csv") and b",=HYPERLINK" not in export_dispatch(
        table, "csv"
    )


def test_markup_in_a_name_stays_text_on_the_page_and_in_word(office):
    with writing(office.actor, "改名"):
        region = office["岚川县"]
        region.name = region.short_name = "<b>岚川</b>&县"
        region.save()
    table = dispatch("strong-st-5", Period.parse("2026-01..09"), root=office.top)
    assert "<b>岚川" not in export_dispatch(table, "html").decode()
    zipfile.ZipFile(io.BytesIO(export_dispatch(table, "docx"))).testzip()


def test_a_county_gets_its_own_rows_and_only_value_and_place_of_others(table, office):
    own, other = office["望岭县"].pk, office["岚川县"].pk
    book = workbook(table, shown={own}, brief={other})
    rows = grid(book["总表"])
    head = rows[3].index("技术合同占比（2026年1—9月）")
    assert next(r for r in rows if r[0] == "岚川县")[head : head + 4] == [0.45, 3, None, None]
    assert "云麓区" not in [row[0] for row in rows]
    assert {row[1] for row in grid(book["明细"])[4:]} == {"望岭县"}
    assert json.loads(export_dispatch(table, "json", shown={own}))["rows"][0]["region"] == "望岭县"
    page = export_dispatch(table, "html", shown={own}, brief={other}).decode()
    assert "云麓区" not in page


def test_the_same_revision_gives_the_same_bytes(table):
    assert export_dispatch(table, "xlsx") == export_dispatch(table, "xlsx")


def test_long_form_has_every_field_once():
    assert len(set(details.HEADS)) == len(details.HEADS)


def test_an_unknown_format_is_refused(table):
    with pytest.raises(UnknownFormat, match="不出“pdf”格式"):
        export_dispatch(table, "pdf")
