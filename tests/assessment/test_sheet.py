"""The superior's score sheet: any order of columns, good rows in, refused rows back, nothing repaired."""

from decimal import Decimal

import pytest
from openpyxl import load_workbook

from keshu.assessment.comparing import items_of
from keshu.assessment.keeping import AssessmentRefused, keep_assessment, texts_of
from keshu.assessment.models import Item
from keshu.assessment.moving import step
from keshu.assessment.sheet import apply_sheet, read_sheet, write_back
from keshu.assessment.sums import flaws_of
from keshu.figures.models import Indicator, Standing
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import NotYourTurn
from tests.assessment.world import HEAD, ROWS, TEXTS, a_file, an_assessment, item_of, with_items

D = Decimal


def reasons(found):
    return [text for one in found.refused for _, text in one.reasons]


def test_the_five_items_of_the_province_come_in_and_add_up(planning, tmp_path):
    """14 + 17 + 12 + 13 + 12.5 = 68.5 of 100; full − score is each stated deduction."""
    made = with_items(planning, tmp_path)
    items = items_of(made, planning)
    assert [item.score for item in items] == [14, 17, 12, 13, D("12.5")]
    assert flaws_of(made, items) == ()
    assert [item.number for item in items] == [f"KH2023-000{n}" for n in range(1, 6)]
    assert item_of(made, "技术合同").region.name == "望岭县"
    assert item_of(made, "综合").data_year == 2022  # the year assessed is 2023


def test_columns_may_stand_in_any_order_and_others_are_passed_over(planning, tmp_path):
    made = an_assessment(planning)
    head = ["备注", *reversed(HEAD)]
    rows = [["看看", *reversed(row)] for row in ROWS]
    found = apply_sheet(a_file(tmp_path, rows, head), "得分.csv", made, planning)
    assert found.counts() == {"new": 5, "changed": 0, "same": 0, "refused": 0}
    assert item_of(made, "研发").rank.value == 4


def test_a_sheet_given_twice_changes_nothing_the_second_time(planning, tmp_path):
    made = with_items(planning, tmp_path)
    before = moments.latest()
    found = apply_sheet(a_file(tmp_path, ROWS), "得分.csv", made, planning)
    assert found.counts()["same"] == 5 and moments.latest() == before


def test_a_changed_score_is_named_and_what_the_sheet_does_not_say_stays(planning, tmp_path):
    made = with_items(planning, tmp_path)
    path = a_file(tmp_path, [["研发经费投入强度", "20", "17.5"]], ["考核项", "满分", "得分"])
    (one,) = read_sheet(path, "得分.csv", made, planning).proposed
    assert (one.verdict, one.changes) == ("改动", ("得分",))
    apply_sheet(path, "得分.csv", made, planning)
    item = item_of(made, "研发")
    assert (item.score, item.deduction, item.regainable, item.data_year) == (D("17.5"), 3, D("1.5"), 2022)
    # 20 − 17.5 = 2.5 while the sheet before said 3: said, not repaired.
    assert any("= 2.5，通报扣分写的是 3" in flaw for flaw in flaws_of(made, items_of(made, planning)))


def test_rows_that_cannot_be_taken_come_back_with_their_reason_and_the_others_go_in(planning, tmp_path):
    made = an_assessment(planning)
    bad = [
        ["研发经费投入强度", "20", "", "17", "", "", "", "", "", ""],
        ["财政科技支出占一般公共预算支出比重", "20", "20", "1O", "", "", "", "", "", ""],
        ["综合科技进步水平指数", "20", "20", "14", "", "15", "", "", "", ""],
        ["技术合同成交额占地区生产总值比重", "20", "20", "13", "", "", "2025", "", "", ""],
        ["没有指标的事", "20", "20", "13", "", "3", "", "", "", ""],
        ["另一件事", "20", "20", "13", "", "", "", "", "9", ""],
        ["外地的事", "20", "20", "13", "", "", "", "北京市", "", ""],
    ]
    good = ["每万家企业法人中高新技术企业数", "20", "20", "12.5", "7.5", "13", "2023", "", "", ""]
    path = a_file(tmp_path, [*bad, good, good])
    found = apply_sheet(path, "得分.csv", made, planning)
    said = reasons(found)
    assert said[0] == "满分空着。加减分项写 0，其余照通报填。"
    assert "1O" in said[1]
    assert said[2] == "位次 15 大于参评的 14 个。请核对位次和参评数。"
    assert said[3] == "数据年 2025 晚于考核年度 2023。请核对。"
    assert said[4].startswith("写了位次，没有对上指标")
    assert said[5] == "可争取 9 分，这一项只扣了 7 分。请核对。"
    assert "不归青禾市" in said[6]
    assert said[7] == "和第 9 行是同一项“每万家企业法人中高新技术企业数”。请只留一行。"
    assert [item.name for item in items_of(made, planning)] == [good[0]]
    out = tmp_path / "退回.xlsx"
    assert write_back(found, out) == 8
    sheet = load_workbook(out).active
    assert sheet.cell(2, 1).value == "考核项" and sheet.cell(3, sheet.max_column).value == said[0]


def test_a_sum_row_is_no_item_and_is_held_against_the_rows(planning, tmp_path):
    made = an_assessment(planning)
    total = ["合计", "100", "100", "69", "", "", "", "", "", ""]
    found = read_sheet(a_file(tmp_path, [*ROWS, total]), "得分.csv", made, planning)
    assert len(found.proposed) == 5
    assert "表上合计得分 69，各行相加是 68.5。照原样登记，请向上级核实" in found.notes


def test_points_on_top_have_no_full_marks(planning, tmp_path):
    made = with_items(
        planning, tmp_path, [["获国家科技奖加分", "", "0", "2", "", "", "", "", "", ""]], score="2"
    )
    (item,) = items_of(made, planning)
    assert item.adds and item.lost == 0


def test_the_reported_ranks_become_the_standings_of_the_house(planning, tmp_path):
    made = with_items(planning, tmp_path)
    rank = item_of(made, "研发").rank
    assert (rank.indicator.code, rank.period, rank.value, rank.population) == ("rd_gdp", "2022", 4, 14)
    assert (made.rank.indicator.code, made.rank.value, made.score.value) == ("assessed", 12, D("68.5"))
    # Five indicators and the overall rank and score.
    assert Standing.objects.for_system("测试").count() == 7


def test_correcting_the_assessment_corrects_its_standings_and_keeps_the_history(planning, tmp_path):
    made = with_items(planning, tmp_path)
    first = made.rank_id
    corrected = keep_assessment(
        planning, {**texts_of(made), "rank": "11", "doc_no": "科发〔2024〕7号", "score": ""}, made
    )
    assert corrected.rank_id == first and corrected.rank.value == 11 and corrected.score is None
    assert [row.data["value"] for row in corrected.rank.history()] == ["12", "11"]
    # The ranks of the items follow their document, the score that was not reported is gone.
    standings = Standing.objects.for_system("测试")
    assert {one.doc_no for one in standings.all()} == {"科发〔2024〕7号"} and standings.count() == 6


def test_a_rank_of_another_notice_is_used_and_never_corrected_from_here(planning, tmp_path):
    made = an_assessment(planning)
    with writing(planning, "省通报"):
        other = Standing(
            indicator=Indicator.objects.get(code="rd_gdp"),
            subject=made.region,
            period="2022",
            kind="rank",
            value=D(4),
            population=14,
            assessor="省科学技术厅",
            doc_no="科发〔2023〕40号",
        )
        other.save()
    apply_sheet(a_file(tmp_path, ROWS), "得分.csv", made, planning)
    assert item_of(made, "研发").rank_id == other.pk
    changed = [row if row[0] != "研发经费投入强度" else [*row[:5], "5", *row[6:]] for row in ROWS]
    apply_sheet(a_file(tmp_path, changed), "得分.csv", made, planning)
    assert item_of(made, "研发").rank.value == 5
    other.refresh_from_db()
    assert other.value == 4


def test_what_cannot_stand_is_said_by_field(planning):
    for name, text, said in (
        ("rank", "15", "位次 15 不在参评的 14 个里。请核对位次和参评数。"),
        ("year", "23", "考核年度 23 不在 2000—2199 里。请核对。"),
        ("total", "一百", "满分“一百”读不懂。写成 100。"),
        ("released_on", "2024-05-01", "通报日期 2024-05-01 还没到。改成今天或以前。"),
        ("assessor", "", "考核单位没有填。"),
    ):
        with pytest.raises(AssessmentRefused) as refusal:
            an_assessment(planning, **{name: text})
        assert refusal.value.problems == {name: said}


def test_one_year_is_written_down_once(planning):
    an_assessment(planning)
    with pytest.raises(AssessmentRefused, match="已经登记过"):
        an_assessment(planning)


def test_an_office_does_not_import(planning, staff, tmp_path):
    made = an_assessment(planning)
    for who in ("office", "leader", "county_head"):
        with pytest.raises(NotYourTurn):
            apply_sheet(a_file(tmp_path, ROWS), "得分.csv", made, staff.actor_as(who))
        with pytest.raises(NotYourTurn):
            an_assessment(staff.actor_as(who), **{**TEXTS, "year": "2022"})


def test_an_item_that_was_checked_is_not_overwritten_by_a_file(planning, tmp_path):
    made = with_items(planning, tmp_path)
    step(item_of(made, "研发"), "check", planning, given={"finding": Item.Finding.AGREED})
    found = apply_sheet(
        a_file(tmp_path, [["研发经费投入强度", "20", "18"]], ["考核项", "满分", "得分"]),
        "得分.csv",
        made,
        planning,
    )
    assert reasons(found) == ["“研发经费投入强度”已经是“已核对”，导入不再改它。要改请在这一项上重新核对。"]
    assert item_of(made, "研发").score == 17


def test_a_file_without_the_needed_columns_is_refused_as_a_whole(planning, tmp_path):
    made = an_assessment(planning)
    with pytest.raises(IntakeError):
        read_sheet(a_file(tmp_path, [["甲", "1"]], ["考核项", "满分"]), "得分.csv", made, planning)
