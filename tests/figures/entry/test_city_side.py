"""The city's side: who has not reported, what to paste into the group, entering for others, the county's own workbook, papers."""

import io

import openpyxl
import pytest

from keshu.figures.entry import cells, flow, loading, papers, workbooks
from keshu.figures.entry.cells import Fill
from keshu.figures.entry.models import Cell
from keshu.figures.entry.periods import due_at
from keshu.figures.entry.sheets import content_of
from keshu.figures.entry.timeliness import collection, reminder
from keshu.figures.models import ReportedValue
from keshu.ledger.evidence import evidence_of, path_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import SEPTEMBER, at

PERIOD = Period.parse("2026-09")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def rows(county):
    return collection(county.form, PERIOD, due_at(county.form, PERIOD))


def test_the_collection_names_everyone_and_hides_no_one(september):
    september.report("2026-09", SEPTEMBER)
    with clock.pretend(at(10, 12)):
        found = rows(september)
    assert [(r.region.short_name, r.word, r.late_days) for r in found] == [
        ("甲县", "待市局核实", 0),
        ("乙县", "未填", 2),
        ("丙县", "未填", 2),
    ]
    assert [r.waits for r in found] == [True, False, False]


def test_the_reminder_is_plain_text_for_a_group(september):
    september.report("2026-09", SEPTEMBER)
    with clock.pretend(at(10, 12)):
        text = reminder(september.form, PERIOD, due_at(september.form, PERIOD), rows(september), "科枢“填报”")
    assert text.splitlines() == [
        "【试科统 01 表 2026年9月】截止 10-10 17:30，已报 1/3。",
        "还没报（已超期 2 天）：乙县、丙县。",
        "请到科枢“填报”填报；没有发生的按零报告，主管部门没出数的选“未发布”。",
    ]


def test_nothing_is_asked_when_all_are_in(september):
    assert "都报齐了" in reminder(september.form, PERIOD, at(10, 10), [], "x")


# ---- entering for others -----------------------------------------------------------------------------------


def entered(county):
    sheet = loading.open_sheet(
        county.form, county.other, PERIOD, county.planner, entered_for=True, said_by="乙县局 王工 电话"
    )
    county.type(sheet, {c: t for c, t in SEPTEMBER.items() if c != "rd_large"}, county.planner)
    cells.give_reason(sheet, county.rows["rd_large"], county.planner, "未发布")
    return sheet


def test_entering_for_a_county_needs_the_received_file(county):
    with clock.pretend(at(10, 9)):
        sheet = entered(county)
        with pytest.raises(MoveRefused, match="收到的文件"):
            flow.report_for(sheet, county.planner)
        papers.attach(sheet, county.planner, io.BytesIO(PDF), "乙县9月.pdf", papers.SENT)
        sheet = flow.report_for(sheet, county.planner)
    assert (sheet.state, sheet.entered_by, sheet.is_late) == ("signed", "苏知衡", False)
    held = ReportedValue.objects.for_system("测试").filter(
        origin="sheet", subject_id=county.other.pk, scaled__isnull=False
    )
    assert set(held.values_list("entered_by", flat=True)) == {"苏知衡 代录（乙县局 王工 电话）"}


def test_what_was_entered_is_marked_until_the_county_confirms(county):
    sheet = entered(county)
    with pytest.raises(MoveRefused):
        flow.confirm_entry(sheet, county.planner)
    with pytest.raises(MoveRefused):
        flow.confirm_entry(sheet, county.filler)
    assert flow.confirm_entry(sheet, county.stranger).confirmed_by == "外县人"  # the neighbour's own clerk


def test_a_sheet_the_county_has_begun_is_not_taken_over(county):
    county.type(county.open(), {"st_loans": "1"})
    with pytest.raises(loading.NotOpenable, match="已经在填"):
        loading.open_sheet(
            county.form, county.region, PERIOD, county.planner, entered_for=True, said_by="电话"
        )


def test_the_city_does_not_report_what_it_did_not_enter(september):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    with pytest.raises(NotYourTurn):
        flow.report_for(sheet, september.planner)


# ---- papers ------------------------------------------------------------------------------------------------


def test_a_sealed_scan_belongs_to_a_finished_sheet(september):
    draft = september.open()
    with pytest.raises(papers.NotYet):
        papers.attach(draft, september.filler, io.BytesIO(PDF), "盖章.pdf", papers.SEALED)
    sheet = september.report("2026-09", SEPTEMBER)
    evidence = papers.attach(sheet, september.filler, io.BytesIO(PDF), "../../盖章.pdf", papers.SEALED)
    assert evidence.name == "盖章.pdf" and path_of(evidence).read_bytes() == PDF
    assert [e.pk for e in evidence_of(sheet)] == [evidence.pk]


def test_a_program_is_no_scan(september):
    sheet = september.report("2026-09", SEPTEMBER)
    with pytest.raises(IntakeError):
        papers.attach(sheet, september.filler, io.BytesIO(b"MZ" + b"\0" * 100), "盖章.pdf", papers.SEALED)


# ---- the county's own workbook -----------------------------------------------------------------------------


def workbook(*lines):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def preview(county, *lines):
    return workbooks.read_workbook(content_of(county.open()), workbook(*lines), "九月.xlsx")


def test_the_template_comes_back_as_it_went_out(september):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    cells.give_reason(sheet, september.rows["rd_large"], september.filler, "未发布")
    content = content_of(sheet)
    back = workbooks.read_workbook(content, io.BytesIO(workbooks.write_form(content)), "模板.xlsx")
    assert {line.verdict for line in back.lines} == {"same"} and len(back.lines) == len(SEPTEMBER)


def test_the_preview_says_new_changed_same_and_refused(september):
    september.type(september.open(), {"st_loans": "350", "tech_sme": "4"})
    found = preview(
        september,
        ["单位：万元"],
        ["项目", "数值"],
        ["科技贷款发放额", 360],
        ["科技型中小企业入库", 4],
        ["其中：科学技术支出", 1980],
        ["农民技术培训", "26O"],
        ["农民技术培训人数", 1],
        ["输出技术合同成交额", 3120],
    )
    assert [(line.label, line.verdict) for line in found.lines] == [
        ("科技贷款发放额", "changed"),
        ("科技型中小企业入库", "same"),
        ("其中：科学技术支出", "new"),
        ("农民技术培训", "refused"),
        ("农民技术培训人数", "refused"),
        ("输出技术合同成交额", "refused"),
    ]
    assert "是不是“农民技术培训”" in found.lines[4].why
    assert Cell.objects.for_system("测试").get(row=september.rows["st_loans"]).text == "350"


def test_a_workbook_in_another_unit_is_converted_not_misread(september):
    found = preview(
        september, ["项目", "单位", "数值"], ["科技贷款发放额", "元", 3500000], ["农民技术培训", "万元", 3]
    )
    loans, training = found.lines
    assert (loans.verdict, loans.new) == ("new", "3500000元")
    assert training.verdict == "refused" and "填人次" in training.why
    cells.fill_cells(september.open(), september.filler, [Fill(loans.row, loans.new)])
    assert Cell.objects.for_system("测试").get(row=loans.row).scaled == 350_0000_00


def test_two_lines_for_one_row_are_refused(september):
    found = preview(september, ["项目", "数值"], ["科技贷款发放额", 1], ["科技贷款发放额", 2])
    assert [line.verdict for line in found.lines] == ["new", "refused"]


def test_filling_is_all_or_nothing(september):
    sheet = september.open()
    fills = [
        Fill(september.rows["st_loans"], "350", seen=0),
        Fill(september.rows["rd_large"], "未发布", seen=0),
    ]
    september.type(sheet, {"rd_large": "1"})
    with pytest.raises(cells.CellConflict):
        cells.fill_cells(sheet, september.filler, fills)
    assert Cell.objects.for_system("测试").count() == 1
