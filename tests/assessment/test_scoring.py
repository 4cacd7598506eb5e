"""The library of scoring methods, by hand arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.assessment import scoring
from keshu.assessment.scoring import Given, UnknownMethod

D = Decimal
VALUES = {"甲": D(2), "乙": D(3), "丙": D(6)}
amounts = st.decimals(min_value=1, max_value=1000, places=2)
tables = st.dictionaries(st.sampled_from("甲乙丙丁戊己"), amounts, min_size=2)


def points(scored):
    return scored.points


def test_completion_pays_in_proportion_and_over_it_up_to_the_cap():
    """20 × 8/10 = 16; 12/10 capped at 1 + 0.1: 20 × 1.1 = 22; without a cap 20. Energy per GDP 0.5 against at most 0.4: 16. A
    value below zero takes nothing off."""
    assert points(scoring.completion_ratio(D(20), D(8), D(10))) == 16
    assert points(scoring.completion_ratio(D(20), D(12), D(10), cap=D("0.1"))) == 22
    assert points(scoring.completion_ratio(D(20), D(12), D(10))) == 20
    assert points(scoring.completion_ratio(D(20), D("0.5"), D("0.4"), direction="down")) == 16
    assert points(scoring.completion_ratio(D(20), D(-3), D(10))) == 0


def test_a_missing_value_has_no_score_rather_than_zero():
    for scored in (
        scoring.completion_ratio(D(20), None, D(10)),
        scoring.threshold(D(20), None, D(10)),
        scoring.efficacy(D(20), "丁", VALUES),
        scoring.rank_points(D(20), "丁", VALUES, step=D(1)),
        scoring.bands(D(20), None, [(D(0), D(1))]),
    ):
        assert scored.points is None and scored.reason == "缺数"


def test_the_standard_value_of_the_monitoring_index_caps_at_full_marks():
    """科技进步监测: R&D/GDP against the standard 2.5 %: 2.0 → 80 of 100; 3.0 → 100."""
    assert points(scoring.standard_capped(D(100), D("2.0"), D("2.5"))) == 80
    assert points(scoring.standard_capped(D(100), D("3.0"), D("2.5"))) == 100


def test_efficacy_runs_from_sixty_to_a_hundred_between_the_ends():
    """乙 = 60 + 40·(3−2)/(6−2) = 70 → 20 × 0.70 = 14; reversed 60 + 40·(6−3)/4 = 90 → 18."""
    assert [points(scoring.efficacy(D(20), key, VALUES)) for key in "甲乙丙"] == [12, 14, 20]
    assert points(scoring.efficacy(D(20), "乙", VALUES, direction="down")) == 18


def test_where_everybody_is_equal_the_rule_says_full_marks_or_the_base():
    equal = {"甲": D(5), "乙": D(5)}
    assert points(scoring.efficacy(D(20), "甲", equal)) == 20
    assert points(scoring.efficacy(D(20), "甲", equal, level="base")) == 12


def test_methods_that_compare_say_nothing_while_somebody_is_missing():
    lacking = {**VALUES, "丁": None}
    for scored in (
        scoring.efficacy(D(20), "甲", lacking),
        scoring.mean_based(D(20), "甲", lacking, base=D(1), step=D(5), points=D(1)),
        scoring.rank_points(D(20), "甲", lacking, step=D(1)),
    ):
        assert scored.points is None and "有的地区没有数" in scored.reason


def test_the_mean_gives_the_base_and_each_five_percent_half_a_point():
    """Mean of 95, 100, 105, 112, 88 is 100. At 100: 8. At 112: +12 %, two whole steps: 9. At 88: 7. Base 0.8 of 10."""
    values = {"a": D(95), "b": D(100), "c": D(105), "d": D(112), "e": D(88)}
    asked = {"base": D("0.8"), "step": D(5), "points": D("0.5")}
    assert [points(scoring.mean_based(D(10), key, values, **asked)) for key in "bcdae"] == [
        8, D("8.5"), 9, D("7.5"), 7,
    ]  # fmt: skip


def test_places_lose_a_step_each_and_ties_share():
    """6, 3, 3, 2: 10, 9, 9, then place 4: 7."""
    values = {"丙": D(6), "乙": D(3), "丁": D(3), "甲": D(2)}
    assert [points(scoring.rank_points(D(10), key, values, step=D(1))) for key in "丙乙丁甲"] == [10, 9, 9, 7]
    classes = {"丙": "一类", "乙": "二类", "丁": "一类", "甲": "二类"}
    assert points(scoring.rank_points(D(10), "乙", values, step=D(1), classes=classes)) == 10


def test_bands_take_the_highest_bound_that_is_reached():
    table = [(D(0), D("0.5")), (D(50), D("0.8")), (D(100), D(1))]
    assert [points(scoring.bands(D(10), D(n), table)) for n in (0, 49, 50, 100)] == [5, 5, 8, 10]
    assert points(scoring.bands(D(10), D(-1), table)) == 0


def test_bands_of_places_pay_nothing_behind_the_last():
    values = {key: D(9 - n) for n, key in enumerate("甲乙丙丁戊")}
    table = [(4, D("0.6")), (1, D(1)), (2, D("0.8"))]
    assert [points(scoring.rank_bands(D(10), key, values, table)) for key in "甲乙丙丁戊"] == [10, 8, 6, 6, 0]


def test_a_growth_from_a_tiny_base_is_capped():
    """安徽 2022H1: 铜陵 +4502.1 %, 合肥 +20.3 %, 六安 150 %. Capped at 300: 六安 60 + 40·(150−20.3)/(300−20.3) = 78.548…, amounts equal ends."""
    growths = {"铜陵": D("4502.1"), "合肥": D("20.3"), "六安": D(150)}
    values = {"铜陵": D(1), "合肥": D(9), "六安": D(9)}
    scored = scoring.total_and_growth(D(100), "六安", values, growths, alpha=D("0.5"), cap=D(300))
    assert scored.points is not None
    # 0.5·100 + 0.5·(60 + 40·129.7/279.7)
    assert abs(scored.points - (50 + (60 + 40 * D("129.7") / D("279.7")) / 2)) < D("1e-20")
    uncapped = scoring.total_and_growth(D(100), "六安", values, growths, alpha=D("0.5"))
    assert uncapped.points < scored.points


@given(tables, st.sampled_from(("up", "down")))
def test_a_better_value_never_scores_less(values, direction):
    order = sorted(values, key=values.__getitem__, reverse=direction == "up")
    for method in (
        lambda key: scoring.efficacy(D(10), key, values, direction=direction),
        lambda key: scoring.rank_points(D(10), key, values, step=D(1), direction=direction),
        lambda key: scoring.mean_based(
            D(10), key, values, base=D("0.8"), step=D(5), points=D("0.5"), direction=direction
        ),
    ):
        scored = [method(key).points for key in order]
        assert scored == sorted(scored, reverse=True)
        assert all(0 <= one <= 10 for one in scored)


def test_a_rule_names_its_method_and_an_unknown_one_is_refused():
    asked = Given(key="乙", value=D(3), values=VALUES, target=D(4))
    assert scoring.score(D(20), asked, {"method": "completion", "cap": "0"}).points == 15
    assert scoring.score(D(20), asked, {"method": "rank", "step": "2"}).points == 18
    assert scoring.needs_siblings({"method": "efficacy"}) and not scoring.needs_siblings({"method": "bands"})
    with pytest.raises(UnknownMethod, match="计分法库里没有“猜”"):
        scoring.score(D(20), asked, {"method": "猜"})
