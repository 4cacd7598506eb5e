"""An answer on the telephone: the value, its date, its definition, and what must travel with it."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.figures.book import book
from keshu.figures.models import Release
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.giving import answer, previous_period
from keshu.reports.parsing import parse
from keshu.reports.saying import heads, line, sentence
from keshu.terms.period import Period

TODAY = date(2026, 10, 12)


@pytest.fixture
def ask(office):
    def asked(text, **how):
        return answer(parse(text, book(moments.latest()), office.top, TODAY), **how)

    return asked


def test_one_county_with_comparison_and_place(ask):
    # 0.28 % against 0.7584 / 231.05 = 0.3282 %: −0.05 percentage points; fourth of four.
    assert sentence(ask("望岭 技术合同占比 同比")) == (
        "截至2026年10月12日，望岭县技术合同成交额占地区生产总值比重0.28%，比去年同期降0.05个百分点，第4位（共4）"
        "（输出技术口径，2026年1—9月）。"
    )


def test_several_counties_and_things(ask):
    # 每万家: 望岭 38 / 12000 = 31.7; the newest period with data is taken for each.
    assert sentence(ask("高企数 研发投入强度 望岭 岚川")) == (
        "截至2026年10月12日，高新技术企业有效数望岭县38家，第3位（共4）、岚川县30家，第4位（共4）（本局口径，2026年9月末）；"
        "研发经费投入强度望岭县1.60%，第3位（共4）、岚川县1.20%，第4位（共4）（公报口径，2025年，已定）。"
    )


def test_the_whole_names_what_it_holds(ask):
    # Σ contracts with 市本级: 27.03664 亿 / 1550 亿 = 1.74 %.
    assert sentence(ask("全市 技术合同占比")).endswith("1.74%（输出技术口径，2026年1—9月，含市本级）。")
    assert "51.3家/万家（有效期口径，2026年9月末，未含枫桥县、市本级）" in sentence(
        ask("全市 每万家法人高企数")
    )


def test_a_sum_of_amounts(ask):
    given = ask("全市 财政科技支出").figures[0]
    # 1.80 + 0.80 + 0.60 + 0.50 + 2.58 = 6.28 亿元
    assert given.value == Decimal("628000000") and str(given.amount) == "6.28亿元"


def test_a_period_without_data_gives_a_reason_and_not_zero(ask):
    made = ask("望岭 技术合同占比 2024年")
    assert made.figures[0].value is None
    assert "还没有数，未发布（技术合同成交额_输出）（输出技术口径，2024年）" in sentence(made)
    assert "0" not in line(made, made.figures[0])[3]


def test_nothing_at_all_still_names_the_period(empty_office):
    question = parse("望岭 高企数", book(moments.latest()), empty_office.top, TODAY)
    assert "还没有数，未报（本局口径，2026年9月末）" in sentence(answer(question))


def test_a_missing_denominator_is_said(ask):
    assert "枫桥县每万家企业法人中高新技术企业数还没有数，无分母（企业法人单位数）" in sentence(
        ask("枫桥 每万家法人高企数 9月")
    )


def test_growth_is_given_as_growth(ask):
    # 0.98 / 1 = −2.0 %
    assert "望岭县规上工业企业研发费用增速−2.0%" in sentence(ask("望岭 规上研发费用"))


def test_a_month_of_a_cumulative_amount_is_that_month(ask, office):
    office.put("contract_output", "望岭县", "2026-01..08", "61000000")
    given = ask("望岭 输出额 9月").figures[0]
    assert given.period == Period.month(2026, 9) and given.value == Decimal("9000000")


def test_an_annual_figure_asked_within_a_year_is_the_newest_year(ask):
    assert ask("望岭 研发投入强度 上半年").figures[0].period == Period.year(2025)


def test_many_regions_are_summed_up_in_the_sentence(ask, office, actor):
    with writing(actor, "更多县"):
        for n in range(5, 9):
            office.counties[f"新{n}县"] = office.region(
                f"99010{n}", f"新{n}县", f"新{n}县", "county", office.top, order=n
            )
    for n in range(5, 9):
        office.put("hitech_valid", f"新{n}县", "2026-09", n)
    said = sentence(ask("各县区 高企数"))
    assert "8地中最高云麓区250家、最低新5县5家，分地区数见表" in said


def test_demonstration_travels_in_the_sentence(ask, office, actor):
    with writing(actor, "演示"):
        release = Release(source="青禾市统计局（演示）", label="2026年9月")
        release.save()
    office.put("hitech_valid", "望岭县", "2026-09", 39, release=release)
    office.put("hitech_valid", "望岭县", "2026-09", None)
    assert sentence(ask("望岭 高企数")).endswith("39家，第3位（共4）（本局口径，2026年9月末，演示数据）。")


def test_as_of_gives_what_stood_then(ask, office):
    before = moments.latest()
    office.put("hitech_valid", "望岭县", "2026-09", 41)
    assert ask("望岭 高企数").figures[0].value == 41
    assert ask("望岭 高企数", as_of=f"r{before}").figures[0].value == 38


def test_table_has_units_and_reasons(ask):
    made = ask("望岭 枫桥 每万家法人高企数 同比")
    assert heads(made) == ["地区", "指标", "期间", "数值", "单位", "与去年同期比", "位次"]
    assert line(made, made.figures[0])[3:] == ["31.7", "家/万家", "去年同期缺数", "2（共3，缺1）"]
    assert line(made, made.figures[1])[3:5] == ["无分母（企业法人单位数）", ""]


def test_a_few_queries_answer_many_figures(ask, django_assert_max_num_queries):
    ask("全市 高企数")
    with django_assert_max_num_queries(30):
        ask("各县区 全市 高企数 技术合同占比 研发投入强度 财政科技占比 同比")


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-01", "2025-12"), ("2026Q1", "2025Q4"), ("2026H2", "2026H1"), ("2026", "2025"),
        ("2026-01..09", "2026-01..08"), ("2026-03..05", None),
    ],
)  # fmt: skip
def test_the_period_before(period, before):
    found = previous_period(Period.parse(period))
    assert (found.code if found else None) == before
