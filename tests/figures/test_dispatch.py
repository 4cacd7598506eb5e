"""The dispatch table on a small city whose arithmetic is done by hand in the comments."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.figures.dispatch import NoSuchDispatch, dispatch
from keshu.figures.models import Indicator, Release, Target
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period

pytestmark = pytest.mark.django_db
Q3 = "2026-01..09"
LAST = "2025-01..09"


def table(city, period="2026-09", **words):
    return dispatch("strong-st-5", Period.parse(period), region=city.top.code, **words)


def row(found, code, region):
    return next(
        r for r in (*found.rows, *found.leading_rows) if r.indicator.code == code and r.region.pk == region.pk
    )


def aim(city, code, region, low, high=None, year=2026):
    with writing(city.actor, "定目标"):
        Target(
            indicator=Indicator.objects.get(code=code),
            subject=region,
            year=year,
            low=Decimal(low),
            high=Decimal(high) if high else None,
        ).save()


@pytest.fixture
def contracts(city):
    """甲 3000万/100亿 = 0.30%，乙 8000万/100亿 = 0.80%，丙 5000万/50亿 = 1.00%，市本级 2000万；去年甲 2000万/80亿 = 0.25%。"""
    for region, amount, gdp in ((city.a, 3, 100), (city.b, 8, 100), (city.c, 5, 50)):
        city.put("contract_output", region, Q3, Decimal(amount) * 10**7)
        city.put("gdp", region, Q3, Decimal(gdp) * 10**8)
        city.put("contract_output", region, LAST, Decimal(amount) * 10**7 - 10**7)
        city.put("gdp", region, LAST, Decimal(gdp) * 10**8 * 8 / 10)
    city.put("contract_output", city.own, Q3, "20000000")
    return city


def test_the_ratio_is_numerator_over_denominator_and_ranks_among_counties_only(contracts):
    found = table(contracts)
    assert row(found, "contract_gdp", contracts.a).value == Decimal("0.3")
    ranks = {r.region.name: r.rank for r in found.rows if r.indicator.code == "contract_gdp"}
    assert ranks == {"甲县": 3, "乙县": 2, "丙县": 1, "市本级": None, "甲园区": None}


def test_the_city_is_the_sum_over_the_sum_with_its_own_level(contracts):
    """(3000+8000+5000+2000) 万 / (100+100+50) 亿 = 1.8亿/250亿 = 0.72%."""
    column = next(c for c in table(contracts).columns if c.indicator.code == "contract_gdp")
    assert column.total.value == Decimal("0.72")
    assert column.total.note == "含市本级，甲园区为其中数，不另加"
    assert column.mean == Decimal("0.7")  # (0.30 + 0.80 + 1.00) / 3: counties only


def test_gap_to_the_next_place_and_classes_have_ranks_of_their_own(contracts):
    found = row(table(contracts), "contract_gdp", contracts.a)
    assert found.next_up.name == "乙县"
    assert found.gap_to_next == Decimal("0.5")
    assert (found.class_rank, found.class_of) == (2, 2)
    assert found.gap_to_mean == Decimal("-0.4")


def test_the_change_splits_into_two_effects_that_sum_exactly(contracts):
    """去年 2000万/80亿 = 0.25，今年 0.30：升 0.05 个百分点。"""
    found = row(table(contracts), "contract_gdp", contracts.a)
    assert found.change.value == Decimal("0.05")
    assert abs(found.split.numerator_effect + found.split.denominator_effect - found.change.value) <= Decimal(
        "1e-12"
    )
    assert found.split.numerator_effect > 0 > found.split.denominator_effect


def test_a_part_without_a_denominator_shows_its_amount_and_is_not_ranked(contracts):
    found = row(table(contracts), "contract_gdp", contracts.own)
    assert found.value is None
    assert found.figure.numerator.value == 20000000
    assert found.missing == "无分母（地区生产总值）"
    assert row(table(contracts), "contract_gdp", contracts.zone).missing == "不单列"


def test_months_without_gdp_show_the_amount_and_no_stale_ratio(contracts):
    contracts.put("contract_output", contracts.a, "2026-01..08", "25000000")
    found = row(table(contracts, "2026-08"), "contract_gdp", contracts.a)
    assert found.value is None
    assert found.figure.numerator.value == 25000000
    assert found.missing.startswith("无分母")


def whole_of(found, code):
    return next(c.total_row for c in (*found.columns, *found.leading) if c.indicator.code == code)


def test_the_whole_changes_against_the_same_regions_only(contracts):
    """市本级 reports this year only: 1.8亿/250亿 and (2000+7000+4000)万/200亿 do not cover the same, so no change is told."""
    whole = whole_of(table(contracts), "contract_gdp")
    assert (whole.value, whole.previous.value) == (Decimal("0.72"), Decimal("0.65"))
    assert (whole.change.value, whole.change.reason, whole.split) == (None, "两期含的地区不同", None)
    contracts.put("contract_output", contracts.own, LAST, "10000000")
    again = whole_of(table(contracts), "contract_gdp")
    assert (again.previous.value, again.change.value) == (Decimal("0.7"), Decimal("0.02"))


def test_the_gap_to_the_whole_of_a_growth_is_between_two_growths(city):
    """甲 120/100 = +20 %, 乙 110/100 = +10 %; the city 230/200 = +15 %: 甲 lies 5 points above it."""
    for region, now in ((city.a, 120), (city.b, 110)):
        city.put("rd_large", region, Q3, now)
        city.put("rd_large", region, LAST, 100)
    found = table(city)
    assert whole_of(found, "rd_large_growth").value == 15
    assert row(found, "rd_large_growth", city.a).gap_to_parent == 5
    assert row(found, "rd_large_growth", city.a).gap_to_mean == 5
    city.put("rd_large", city.c, Q3, 500)
    alone = whole_of(table(city), "rd_large_growth")
    assert (alone.value, alone.missing) == (None, "两期含的地区不同")
    assert row(table(city), "rd_large_growth", city.a).gap_to_parent is None


def test_the_place_moves_against_the_same_period_of_last_year_in_the_indicator_s_direction(contracts):
    """Last year 甲 2000/80 = 0.25, 乙 7000/80 = 0.875, 丙 4000/40 = 1.00; this year 甲 9000万/100亿 = 0.90 passes 乙 (0.80)."""
    contracts.put("contract_output", contracts.a, Q3, "90000000")

    def moves():
        found = table(contracts)
        rows = [row(found, "contract_gdp", region) for region in (contracts.a, contracts.b, contracts.c)]
        return [(one.rank, one.rank_change) for one in rows]

    assert moves() == [(2, 1), (3, -1), (1, 0)]
    with writing(contracts.actor, "反向"):
        indicator = Indicator.objects.get(code="contract_gdp")
        indicator.direction = "down"
        indicator.save()
    # the smaller the better: 0.80, 0.90, 1.00 now; 0.25, 0.875, 1.00 then
    assert moves() == [(2, -1), (1, 1), (3, 0)]


def test_every_reason_for_a_missing_figure(contracts):
    """未发布: within the authority's delay; 未报: the bureau's own figure past it; 无分母; 分母为零; 只有推算数."""
    with clock.pretend(date(2026, 10, 5)):
        found = table(contracts)
        assert row(found, "fiscal_share", contracts.a).missing == "未发布（财政科技支出）"
        assert row(found, "hitech_density", contracts.a).missing == "无分母（企业法人单位数）"
    contracts.put("legal_entities", contracts.a, "2025-12", 10000)
    with clock.pretend(date(2026, 11, 5)):
        assert row(table(contracts), "hitech_density", contracts.a).missing == "未报（高新技术企业有效数）"
    contracts.put("legal_entities", contracts.a, "2025-12", 0)
    contracts.put("hitech_valid", contracts.a, "2026-09", 5)
    assert row(table(contracts), "hitech_density", contracts.a).missing == "分母为零"
    contracts.put("gdp", contracts.a, Q3, None)
    assert row(table(contracts), "contract_gdp", contracts.a).missing == "无分母（地区生产总值）"


def test_missing_is_not_zero_and_the_rank_says_how_many_are_missing(contracts):
    contracts.put("contract_output", contracts.b, Q3, None)
    found = table(contracts)
    assert row(found, "contract_gdp", contracts.b).rank is None
    column = next(c for c in found.columns if c.indicator.code == "contract_gdp")
    assert (column.of, column.missing) == (2, ("乙县",))
    assert "未含乙县" in column.total.note


def test_zero_is_a_value_and_a_zero_denominator_is_missing(contracts):
    contracts.put("contract_output", contracts.b, Q3, 0)
    contracts.put("gdp", contracts.c, Q3, 0)
    found = table(contracts)
    assert row(found, "contract_gdp", contracts.b).value == 0
    assert row(found, "contract_gdp", contracts.b).rank == 2
    assert row(found, "contract_gdp", contracts.c).missing == "分母为零"


def test_range_target_divides_by_the_upper_bound(contracts):
    aim(contracts, "contract_gdp", contracts.a, "0.4", "0.6")
    found = row(table(contracts), "contract_gdp", contracts.a)
    assert found.completion == Decimal("0.5")
    assert found.lamp.word == "滞后"


def test_lamps_follow_completion_against_what_is_due(contracts):
    """比率当期应到 100%：0.30/0.30 正常，0.80/0.85 = 94.1% 偏慢，1.00/1.20 = 83.3% 滞后。"""
    for region, target in ((contracts.a, "0.30"), (contracts.b, "0.85"), (contracts.c, "1.20")):
        aim(contracts, "contract_gdp", region, target)
    found = table(contracts)
    words = [
        row(found, "contract_gdp", region).lamp.word for region in (contracts.a, contracts.b, contracts.c)
    ]
    assert words == ["正常", "偏慢", "滞后"]


def test_a_fixed_figure_has_no_lamp_and_no_time_progress(city):
    city.put("rd_expenditure", city.a, "2025", "300000000")
    city.put("gdp", city.a, "2025", "10000000000")
    aim(city, "rd_gdp", city.a, "2.5", year=2025)
    found = row(table(city), "rd_gdp", city.a)
    assert found.figure.period.code == "2025"
    assert (found.value, found.met, found.lamp, found.progress) == (Decimal(3), True, None, None)


def test_ties_share_a_place_and_the_next_is_skipped(contracts):
    contracts.put("contract_output", contracts.a, Q3, "80000000")
    found = table(contracts)
    ranks = {
        r.region.name: (r.rank, r.tied) for r in found.rows if r.indicator.code == "contract_gdp" and r.rank
    }
    assert ranks == {"甲县": (2, True), "乙县": (2, True), "丙县": (1, False)}


def test_an_estimate_never_becomes_a_denominator(city):
    """由强度反推的地区生产总值不算分母。"""
    city.put("rd_expenditure", city.a, "2022", "300000000")
    city.put("gdp_implied", city.a, "2022", "10000000000")
    found = row(table(city, "2022"), "rd_gdp", city.a)
    assert found.missing == "无分母（地区生产总值）"


def test_monthly_values_add_up_and_a_missing_month_is_said(city):
    with clock.pretend(date(2026, 10, 12)):
        for month in range(1, 10):
            city.put("hitech_applied", city.a, f"2026-{month:02d}", month % 3)
        # 1—9月: 1+2+0+1+2+0+1+2+0 = 9
        assert row(table(city), "hitech_applications", city.a).value == 9
        city.put("hitech_applied", city.a, "2026-05", None)
        assert row(table(city), "hitech_applications", city.a).missing.startswith("未报")


def test_january_and_february_may_come_as_one_period(city):
    city.put("hitech_applied", city.a, "2026-01..02", 3)
    city.put("hitech_applied", city.a, "2026-03", 2)
    assert row(table(city, "2026-03"), "hitech_applications", city.a).value == 5


def test_a_county_report_never_replaces_the_authority(city):
    with writing(city.actor, "县报"):
        reported = Release(source="县报", label="", kind="county")
        reported.save()
    city.put("gdp", city.a, Q3, "9900000000", release=reported)
    city.put("contract_output", city.a, Q3, "10000000")
    assert row(table(city), "contract_gdp", city.a).figure.denominator.value == 9900000000
    city.put("gdp", city.a, Q3, "10000000000")
    assert row(table(city), "contract_gdp", city.a).figure.denominator.value == 10000000000


def test_the_official_change_of_2023_uses_the_revised_base_and_says_so(base, actor):
    """2023 年强度 2.65，比上年提高 0.09：上年用修订后的 2.56，不是首次发布的 2.54（全国科技经费投入统计公报）。"""
    from keshu.figures.book import book
    from keshu.figures.values import ValueChange, record_values
    from keshu.journal import moments

    measure = book(moments.latest()).measure("rd_intensity_published")
    nation = book(moments.latest()).region("000000")
    with writing(actor, "公报") as block:
        releases = {}
        for label, day, revised in (
            ("2022年首次发布", date(2023, 9, 18), False),
            ("2023年首次发布", date(2024, 10, 2), False),
            ("2022年修订", date(2024, 10, 2), True),
        ):
            releases[label] = Release(source="公报", label=label, released_on=day, revised=revised)
            releases[label].save()
        record_values(
            block,
            [
                ValueChange(measure.pk, nation.pk, "2022", releases["2022年首次发布"].pk, 25400),
                ValueChange(measure.pk, nation.pk, "2022", releases["2022年修订"].pk, 25600),
                ValueChange(measure.pk, nation.pk, "2023", releases["2023年首次发布"].pk, 26500),
            ],
        )

    def total(vintage):
        found = dispatch("provinces", Period.parse("2023"), level="province", vintage=vintage)
        return next(c.total_row for c in found.columns if c.indicator.code == "rd_intensity_reported")

    assert total("latest").change.value == Decimal("0.09")
    assert total("latest").mixes is True
    assert total("first").change.value == Decimal("0.11")


def test_output_and_absorbed_are_two_indicators_with_different_ranks(contracts):
    contracts.put("contract_absorbed", contracts.a, Q3, "90000000")
    contracts.put("contract_absorbed", contracts.b, Q3, "10000000")
    contracts.put("contract_absorbed", contracts.c, Q3, "10000000")
    found = dispatch("provinces", Period.parse("2026"), region=contracts.top.code, level="county")
    assert {r.indicator.code for r in found.rows} >= {"contract_gdp", "absorbed_gdp"}


def test_an_unknown_scheme_names_the_nearest_and_a_level_without_regions_is_refused(city):
    with pytest.raises(LookupError, match="强科技行动五项指标"):
        dispatch("强科技五项指标", Period.parse("2026"))
    with pytest.raises(NoSuchDispatch, match="没有乡级"):
        dispatch("strong-st-5", Period.parse("2026"), level="town", region=city.top.code)
