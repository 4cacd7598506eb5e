"""A score sheet that does not add up is said to, with the arithmetic."""

from decimal import Decimal

from keshu.assessment.sums import Line, flaws

D = Decimal


def line(name="甲", full="20", score="17.5", deduction=None, weight=None):
    return Line(name, D(full), D(score), None if deduction is None else D(deduction), weight)


def test_a_sheet_that_adds_up_has_no_flaw():
    """20 + 30 = 50, 17.5 + 28 = 45.5, 20 − 17.5 = 2.5."""
    lines = [line(deduction="2.5", weight=D(40)), line("乙", "30", "28", weight=D(60))]
    assert flaws(lines, total=D(50), score=D("45.5")) == ()


def test_items_that_do_not_add_up_to_the_total_are_named_with_the_sum():
    """20 + 30 = 50 against 60; 17.5 + 28 = 45.5 against 45."""
    assert flaws([line(), line("乙", "30", "28")], total=D(60), score=D(45)) == (
        "各项满分 20 + 30 = 50，比满分 60 少 10。",
        "各项得分 17.5 + 28 = 45.5，比通报得分 45 多 0.5。",
    )


def test_a_stated_deduction_is_held_against_full_marks_minus_score():
    assert flaws([line(deduction="3")], total=D(20), score=D("17.5")) == (
        "“甲”满分 20 − 得分 17.5 = 2.5，通报扣分写的是 3。",
    )


def test_a_score_above_full_marks_is_a_flaw_but_points_on_top_are_not():
    """加减分项 have full marks of zero: 20 + 0 = 20, 17.5 + 2 = 19.5."""
    assert flaws([line(score="21")], total=D(20), score=D(21)) == ("“甲”得分 21 高于满分 20。",)
    assert flaws([line(), line("加分", "0", "2")], total=D(20), score=D("19.5")) == ()


def test_weights_are_only_added_when_all_are_stated():
    half = [line(weight=D(50)), line("乙", weight=None)]
    assert flaws(half, total=D(40), score=None) == ()
    both = [line(weight=D(50)), line("乙", weight=D(40))]
    assert flaws(both, total=D(40), score=None) == ("各项权重 50 + 40 = 90，不是 100。",)
