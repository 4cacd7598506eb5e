from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.terms.quantity import (
    IncompatibleUnits,
    TooManyDecimals,
    UnknownUnit,
    UnreadableNumber,
    column_money_unit,
    convert,
    is_missing,
    plain,
    read_number,
    read_quantity,
    round_half_up,
    scale,
    show_change,
    show_growth,
    show_money,
    show_number,
    show_percent,
    unit,
    unscale,
)  # fmt: skip

D = Decimal
VALUES = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15)


# ---- units


def test_tongchuan_2014_contracts_in_wan_against_a_target_in_yi():
    # Tongchuan's bureau reported 7034.24 万元 against a target of 0.35 亿元 as 201 %.
    actual = convert(D("7034.24"), "万元", "亿元")
    assert actual == D("0.703424")
    assert round_half_up(actual / D("0.35") * 100, 0) == 201


def test_tongling_growth_given_as_a_ratio_is_4502_percent():
    # Anhui's table of the first half of 2022 gives Tongling 45.021 where its text says 4502.1 %.
    assert convert(D("45.021"), "比值", "%") == D("4502.1")
    assert convert(D("0.203"), "倍", "%") == D("20.3")
    assert convert(D("5"), "‰", "%") == D("0.5")


def test_density_units_move_the_point():
    assert convert(D("12.5"), "件/万人", "件/人") == D("0.00125")
    assert convert(D("3"), "家/家", "家/万家") == 30000
    assert unit("件／万人").dimension == unit("万件/人").dimension


@given(
    VALUES,
    st.sampled_from(["元", "千元", "万元", "百万元", "亿元", "万亿元"]),
    st.sampled_from(["元", "万元", "亿元"]),
)
def test_conversion_is_exact_both_ways(value, one, other):
    assert convert(convert(value, one, other), other, one) == value
    assert Fraction(convert(value, one, other)) == Fraction(value) * Fraction(unit(one).factor) / Fraction(
        unit(other).factor
    )


def test_unlike_units_do_not_convert():
    for one, other in [("万元", "%"), ("家", "项"), ("亩", "平方米"), ("件/万人", "件")]:
        with pytest.raises(IncompatibleUnits, match="换算"):
            convert(D(1), one, other)


def test_unknown_unit_names_the_nearest():
    with pytest.raises(UnknownUnit, match="公顷"):
        unit("公倾")
    assert unit(" 亿 圆 ").name == "亿元"
    assert unit("％").name == "%"
    assert unit("个百分点").name == "百分点"
    assert unit("分").dimension != unit("元").dimension  # a score, not a tenth of 角


# ---- reading


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,200", "1200"), ("1，200", "1200"), ("12,345,678.90", "12345678.90"), ("１２３４．５", "1234.5"), (" 1 200 ", "1200"),
        ("12%", "12"), ("１２％", "12"), ("(1,234)", "-1234"), ("（1,234）", "-1234"), ("负12", "-12"), ("−12", "-12"),
        ("－12", "-12"), ("+5", "5"), ("1.2E+05", "120000"), ("1.2亿", "120000000"), ("3000万", "30000000"),
        ("2万亿", "2000000000000"), ("'123", "123"), (".5", "0.5"), ("-0", "0"), ("126058200000000.07", "126058200000000.07"),
        (7, "7"), (5.0, "5"), (1.1, "1.1"), (0.1 + 0.2, "0.3"), (1e5, "100000"), (2.675, "2.675"), (-1e-7, "-0.0000001"),
        (D("3.10"), "3.10"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_cells_and_clerks_hold_them(cell, value):
    assert read_number(cell) == D(value)


@pytest.mark.parametrize(
    ("cell", "reason", "proposal"),
    [
        ("1,2O0", "字母 O", "1200"), ("1l.5", "字母 l", "11.5"), ("1。5", "字符 。", "1.5"), ("1,20", "千位分隔符", None),
        ("12,34,567", "千位分隔符", None), ("1.2.3", "小数点", None), ("约300", "约", None), ("超1000", "超", None),
        ("近5亿", "近", None), ("300多", "多", None), ("50以上", "以上", None), ("—5", "破折号", "-5"),
        ("¥1,200", "货币", "1200"), ("12-15", "区间", None), ("三百二十", "汉字", "320"), ("下降5.2%", "正负号", "-5.2%"),
        ("1.2亿元", "单位", "1.2"), ("#DIV/0!", "公式", None), ("1e99", "数量级", None), ("abc", "数字以外", None),
        ("--5", "数字以外", None), ("增长" * 900, "字符", None), (True, "是/否", None), (float("inf"), "有限", None), ("", "没有数据", None),
        (None, "不是数字", None),
    ],
)  # fmt: skip
def test_unreadable_numbers_say_why_and_propose_what_was_meant(cell, reason, proposal):
    with pytest.raises(UnreadableNumber, match=reason) as error:
        read_number(cell)
    assert error.value.proposal == proposal
    assert len(str(error.value)) < 150


def test_a_unit_behind_the_number_is_given_back():
    assert read_quantity("3,000万元") == (D(3000), "万元")
    assert read_quantity("45.021%") == (D("45.021"), "%")
    assert read_quantity("12 件/万人") == (D(12), "件/万人")
    assert read_quantity("1.2亿") == (D(120000000), None)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "  ",
        "　",
        "—",
        "——",
        "-",
        "–",
        "…",
        "……",
        "...",
        "/",
        "N/A",
        "#n/a",
        "空",
        "无",
        float("nan"),
    ],
)
def test_missing_marks(cell):
    assert is_missing(cell)


@pytest.mark.parametrize("cell", [0, 0.0, "0", "0.00", "零", D(0), "待定", False])
def test_zero_is_not_missing(cell):
    assert not is_missing(cell)


@given(VALUES)
def test_what_is_written_plainly_is_read_back(value):
    assert read_number(plain(value)) == value
    assert "E" not in plain(value)


@given(VALUES, st.integers(0, 4))
def test_what_a_page_shows_is_read_back_rounded(value, places):
    assert read_number(show_number(value, places)) == round_half_up(value, places)


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_a_reason(text):
    try:
        assert read_number(text).is_finite()
    except UnreadableNumber as error:
        assert error.proposal is None or isinstance(read_quantity(error.proposal)[0], Decimal)


# ---- scaling and rounding


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 6))
def test_scaled_integers_survive(number, decimals):
    assert scale(unscale(number, decimals), decimals) == number


def test_a_thousand_tenths_are_a_hundred():
    assert unscale(sum(scale(D("0.10"), 2) for _ in range(1000)), 2) == D("100.00")
    assert unscale(scale(D("126058200000000.07"), 2), 2) == D("126058200000000.07")


def test_scaling_never_rounds():
    assert scale(D("1.500"), 1) == 15
    with pytest.raises(TooManyDecimals, match="2 位小数"):
        scale(D("1.005"), 2)


@given(VALUES, st.integers(0, 5))
def test_rounding_is_half_away_from_zero(value, places):
    # Independent: floor(|x|·10^p + 1/2) in rational arithmetic.
    size = Fraction(abs(value)) * 10**places + Fraction(1, 2)
    expected = Fraction(size.numerator // size.denominator, 10**places) * (-1 if value < 0 else 1)
    assert Fraction(round_half_up(value, places)) == expected


def test_rounding_examples_of_the_office():
    assert [str(round_half_up(D(text), 2)) for text in ("2.345", "-2.345", "2.675", "-0.004", "1E+3")] == [
        "2.35", "-2.35", "2.68", "0.00", "1000.00",
    ]  # fmt: skip
    assert round_half_up(D("12345"), -2) == 12300


def test_plain_spelling_is_one_per_value():
    assert [plain(D(text)) for text in ("1E+5", "1.50", "-0.00", "100", "0.000001", "1E-7")] == [
        "100000", "1.5", "0", "100", "0.000001", "0.0000001",
    ]  # fmt: skip


# ---- showing


def test_commas_begin_at_six_integer_digits():
    assert show_number(D(99999), 0) == "99999"
    assert show_number(D("99999.5"), 0) == "100,000"
    assert show_number(D(198400), 0) == "198,400"
    assert show_number(D(198400), 0, grouping=False) == "198400"
    assert show_number(D("-198400.005"), 2) == "−198,400.01"


def test_money_is_shown_in_wan_below_one_yi_and_in_yi_from_there():
    assert show_money(D(99_999_999)) == ("10000.00", "万元")
    assert show_money(D(100_000_000)) == ("1.00", "亿元")
    assert show_money(D("70342400")) == ("7034.24", "万元")
    assert show_money(D(0)) == ("0", "万元")
    assert show_money(D("-16024000000")) == ("−160.24", "亿元")
    assert show_money(D("1234.5"), "元") == ("1234.50", "元")


def test_a_column_of_money_has_the_unit_of_its_median():
    assert column_money_unit([D(5), None, D(200_000_000), D(300_000_000)]) == "亿元"
    assert column_money_unit([D(5), D(6), D(300_000_000)]) == "万元"
    # Median of an even count is the mean of the middle two: (0.5 + 1.5) / 2 = 1 亿元.
    assert column_money_unit([D(50_000_000), D(150_000_000)]) == "亿元"
    assert column_money_unit([None]) == "万元"


def test_changes_carry_their_sign():
    assert show_change(D("0.0604"), 2) == "+0.06"
    assert show_change(D("-0.0604"), 2) == "−0.06"
    assert show_change(D(0), 2) == "±0.00"
    assert show_change(D("0.001"), 2) == "+0.00"
    assert show_percent(D("2.435")) == "2.44%"


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        ("110", "100", "+10.0%"), ("93.55", "100", "−6.5%"), ("100", "100", "±0.0%"), ("400", "100", "+300.0%"),
        ("410", "100", "3.1倍"), ("5", "0", "去年同期无"), ("5", None, "去年同期无"), (None, "5", "本期无"),
        ("5", "-1", "由亏转盈"), ("-5", "1", "由盈转亏"), ("-1", "-5", "减亏"), ("-5", "-1", "增亏"), ("0", "-1", "由亏转平"),
    ],
)  # fmt: skip
def test_growth_is_a_percentage_only_over_a_positive_base(now, before, shown):
    assert show_growth(now and D(now), before and D(before)) == shown
