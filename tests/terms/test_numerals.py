from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.terms import numerals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百二十三", "123"), ("两千", "2000"), ("三万五", "35000"), ("十", "10"), ("十五", "15"), ("〇", "0"), ("零", "0"),
        ("一百零五", "105"), ("一百五", "150"), ("一千零五十", "1050"), ("两千三", "2300"), ("三万零五", "30005"), ("一亿二", "120000000"),
        ("十二万", "120000"), ("一万亿", "1000000000000"), ("二〇二六", "2026"), ("三点一四", "3.14"), ("负五", "-5"),
        ("壹佰贰拾叁", "123"), ("叁万伍仟元", None), ("壹拾", "10"), ("百", "100"),
    ],
)  # fmt: skip
def test_numerals_are_read(text, value):
    if value is None:
        with pytest.raises(numerals.UnreadableNumeral):
            numerals.read(text)
    else:
        assert numerals.read(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "一十百", "万", "abc", "一二百", "十点", "一百万百万亿万", "一" * 5000, "12", "五十三百"],
)
def test_what_is_no_numeral_is_refused(text):
    with pytest.raises(numerals.UnreadableNumeral):
        numerals.read(text)


@given(st.integers(-(10**16) + 1, 10**16 - 1), st.booleans())
def test_what_is_written_is_read_back(number, banker):
    assert numerals.read_int(numerals.write(number, banker=banker)) == number


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_fractions_are_read_back(value):
    assert numerals.read(numerals.write(value)) == value


def test_numerals_are_written_as_documents_write_them():
    written = {
        10: "十",
        12: "十二",
        20: "二十",
        105: "一百零五",
        110: "一百一十",
        10010: "一万零一十",
        100000000: "一亿",
        120000: "十二万",
    }
    assert {number: numerals.write(number) for number in written} == written
    assert numerals.write(10, banker=True) == "壹拾"
    assert numerals.write(120305, banker=True) == "壹拾贰万零叁佰零伍"
    assert numerals.write_year(2026) == "二〇二六"
    with pytest.raises(numerals.UnwritableNumeral):
        numerals.write(10**16)
