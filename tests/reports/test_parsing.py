"""What is asked on the telephone is understood in the words people use."""

from datetime import date

import pytest

from keshu.directory.models import Region
from keshu.figures.book import book
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.parsing import LAST_PERIOD, LAST_YEAR, parse
from keshu.terms.period import Period

TODAY = date(2026, 10, 12)


@pytest.fixture
def ask(empty_office):
    def asked(text, today=TODAY):
        return parse(text, book(moments.latest()), empty_office.top, today)

    return asked


def codes(question):
    return [thing.code for thing in question.things]


def places(question):
    return [region.name for region in question.regions]


def test_two_measures_two_counties_a_half_year(ask):
    question = ask("高企 技术合同 望岭 岚川 上半年")
    assert codes(question) == ["hitech_valid", "contract_gdp"]
    assert places(question) == ["望岭县", "岚川县"]
    assert question.period == Period.half(2026, 1) and not question.unclear


def test_a_guessed_word_says_what_else_it_may_mean(ask):
    guess = ask("技术合同 望岭").guesses[0]
    assert guess.taken.code == "contract_gdp" and "output_amount" in [t.code for t in guess.others]


@pytest.mark.parametrize(
    ("text", "things", "regions", "period"),
    [
        ("望岭县 2025年 研发强度", ["rd_gdp"], ["望岭县"], "2025"),
        ("望岭县2025年研发强度是多少？", ["rd_gdp"], ["望岭县"], "2025"),
        ("全市 9月 高企数 同比", ["hitech_valid"], ["青禾市"], "2026-09"),
        ("请问去年岚川的研发投入强度", ["rd_gdp"], ["岚川县"], "2025"),
        ("去年上半年技术合同占比，云麓", ["contract_gdp"], ["云麓区"], "2025H1"),
        (
            "各县区 财政占比 前三季度",
            ["fiscal_share"],
            ["云麓区", "枫桥县", "岚川县", "望岭县"],
            "2026-01..09",
        ),
        ("全国 2022 R&D经费", ["rd_amount"], ["全国"], "2022"),
        ("市本级财政科技支出1-9月", ["fiscal_st"], ["市本级"], "2026-01..09"),
        ("上月高企数", ["hitech_valid"], ["青禾市"], "2026-09"),
        ("上季度 GDP 望岭", ["gdp"], ["望岭县"], "2026Q3"),
        ("高企 望岭", ["hitech_valid"], ["望岭县"], None),
        ("每万家高企 望岭", ["hitech_density"], ["望岭县"], None),
        ("990104 contract_gdp 2026-01..09", ["contract_gdp"], ["望岭县"], "2026-01..09"),
    ],
)
def test_understands(ask, text, things, regions, period):
    question = ask(text)
    assert (codes(question), places(question)) == (things, regions)
    assert (question.period.code if question.period else None) == period
    assert not question.unclear


def test_comparisons(ask):
    assert ask("望岭 高企数 同比").comparison == LAST_YEAR
    assert ask("望岭 高企数 比上月").comparison == LAST_PERIOD
    assert ask("望岭 高企数 去年同期 9月").comparison == LAST_YEAR


def test_a_month_that_has_not_begun_is_last_years(ask):
    assert ask("高企数 12月").period == Period.month(2025, 12)


def test_nothing_understood_is_named_with_the_nearest(ask):
    question = ask("望领县 研发强度")
    assert codes(question) == ["rd_gdp"] and question.unclear[0].text == "望领县"
    assert "望岭县" in question.unclear[0].near
    nothing = ask("天气怎么样")
    assert not nothing.answerable and "没看懂“天气怎么样”" in nothing.unclear[0].said


def test_an_ambiguous_region_is_asked_and_not_chosen(ask, empty_office):
    with writing(empty_office.actor, "两个同名的区"):
        parents = [Region.objects.get(code=code) for code in ("110000", "220000")]
        for number, parent in enumerate(parents):
            empty_office.region(f"99900{number}", "朝阳区", "朝阳区", "county", parent)
    question = ask("朝阳区 研发强度")
    assert not question.regions and [r.code for r in question.ambiguous[0].choices] == ["999000", "999001"]


def test_a_name_of_this_house_comes_before_the_same_name_elsewhere(ask, empty_office):
    with writing(empty_office.actor, "别处也有望岭县"):
        empty_office.region("999000", "望岭县", "望岭县", "county", Region.objects.get(code="110000"))
    assert [r.code for r in ask("望岭 高企数").regions] == ["990104"]


def test_a_second_period_is_not_dropped_silently(ask):
    question = ask("高企数 8月 9月")
    assert question.period == Period.month(2026, 8) and "一次只答一个期间" in question.unclear[0].said


def test_an_empty_or_endless_question_is_no_error(ask):
    assert not ask("").answerable
    assert not ask("　，、 ").answerable
    ask("望" * 5000)
