"""Sharing a total out: always exact, within bounds, locked ones untouched, the same whoever is listed first."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.goals.spreading import (
    BoundsCrossed,
    CapsTooLow,
    FloorsTooHigh,
    MarginMisread,
    NoWeight,
    Share,
    WeightMissing,
    pressed,
    spread,
    summed,
)
from keshu.terms.quantity import TooManyDecimals, unscale

D = Decimal


@st.composite
def problems(draw, *, bounded: bool = True):
    """(total, shares, decimals) that can be met: bounds and locks are drawn around a part that is known to fit."""
    decimals = draw(st.integers(0, 3))
    count = draw(st.integers(1, 12))
    parts = draw(st.lists(st.integers(0, 500), min_size=count, max_size=count))
    shares = []
    for at, part in enumerate(parts):
        weight = D(draw(st.integers(1, 10_000))).scaleb(-draw(st.integers(0, 2)))
        if bounded and draw(st.integers(0, 4)) == 0:
            shares.append(Share(f"k{at:02}", weight, fixed=unscale(part, decimals)))
            continue
        floor = draw(st.none() | st.integers(0, part)) if bounded else None
        cap = draw(st.none() | st.integers(part, part + 300)) if bounded else None
        shares.append(
            Share(
                f"k{at:02}",
                weight,
                None if floor is None else unscale(floor, decimals),
                None if cap is None else unscale(cap, decimals),
            )
        )
    return unscale(sum(parts), decimals), shares, decimals


@given(problems())
def test_the_parts_meet_the_total_exactly_locked_ones_stay_and_floors_and_caps_hold(problem):
    total, shares, decimals = problem
    found = spread(total, shares, decimals=decimals)
    assert sum(found.values()) == total
    for one in shares:
        assert -found[one.key].as_tuple().exponent <= decimals
        if one.fixed is not None:
            assert found[one.key] == one.fixed
            continue
        assert one.floor is None or found[one.key] >= one.floor
        assert one.cap is None or found[one.key] <= one.cap


@given(problems(), st.randoms())
def test_the_order_in_which_they_are_listed_changes_nothing(problem, chance):
    total, shares, decimals = problem
    shuffled = list(shares)
    chance.shuffle(shuffled)
    assert spread(total, shuffled, decimals=decimals) == spread(total, shares, decimals=decimals)


@given(problems(bounded=False))
def test_without_bounds_it_is_the_largest_remainder_method_as_the_books_write_it(problem):
    """An independent Hamilton: exact fractions, whole seats first, the rest by remainder; never off by a whole unit."""
    total, shares, decimals = problem
    found = spread(total, shares, decimals=decimals)
    seats = int(total.scaleb(decimals))
    weights = {one.key: Fraction(one.weight) for one in shares}
    quotas = {key: seats * weight / sum(weights.values()) for key, weight in weights.items()}
    left = seats - sum(int(quota) for quota in quotas.values())
    remainders = sorted((quota - int(quota) for quota in quotas.values()), reverse=True)
    for key, quota in quotas.items():
        whole = int(found[key].scaleb(decimals))
        assert whole - int(quota) in (0, 1)
        if whole > quota:
            assert quota - int(quota) >= remainders[left - 1]


@given(problems())
def test_between_bounds_nobody_with_more_weight_gets_less_by_a_whole_unit(problem):
    """Among shares that neither bound holds, parts stand in the order of the weights, up to the unit of rounding."""
    total, shares, decimals = problem
    found = spread(total, shares, decimals=decimals)
    step = D(1).scaleb(-decimals)
    free = [
        one
        for one in shares
        if one.fixed is None
        and (one.floor is None or found[one.key] > one.floor)
        and (one.cap is None or found[one.key] < one.cap)
    ]
    for one in free:
        for other in free:
            if one.weight >= other.weight:
                assert found[one.key] >= found[other.key] - step


def parts(total: str, shares: Sequence[Share], decimals: int = 0) -> list[str]:
    return [str(part) for part in spread(D(total), shares, decimals=decimals).values()]


def test_a_hundred_and_fifty_patents_over_five_counties_by_last_year():
    """150 over 61, 40, 22, 10, 7 of 140: 65.36 42.86 23.57 10.71 7.50; whole 65 42 23 10 7 = 147, three go to .86 .71 .57."""
    shares = [Share(str(at), D(last)) for at, last in enumerate((61, 40, 22, 10, 7))]
    assert parts("150", shares) == ["65", "43", "24", "11", "7"]


def test_a_locked_county_keeps_its_number_and_the_rest_shares_what_is_left():
    shares = [Share("a", D(1)), Share("b", D(1), fixed=D(50)), Share("c", D(3))]
    assert parts("150", shares) == ["25", "50", "75"]


def test_a_cap_passes_what_it_cuts_off_to_the_others():
    shares = [Share("a", D(8), cap=D(30)), Share("b", D(1)), Share("c", D(1), floor=D(40))]
    assert parts("100", shares) == ["30", "30", "40"]


def test_money_is_shared_to_the_cent_and_adds_up():
    shares = [Share(str(at), D(1)) for at in range(3)]
    assert parts("0.35", shares, 2) == ["0.12", "0.12", "0.11"]


REFUSED = (
    ([Share("望岭县", D(1), floor=D(8)), Share("岚川县", D(1), fixed=D(5))], FloorsTooHigh, "超出 3"),
    ([Share("望岭县", D(1), cap=D(3)), Share("岚川县", D(1), cap=D(4))], CapsTooLow, "还少 3"),
    ([Share("望岭县", D(1), floor=D(5), cap=D(4))], BoundsCrossed, "不低于 5"),
    ([Share("望岭县", None), Share("岚川县", D(1))], WeightMissing, "望岭县没有权数"),
    ([Share("望岭县", D(0)), Share("岚川县", D(0))], NoWeight, "还有 10 没有着落"),
    ([Share("望岭县", D(-1)), Share("岚川县", D(2))], WeightMissing, "是负数"),
    ([Share("望岭县", D(0)), Share("岚川县", D(2), cap=D(4))], NoWeight, "到了上限"),
    ([Share("望岭县", D(1), fixed=D("2.5"))], TooManyDecimals, "2.5"),
)


def test_what_cannot_be_shared_says_why_with_the_numbers():
    for shares, refusal, said in REFUSED:
        with pytest.raises(refusal, match=said):
            spread(D(10), shares)


def test_children_may_sum_to_the_parent_times_a_stated_margin_only():
    assert pressed(D(150), D("1.03"), D(1), D("1.05")) == 154  # 154.5 rounded down
    assert pressed(D(10), D("1.05"), D(1), D("1.05")) == 10  # 10.5 → 10, still not below the whole
    with pytest.raises(MarginMisread, match=r"不在文件规定的 1—1\.05 之内"):
        pressed(D(150), D("1.1"), D(1), D("1.05"))
    with pytest.raises(MarginMisread, match="没有 0 位小数的数"):
        pressed(D(10), D("1.05"), D("1.03"), D("1.05"))


def test_only_a_shortfall_is_short_and_more_is_only_more():
    less = summed(D(150), [D(100), D(47)])
    assert (less.total, less.difference, less.short) == (147, -3, 3)
    more = summed(D("10.00"), [D("6.20"), D("5.00")])
    assert (more.difference, more.short, more.above) == (D("1.20"), None, True)
    pressed_more = summed(D(100), [D(60), D(44)], margin_low=D(1), margin_high=D("1.05"))
    assert (pressed_more.difference, pressed_more.above) == (4, False)
    assert summed(D(100), [None, D(40)]).missing == 1
