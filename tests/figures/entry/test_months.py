"""A county's month from the first cell to the city, with what stands in the figures after each step."""

from decimal import Decimal as D

import pytest

from keshu.directory.models import Unit
from keshu.figures import cube
from keshu.figures.book import book
from keshu.figures.entry import adjusting, cells, flow, loading
from keshu.figures.entry.absence import absent_reasons
from keshu.figures.entry.estimates import estimated_years, estimates_and_outcomes, record_estimate
from keshu.figures.entry.models import Adjustment, Cell, Sheet, YearEstimate
from keshu.figures.entry.past import release_of
from keshu.figures.entry.periods import NotAFormPeriod, due_at, of_year, read
from keshu.figures.entry.sheets import content_of
from keshu.figures.models import Release, ReportedValue
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import SEPTEMBER, SPEC, at


def value(county, code, period, region=None):
    """What the figures hold, in the measure's stored unit."""
    revision = moments.latest()
    reader = Reader(book(revision), revision)
    measure, stretch, subject = county.rows[code].measure, Period.parse(period), (region or county.region).pk
    reader.load([measure], [subject], [stretch])
    return reader.value(measure, subject, stretch)


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


# ---- late supply, lateness, on-time rate -------------------------------------------------------------------


def without(code):
    return {key: text for key, text in SEPTEMBER.items() if key != code}


def test_the_late_supply_says_when_the_figures_come_and_then_that_they_are_there(september):
    sheet = september.open()
    row = september.rows["rd_large"]
    cells.give_reason(sheet, row, september.filler, "未发布")
    with clock.pretend(at(10, 12)):
        assert content_of(sheet).entry(row.pk).line.late_supply == "统计局约 10-27 出9月数，出后补报不算迟"
    with clock.pretend(at(10, 28)):
        line = content_of(sheet).entry(row.pk).line
    assert line.late_supply == "统计局 10-27 应已出9月数，可以补报，不算迟"


def test_what_the_month_before_lacks_is_said_with_its_own_reason(september):
    with clock.pretend(at(10, 12)):
        content = content_of(september.open("2026-10"))
    # the county has not reported September, due on the 10th: that is why, not that the finance bureau is silent
    assert content.past.before_missing[september.rows["fiscal_rd"].pk] == "未报，超期 2 天"


def test_late_supply_by_the_statistics_office_is_not_late(september):
    row = september.rows["rd_large"]
    with clock.pretend(at(10, 9)):
        sheet = september.open()
        september.type(sheet, without("rd_large"))
        cells.give_reason(sheet, row, september.filler, "未发布")
        sheet = flow.sign(
            flow.review(flow.hand_in(sheet, september.filler), september.reviewer), september.head
        )
    reasons = absent_reasons(
        [row.measure], [september.region.pk], [Period.parse("2026-01..09")], moments.latest()
    )
    assert reasons[(row.measure_id, september.region.pk, "2026-01..09")] == "未发布"
    with clock.pretend(at(10, 28)):
        sheet = flow.supply(sheet, september.filler)
        with pytest.raises(cells.CellLocked):
            cells.type_cell(sheet, september.rows["st_loans"], september.filler, "1")
        cells.type_cell(sheet, row, september.filler, "4725")
        sheet = flow.sign(
            flow.review(flow.hand_in(sheet, september.filler), september.reviewer), september.head
        )
    assert value(september, "rd_large", "2026-01..09").value == 4725_0000
    assert not sheet.is_late
    assert value_of_rate(september, "2026-01..09") == rate(1, 8)  # the seven earlier sheets were never sent


def value_of_rate(county, period, region=None):
    from keshu.figures.models import Measure

    revision = moments.latest()
    reader = Reader(book(revision), revision)
    measure = Measure.objects.get(code="on_time_rate")
    stretch, subject = Period.parse(period), (region or county.region).pk
    reader.load([measure], [subject], [stretch])
    return reader.value(measure, subject, stretch).value


def rate(in_time, due):
    return (D(100 * in_time) / due).quantize(D("0.0001"))


def test_on_time_rate_counts_what_was_due_so_far(county):
    county.report("2026-01..02", SEPTEMBER, at(3, 9))
    assert value_of_rate(county, "2026-01..02") == 100
    march = {**SEPTEMBER, "budget_expenditure": "300000", "budget_own": "272870"}
    sheet = county.report("2026-03", march, at(4, 11, 9))  # due 10 April 17:30
    assert sheet.is_late
    assert value_of_rate(county, "2026Q1") == 50
    # the neighbour sent neither: 0 of 2
    assert value_of_rate(county, "2026Q1", county.other) == 0


def test_a_minute_after_the_deadline_is_late(september):
    assert not september.report("2026-09", SEPTEMBER, at(10, 10, 17, 30)).is_late


def test_unreported_sheets_say_by_how_many_days(county):
    measure = county.rows["st_loans"].measure
    key = (measure.pk, county.region.pk, "2026-09")
    asked = ([measure], [county.region.pk], [Period.parse("2026-09")], moments.latest())
    with clock.pretend(at(10, 9)):
        assert absent_reasons(*asked)[key] == "未报"
    with clock.pretend(at(10, 12, 9)):
        assert absent_reasons(*asked)[key] == "未报，超期 2 天"


def test_a_cumulative_that_lacks_a_month_names_that_month(county):
    measure = county.rows["st_loans"].measure
    with clock.pretend(at(10, 12)):
        reasons = absent_reasons(
            [measure], [county.region.pk], [Period.parse("2026-01..09")], moments.latest()
        )
    # due 10 March: 21 days of March after it + April 30 + May 31 + June 30 + July 31 + August 31 + September 30 + 12 = 216
    assert reasons[(measure.pk, county.region.pk, "2026-01..02")] == "未报，超期 216 天"
    assert reasons[(measure.pk, county.region.pk, "2026-01")] == "未报，超期 216 天"
    assert reasons[(measure.pk, county.region.pk, "2026-01..09")] == "未报，超期 2 天"


def test_reasons_as_of_an_earlier_moment(september):
    measure = september.rows["st_loans"].measure
    before = moments.latest()
    september.report("2026-09", SEPTEMBER, at(10, 14))
    key = (measure.pk, september.region.pk, "2026-09")
    ask = ([measure], [september.region.pk], [Period.parse("2026-09")])
    assert absent_reasons(*ask, moments.latest()).get(key) is None
    assert absent_reasons(*ask, before)[key].startswith("未报")


def test_measures_no_form_collects_have_no_reason_here(county):
    from keshu.figures.models import Measure

    gdp = Measure.objects.get(code="gdp")
    assert absent_reasons([gdp], [county.region.pk], [Period.parse("2026Q3")], moments.latest()) == {}


# ---- adjustments -------------------------------------------------------------------------------------------


def test_an_adjustment_changes_the_figure_and_leaves_the_issued_sheet(county):
    county.report("2026-08", {**SEPTEMBER, "st_loans": "2690"})
    row = county.rows["st_loans"]
    asked = adjusting.ask(
        county.form, county.region, row, "2026-08", "2634", "56 万元是意向合同", county.filler
    )
    assert value(county, "st_loans", "2026-08").value == 2690_0000
    with pytest.raises(NotYourTurn):
        adjusting.verify_adjustment(asked, county.head)
    with clock.pretend(at(9, 11)):
        asked = adjusting.verify_adjustment(asked, county.planner)
    assert value(county, "st_loans", "2026-08").value == 2634_0000
    assert Cell.objects.for_system("测试").get(row=row).text == "2690"
    last = ReportedValue.objects.for_system("测试").filter(measure=row.measure).order_by("-version")[0]
    assert (last.entered_by, last.verified_by, last.note) == ("郑澜", "苏知衡", "追溯调整：56 万元是意向合同")
    words = adjusting.sentence(Adjustment.objects.for_system("测试").get(pk=asked.pk))
    assert (
        words == "8月科技贷款发放额 2690 → 2634 万元，原因“56 万元是意向合同”，郑澜 申请，苏知衡 09-11 核实"
    )


def test_the_new_cumulative_starts_from_the_adjusted_value(september):
    september.report(
        "2026-08", {**SEPTEMBER, "fiscal_st": "1762", "fiscal_rd": "627", "fiscal_popular": "487"}
    )
    row = september.rows["fiscal_st"]
    asked = adjusting.ask(
        september.form, september.region, row, "2026-08", "1700", "多列 62 万元", september.filler
    )
    adjusting.verify_adjustment(asked, september.planner)
    sheet = september.open("2026-09")
    september.type(sheet, {"fiscal_st": "1980"})
    # 1980 − 1700 = 280
    assert content_of(sheet).entry(row.pk).line.single == 280


def test_a_refused_adjustment_changes_nothing(county):
    county.report("2026-08", SEPTEMBER)
    asked = adjusting.ask(
        county.form, county.region, county.rows["st_loans"], "2026-08", "300", "记错", county.filler
    )
    with pytest.raises(MoveRefused):
        adjusting.refuse_adjustment(asked, county.planner, "")
    asked = adjusting.refuse_adjustment(asked, county.planner, "没有依据")
    assert asked.state == "refused"
    assert value(county, "st_loans", "2026-08").value == 350_0000


@pytest.mark.parametrize(
    ("code", "period", "new", "reason", "words"),
    [
        ("contract_output", "2026-08", "1", "错", "台账"),
        ("st_loans", "2026-08", "三百五", "错", "汉字"),
        ("st_loans", "2026-08", "300", " ", "写明原因"),
        ("st_loans", "2026-07", "300", "错", "还没有报出"),
        ("st_loans", "2026-08", "350", "错", "没有要调整的"),
    ],
)
def test_what_cannot_be_adjusted_says_what_to_do(county, code, period, new, reason, words):
    county.report("2026-08", SEPTEMBER)
    with pytest.raises(adjusting.NotAdjustable, match=words):
        adjusting.ask(county.form, county.region, county.rows[code], period, new, reason, county.filler)


# ---- full-year estimates -----------------------------------------------------------------------------------


def october(county):
    sheet = county.open("2026-10")
    county.type(sheet, {**SEPTEMBER, "budget_expenditure": "219000", "budget_own": "191870"})
    return sheet


def test_from_october_the_form_asks_for_the_year(september):
    assert not any(
        r.kind.startswith("estimate") for r in content_of(september.open("2026-09")).examination.remarks
    )
    content = content_of(october(september))
    assert sum(r.kind == "estimate-empty" for r in content.examination.open) == len(SEPTEMBER)


def test_estimates_are_kept_apart_and_compared_with_the_outcome(county):
    with clock.pretend(at(11, 9)):
        sheet = october(county)
        for code in SEPTEMBER:
            text = {"st_loans": "3300", "hitech_applied": "3", "tech_sme": "40"}.get(code, "400000")
            cells.type_estimate(sheet, county.rows[code], county.filler, text)
        for action, who in (("hand_in", county.filler), ("review", county.reviewer), ("sign", county.head)):
            sheet = flow.act(sheet, action, who)
    assert YearEstimate.objects.for_system("测试").count() == len(SEPTEMBER)
    assert value(county, "fiscal_st", "2026").value is None
    county.city.put("fiscal_st", county.region, "2026", "4100000000")
    found = {o.row.measure.code: o for o in estimates_and_outcomes(county.form, [county.region], 2026)}
    # 400,000 − 410,000 万元
    assert (found["fiscal_st"].estimate, found["fiscal_st"].outcome, found["fiscal_st"].error) == (
        400000,
        410000,
        -10000,
    )
    assert found["st_loans"].outcome is None and found["st_loans"].missing


def test_an_estimate_is_held_against_the_outcome_in_percent_of_it(county, actor):
    row = county.rows["fiscal_st"]
    with writing(actor, "往年预计数"):
        record_estimate(row, county.region, Period.month(2025, 10), 440000_000000, "郑澜")
        record_estimate(row, county.region, Period.month(2025, 11), 410000_000000, "郑澜")
    before = moments.latest()
    with writing(actor, "再来一次"):
        record_estimate(row, county.region, Period.month(2025, 11), 410000_000000, "郑澜")
    assert moments.latest() == before
    county.city.put("fiscal_st", county.region, "2025", "4000000000")
    found = estimates_and_outcomes(county.form, [county.region], 2025)
    # (440,000 − 400,000) / 400,000 = 10 %, (410,000 − 400,000) / 400,000 = 2.5 %
    assert [(one.made_in.code, one.error, one.share) for one in found] == [
        ("2025-10", 40000, D(10)),
        ("2025-11", 10000, D("2.5")),
    ]
    assert estimated_years() == [2025]


# ---- loading -----------------------------------------------------------------------------------------------


def test_loading_a_form_again_changes_nothing(county, actor):
    before = moments.latest()
    loading.load_form(SPEC, actor)
    assert moments.latest() == before


def test_annual_figures_are_not_asked_by_the_month(county, actor):
    rows = [{"measure": "legal_entities", "label": "企业法人单位数"}]
    with pytest.raises(loading.BadForm, match=r"“企业法人单位数”不能列为下级地区填报的行.*由规划科导入"):
        loading.load_form({**SPEC, "code": "x", "sections": [{"rows": rows}]}, actor)
    shown = [{**rows[0], "fill": "auto"}]
    assert loading.load_form({**SPEC, "code": "x", "sections": [{"rows": shown}]}, actor).rows.count() == 1


def test_what_a_department_enters_a_county_does_not(county, actor):
    rows = {"sections": [{"rows": [{"measure": "deduction", "label": "加计扣除额"}]}]}
    with pytest.raises(loading.BadForm, match="由部门填报、规划科导入"):
        loading.load_form({**SPEC, **rows, "code": "x"}, actor)
    with writing(actor, "税务局"):
        Unit(code="SWJ", name="试验市税务局", region=county.region.parent, has_account=False).save()
    form = loading.load_form({**SPEC, **rows, "code": "x", "number": "试科统 04 表", "unit": "SWJ"}, actor)
    assert form.unit.name == "试验市税务局"


def test_a_part_that_stands_before_its_total_is_refused(county, actor):
    rows = [{"measure": "budget_own", "label": "县本级", "part_of": "budget_expenditure"}]
    with pytest.raises(loading.BadForm, match="前面没有这一行"):
        loading.load_form({**SPEC, "code": "x", "sections": [{"rows": rows}]}, actor)


def test_the_city_level_and_zones_do_not_fill_the_county_form(county):
    with pytest.raises(loading.NotOpenable):
        loading.open_sheet(county.form, county.city.own, "2026-09", county.system)


def test_opening_twice_gives_one_sheet(county):
    assert county.open().pk == county.open().pk
