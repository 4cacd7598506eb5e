"""What is due by the end of a month: equal, seasonal, by milestones; what contradicts itself is refused with its own numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.checking.timetable import DueBeforeStart, PlanBroken, planned, planned_by, read_plan, say_plan

JAN, DEC = date(2026, 1, 1), date(2026, 12, 31)


def test_half_of_an_equal_year_is_due_at_half_year():
    due = planned("equal", JAN, DEC, {})
    assert due[6] == Decimal("0.5") and due[9] == Decimal("0.75") and due[12] == 1


def test_an_item_of_march_to_may_is_due_by_thirds_and_stays_due():
    due = planned("equal", date(2026, 3, 10), date(2026, 5, 20), {})
    assert [due[2], due[5], due[6], due[12]] == [0, 1, 1, 1]
    assert abs(Fraction(due[3]) - Fraction(1, 3)) < Fraction(1, 10**40)


def test_seasons_add_up_month_by_month_and_milestones_hold_between_nodes():
    assert planned("seasonal", JAN, DEC, {"3": "0.2", "4": "0.5", "10": "0.3"})[6] == Decimal("0.7")
    nodes = planned("milestones", JAN, DEC, read_plan("3月20%、6月底50%；12月100%"))
    assert [nodes[m] for m in (2, 3, 5, 6, 11, 12)] == [
        0,
        Decimal("0.2"),
        Decimal("0.2"),
        Decimal("0.5"),
        Decimal("0.5"),
        1,
    ]


@given(st.integers(1, 12), st.integers(1, 12), st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_what_is_due_never_falls_and_ends_at_the_whole(first, length, weights):
    last = min(12, first + length - 1)
    begins, ends = date(2026, first, 1), date(2026, last, 28)
    equal = planned("equal", begins, ends, {})
    listed = list(equal.values())
    assert listed == sorted(listed) and listed[-1] == 1
    months = range(first, min(last, first + len(weights) - 1) + 1)
    shares = [Decimal(w) for w in weights[: len(months)]]
    total = sum(shares)
    reached = [sum(shares[: n + 1]) * 1000 // total / Decimal(1000) for n in range(len(shares))]
    reached[-1] = Decimal(1)
    plan = {str(m): str(r) for m, r in zip(months, reached, strict=True)}
    listed = list(planned("milestones", begins, ends, plan).values())
    assert listed == sorted(listed) and listed[-1] == 1
    again = {month: Decimal(share) for month, share in read_plan(say_plan(plan)).items()}
    assert again == {month: Decimal(share) for month, share in plan.items()}


def test_a_deadline_before_the_start_is_refused_with_both_days():
    with pytest.raises(DueBeforeStart, match=r"2026-03-01 早于开始日期 2026-05-01"):
        planned("equal", date(2026, 5, 1), date(2026, 3, 1), {})


def test_a_plan_that_does_not_add_up_is_refused():
    for timetable, plan, said in (
        ("seasonal", {"3": "0.2", "6": "0.7"}, "加起来是 90%"),
        ("milestones", {"3": "0.6", "6": "0.5", "12": "1"}, "6 月的节点 50% 低于前一个节点 60%"),
        ("milestones", {"6": "0.5"}, "最后一个节点只到 50%"),
        ("milestones", {}, "要写进度安排"),
        ("equal", {"6": "1"}, "不写进度安排"),
    ):
        with pytest.raises(PlanBroken, match=said):
            planned(timetable, JAN, DEC, plan)


def test_a_node_outside_the_item_s_months_and_words_nobody_reads_are_refused():
    with pytest.raises(PlanBroken, match="写了 9 月，事项从 1 月到 6 月"):
        planned("milestones", JAN, date(2026, 6, 30), {"9": "1"})
    with pytest.raises(PlanBroken, match="“上半年一半”读不懂"):
        read_plan("上半年一半")
    with pytest.raises(PlanBroken, match="跨了年度"):
        planned("equal", date(2025, 12, 1), JAN, {})


def test_of_another_year_nothing_or_all_is_due():
    assert planned_by("equal", JAN, DEC, {}, year=2025, month=12) == 0
    assert planned_by("equal", JAN, DEC, {}, year=2027, month=1) == 1
