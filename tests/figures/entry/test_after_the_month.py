"""What follows a month: late supply, on-time rates, adjustments, full-year estimates; and the loading of forms."""

from decimal import Decimal as D

import pytest

from keshu.directory.models import Unit
from keshu.figures.book import book
from keshu.figures.entry import adjusting, cells, flow, loading
from keshu.figures.entry.absence import absent_reasons
from keshu.figures.entry.estimates import estimated_years, estimates_and_outcomes, record_estimate
from keshu.figures.entry.models import Adjustment, Cell, YearEstimate
from keshu.figures.entry.sheets import content_of
from keshu.figures.models import ReportedValue
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import SEPTEMBER, SPEC, at
from tests.figures.entry.held import value

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
