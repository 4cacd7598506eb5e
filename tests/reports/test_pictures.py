"""The picture of an answer is a whole SVG of its own, with date and source, and nothing typed into it runs."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from keshu.figures.book import book
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.giving import answer
from keshu.reports.parsing import parse
from keshu.reports.pictures import picture


@pytest.fixture
def drawn(office):
    def draw(text):
        return picture(answer(parse(text, book(moments.latest()), office.top, date(2026, 10, 12))))

    return draw


def words(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def bars(svg):
    found = re.findall(r'<rect x="([\d.]+)" y="\d+" width="([\d.]+)"', svg)
    return [float(width) for _, width in found]


def test_carries_date_source_and_definition(drawn):
    told = words(drawn("望岭 岚川 技术合同占比"))
    assert any("截至 2026年10月12日" in text for text in told)
    assert "来源 青禾市月报 2026年9月" in told
    assert "技术合同占比（%，2026年1—9月，输出技术口径）" in told


def test_bars_begin_at_zero_and_are_in_proportion(drawn):
    # 2.51 : 0.28
    long, short = bars(drawn("云麓 望岭 技术合同占比"))
    assert long / short == pytest.approx(2.51 / 0.28, rel=0.02)


def test_a_missing_value_is_a_word_and_no_bar(drawn):
    svg = drawn("望岭 枫桥 每万家法人高企数")
    assert len(bars(svg)) == 1 and "无分母（企业法人单位数）" in words(svg)


def test_negative_values_go_left_of_zero(drawn):
    svg = drawn("云麓 望岭 规上研发费用")
    assert "−2.0" in words(svg) and len(bars(svg)) == 2


def test_one_county_is_drawn_over_time(drawn, office):
    for month in range(1, 9):
        office.put("hitech_valid", "望岭县", f"2026-{month:02d}", 30 + month)
    assert "<path" in drawn("望岭 高企数")
    assert "2025年1—9月" in words(drawn("望岭 技术合同占比"))


def test_nothing_held_draws_nothing(drawn):
    assert drawn("望岭 加计扣除额") == ""


def test_markup_in_a_name_stays_text(drawn, office):
    with writing(office.actor, "改名"):
        region = office["岚川县"]
        region.short_name = "<script>x</script>"
        region.save()
    svg = drawn("各县区 技术合同占比")
    assert "<script" not in svg and ElementTree.fromstring(svg) is not None
