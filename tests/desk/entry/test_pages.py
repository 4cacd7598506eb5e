"""The county month over HTTP: what is saved, who gets in, what the second writer is told, what a refused step says."""

import pytest
from django.urls import reverse

from keshu.directory.models import Unit
from keshu.figures.entry.models import Cell, Sheet
from keshu.journal import moments
from keshu.journal.models import AuditEntry
from keshu.terms import clock
from tests.figures.entry.conftest import SEPTEMBER, at

# ---- typing ------------------------------------------------------------------------------------------------


def test_looking_at_a_month_writes_nothing(office):
    before = moments.latest()
    answer = office.filler.get(office.at())
    assert answer.status_code == 200
    assert moments.latest() == before and not Sheet.objects.for_system("测试").exists()


def test_the_county_lands_on_the_month_that_has_ended(office):
    answer = office.filler.get(reverse("desk:entry"))
    assert answer.url == office.at()


def test_a_typed_cell_is_saved_and_the_other_reading_comes_back(office):
    answer = office.send(code="fiscal_st", text="1980", version=0).json()
    row = answer["rows"][str(office.rows["fiscal_st"].pk)]
    assert answer["saved"] == "16:42:00"
    assert (row["single"], row["version"]) == ("218", 1)  # 1980 − 1762
    assert answer["foot"]["left"] == len(SEPTEMBER) - 1


def test_the_check_stands_beside_the_cell_with_its_proposal(office):
    office.send(code="fiscal_st", text="1980", version=0)
    office.send(code="fiscal_rd", text="701", version=0)
    answer = office.send(code="fiscal_popular", text="5350", version=0).json()
    group, own = (answer["rows"][str(office.rows[code].pk)] for code in ("fiscal_rd", "fiscal_popular"))
    assert "701 + 5350 = 6051" in group["remarks"] and "改成 535" in group["remarks"]
    assert own["remarks"] is None and own["severity"] == "red"


def test_the_second_writer_is_told_who_wrote_what_and_keeps_the_text(office):
    office.send(code="st_loans", text="350", version=0)
    answer = office.send(code="st_loans", text="360", version=0)
    assert answer.status_code == 409
    told = answer.json()
    assert told["problem"].endswith("16:42 已改成“350”，您写的还在。")
    assert told["rows"][str(office.rows["st_loans"].pk)]["version"] == 1
    assert Cell.objects.for_system("测试").get().text == "350"


def test_text_of_a_stranger_kind_is_not_taken(office):
    office.send(code="st_loans", text={"a": 1}, version="x")
    assert office.send(code="st_loans", text="<b>1</b>", version=0).status_code == 200
    page = office.filler.get(office.at()).content.decode()
    assert "<b>1</b>" not in page
    answer = office.filler.post(office.at("desk:sheet_cell"), "[1", content_type="application/json")
    assert answer.status_code == 404


def test_z_reports_zero_and_says_who(office):
    answer = office.send(code="hitech_applied", zero=True, version=0).json()
    row = answer["rows"][str(office.rows["hitech_applied"].pk)]
    assert row["zero"] and "已作零报告，16:42" in row["remarks"]


def test_a_column_is_pasted(office):
    answer = office.send(name="desk:sheet_paste", code="tech_sme", texts=["4", "0", "350", "260"]).json()
    assert answer["rows"][str(office.rows["farm_training"].pk)]["text"] == "260"


def test_all_zero(office):
    assert office.send(name="desk:sheet_zero").json()["foot"]["left"] == 0


def test_a_request_without_its_token_changes_nothing(office):
    client = office.staff.client("county_filler", enforce_csrf_checks=True)
    assert office.send(client, code="st_loans", text="350", version=0).status_code == 403
    assert not Cell.objects.for_system("测试").exists()


# ---- who gets in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["desk:sheet", "desk:sheet_workbook"])
def test_another_county_is_not_there_and_the_audit_says_who_asked(office, name):
    assert office.filler.get(office.at(name, office.staff.other)).status_code == 404
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.outcome) == ("拒绝", "拒绝") and "岚川县" in entry.target


@pytest.mark.parametrize(
    "name",
    [
        "desk:sheet_cell",
        "desk:sheet_paste",
        "desk:sheet_zero",
        "desk:sheet_act",
        "desk:sheet_adjust",
        "desk:sheet_fill",
    ],
)
def test_another_county_is_not_written_to(office, name):
    assert (
        office.send(name=name, region=office.staff.other, code="st_loans", text="1", version=0).status_code
        == 404
    )
    assert not Sheet.objects.for_system("测试").exists()


def test_the_reviewer_does_not_type(office):
    assert (
        office.send(office.staff.client("county_reviewer"), code="st_loans", text="1", version=0).status_code
        == 403
    )


@pytest.mark.parametrize(
    "who", ["leader", "office", "inspector", "system_admin", "security_admin", "audit_admin"]
)
def test_others_do_not_open_a_county_sheet(office, who):
    assert office.staff.client(who).get(office.at()).status_code == 403


def test_the_city_looks_but_does_not_type(office):
    office.fill()
    planner = office.staff.client("planning")
    page = planner.get(office.at())
    assert page.status_code == 200 and "data-text" not in page.content.decode()
    assert office.send(planner, code="st_loans", text="1", version=1).status_code == 400


def test_an_unknown_form_or_period_is_not_there(office):
    assert office.filler.get("/desk/entry/nothing/991001/2026-09/").status_code == 404
    assert office.filler.get(office.at(period="2026-01")).status_code == 404
    assert office.filler.get(office.at(period="昨天")).status_code == 404


# ---- the way up --------------------------------------------------------------------------------------------


def test_an_unfinished_sheet_is_not_handed_in_and_the_page_jumps_to_the_first_open_row(office):
    office.send(code="budget_expenditure", text="198390", version=0)
    answer = office.act("county_filler", "hand_in")
    assert "还差 10 处" in answer.content.decode()
    assert answer.redirect_chain[-1][0].endswith(f"#row-{office.rows['budget_own'].pk}")
    assert office.sheet.state == "draft"


def test_a_month_goes_from_the_clerk_to_the_city(office):
    assert office.report().state == "signed"
    office.act("planning", "verify")
    sheet = office.sheet
    assert (sheet.state, sheet.is_late) == ("verified", False)
    page = office.filler.get(office.at()).content.decode()
    for word in ("送审核", "审核通过", "报市局", "核实"):
        assert word in page  # the history speaks Chinese
    assert "hand_in" not in page.split('id="en-foot"')[1].split("经过")[-1]


def test_the_step_that_brings_it_on_stands_last(office):
    office.fill()
    office.act("county_filler", "hand_in")
    office.act("county_reviewer", "review")
    foot = (
        office.staff.client("county_head")
        .get(office.at())
        .content.decode()
        .split('id="en-act"')[1]
        .split("</form>")[0]
    )
    assert foot.rindex('value="sign"') > foot.rindex('value="send_back"')
    assert 'primary" name="action" value="sign"' in foot


def test_a_step_seen_on_an_old_page_is_refused(office):
    office.fill()
    office.act("county_filler", "hand_in")
    answer = office.act("county_reviewer", "review", expected="draft")
    assert "有人先办了" in answer.content.decode()
    assert office.sheet.state == "filled"


def test_the_city_returns_a_row_and_only_that_row_is_open(office):
    office.report()
    row = office.rows["st_loans"]
    answer = office.act("planning", "return", rows=[row.pk], note="第 11 行与回单差 30")
    assert office.sheet.state == "returned", answer.content.decode()
    page = office.filler.get(office.at()).content.decode()
    assert "第 11 行与回单差 30" in page
    assert page.count("data-text") == 1
    assert office.send(code="farm_training", text="1", version=1).status_code == 400


def test_a_returned_month_is_named_on_the_next_one(office):
    office.report()
    office.act("planning", "return", rows=[office.rows["st_loans"].pk], note="差 30")
    with clock.pretend(at(11, 3)):
        page = office.filler.get(office.at(period="2026-10")).content.decode()
    assert "9月科技统计月报 已退回" in page


def test_supplying_is_offered_only_where_something_was_not_out(office):
    office.report()
    assert (
        "补报" not in office.filler.get(office.at()).content.decode().split("en-act")[1].split("</form>")[0]
    )


def test_the_printed_sheet_carries_the_heads_of_a_statistical_form(office):
    page = office.filler.get(office.at()).content.decode()
    for words in (
        "表　　号：试科统 01 表",
        "制定机关：试验市科学技术局",
        "批准文号：试统制〔2026〕1号",
        "有效期至：2027年12月",
        "盖章处",
        "草稿，还有 11 处未齐，未报出",
    ):
        assert words in page
    assert Unit.objects.get(region=office.staff.county).name in page
    office.report()
    page = office.filler.get(office.at()).content.decode()
    assert "草稿" not in page and "报出日期：2026年10月9日" in page
