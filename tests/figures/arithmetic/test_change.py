"""Change, its split, and the sentence. Oracles: hand arithmetic, exact fractions, the integral that defines
the log mean.
"""

import math
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keshu.figures.arithmetic.change import LOG_MEAN, SHAPLEY, change, sentence, split

# 万元 over 亿元 in %: 1 亿元 = 10 000 万元, so the factor is 100 / 10 000.
WAN_OVER_YI = D("0.01")
# 望岭县, 技术合同成交额 and 地区生产总值, 1—9月 2025 and 2026.
WANGLING = (D(3380), D("104.07"), D(3120), D("112.60"), WAN_OVER_YI)


def test_ratio_changes_by_percentage_points():
    moved = change(D("0.28"), D("0.33"), is_ratio=True)
    assert (moved.value, moved.unit, moved.reason) == (D("-0.05"), "百分点", None)


def test_amount_changes_by_percent():
    # 3120 / 3380 − 1 = −7.6923 %.
    moved = change(D(3120), D(3380), is_ratio=False)
    assert moved.unit == "%"
    assert round(moved.value, 4) == D("-7.6923")


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        (D(5), D(0), "去年同期无"),
        (D(0), D(0), "去年同期无"),
        (D(5), None, "去年同期缺数"),
        (None, D(5), "本期缺数"),
        (D(5), D(-3), "由亏转盈"),
        (D(0), D(-3), "由亏转平"),
        (D(-5), D(3), "由盈转亏"),
        (D(-5), D(-3), "增亏"),
    ],
)
def test_no_percentage_over_a_base_that_bears_none(now, before, reason):
    moved = change(now, before, is_ratio=False)
    assert (moved.value, moved.reason) == (None, reason)


def test_amount_that_falls_to_zero_is_minus_one_hundred():
    assert change(D(0), D(5), is_ratio=False).value == -100


def test_ratio_from_zero_still_has_points():
    assert change(D(2), D(0), is_ratio=True).value == 2


def test_base_is_named_as_the_page_compares():
    assert change(D(5), D(0), False, base="上期").reason == "上期无"


def test_wangling_falls_half_by_contracts_and_half_by_gdp():
    # 3380/1040700 = 0.324781 %, 3120/1126000 = 0.277087 %: −0.047694. L = 0.047694 / ln(0.324781/0.277087) =
    # 0.300301; L·ln(3120/3380) = −0.024037; −L·ln(112.60/104.07) = −0.023657.
    parts = split(*WANGLING)
    assert parts.method == LOG_MEAN
    assert round(parts.change, 6) == D("-0.047694")
    assert round(parts.numerator_effect, 6) == D("-0.024037")
    assert round(parts.denominator_effect, 6) == D("-0.023657")
    assert abs(parts.residual) <= D("1e-40")


def test_numerator_alone_carries_the_whole_change():
    parts = split(D(10), D(100), D(12), D(100))
    assert (parts.numerator_effect, parts.denominator_effect) == (2, 0)


def test_denominator_alone_carries_the_whole_change():
    parts = split(D(10), D(100), D(10), D(125))
    assert parts.numerator_effect == 0
    assert round(parts.denominator_effect, 25) == -2


def test_both_doubling_splits_an_unchanged_ratio_into_opposite_effects():
    # L(q, q) = q = 10; 10·ln 2 = 6.931471805599453.
    parts = split(D(10), D(100), D(20), D(200))
    assert parts.change == 0
    assert float(parts.numerator_effect) == pytest.approx(6.931471805599453, rel=1e-15)
    assert parts.numerator_effect + parts.denominator_effect == 0


def test_from_zero_the_shapley_value_steps_in():
    # 0/100 → 30/120, in %: numerator effect 100·30·(1/100+1/120)/2 = 27.5; denominator effect
    # 100·30·(1/120−1/100)/2 = −2.5.
    parts = split(D(0), D(100), D(30), D(120))
    assert parts.method == SHAPLEY
    assert round(parts.numerator_effect, 25) == D("27.5")
    assert round(parts.denominator_effect, 25) == D("-2.5")
    assert parts.change == 25


def test_negative_numerator_is_split_too():
    # −20/100 → 10/100: all by the numerator, 30 points.
    parts = split(D(-20), D(100), D(10), D(100))
    assert (parts.method, parts.numerator_effect, parts.denominator_effect) == (SHAPLEY, 30, 0)


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ((None, D(1), D(1), D(1)), "上期没有分子"),
        ((D(1), D(1), None, D(1)), "本期没有分子"),
        ((D(1), None, D(1), D(1)), "上期没有分母"),
        ((D(1), D(1), D(1), None), "本期没有分母"),
        ((D(1), D(0), D(1), D(1)), "上期分母为零"),
        ((D(1), D(1), D(1), D(0)), "本期分母为零"),
    ],
)
def test_nothing_is_split_without_both_sides(ends, reason):
    parts = split(*ends)
    assert parts.reason == reason
    assert parts.change is parts.numerator_effect is parts.denominator_effect is None


def logarithmic_mean_by_integral(a: float, b: float) -> float:
    """∫₀¹ aᵗ b¹⁻ᵗ dt by Simpson's rule: the definition, without its closed form."""
    steps = 200
    points = [a ** (i / steps) * b ** (1 - i / steps) for i in range(steps + 1)]
    return (points[0] + points[-1] + 4 * sum(points[1:-1:2]) + 2 * sum(points[2:-1:2])) / (3 * steps)


small = st.decimals(min_value=D("0.5"), max_value=D(50), places=3)


@given(small, small, small, small)
def test_effects_agree_with_the_integral_of_the_log_mean(n0, d0, n1, d1):
    parts = split(n0, d0, n1, d1, D(1))
    weight = logarithmic_mean_by_integral(float(n1 / d1), float(n0 / d0))
    by_numerator = weight * math.log(float(n1 / n0))
    assert float(parts.numerator_effect) == pytest.approx(by_numerator, rel=1e-6, abs=1e-9)


wide = st.decimals(min_value=D("1e-9"), max_value=D("1e15"), places=9)
anything = wide | wide.map(lambda value: -value) | st.just(D(0))
near = st.tuples(wide, st.integers(-3, 3)).map(
    lambda pair: (pair[0], abs(pair[0] + pair[1] * D("1e-9")) or pair[0])
)


def adds_up(n0, d0, n1, d1, factor):
    parts = split(n0, d0, n1, d1, factor)
    if d0 == 0 or d1 == 0:
        assert parts.reason
        return
    assert abs(parts.residual) <= D("1e-12")
    exact = Fraction(factor) * (Fraction(n1) / Fraction(d1) - Fraction(n0) / Fraction(d0))
    effects = Fraction(parts.numerator_effect) + Fraction(parts.denominator_effect)
    assert abs(exact - effects) <= Fraction(1, 10**12)
    assert (parts.method == LOG_MEAN) == (min(n0, d0, n1, d1) > 0)


factors = st.sampled_from([D(1), D("0.01"), D(100), D(10000)])


@given(anything, anything, anything, anything, factors)
@example(D("1e15"), D("1e-9"), D("1e-9"), D("1e15"), D(10000))
@example(D("1e15"), D("1e-9"), D(0), D("1e-9"), D(10000))
@example(D(0), D(1), D(0), D(2), D(100))
def test_effects_add_up_to_the_change(n0, d0, n1, d1, factor):
    adds_up(n0, d0, n1, d1, factor)


@given(near, near, factors)
def test_effects_add_up_where_both_ratios_nearly_agree(numerators, denominators, factor):
    adds_up(numerators[0], denominators[0], numerators[1], denominators[1], factor)


@given(wide, wide, wide, factors)
def test_effects_add_up_where_both_sides_grow_alike(numerator, denominator, growth, factor):
    adds_up(numerator, denominator, numerator * growth, denominator * growth, factor)


@given(wide, wide, wide, wide)
def test_each_effect_has_the_sign_of_its_cause(n0, d0, n1, d1):
    parts = split(n0, d0, n1, d1)
    assert (parts.numerator_effect > 0) == (n1 > n0)
    assert (parts.denominator_effect > 0) == (d1 < d0)


@given(anything, anything, anything, anything)
def test_turning_the_periods_round_turns_the_effects_round(n0, d0, n1, d1):
    there, back = split(n0, d0, n1, d1), split(n1, d1, n0, d0)
    if there.change is not None:
        scale = abs(there.numerator_effect) + abs(there.denominator_effect) + D("1e-30")
        assert abs(there.numerator_effect + back.numerator_effect) <= scale * D("1e-30")


@pytest.mark.parametrize(
    ("n0", "d0", "n1", "d1", "said"),
    [
        # 1000/10000 = 10 %; 1031/10740 = 9.5996 %: −0.40.
        ("1000", "10000", "1031", "10740", "分子增 3.1%、分母增 7.4%，分母快于分子，占比降 0.40 个百分点"),
        # 1100/10200 = 10.784 %.
        ("1000", "10000", "1100", "10200", "分子增 10.0%、分母增 2.0%，分子快于分母，占比升 0.78 个百分点"),
        ("1000", "10000", "1100", "11000", "分子增 10.0%、分母增 10.0%，两者同步，占比持平"),
        # 7.42 % against 7.38 %: 1074.2/10738 = 10.0037 %.
        (
            "1000",
            "10000",
            "1074.2",
            "10738",
            "分子增 7.4%、分母增 7.4%，分子略快于分母，占比微升（不到 0.01 个百分点）",
        ),
        # 900/9500 = 9.4737 %.
        ("1000", "10000", "900", "9500", "分子降 10.0%、分母降 5.0%，分子降得更多，占比降 0.53 个百分点"),
        # 950/9000 = 10.5556 %.
        ("1000", "10000", "950", "9000", "分子降 5.0%、分母降 10.0%，分母降得更多，占比升 0.56 个百分点"),
        ("1000", "10000", "900", "9000", "分子降 10.0%、分母降 10.0%，两者同步，占比持平"),
        # 1100/9000 = 12.2222 %.
        ("1000", "10000", "1100", "9000", "分子增 10.0%、分母降 10.0%，一增一降，占比升 2.22 个百分点"),
        # 1000/12500 = 8 %.
        ("1000", "10000", "1000", "12500", "分子持平、分母增 25.0%，占比降 2.00 个百分点"),
        ("1000", "10000", "1200", "10000", "分子增 20.0%、分母持平，占比升 2.00 个百分点"),
        ("1000", "10000", "1000", "10000", "分子、分母都持平，占比持平"),
        # 300/12000 = 2.5 %.
        ("0", "10000", "300", "12000", "分子从无到有、分母增 20.0%，占比升 2.50 个百分点"),
        ("300", "10000", "0", "12000", "分子归零、分母增 20.0%，占比降 3.00 个百分点"),
        ("0", "10000", "0", "12000", "分子两期均为零、分母增 20.0%，占比持平"),
        ("-100", "10000", "100", "10000", "分子由负转正、分母持平，占比升 2.00 个百分点"),
        ("100", "10000", "-100", "10000", "分子由正转负、分母持平，占比降 2.00 个百分点"),
        ("-100", "10000", "-200", "10000", "分子两期均为负、分母持平，占比降 1.00 个百分点"),
        # +310 % is written as a multiple: 4100/10000 = 41 %.
        ("1000", "10000", "4100", "10000", "分子增 3.1 倍、分母持平，占比升 31.00 个百分点"),
        ("1000", "10000", "4000", "10000", "分子增 300.0%、分母持平，占比升 30.00 个百分点"),
        ("100000", "1000000", "100001", "1000000", "分子微增、分母持平，占比微升（不到 0.01 个百分点）"),
    ],
)
def test_sentence_says_why_the_ratio_moved(n0, d0, n1, d1, said):
    assert sentence(D(n0), D(d0), D(n1), D(d1)) == said


def test_sentence_of_wangling_in_its_own_words():
    assert (
        sentence(*WANGLING, numerator="合同额", denominator="地区总值", places=3)
        == "合同额降 7.7%、地区总值增 8.2%，一降一增，占比降 0.048 个百分点"
    )


def test_sentence_of_a_ratio_that_is_no_percentage():
    # 100/50000 → 120/50000 per 10 000: 20 → 24.
    said = sentence(D(100), D(50000), D(120), D(50000), D(10000), name="每万家高企", unit="家", places=1)
    assert said == "分子增 20.0%、分母持平，每万家高企升 4.0 家"


def test_sentence_without_a_denominator_says_why():
    assert sentence(D(1), None, D(1), D(1)) == "上期没有分母，占比变化无从分解"
    assert sentence(D(1), D(1), D(1), D(0)) == "本期分母为零，占比变化无从分解"


@given(anything, anything, anything, anything)
def test_no_sentence_names_a_method(n0, d0, n1, d1):
    said = sentence(n0, d0, n1, d1)
    assert not any(word in said for word in ("Divisia", "Shapley", "对数", "LMDI", "None"))
