"""The one division."""

from decimal import Decimal as D
from decimal import localcontext

from keshu.figures.arithmetic.ratio import ratio


def test_missing_side_or_zero_denominator_is_missing():
    assert ratio(None, D(1)) is None
    assert ratio(D(1), None) is None
    assert ratio(D(1), D(0)) is None


def test_zero_numerator_is_zero():
    assert ratio(D(0), D(5)) == 0


def test_equal_ratios_of_different_size_are_equal():
    assert ratio(D(1), D(3)) == ratio(D(2), D(6)) == ratio(D("0.7"), D("2.1"))


def test_result_does_not_depend_on_the_callers_context():
    with localcontext() as narrow:
        narrow.prec = 3
        inside = ratio(D(1), D(3))
    assert inside == ratio(D(1), D(3))
    assert len(str(inside)) > 40


def test_big_money_keeps_its_last_fen():
    # 126058200000000.07 元 as 100 % of itself.
    assert ratio(D("126058200000000.07"), D("126058200000000.07")) == 100
