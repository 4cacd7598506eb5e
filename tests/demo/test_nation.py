"""Published figures of the provinces: the facts add up, and our arithmetic agrees with what was published."""

from decimal import Decimal
from fractions import Fraction

import pytest

from keshu.demo.nation import FACTS, FactsBroken, read_table, tables

NATION = "000000"


def facts(measure):
    return {
        (fact.region, fact.period.code): fact.value
        for table in tables()
        for fact in table.facts
        if fact.measure == measure and table.head.get("revised") != "yes"
    }


def total(measure, year):
    return sum(
        value for (region, period), value in facts(measure).items() if period == year and region != NATION
    )


@pytest.mark.parametrize("year", ["2019", "2020", "2021", "2022", "2023"])
@pytest.mark.parametrize("measure", ["fiscal_st", "budget_expenditure"])
def test_the_local_row_of_the_budget_is_the_sum_of_the_provinces(measure, year):
    # each province is rounded to 0.01 亿元; 31 of them may miss by a few hundredths
    assert abs(facts(measure)[NATION, year] - total(measure, year)) <= Decimal("0.03")


@pytest.mark.parametrize("year", ["2018", "2022", "2023"])
def test_research_expenditure_of_the_provinces_adds_up_to_the_nation(year):
    assert abs(facts("rd_expenditure")[NATION, year] - total("rd_expenditure", year)) <= Decimal("0.5")


def test_published_national_figures():
    spent, intensity = facts("rd_expenditure"), facts("rd_intensity_published")
    # national bulletins of 2019—2024
    published = {
        "2019": ("22143.6", "2.23"),
        "2020": ("24393.1", "2.40"),
        "2021": ("27956.3", "2.44"),
        "2022": ("30782.9", "2.54"),
        "2023": ("33357.1", "2.65"),
        "2024": ("36326.8", "2.69"),
    }
    for year, (amount, share) in published.items():
        assert (spent[NATION, year], intensity[NATION, year]) == (Decimal(amount), Decimal(share))
    local = facts("fiscal_st")[NATION, "2023"], facts("budget_expenditure")[NATION, "2023"]
    assert local == (Decimal("7514.65"), Decimal("236403.46"))


@pytest.mark.parametrize(("last", "stock"), [(2022, 406153), (2023, 465568), (2024, 508188)])
def test_three_years_of_announcements_make_the_stock_of_high_tech_enterprises(last, stock):
    # a certificate holds three years
    assert sum(total("hitech_announced", str(year)) for year in range(last - 2, last + 1)) == stock


def test_a_half_year_of_anhui_adds_up():
    one = {measure: facts(measure)["340000", "2022H1"] for measure in (
        "contract_total", "contract_absorbed", "contract_output", "absorbed_inside", "absorbed_outside", "output_inside"
    )}  # fmt: skip
    # the published parts are rounded to 0.1 亿元
    assert one["contract_total"] == one["contract_absorbed"] + one["contract_output"]
    assert one["contract_absorbed"] == one["absorbed_inside"] + one["absorbed_outside"]
    assert one["absorbed_inside"] == one["output_inside"]


def test_no_gross_product_implied_from_an_intensity_is_among_the_facts():
    assert {fact.measure for table in tables() for fact in table.facts} & {"gdp_implied"} == set()
    assert {period for _, period in facts("gdp")} == {"2021", "2023"}


@pytest.mark.parametrize("year", ["2021", "2023"])
def test_computed_intensity_agrees_with_the_published_one(demo, year):
    table = demo.table(year, "provinces", level="province")
    computed = {row.region.code: row for row in table.rows if row.indicator.code == "rd_gdp"}
    published = {row.region.code: row for row in table.rows if row.indicator.code == "rd_intensity_reported"}
    assert len(computed) == 31
    for code, row in computed.items():
        # two decimals are published; the expenditure itself is rounded to 0.1 亿元
        slack = Decimal("0.005") + Decimal(5_000_000) * 100 / row.figure.denominator.value
        assert abs(row.value - published[code].value) <= slack, row.region.name


def test_two_contract_figures_rank_the_provinces_differently(demo):
    table = demo.table("2023", "provinces", level="province")
    ranks = {
        code: {row.region.code: row.rank for row in table.rows if row.indicator.code == code}
        for code in ("output_amount", "absorbed_amount")
    }
    assert ranks["output_amount"] != ranks["absorbed_amount"]


def test_high_tech_density_of_the_provinces_lacks_the_number_of_legal_entities(demo):
    table = demo.table("2023", "provinces", level="province")
    density = [row for row in table.rows if row.indicator.code == "hitech_density"]
    assert {row.missing for row in density} == {"无分母（企业法人单位数）"}
    assert len(density) == 31 and all(row.value is None and row.rank is None for row in density)


def test_the_fiscal_share_of_fourteen_years(demo):
    """206 科学技术支出 ÷ 一般公共预算支出 of every province and of the nation, each worked out again from the published tables."""
    spent, whole = facts("fiscal_st"), facts("budget_expenditure")
    for year in range(2010, 2024):
        table = demo.table(str(year), "provinces", level="province")
        rows = {row.region.code: row for row in table.rows if row.indicator.code == "fiscal_share"}
        assert len(rows) == 31 and all(row.rank for row in rows.values())
        for code, row in rows.items():
            expected = Fraction(spent[code, str(year)]) / Fraction(whole[code, str(year)]) * 100
            assert abs(Fraction(row.value) - expected) < Fraction(1, 10**30), (year, code)
        above = sorted(rows.values(), key=lambda row: row.value, reverse=True)
        assert [row.rank for row in above] == list(range(1, 32))
    # 2023: 7514.65 / 236403.46 亿元 = 3.1787 %
    column = next(column for column in table.columns if column.indicator.code == "fiscal_share")
    assert round(column.parent.value, 4) == Decimal("3.1787")


def test_ranks_by_computed_intensity_are_those_by_the_published_one_where_two_decimals_tell(demo):
    """A province that the bulletin puts ahead of another by more than 0.01 point stands ahead of it here too."""
    for year in ("2021", "2023"):
        table = demo.table(year, "provinces", level="province")
        ours = {row.region.code: row.rank for row in table.rows if row.indicator.code == "rd_gdp"}
        theirs = {
            row.region.code: row.value for row in table.rows if row.indicator.code == "rd_intensity_reported"
        }
        pairs = [
            (one, two) for one in theirs for two in theirs if theirs[one] - theirs[two] > Decimal("0.01")
        ]
        assert len(pairs) > 400 and all(ours[one] < ours[two] for one, two in pairs)


@pytest.mark.parametrize(("vintage", "points"), [("latest", "0.09"), ("first", "0.11")])
def test_the_official_rise_of_2023_rests_on_the_revised_year_before(demo, vintage, points):
    table = demo.table("2023", "provinces", level="province", vintage=vintage)
    column = next(column for column in table.columns if column.indicator.code == "rd_intensity_reported")
    assert column.total_row.change.value == Decimal(points)
    assert column.total_row.mixes


def test_a_table_without_its_publication_is_refused(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("# measure: gdp\n# unit: 亿元\nregion,2021\n110000,1\n", encoding="utf-8")
    with pytest.raises(FactsBroken, match="publication"):
        read_table(path)


def test_every_table_names_its_publication():
    assert all(read_table(path).head["publication"] for path in FACTS.glob("*.csv"))
