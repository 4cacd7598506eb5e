"""青禾市 on its day. The values below are the worked example of the dispatch page: they were laid down before the program."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.demo import loading
from keshu.demo.months import WANGLING, Months
from keshu.demo.people import PASSWORD
from keshu.demo.stages import moment
from keshu.directory.accounts import actor_of
from keshu.directory.actors import ADMIN_ROLES, Role
from keshu.directory.models import Account, Region, RoleGrant
from keshu.figures import cube
from keshu.figures.arithmetic.forecast import Forecast
from keshu.figures.canonical import dispatch_json
from keshu.figures.entry.estimates import estimates_and_outcomes
from keshu.figures.entry.models import Adjustment, Form, Sheet
from keshu.figures.entry.sheets import content_of
from keshu.figures.entry.waiting import waiting
from keshu.figures.models import RegionShown, Release, ReportedValue, Standing
from keshu.journal import moments
from keshu.journal.models import Revision
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import show_number

COUNTIES = ("云麓", "禾中", "南芷", "苇湖", "松坪", "白河口", "岚川", "望岭")
# indicator: (shown values, ranks, rank changes, lamps) in the order of COUNTIES; lamps None where the year is fixed
EXPECTED = {
    "st_progress": (
        ["71.06", "68.42", "58.90", "61.35", "49.73", "50.21", "45.12", "43.68"],
        [1, 2, 4, 3, 6, 5, 7, 8],
        [0, 0, 0, 0, -1, 1, 1, -1],
        [None] * 8,
    ),
    "rd_gdp": (
        ["3.12", "2.84", "1.90", "1.86", "1.21", "0.96", "0.97", "0.74"],
        [1, 2, 3, 4, 5, 7, 6, 8],
        [0, 0, 1, -1, 0, -1, 1, 0],
        [None] * 8,
    ),
    "fiscal_share": (
        ["3.60", "3.20", "2.10", "2.60", "1.50", "1.80", None, "1.00"],
        [1, 2, 4, 3, 6, 5, None, 7],
        [0, 0, 0, 0, -1, 1, None, 0],
        ["正常", "正常", "偏慢", "偏慢", "偏慢", "正常", "缺数", "滞后"],
    ),
    "contract_gdp": (
        ["2.51", "1.86", "1.46", "1.40", "0.80", "0.75", "0.65", "0.28"],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [0, 0, 1, -1, 0, 0, 0, 0],
        ["正常", "正常", "正常", "偏慢", "正常", "正常", "正常", "滞后"],
    ),
    "hitech_density": (
        ["62.5", "42.5", "30.2", "36.6", "21.0", "19.2", "16.8", "14.2"],
        [1, 2, 4, 3, 5, 6, 7, 8],
        [0, 0, 0, 0, 0, 0, 1, -1],
        ["正常", "正常", "偏慢", "偏慢", "偏慢", "正常", "正常", "偏慢"],
    ),
}
MET = {
    "st_progress": [True, True, True, False, False, False, True, False],
    "rd_gdp": [True, True, True, False, True, False, True, False],
}
COMPLETION = {
    "contract_gdp": ["104.6", "103.3", "112.4", "90.3", "100.0", "100.0", "100.1", "46.2"],
    "hitech_density": ["97.7", "96.6", "91.5", "91.5", "91.5", "96.1", "112.3", "88.8"],
}
GROWTH_OF_CONTRACTS = ["0.27", "0.13", "0.27", "−0.09", "0.01", "0.03", "0.05", "−0.05"]
WHOLE = {"rd_gdp": "2.12", "fiscal_share": "2.44", "contract_gdp": "1.59", "hitech_density": "36.9"}
MEANS = {
    "st_progress": "56.06",
    "rd_gdp": "1.70",
    "fiscal_share": "2.26",
    "contract_gdp": "1.21",
    "hitech_density": "30.4",
}
LEADING = {
    "rd_large_growth": (
        ["14.6", "11.2", "12.9", "−6.4", "8.3", "2.1", "15.7", "−3.1"],
        ["正常", "正常", "正常", "滞后", "偏慢", "偏慢", "正常", "滞后"],
    ),
    "survey_cover": (
        ["98.1", "96.7", "96.7", "87.5", "94.4", "80.0", "100.0", "78.6"],
        ["正常", "正常", "正常", "偏慢", "偏慢", "滞后", "正常", "滞后"],
    ),
    "hitech_applications": (["26", "22", "11", "9", "4", "3", "2", "1"], [None] * 8),
    "review_cover": (
        ["100.0", "100.0", "66.7", "83.3", "100.0", "100.0", None, "0.0"],
        ["正常", "正常", "滞后", "滞后", "正常", "正常", "缺数", "滞后"],
    ),
}
DEDUCTION = ["4.42", "4.86", "1.78", "1.35", "0.52", "0.30", "0.19", "0.11"]  # 亿元
REGISTERED = ["9.74", "8.92", "4.57", "3.87", "1.31", "1.08", "0.59", "0.31", "0.86"]


def by_name(rows, code):
    return {row.region.short_name: row for row in rows if row.indicator.code == code}


def shown(value, places):
    return None if value is None else show_number(value, places)


@pytest.fixture(scope="module")
def table(demo):
    with clock.pretend(moment(10, 12)):
        return demo.table()


@pytest.mark.parametrize("code", EXPECTED)
def test_the_dispatch_shows_the_worked_example(table, code):
    values, ranks, moves, lamps = EXPECTED[code]
    rows = by_name(table.rows, code)
    places = rows["云麓"].indicator.decimals
    assert [shown(rows[name].value, places) for name in COUNTIES] == values
    assert [rows[name].rank for name in COUNTIES] == ranks
    assert [rows[name].rank_change for name in COUNTIES] == moves
    assert [rows[name].lamp.word if rows[name].lamp else None for name in COUNTIES] == lamps


@pytest.mark.parametrize("code", MET)
def test_fixed_figures_say_met_or_not(table, code):
    rows = by_name(table.rows, code)
    assert [rows[name].met for name in COUNTIES] == MET[code]


@pytest.mark.parametrize("code", COMPLETION)
def test_completion_as_shown(table, code):
    rows = by_name(table.rows, code)
    assert [shown(rows[name].completion * 100, 1) for name in COUNTIES] == COMPLETION[code]


def test_change_of_the_contract_share_in_points(table):
    rows = by_name(table.rows, "contract_gdp")
    assert [shown(rows[name].change.value, 2) for name in COUNTIES] == GROWTH_OF_CONTRACTS


def test_the_whole_city_and_the_mean_of_its_counties(table):
    columns = {column.indicator.code: column for column in table.columns}
    for code, value in WHOLE.items():
        assert shown(columns[code].total.value, columns[code].indicator.decimals) == value
    for code, value in MEANS.items():
        assert shown(columns[code].mean, columns[code].indicator.decimals) == value
    assert columns["st_progress"].parent.value == Decimal("60.87")
    assert "未含岚川县" in columns["fiscal_share"].total.note
    assert "含市本级" in columns["contract_gdp"].total.note
    whole = columns["contract_gdp"].total_row
    assert (shown(whole.completion * 100, 1), whole.lamp.word) == ("99.3", "偏慢")
    assert shown(whole.change.value, 2) == "0.12"


def test_twenty_four_items_two_behind_both_in_one_county(table):
    items = [row for row in table.rows if row.region.is_ranked and not row.fixed]
    late = [row for row in items if row.lamp is not None and row.lamp.level == "late"]
    assert len(items) == 24
    assert [(row.region.name, row.indicator.code) for row in late] == [
        ("望岭县", "fiscal_share"),
        ("望岭县", "contract_gdp"),
    ]
    assert sum(row.figure.held for row in items) == 23


def test_a_returned_figure_is_missing_with_its_reason(table):
    assert by_name(table.rows, "fiscal_share")["岚川"].missing.startswith("已退回")


def test_the_bureau_level_shows_its_amount_against_its_own_target(table):
    own = by_name(table.rows, "contract_gdp")["市本级"]
    # 8600 万元 of 1.20 亿元 is 71.7 %, three quarters of the year gone: 95.6 % of the pace
    assert (own.amount, shown(own.completion * 100, 1), own.lamp.word) == (
        Decimal(86_000_000),
        "71.7",
        "偏慢",
    )
    assert shown(own.change.value, 1) == "15.9"
    fiscal = by_name(table.rows, "fiscal_share")["市本级"]
    assert (shown(fiscal.value, 2), fiscal.lamp.word, fiscal.rank) == ("2.58", "偏慢", None)


def test_the_zone_inside_a_county_is_never_added(table):
    column = next(column for column in table.columns if column.indicator.code == "contract_gdp")
    assert column.total.numerator == Decimal(3_125_320_000)
    assert "青禾高新区为其中数" in column.total.note


def test_wangling_falls_by_numerator_and_denominator_alike(table):
    row = by_name(table.rows, "contract_gdp")["望岭"]
    # 3120 / 112.60 亿 against 3380 / 104.07 亿
    assert (row.figure.numerator.value, row.figure.denominator.value) == (31_200_000, 11_260_000_000)
    assert (row.previous.numerator.value, row.previous.denominator.value) == (33_800_000, 10_407_000_000)
    assert shown(row.split.numerator_effect, 3) == shown(row.split.denominator_effect, 3) == "−0.024"
    gap = (row.gap_to_next * row.figure.denominator.value / 100 / 10_000).quantize(Decimal(1))
    assert gap == 4208  # 万元 to draw level with the next county


def test_wangling_is_expected_between_027_and_035(table):
    forecast = by_name(table.rows, "contract_gdp")["望岭"].forecast
    assert isinstance(forecast, Forecast)
    assert (shown(forecast.low, 2), shown(forecast.high, 2)) == ("0.27", "0.35")
    assert "今年均速" in forecast.basis_text
    assert "58.4%" in forecast.basis_text  # the last quarter held 41.6 % of that year


@pytest.mark.parametrize("code", LEADING)
def test_leading_figures_carry_the_lamps(table, code):
    values, lamps = LEADING[code]
    rows = by_name(table.leading_rows, code)
    places = rows["云麓"].indicator.decimals
    assert [shown(rows[name].value, places) for name in COUNTIES] == values
    assert [rows[name].lamp.word if rows[name].lamp else None for name in COUNTIES] == lamps


def test_leading_amounts_and_how_far_their_data_reach(table):
    yi = Decimal(100_000_000)
    rows = by_name(table.leading_rows, "deduction_amount")
    assert [shown(rows[name].value / yi, 2) for name in COUNTIES] == DEDUCTION
    rows = by_name(table.leading_rows, "registered_amount")
    assert [shown(rows[name].value / yi, 2) for name in (*COUNTIES, "市本级")] == REGISTERED
    reach = {column.indicator.code: column.period.short_label for column in table.leading}
    assert reach["rd_large_growth"] == "1—8月"
    assert reach["deduction_amount"] == "上半年"
    assert reach["survey_cover"] == "截至10月10日"
    assert reach["registered_amount"] == "截至10月11日"


# ---- time ---------------------------------------------------------------------------------------------------


def test_the_half_year_table_is_again_what_was_exported_on_its_day(demo):
    assert dispatch_json(demo.table("2026H1", as_of="2026-07-05")) == demo.then


def test_the_half_year_has_moved_since(demo):
    def amount(table):
        column = next(column for column in table.columns if column.indicator.code == "contract_gdp")
        return shown(column.total.numerator / 100_000_000, 2)

    then, now = demo.table("2026H1", as_of="2026-07-05"), demo.table("2026H1")
    assert (amount(then), amount(now)) == ("18.56", "18.64")
    differing = [
        (old.region.short_name, old.indicator.code)
        for old, new in zip(then.rows, now.rows, strict=True)
        if old.figure.held and old.value != new.value
    ]
    assert differing == [("南芷", "fiscal_share"), ("云麓", "contract_gdp"), ("苇湖", "contract_gdp")]


def test_august_says_what_was_corrected_and_why(demo):
    values = ReportedValue.objects.for_system("测试").filter(
        measure__code="contract_output",
        subject__name="望岭县",
        period="2026-01..08",
        release__label__contains="2026",
    )
    versions = values.order_by("version").values_list("scaled", "note")
    assert [scaled // 1_000_000 for scaled, _ in versions] == [2690, 2634]
    assert versions[1][1] == "56 万元是未登记的意向合同"


def test_a_target_was_raised_in_june_and_a_definition_reworded_in_march(demo):
    def target(as_of):
        return by_name(demo.table("2026-01..03", as_of=as_of).rows, "contract_gdp")["岚川"].target.low

    assert (target("2026-05-01"), target(None)) == (Decimal("0.60"), Decimal("0.65"))

    def label(as_of):
        return by_name(demo.table("2026-01..03", as_of=as_of).rows, "contract_gdp")[
            "岚川"
        ].indicator.definition_label

    assert (label("2026-03-01"), label("2026-04-01")) == ("2025版", "输出技术口径")


def test_reported_ranks_stand_apart_from_computed_ones(demo):
    ranks = Standing.objects.for_system("测试").filter(indicator__code="contract_gdp", kind="rank")
    by_period = dict(ranks.values_list("period", "value"))
    assert (by_period["2026-01..09"], by_period["2025-01..09"]) == (10, 9)
    assert all("演示" in row.assessor for row in ranks)


def test_every_source_of_the_city_is_marked_as_a_demonstration(demo):
    city = ReportedValue.objects.for_system("测试").filter(subject__code__startswith="9999")
    sources = Release.objects.filter(pk__in=city.values("release_id")).values_list("source", flat=True)
    made_up = {source for source in sources if "（演示）" not in source}
    assert made_up == {"青科统 01 表 科技统计月报", "填报记录"}


# ---- sheets -------------------------------------------------------------------------------------------------


def sheet_of(name, period="2026-09"):
    return (
        Sheet.objects.for_system("测试")
        .select_related("form", "region")
        .get(region__name=name, period=period)
    )


def test_september_as_the_city_finds_it(demo):
    states = dict(
        Sheet.objects.for_system("测试").filter(period="2026-09").values_list("region__name", "state")
    )
    assert (states["望岭县"], states["岚川县"], states["苇湖区"]) == ("draft", "returned", "signed")
    assert sorted(states.values()).count("verified") == 5
    assert "1940 万元" in sheet_of("岚川县").return_note


def test_the_half_filled_sheet_has_one_red_one_amber_one_empty(demo):
    found = content_of(sheet_of("望岭县")).examination
    assert (found.red, found.amber, found.empty) == (1, 1, 1)
    said = " ".join(remark.text for remark in found.open)
    assert "198,390" in said
    assert "6051" in said.replace(",", "")


def test_the_county_has_been_in_time_so_far(demo):
    rows = ReportedValue.objects.for_system("测试").filter(
        measure__code="on_time_rate", subject__name="望岭县"
    )
    assert rows.exists()
    assert {row.scaled for row in rows} == {1_000_000}  # 100.0000 %


def test_an_adjustment_stands_beside_its_month(demo):
    adjustment = Adjustment.objects.for_system("测试").get()
    assert (adjustment.region.name, adjustment.period, adjustment.state) == ("望岭县", "2026-08", "verified")


def test_every_county_s_months_are_plausible_beside_last_year(demo):
    """What a clerk compares: parts within their total, no negative month, no change of a size that nobody would believe."""
    months = Months()
    for place in months.series.counties:
        for year, last in ((2025, 12), (2026, 9)):
            for month in range(1, last + 1):
                whole, science = (
                    months.series.values[code, place, Period.ytd(year, month)]
                    for code in ("budget_expenditure", "fiscal_st")
                )
                own, towns, research, popular = (
                    months.cumulative(code, place, year, month)
                    for code in ("budget_own", "budget_towns", "fiscal_rd", "fiscal_popular")
                )
                assert own + towns == whole and 0 < towns < own, (place, year, month)
                assert research + popular <= science, (place, year, month)
        for code in WANGLING:
            for month in (6, 8, 9):
                now, before = (months.cumulative(code, place, year, month) for year in (2026, 2025))
                assert -30 * before <= 100 * (now - before) <= 50 * before, (place, code, month, now, before)
            for year, last in ((2025, 12), (2026, 9)):
                course = [months.cumulative(code, place, year, month) for month in range(1, last + 1)]
                assert course == sorted(course), (place, code, year)


def test_wangling_s_form_is_the_worked_example(demo):
    entries = {entry.row.measure.code: entry for entry in content_of(sheet_of("望岭县")).entries}
    rows = {code: (entry.line.before, entry.line.last_year) for code, entry in entries.items()}
    assert rows == {
        "budget_expenditure": (176770, 191200),
        "budget_own": (152740, 165010),
        "budget_towns": (24030, 26190),
        "fiscal_st": (1762, 2010),
        "fiscal_rd": (627, 718),
        "fiscal_popular": (487, 541),
        "rd_large": (4200, 4870),
        "contract_output": (2634, 3380),
        "tech_sme": (27, 28),
        "hitech_applied": (1, 2),
        "st_loans": (2510, 2140),
        "farm_training": (2240, 2085),
    }
    assert "统计局约 10-27 出9月数" in entries["rd_large"].line.late_supply


def test_what_was_expected_of_2025_stands_beside_what_came(demo):
    form = Form.objects.get(code="qhkt-01")
    counties = list(
        Region.objects.filter(level="county", part="area", code__startswith="9999").order_by("code")
    )
    found = estimates_and_outcomes(form, counties, 2025)
    typed = form.rows.filter(fill="typed").count()
    assert len(found) == 8 * typed * 2  # in October and in November
    assert all(one.outcome is not None for one in found)
    assert all(abs(one.share) <= 15 for one in found if one.outcome >= 100)
    assert any(abs(one.share) > 10 for one in found)


def test_the_badge_of_each_one_s_rail(demo):
    def waits(username):
        found = waiting(actor_of(Account.objects.get(username=username)))
        return [(one.region.short_name, one.period.code, one.word) for one in found]

    assert waits("zhenglan") == [("望岭", "2026-09", "填报中")]
    assert waits("tangqiu") == [("岚川", "2026-09", "已退回")]
    assert waits("suzhiheng") == [("苇湖", "2026-09", "待市局核实")]
    assert waits("heyizhou") == waits("fanglu") == []


# ---- people and loading ---------------------------------------------------------------------------------------


def test_one_account_per_role_and_administrators_apart(demo):
    roles = {Role(role) for role in RoleGrant.objects.values_list("role", flat=True)}
    assert roles == set(Role)
    for account in Account.objects.all():
        held = {Role(g.role) for g in RoleGrant.objects.filter(employment__person=account.person_id)}
        assert not held & ADMIN_ROLES or len(held) == 1
    assert actor_of(Account.objects.get(username="zhenglan")).is_county


def test_the_printed_password_opens_every_account(demo):
    table = loading.accounts()
    for account in Account.objects.all():
        assert account.username in table
    assert Account.objects.get(username="hexu").check_password(PASSWORD)


def test_loading_again_changes_nothing(demo):
    before = moments.latest()
    assert loading.load(demo.lines.append) == 0
    assert moments.latest() == before
    assert (demo.home / "today").read_text().strip() == "2026-10-12"


def test_the_cube_and_the_chain_hold(demo):
    assert cube.verify()[1] == []
    assert list(moments.broken_links()) == []


def test_a_house_with_work_in_it_is_left_alone(base, actor):
    RegionShown.objects.create(region=Region.objects.get(code="340000"))
    with pytest.raises(loading.HouseInUse, match="已有单位、账号或数据"):
        loading.load(lambda line: None)


def test_history_is_told_in_the_order_in_which_it_happened(demo):
    at = list(Revision.objects.order_by("number").values_list("at", flat=True))
    assert at == sorted(at)
    assert at[0].date() == date(2026, 1, 4)
    assert at[-1].date() <= date(2026, 10, 12)
