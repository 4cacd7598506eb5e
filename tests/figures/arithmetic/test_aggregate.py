"""Totals: what is in, what is out, and that parts of parts give the same whole."""

from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from keshu.figures.arithmetic.aggregate import LeftOut, Part, amount, combine, total

YUN = Part("01", "云麓区", "county", D(60), D(1000))
HE = Part("02", "禾中区", "county", D(20), D(1000))
LAN = Part("03", "岚川县", "county", None, D(400))
OWN = Part("00", "市本级", "own", D(20), None)
ZONE = Part("90", "高新区", "zone", D(10), D(500))
ZONE_BARE = Part("91", "经开区", "zone", D(10), None)
INSIDE = Part("92", "云麓产业园", "zone_inside", D(30), D(300))


def test_ratio_of_the_whole_is_sum_over_sum_and_not_the_mean():
    # (60 + 20) / 2000 = 4 %; the mean of 6 % and 2 % happens to agree, so weigh it differently too.
    assert total([YUN, HE]).value == 4
    heavy = Part("02", "禾中区", "county", D(20), D(3000))
    assert total([YUN, heavy]).value == 2  # 80 / 4000; the mean would be 3.33


def test_county_that_is_missing_takes_its_denominator_out_too():
    whole = total([YUN, HE, LAN])
    assert (whole.value, whole.denominator) == (4, 2000)
    assert whole.left_out == (LeftOut("03", "岚川县", "缺数"),)
    assert whole.note == "未含岚川县"


def test_county_without_a_denominator_is_left_out_with_its_reason():
    bare = Part("04", "松坪县", "county", D(7), None)
    assert total([YUN, bare]).left_out[0].reason == "无分母"


def test_own_level_counts_over_the_counties_denominators_when_told():
    # (60 + 20 + 20) / 2000 = 5 %.
    whole = total([YUN, HE, OWN], own_numerator_counts=True)
    assert (whole.value, whole.note) == (5, "含市本级")


def test_own_level_without_a_denominator_stays_out_otherwise():
    whole = total([YUN, HE, OWN])
    assert (whole.value, whole.note) == (4, "未含市本级")


def test_own_level_with_both_sides_is_a_part_like_any_other():
    # 财政科技占比: (60 + 30) / (1000 + 500) = 6 %.
    whole = total([YUN, Part("00", "市本级", "own", D(30), D(500))])
    assert (whole.value, whole.note) == (6, "含市本级")


def test_separate_zone_is_added_when_both_sides_exist():
    # (60 + 20 + 10) / 2500 = 3.6 %.
    whole = total([YUN, HE, ZONE])
    assert (whole.value, whole.note) == (D("3.6"), "含高新区")


def test_separate_zone_without_a_denominator_is_named_and_not_added():
    assert total([YUN, HE, ZONE_BARE]).note == "未含经开区"


def test_zone_inside_its_county_is_never_added():
    whole = total([YUN, HE, INSIDE], own_numerator_counts=True)
    assert whole.value == 4
    assert whole.included == ("01", "02")
    assert whole.note == "云麓产业园为其中数，不另加"


def test_note_names_everything_in_one_line():
    whole = total([YUN, HE, LAN, OWN, ZONE, INSIDE], own_numerator_counts=True)
    assert whole.note == "含市本级、高新区，未含岚川县，云麓产业园为其中数，不另加"


def test_amount_adds_counties_own_level_and_zones():
    # 60 + 20 + 20 + 10 + 10 = 120; 岚川县 missing, the park inside.
    whole = amount([YUN, HE, LAN, OWN, ZONE, ZONE_BARE, INSIDE])
    assert (whole.value, whole.denominator) == (120, None)
    assert whole.note == "含市本级、高新区、经开区，未含岚川县，云麓产业园为其中数，不另加"


def test_registered_contracts_of_qinghe_add_up():
    # 亿元 at 10-11: 9.74 8.92 4.57 3.87 1.31 1.08 0.59 0.31 and 市本级 0.86: 31.25.
    parts = [
        Part(str(index), str(index), "county", D(value))
        for index, value in enumerate(["9.74", "8.92", "4.57", "3.87", "1.31", "1.08", "0.59", "0.31"])
    ]
    assert amount([*parts, Part("own", "市本级", "own", D("0.86"))]).value == D("31.25")


def test_total_of_nothing_is_missing_and_not_zero():
    assert total([]).value is None
    assert total([LAN]).value is None
    assert amount([LAN]).value is None


def test_zero_is_held():
    assert total([Part("01", "甲", "county", D(0), D(10))]).value == 0


def test_denominators_that_sum_to_zero_give_no_ratio():
    assert total([Part("01", "甲", "county", D(3), D(0))]).value is None


held = st.none() | st.decimals(min_value=D("-1e15"), max_value=D("1e15"), places=9)
parts_strategy = st.lists(
    st.tuples(st.sampled_from(["county", "own", "zone", "zone_inside"]), held, held, st.integers(0, 3)),
    max_size=20,
)


@given(parts_strategy, st.booleans())
def test_total_over_any_partition_equals_the_total_of_totals(drawn, own_counts):
    parts = [Part(str(i), f"部分{i}", kind, n, d) for i, (kind, n, d, _) in enumerate(drawn)]
    groups = [[part for part, row in zip(parts, drawn, strict=True) if row[3] == group] for group in range(4)]
    whole = total(parts, own_numerator_counts=own_counts)
    joined = combine([total(group, own_numerator_counts=own_counts) for group in groups])
    assert (joined.value, joined.numerator, joined.denominator) == (
        whole.value,
        whole.numerator,
        whole.denominator,
    )
    assert set(joined.included) == set(whole.included)
    assert set(joined.left_out) == set(whole.left_out)
    added = combine([amount(group) for group in groups], amounts=True)
    assert added.value == amount(parts).value


@given(parts_strategy)
def test_total_agrees_with_exact_fractions(drawn):
    parts = [Part(str(i), f"部分{i}", kind, n, d) for i, (kind, n, d, _) in enumerate(drawn)]
    both = [(n, d) for kind, n, d, _ in drawn if kind != "zone_inside" and n is not None and d is not None]
    below = sum(Fraction(d) for _, d in both)
    whole = total(parts)
    if below == 0:
        assert whole.value is None
    else:
        exact = 100 * sum(Fraction(n) for n, _ in both) / below
        assert abs(Fraction(whole.value) - exact) <= abs(exact) * Fraction(1, 10**45)
