"""What it takes, and what happens if. 望岭县: 3120 万元 over 112.60 亿元, 1—9月."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from keshu.figures.arithmetic.ratio import ratio
from keshu.figures.arithmetic.whatif import (
    falls_without,
    moved,
    needed,
    needs_table,
    place_after,
    rounded_up,
)

WAN_OVER_YI = D("0.01")
N, GDP = D(3120), D("112.60")
# Amounts of the two counties ahead, put so that 望岭县 must reach 7328 and 8447 万元 (shown 0.65 % and 0.75
# %).
VALUES = {
    "云麓区": D("2.51"),
    "禾中区": D("1.86"),
    "南芷市": D("1.46"),
    "苇湖区": D("1.40"),
    "松坪县": D("0.80"),
    "白河口县": ratio(D(8447), GDP, WAN_OVER_YI),
    "岚川县": ratio(D(7328), GDP, WAN_OVER_YI),
    "望岭县": ratio(N, GDP, WAN_OVER_YI),
}


def test_present_value_unrounded():
    # 3120 / 1 126 000 = 0.0027708703…
    assert str(VALUES["望岭县"]).startswith("0.2770870")


def test_target_of_wangling_takes_3636_more():
    # 0.60 % × 112.60 亿元 = 6756 万元; 6756 − 3120 = 3636.
    assert needed(D("0.60"), N, GDP, WAN_OVER_YI) == 3636


def test_needs_of_wangling():
    rows = needs_table(
        VALUES,
        "望岭县",
        {"望岭县": N},
        {"望岭县": GDP},
        WAN_OVER_YI,
        target=D("0.60"),
        places_up=2,
    )
    assert [(row.kind, row.place, row.keys) for row in rows] == [
        ("target", None, ()),
        ("place", 7, ("岚川县",)),
        ("place", 6, ("白河口县",)),
        ("mean", None, ()),
    ]
    # 7328 − 3120 = 4208; 8447 − 3120 = 5327.
    assert [rounded_up(round(row.extra, 20)) for row in rows[:3]] == [3636, 4208, 5327]
    # Mean: (2.51+1.86+1.46+1.40+0.80+0.750178+0.650799+0.277087) / 8 = 1.213508 → 13664.1 − 3120 = 10544.1
    # 万元, 1.05 亿元.
    assert round(rows[3].extra / 10000, 2) == D("1.05")


def test_every_place_up_is_listed_when_no_limit_is_set():
    rows = needs_table(VALUES, "望岭县", {"望岭县": N}, {"望岭县": GDP}, WAN_OVER_YI)
    assert [row.place for row in rows if row.kind == "place"] == [7, 6, 5, 4, 3, 2, 1]


def test_tied_counties_ahead_are_one_row():
    values = {"甲": D(5), "乙": D(5), "丙": D(2)}
    rows = needs_table(values, "丙", {"丙": D(2)}, {"丙": D(100)})
    assert [(row.place, row.keys, row.extra) for row in rows if row.kind == "place"] == [(1, ("甲", "乙"), 3)]


def test_leader_has_only_target_and_mean_and_needs_nothing():
    values = {"甲": D(5), "乙": D(1)}
    rows = needs_table(values, "甲", {"甲": D(5)}, {"甲": D(100)}, target=D(4))
    assert [(row.kind, row.extra) for row in rows] == [("target", 0), ("mean", 0)]


def test_growing_denominator_asks_for_more():
    # GDP + 10 %: 0.60 % × 123.86 = 7431.6; − 3120 = 4311.6.
    assert needed(D("0.60"), N, GDP, WAN_OVER_YI, D(10)) == D("4311.6")


def test_less_is_better_takes_away():
    # 8 per 100 against 5: three must go. Already at 5: nothing.
    assert needed(D(5), D(8), D(100), direction="down") == -3
    assert needed(D(5), D(4), D(100), direction="down") == 0


def test_no_need_without_a_denominator():
    assert needed(D(5), D(8), None) is None
    assert needed(D(5), D(8), D(0)) is None
    assert needed(D(5), None, D(1)) is None
    assert needed(None, D(8), D(1)) is None
    rows = needs_table({"甲": None, "乙": D(1)}, "甲", {}, {}, target=D(1))
    assert [(row.kind, row.extra) for row in rows] == [("target", None), ("mean", None)]


def test_need_is_rounded_up_only_when_shown():
    assert rounded_up(D("4207.01")) == 4208
    assert rounded_up(D(4208)) == 4208
    assert rounded_up(D("0.101"), 2) == D("0.11")


def test_wangling_at_7353_is_seventh():
    # 3120 + 4233 = 7353; 7353 / 1 126 000 = 0.65302 %; above 岚川县's 0.65080 %.
    value = moved(N, GDP, WAN_OVER_YI, D(4233))
    assert round(value, 4) == D("0.6530")
    assert place_after(VALUES, "望岭县", value) == 7
    assert place_after(VALUES, "望岭县", VALUES["望岭县"]) == 8


def test_ten_percent_more_gdp_alone_lowers_the_ratio():
    # 0.277087 / 1.1 = 0.251897.
    assert round(moved(N, GDP, WAN_OVER_YI, denominator_growth=D(10)), 6) == D("0.251897")
    assert (
        falls_without(N, GDP, WAN_OVER_YI, D(10), numerator_name="合同额", denominator_name="地区总值")
        == "若地区总值再增 10% 而合同额不动，占比由 0.28% 降到 0.25%，即“不增反降”"
    )


def test_a_fall_too_small_for_two_decimals_is_shown_with_more():
    # 0.277087 / 1.01 = 0.274344: 0.28 → 0.27; with 0.1 %: 0.276810: 0.2771 → 0.2768 needs four decimals.
    said = falls_without(N, GDP, WAN_OVER_YI, D("0.1"))
    assert said == "若分母再增 0.1% 而分子不动，占比由 0.2771% 降到 0.2768%，即“不增反降”"


def test_no_sentence_where_nothing_falls():
    assert falls_without(N, GDP, WAN_OVER_YI, D(0)) is None
    assert falls_without(D(0), GDP, WAN_OVER_YI, D(10)) is None
    assert falls_without(N, None, WAN_OVER_YI, D(10)) is None
    assert moved(None, GDP, WAN_OVER_YI) is None
    assert moved(N, D(0), WAN_OVER_YI) is None


amounts = st.decimals(min_value=D("0.01"), max_value=D("1e9"), places=2)


@given(amounts, amounts, amounts, st.decimals(min_value=-20, max_value=50, places=1))
def test_what_is_needed_just_reaches_the_goal(numerator, denominator, goal, growth):
    extra = needed(goal, numerator, denominator, D(100), growth)
    reached = moved(numerator, denominator, D(100), extra, growth)
    if extra > 0:
        assert abs(reached - goal) <= D("1e-25")
    else:
        assert reached >= goal - D("1e-25")
