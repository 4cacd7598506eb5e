"""Places, ties, missing, means and gaps."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from keshu.figures.arithmetic.ranking import (
    gap_to_mean,
    gap_to_next,
    mean,
    rank,
    rank_change,
    rank_within,
)

# 青禾市, 技术合同占比 1—9月 2026, last year's same period.
NOW = {
    "云麓区": D("2.51"),
    "禾中区": D("1.86"),
    "南芷市": D("1.46"),
    "苇湖区": D("1.40"),
    "松坪县": D("0.80"),
    "白河口县": D("0.75"),
    "岚川县": D("0.65"),
    "望岭县": D("0.28"),
}
BEFORE = dict(
    zip(NOW, map(D, ["2.24", "1.73", "1.19", "1.49", "0.79", "0.72", "0.60", "0.325"]), strict=True)
)


def test_places_of_qinghe_and_their_moves():
    now, before = rank(NOW), rank(BEFORE)
    assert [now.place[county] for county in NOW] == [1, 2, 3, 4, 5, 6, 7, 8]
    # 南芷市 went up one (1.19 was fourth), 苇湖区 down one.
    moves = {county: rank_change(now.place[county], before.place[county]) for county in NOW}
    assert moves["南芷市"] == 1
    assert moves["苇湖区"] == -1
    assert [moves[c] for c in NOW if c not in ("南芷市", "苇湖区")] == [0] * 6


def test_ties_use_up_the_places_they_cover():
    values = {"甲": D(3), "乙": D("3.0"), "丙": D(2), "丁": D(1)}
    assert dict(rank(values).place) == {"甲": 1, "乙": 1, "丙": 3, "丁": 4}
    assert dict(rank(values, ties="1,1,2").place) == {"甲": 1, "乙": 1, "丙": 2, "丁": 3}
    assert dict(rank(values).tied) == {"甲": True, "乙": True, "丙": False, "丁": False}


def test_less_is_better_ranks_the_smallest_first():
    ranking = rank({"甲": D(3), "乙": D(1), "丙": D(2)}, "down")
    assert ranking.order == ("乙", "丙", "甲")


def test_missing_has_no_place_and_is_counted():
    ranking = rank({"甲": D(3), "乙": None, "丙": D(0), "丁": D(-1)})
    assert ranking.missing == ("乙",)
    assert "乙" not in ranking.place
    assert ranking.of == 3
    assert ranking.place["丙"] == 2  # zero is a value


def test_place_in_words_says_how_many_are_missing():
    ranking = rank({"甲": D(3), "乙": None, "丙": D(3)})
    assert ranking.said("丙") == "并列第 1（共 2，缺 1）"
    assert ranking.said("乙") is None
    assert rank(NOW).said("白河口县") == "第 6（共 8）"


def test_ranks_inside_each_class():
    classes = {
        "云麓区": "一类",
        "禾中区": "一类",
        "松坪县": "二类",
        "望岭县": "二类",
        "白河口县": "二类",
        "南芷市": None,
    }
    inside = rank_within(NOW, classes)
    assert dict(inside["一类"].place) == {"云麓区": 1, "禾中区": 2}
    assert dict(inside["二类"].place) == {"松坪县": 1, "白河口县": 2, "望岭县": 3}
    assert set(inside) == {"一类", "二类"}


def test_rank_change_without_a_before_is_missing():
    assert rank_change(3, None) is None
    assert rank_change(None, 3) is None


def test_county_mean_of_qinghe():
    # 2.51+1.86+1.46+1.40+0.80+0.75+0.65+0.28 = 9.71; / 8 = 1.21375.
    assert mean(NOW.values()) == D("1.21375")
    # 0.28 − 1.21375 = −0.93375; shown −0.93 (the page has −0.94 from the unrounded 0.277).
    assert gap_to_mean(NOW["望岭县"], NOW.values()) == D("-0.93375")


def test_mean_counts_only_what_is_held():
    assert mean([D(1), None, D(2)]) == D("1.5")
    assert mean([None]) is None
    assert gap_to_mean(None, [D(1)]) is None
    assert gap_to_mean(D(1), [None]) is None


def test_gap_to_the_next_place():
    ahead = gap_to_next(NOW, "望岭县")
    assert (ahead.keys, ahead.place, ahead.gap) == (("岚川县",), 7, D("0.37"))


def test_leader_has_no_next_place():
    assert gap_to_next(NOW, "云麓区") is None


def test_tied_leaders_have_no_next_place():
    assert gap_to_next({"甲": D(3), "乙": D(3)}, "乙") is None


def test_tied_counties_look_past_each_other():
    values = {"甲": D(5), "乙": D(5), "丙": D(2), "丁": D(2)}
    ahead = gap_to_next(values, "丁")
    assert (ahead.keys, ahead.gap) == (("甲", "乙"), 3)


def test_gap_is_positive_where_less_is_better():
    assert gap_to_next({"甲": D(3), "乙": D(1)}, "甲", "down").gap == 2


def test_gap_of_a_missing_value_is_missing():
    assert gap_to_next({"甲": None, "乙": D(1)}, "甲") is None


values = st.dictionaries(
    st.integers(0, 30),
    st.none() | st.decimals(min_value=-20, max_value=20, places=1, allow_nan=False),
    max_size=25,
)


@given(values, st.sampled_from(["up", "down"]))
def test_ranking_agrees_with_counting_who_is_better(held, direction):
    ranking, dense = rank(held, direction), rank(held, direction, "1,1,2")
    sign = 1 if direction == "up" else -1
    present = {key: sign * value for key, value in held.items() if value is not None}
    for key, value in present.items():
        better = [other for other in present.values() if other > value]
        assert ranking.place[key] == 1 + len(better)
        assert dense.place[key] == 1 + len(set(better))
        assert ranking.tied[key] == (list(present.values()).count(value) > 1)
        ahead = gap_to_next(held, key, direction)
        if better:
            assert ahead.gap == min(better) - value
            assert set(ahead.keys) == {other for other in present if present[other] == min(better)}
        else:
            assert ahead is None
    assert set(ranking.place) == set(present) == set(ranking.order)
    assert set(ranking.missing) == set(held) - set(present)
    assert ranking.of == len(present)
