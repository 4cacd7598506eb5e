"""The sentence of a dispatch says the worst first, and nothing that is not a fact."""

from keshu.figures.dispatch import dispatch
from keshu.reports.conclusions import conclusion, spoken
from keshu.terms.period import Period

SEPTEMBER = Period.parse("2026-01..09")


def table(office):
    return dispatch("strong-st-5", SEPTEMBER, root=office.top)


def test_names_the_worst_how_far_and_why(office):
    said = spoken(conclusion(table(office)))
    # 4 counties × 3 indicators of the period; 枫桥县 has no number of legal entities, 12 − 1 hold values.
    # 望岭县 contracts: 0.28 / 0.606 = 46.2 % of the target; numerator 0.70 / 0.7584 = −7.7 %, denominator +8.2 %.
    assert said.startswith(
        "12个当期项次中滞后1个：望岭县技术合同占比0.28%，只到目标的46.2%，距上一位差4208万元。"
    )
    assert "分子降7.7%、分母增8.2%" in said
    assert said.endswith("另有1个缺数（无分母1）。")


def test_figures_in_it_open(office):
    opening = [segment for segment in conclusion(table(office)) if segment.opens]
    assert [(s.text, s.indicator, s.region) for s in opening] == [("0.28%", "contract_gdp", "990104")]


def test_fixed_figures_and_own_level_are_not_counted(office):
    # rd_gdp of 望岭县 misses its target of 1.8 (4.8 / 300 = 1.6), and 市本级 has contracts: neither is a 当期项次.
    assert spoken(conclusion(table(office))).startswith("12个")


def test_several_late_in_several_counties(office):
    office.put("fiscal_st", "枫桥县", "2026-01..09", "40000000")  # 0.4 / 32 = 1.25 % of 2.4 %: 52.1 %
    said = spoken(conclusion(table(office)))
    assert said.startswith("12个当期项次中滞后2个，在枫桥县、望岭县。最远的是望岭县技术合同占比：0.28%")


def test_two_late_in_one_county(office):
    office.put("fiscal_st", "望岭县", "2026-01..09", "25000000")  # 0.25 / 25 = 1.00 % of 1.95 %: 51.3 %
    said = spoken(conclusion(table(office)))
    assert said.startswith("12个当期项次中滞后2个，都在望岭县。最远的是该县技术合同占比：0.28%")


def test_none_late_speaks_of_the_slow_ones(office):
    office.put(
        "contract_output", "望岭县", "2026-01..09", "145000000"
    )  # 1.45 / 250 = 0.58 % of 0.606 %: 95.7 %
    said = spoken(conclusion(table(office)))
    assert said.startswith(
        "12个当期项次没有滞后，偏慢2个，在枫桥县、望岭县。最远的是枫桥县技术合同占比：1.50%，只到目标的93.8%"
    )


def test_all_normal_names_the_nearest_to_the_edge(office):
    office.put("contract_output", "望岭县", "2026-01..09", "155000000")  # 0.62 % of 0.606 %
    office.put("contract_output", "枫桥县", "2026-01..09", "490000000")  # 1.6333 % of 1.6 %: 102.1 %
    office.put("legal_entities", "枫桥县", "2025-12", 20000)  # 45.0 without a target: no lamp
    said = spoken(conclusion(table(office)))
    assert said.startswith("12个当期项次中有目标的11个全部正常。离序时最近的是")


def test_only_missing_says_why(empty_office):
    empty_office.aim("contract_gdp", "望岭县", "0.606")
    said = spoken(conclusion(table(empty_office)))
    # 4 × (财政, 合同) whose authority has not published; 4 × 高企 that have no number of legal entities of last year's end.
    assert said == "12个当期项次都还没有数：未发布8、无分母4。"


def test_figures_without_targets_have_no_lamp_and_are_said_to_have_none(empty_office):
    empty_office.aim("contract_gdp", "望岭县", "0.606")
    for name in ("云麓区", "枫桥县"):
        empty_office.put("fiscal_st", name, "2026-01..09", 10**8)
        empty_office.put("budget_expenditure", name, "2026-01..09", 10**9)
    said = spoken(conclusion(table(empty_office)))
    assert said.startswith("12个当期项次中有数的2个都没有目标，不亮灯。另有10个缺数")


def test_no_rows_no_sentence(office):
    assert conclusion(table(office), shown=set()) == []


def test_a_county_hears_only_of_itself(office):
    said = spoken(conclusion(table(office), shown={office["岚川县"].pk}))
    assert "望岭" not in said and said.startswith("3个当期项次")


def test_whole_years_say_who_leads_and_who_moved_most(office, base):
    # 北京 2022: 2843.3 / 41610.9 = 6.83 %; 2021: 2629.3 / 40269.6 = 6.53 %. 天津 568.7 / 16311.3 = 3.49 %.
    from keshu.directory.models import Region

    for code, name in (("110000", "北京市"), ("120000", "天津市")):
        office.counties[name] = Region.objects.get(code=code)
    for name, year, spent, gdp in (
        ("北京市", "2022", "284330000000", "4161090000000"),
        ("北京市", "2021", "262930000000", "4026960000000"),
        ("天津市", "2022", "56870000000", "1631130000000"),
        ("天津市", "2021", "57430000000", "1569510000000"),
    ):
        office.put("rd_expenditure", name, year, spent)
        office.put("gdp", name, year, gdp)
    said = spoken(conclusion(dispatch("provinces", Period.year(2022), level="province")))
    assert said.startswith(
        "2022年研发投入强度北京居首，6.83%；天津次之，3.49%。与上年比变化最大的是北京，升0.30个百分点"
    )
    assert said.endswith("29个地区缺数（未发布29）。")
