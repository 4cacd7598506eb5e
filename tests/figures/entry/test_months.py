"""A county's month: periods, deadlines, typing, and the way up with what stands in the figures after each step."""

from decimal import Decimal as D

import pytest

from keshu.figures import cube
from keshu.figures.entry import cells, flow, loading
from keshu.figures.entry.absence import absent_reasons
from keshu.figures.entry.models import Cell, Sheet
from keshu.figures.entry.past import release_of
from keshu.figures.entry.periods import NotAFormPeriod, due_at, of_year, read
from keshu.figures.entry.sheets import content_of
from keshu.figures.models import Release, ReportedValue
from keshu.journal import moments
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import SEPTEMBER, SPEC, at
from tests.figures.entry.held import value

# ---- periods and deadlines ---------------------------------------------------------------------------------


def test_january_is_reported_together_with_february(county):
    assert [p.code for p in of_year(county.form, 2026)][:2] == ["2026-01..02", "2026-03"]
    with pytest.raises(NotAFormPeriod, match="1—2 月合报"):
        read(county.form, "2026年1月")
    assert read(county.form, "2026年1—2月").code == "2026-01..02"


def test_a_quarterly_form_asks_to_date(county, actor):
    spec = {
        **SPEC,
        "code": "q",
        "number": "试科统 02 表",
        "frequency": "quarter",
        "sections": SPEC["sections"][:1],
    }
    form = loading.load_form(spec, actor)
    assert [p.label for p in of_year(form, 2026)] == ["2026年一季度", "2026年上半年", "2026年1—9月", "2026年"]
    assert read(form, "2026年前三季度").code == "2026-01..09"


def test_a_quarterly_form_cannot_ask_for_the_quarter_alone(county, actor):
    spec = {
        **SPEC,
        "code": "q",
        "number": "试科统 02 表",
        "frequency": "quarter",
        "sections": SPEC["sections"][2:],
    }
    with pytest.raises(loading.BadForm, match="填累计"):
        loading.load_form(spec, actor)


def test_a_form_up_to_a_day_takes_stocks(county, actor):
    spec = {
        **SPEC,
        "code": "d",
        "number": "试科统 03 表",
        "frequency": "day",
        "sections": [{"title": "", "rows": [{"measure": "hitech_valid", "label": "高企有效数"}]}],
    }
    form = loading.load_form(spec, actor)
    sheet = loading.open_sheet(form, county.region, "截至2026年10月15日", actor)
    row = form.rows.get()
    cells.type_cell(sheet, row, actor, "42")
    for action in ("hand_in", "review", "sign"):
        sheet = flow.act(sheet, action, actor)
    held = ReportedValue.objects.for_system("测试").get(measure=row.measure)
    assert (held.period, held.scaled) == ("2026-10-15", 42)


def test_due_on_the_tenth_of_the_next_month(county):
    assert due_at(county.form, Period.parse("2026-09")) == at(10, 10, 17, 30)
    assert due_at(county.form, Period.parse("2026-12")) == at(1, 10, 17, 30, 2027)


# ---- typing ------------------------------------------------------------------------------------------------


def test_cells_are_drafts_and_take_no_revision(september):
    sheet = september.open()
    before = moments.latest()
    september.type(sheet, SEPTEMBER)
    assert moments.latest() == before
    assert Cell.objects.for_system("测试").filter(sheet=sheet).count() == len(SEPTEMBER)


def test_the_cumulative_gives_the_month_and_the_month_the_cumulative(september):
    sheet = september.open()
    september.type(sheet, {"fiscal_st": "1980", "tech_sme": "4"})
    content = content_of(sheet)
    # 1980 − 1762 = 218; 27 + 4 = 31
    assert content.entry(september.rows["fiscal_st"].pk).line.single == 218
    assert content.entry(september.rows["tech_sme"].pk).line.cumulative == 31


def test_amounts_are_kept_in_yuan_and_read_with_their_unit(county):
    sheet = county.open()
    row = county.rows["st_loans"]
    assert cells.type_cell(sheet, row, county.filler, "３５０").scaled == 350_0000_00
    assert cells.type_cell(sheet, row, county.filler, "0.5亿元").scaled == 5000_0000_00
    assert cells.type_cell(sheet, row, county.filler, "3000万").scaled == 3000_0000_00
    assert cells.type_cell(sheet, row, county.filler, "12家").scaled is None
    assert cells.type_cell(sheet, row, county.filler, "1.2345678").scaled is None


def test_unreadable_text_is_kept_and_blocks(september):
    sheet = september.open()
    september.type(sheet, {**SEPTEMBER, "st_loans": "35O"})
    with pytest.raises(MoveRefused, match=r"还差 1 处.*35O"):
        flow.hand_in(sheet, september.filler)
    assert Cell.objects.for_system("测试").get(row=september.rows["st_loans"]).text == "35O"


def test_zero_report_keeps_who_and_when(september):
    sheet = september.open()
    with clock.pretend(at(10, 9, 16, 40)):
        cell = cells.report_zero(sheet, september.rows["hitech_applied"], september.filler)
    assert (cell.text, cell.zero, cell.changed_by) == ("0", True, "郑澜")
    assert content_of(sheet).entry(september.rows["hitech_applied"].pk).line.zero == "16:40 郑澜"


def test_zero_report_of_a_cumulative_row_leaves_it_where_it_stood(september):
    sheet = september.open()
    cell = cells.report_zero(sheet, september.rows["fiscal_popular"], september.filler)
    assert cell.text == "487"
    assert content_of(sheet).entry(september.rows["fiscal_popular"].pk).line.single == 0


def test_zero_report_without_a_last_cumulative_says_what_to_do(county):
    with pytest.raises(cells.NothingToDerive, match="直接填累计数"):
        cells.report_zero(county.open(), county.rows["fiscal_st"], county.filler)


def test_a_whole_sheet_of_zeros_fills_only_what_is_empty(september):
    sheet = september.open()
    september.type(sheet, {"st_loans": "350"})
    cells.report_all_zero(sheet, september.filler)
    texts = dict(
        Cell.objects.for_system("测试").filter(sheet=sheet).values_list("row__measure__code", "text")
    )
    assert texts["st_loans"] == "350" and texts["farm_training"] == "0" and texts["fiscal_st"] == "1762"
    assert content_of(sheet).examination.open == []


def test_a_text_clears_the_reason_and_a_reason_the_text(county):
    sheet, row = county.open(), county.rows["rd_large"]
    assert cells.give_reason(sheet, row, county.filler, "未发布").absence == "未发布"
    assert cells.type_cell(sheet, row, county.filler, "4725").absence == ""
    assert cells.give_reason(sheet, row, county.filler, "未发布").text == ""
    with pytest.raises(cells.UnknownReason):
        cells.give_reason(sheet, row, county.filler, "忘了")


def test_the_second_of_two_writers_sees_what_changed(county):
    sheet, row = county.open(), county.rows["st_loans"]
    cells.type_cell(sheet, row, county.filler, "350", version=0)
    with pytest.raises(cells.CellConflict, match="郑澜 已改成“350”") as caught:
        cells.type_cell(sheet, row, county.filler, "360", version=0)
    assert caught.value.cell.version == 1
    assert cells.type_cell(sheet, row, county.filler, "360", version=1).version == 2


def test_the_same_written_twice_is_no_conflict(county):
    sheet, row = county.open(), county.rows["st_loans"]
    cells.type_cell(sheet, row, county.filler, "350", version=0)
    assert cells.type_cell(sheet, row, county.filler, "350", version=0).version == 1
    with pytest.raises(cells.CellConflict):
        cells.give_reason(sheet, row, county.filler, "未发布", version=0)


def test_a_pasted_column_passes_over_what_registers_fill(county):
    sheet = county.open()
    cells.paste_column(sheet, county.rows["rd_large"], county.filler, ["4725", "9999", "4", "", "350"])
    texts = dict(
        Cell.objects.for_system("测试").filter(sheet=sheet).values_list("row__measure__code", "text")
    )
    assert texts == {"rd_large": "4725", "tech_sme": "4", "st_loans": "350"}


def test_a_row_of_the_registers_is_not_typed(county):
    with pytest.raises(cells.CellLocked, match="台账"):
        cells.type_cell(county.open(), county.rows["contract_output"], county.filler, "1")


def test_another_county_types_nothing_here(county):
    with pytest.raises(cells.CellLocked):
        cells.type_cell(county.open(), county.rows["st_loans"], county.stranger, "1")
    with pytest.raises(loading.NotOpenable):
        loading.open_sheet(county.form, county.region, "2026-10", county.stranger)


def test_a_county_sees_its_own_sheets_only(county):
    county.open()
    loading.open_sheet(county.form, county.other, "2026-09", county.system)
    assert [s.region_id for s in Sheet.objects.visible_to(county.filler)] == [county.region.pk]
    assert Cell.objects.visible_to(county.stranger).count() == 0


# ---- the way up --------------------------------------------------------------------------------------------


def test_a_reported_month_becomes_figures_under_one_release(september):
    september.report("2026-09", SEPTEMBER)
    assert value(september, "fiscal_st", "2026-01..09").value == D("19800000.00")
    assert value(september, "fiscal_st", "2026-09").value == D("2180000.00")  # 1980 − 1762 万元
    assert value(september, "tech_sme", "2026-09").value == 4
    assert value(september, "tech_sme", "2026-01..09").value is None  # earlier months were held as a sum only
    held = ReportedValue.objects.for_system("测试").filter(origin="sheet")
    assert set(held.values_list("release_id", flat=True)) == {release_of(september.form).pk}
    assert set(held.values_list("entered_by", "verified_by")) == {("郑澜", "")}
    assert Release.objects.get(pk=release_of(september.form).pk).kind == "county"
    assert cube.verify()[1] == []


def test_months_typed_singly_add_up_over_the_joint_first_report(county):
    base = dict(SEPTEMBER)
    county.report("2026-01..02", {**base, "tech_sme": "5"})
    county.report(
        "2026-03",
        {
            **base,
            "tech_sme": "7",
            "budget_expenditure": "300000",
            "budget_own": "270000",
            "budget_towns": "30000",
        },
    )
    assert value(county, "tech_sme", "2026Q1").value == 12
    assert value(county, "tech_sme", "2026-01..02").value == 5


def test_the_first_report_of_a_year_starts_from_nothing(county):
    sheet = county.open("2026-01..02")
    county.type(sheet, {"st_loans": "350", "fiscal_st": "120"})
    content = content_of(sheet)
    assert content.entry(county.rows["st_loans"].pk).line.cumulative == 350
    assert content.entry(county.rows["fiscal_st"].pk).line.single == 120


def test_one_person_may_hold_several_roles(september, actor):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    for action in ("hand_in", "review", "sign"):
        sheet = flow.act(sheet, action, actor)
    assert (sheet.filler, sheet.reviewer, sheet.head) == (actor.name,) * 3
    assert [m.action for m in moves_of(sheet)] == ["hand_in", "review", "sign"]


def test_each_step_asks_for_its_own_role(september):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    for action, wrong in (
        ("hand_in", september.reviewer),
        ("hand_in", september.stranger),
        ("hand_in", september.planner),
    ):
        with pytest.raises(NotYourTurn):
            flow.act(sheet, action, wrong)
    sheet = flow.hand_in(sheet, september.filler)
    with pytest.raises(NotYourTurn):
        flow.review(sheet, september.head)
    sheet = flow.review(sheet, september.reviewer)
    with pytest.raises(NotYourTurn):
        flow.sign(sheet, september.filler)
    sheet = flow.sign(sheet, september.head)
    with pytest.raises(NotYourTurn):
        flow.verify(sheet, september.head)
    assert flow.verify(sheet, september.planner).state == "verified"


def test_handing_in_twice_is_told_and_not_done_twice(september):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    flow.hand_in(sheet, september.filler)
    with pytest.raises(StaleState):
        flow.hand_in(sheet, september.filler)
    assert moves_of(sheet).count() == 1


def test_nothing_is_typed_while_the_sheet_is_on_its_way(september):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    flow.hand_in(sheet, september.filler)
    with pytest.raises(cells.CellLocked, match="待审核"):
        cells.type_cell(sheet, september.rows["st_loans"], september.filler, "1")


def test_the_reviewer_sends_back_with_a_reason(september):
    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    sheet = flow.hand_in(sheet, september.filler)
    with pytest.raises(MoveRefused, match="写明原因"):
        flow.act(sheet, "send_back", september.reviewer)
    sheet = flow.act(sheet, "send_back", september.reviewer, note="贷款漏了邮储一笔")
    assert (sheet.state, sheet.return_note) == ("draft", "贷款漏了邮储一笔")
    cells.type_cell(sheet, september.rows["st_loans"], september.filler, "380")


def test_a_failing_identity_of_the_finance_bureau_travels_with_its_note(september):
    with clock.pretend(at(10, 9)):
        sheet = september.open()
        september.type(sheet, {**SEPTEMBER, "budget_expenditure": "198400"})
        with pytest.raises(MoveRefused, match="还差 1 处"):
            flow.hand_in(sheet, september.filler)
        september.note(sheet, "budget_expenditure", "财政局表内四舍五入，相差 10")
        sheet = flow.hand_in(sheet, september.filler)
        flow.sign(flow.review(sheet, september.reviewer), september.head)
    held = ReportedValue.objects.for_system("测试").get(
        measure__code="budget_expenditure", period="2026-01..09"
    )
    assert (held.scaled, held.note) == (1984000000_00, "财政局表内四舍五入，相差 10")


def test_verification_names_the_verifier_beside_every_value(september):
    sheet = september.report("2026-09", SEPTEMBER)
    flow.verify(sheet, september.planner)
    latest = ReportedValue.objects.for_system("测试").filter(origin="sheet", version=2)
    assert latest.count() == len(SEPTEMBER)
    assert set(latest.values_list("verified_by", flat=True)) == {"苏知衡"}
    assert cube.verify()[1] == []


def test_a_return_opens_the_named_rows_only_and_takes_their_values_back(september):
    sheet = september.report("2026-09", SEPTEMBER)
    loans, training = september.rows["st_loans"], september.rows["farm_training"]
    sheet = flow.return_sheet(sheet, september.planner, [loans], "第 11 行与银行回单差 30")
    assert value(september, "st_loans", "2026-09").value is None
    assert value(september, "farm_training", "2026-09").value == 260
    reasons = absent_reasons(
        [loans.measure], [september.region.pk], [Period.parse("2026-09")], moments.latest()
    )
    assert reasons[(loans.measure_id, september.region.pk, "2026-09")] == "已退回"
    with pytest.raises(cells.CellLocked, match="没有被退回"):
        cells.type_cell(sheet, training, september.filler, "1")
    cells.type_cell(sheet, loans, september.filler, "320")
    with clock.pretend(at(10, 15)):
        sheet = flow.sign(
            flow.review(flow.hand_in(sheet, september.filler), september.reviewer), september.head
        )
    assert value(september, "st_loans", "2026-09").value == 320_0000
    assert (sheet.is_late, sheet.reported_at, sheet.last_reported_at) == (False, at(10, 8), at(10, 15))
    assert (
        ReportedValue.objects.for_system("测试").filter(measure=training.measure, period="2026-09").count()
        == 1
    )


def test_a_return_names_rows_and_a_reason(september):
    sheet = september.report("2026-09", SEPTEMBER)
    with pytest.raises(MoveRefused, match="哪几行"):
        flow.return_sheet(sheet, september.planner, [], "不对")
    with pytest.raises(MoveRefused, match="写明原因"):
        flow.return_sheet(sheet, september.planner, [september.rows["st_loans"]], " ")
    assert Sheet.objects.for_system("测试").get(pk=sheet.pk).open_rows is None


def test_withdrawing_before_verification_takes_everything_back(september):
    sheet = september.report("2026-09", SEPTEMBER)
    sheet = flow.withdraw(sheet, september.filler)
    assert (sheet.state, sheet.reported_at) == ("draft", None)
    assert value(september, "fiscal_st", "2026-01..09").value is None
    sheet = flow.sign(flow.review(flow.hand_in(sheet, september.filler), september.reviewer), september.head)
    assert value(september, "fiscal_st", "2026-01..09").value == D("19800000.00")
    flow.verify(sheet, september.planner)
    with pytest.raises(StaleState):
        flow.withdraw(sheet, september.filler)


def test_the_figure_as_of_before_the_return_is_what_stood_then(september):
    sheet = september.report("2026-09", SEPTEMBER)
    then = moments.latest()
    flow.return_sheet(sheet, september.planner, [september.rows["st_loans"]], "差 30")
    measure = september.rows["st_loans"].measure
    held = cube.read([measure.pk], [september.region.pk], ["2026-09"], then)
    assert [h.scaled for h in held[(measure.pk, september.region.pk, "2026-09")]] == [350_0000_00]
    assert cube.read([measure.pk], [september.region.pk], ["2026-09"]) == {}
