"""Completion, met, and progress due: published and hand-computed examples."""

from decimal import Decimal as D

import pytest

from keshu.figures.arithmetic.completion import (
    completion,
    met,
    time_progress,
    why_no_completion,
)


@pytest.mark.parametrize(
    ("item", "actual", "target", "percent"),
    [
        # 铜川市科技局 2014: 310/280, 134/80, 7034.24 万元 of 0.35 亿元 (= 3500 万元), 1904.6/1533 万元.
        ("专利申请", "310", "280", "110.7"),
        ("专利授权", "134", "80", "167.5"),
        ("技术合同成交额", "7034.24", "3500", "201.0"),
        ("R&D 经费", "1904.6", "1533", "124.2"),
    ],
)
def test_tongchuan_2014_completions_come_out_as_published(item, actual, target, percent):
    share = completion(D(actual), D(target), None, "up")
    assert (share * 100).quantize(D("0.1")) == D(percent)


def test_range_target_divides_by_the_upper_bound():
    # Six against 1—2: 6 / 2 = 300 %.
    assert completion(D(6), D(1), D(2), "up") == 3


def test_one_bound_alone_is_the_target():
    assert completion(D(3), D(4), None, "up") == D("0.75")
    assert completion(D(3), None, D(4), "up") == D("0.75")


def test_less_is_better_turns_the_quotient_round():
    # Promised at most 5 days, took 4: 5 / 4 = 125 %; took 10: 50 %.
    assert completion(D(4), None, D(5), "down") == D("1.25")
    assert completion(D(10), None, D(5), "down") == D("0.5")


@pytest.mark.parametrize(
    ("actual", "low", "high", "direction", "reason"),
    [
        (D(3), None, None, "up", "没有目标"),
        (None, D(3), None, "up", "本期缺数"),
        (D(3), D(0), None, "up", "目标为零，不算完成率"),
        (D(3), D(-2), None, "up", "目标为负，不算完成率"),
        (D(0), D(2), None, "down", "实际不大于零，已达，不算完成率"),
        (D(-1), D(2), None, "down", "实际不大于零，已达，不算完成率"),
    ],
)
def test_where_no_completion_can_be_said_the_reason_is(actual, low, high, direction, reason):
    assert completion(actual, low, high, direction) is None
    assert why_no_completion(actual, low, high, direction) == reason


def test_a_value_has_no_reason_for_missing():
    assert why_no_completion(D(0), D(2), None, "up") is None
    assert completion(D(0), D(2), None, "up") == 0


def test_reversed_amounts_give_a_negative_completion():
    # 冲减: −50 against 200 = −25 %.
    assert completion(D(-50), D(200), None, "up") == D("-0.25")


def test_range_is_met_from_the_lower_bound():
    assert met(D(1), D(1), D(2), "up") is True
    assert met(D("0.99"), D(1), D(2), "up") is False


def test_less_is_better_is_met_up_to_the_upper_bound():
    assert met(D(2), D(1), D(2), "down") is True
    assert met(D("2.01"), D(1), D(2), "down") is False


def test_met_is_judged_where_completion_is_not():
    assert met(D(0), None, D(2), "down") is True
    assert met(D("-3.1"), None, D(-3), "down") is True  # 能耗降 3.1 % against a promised 3 %
    assert met(D(1), D(0), None, "up") is True


def test_met_of_nothing_is_missing():
    assert met(None, D(1), D(2), "up") is None
    assert met(D(1), None, None, "up") is None


def test_nine_months_are_three_quarters():
    assert time_progress(D("0.75")) == D("0.75")


def test_batch_plan_decides_over_the_calendar():
    # 高企 by batches: 40 % by August, 92 % by September, all by December.
    plan = {8: D("0.40"), 9: D("0.92"), 12: D(1)}
    assert time_progress(D("0.75"), plan, 9) == D("0.92")


def test_month_between_two_batches_keeps_the_earlier_one():
    plan = {8: D("0.40"), 12: D(1)}
    assert time_progress(D("0.83"), plan, 10) == D("0.40")


def test_before_the_first_batch_nothing_is_due():
    assert time_progress(D("0.25"), {8: D("0.40")}, 3) == 0


def test_ratio_of_the_period_is_due_in_full():
    assert time_progress(D("0.75"), {9: D("0.92")}, 9, period_ratio=True) == 1
