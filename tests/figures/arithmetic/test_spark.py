"""Geometry of sparklines and completion bars."""

import re
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.figures.arithmetic.spark import bars, spark, spark_path


def test_twelve_months_fill_the_box_from_margin_to_margin():
    # Heights of a drawn row; the value of a pixel row y is (19 − y) / 16, so 19 → 0 and 3 → 1.
    heights = ["19.0", "16.4", "10.7", "6.8", "9.4", "9.8", "5.1", "9.3", "4.7", "5.5", "4.5", "3.0"]
    values = [(19 - D(y)) / 16 for y in heights]
    assert spark(values) == (
        '<svg class="ks-spark" width="72" height="22" viewBox="0 0 72 22" aria-hidden="true">'
        '<path d="M3.0 19.0 L9.0 16.4 L15.0 10.7 L21.0 6.8 L27.0 9.4 L33.0 9.8 L39.0 5.1 L45.0 9.3 L51.0 4.7 '
        'L57.0 5.5 L63.0 4.5 L69.0 3.0"/><circle cx="69.0" cy="3.0" r="2.4"/></svg>'
    )


def test_gap_breaks_the_line_and_keeps_its_month():
    # Five places: x = 3, 19.5, 36, 52.5, 69.
    assert spark_path([D(0), D(1), None, D(1), D(0)]) == "M3.0 19.0 L19.5 3.0 M52.5 3.0 L69.0 19.0"


def test_value_alone_between_gaps_is_a_dash():
    assert spark_path([D(0), D(0), None, D(1), None]) == "M3.0 19.0 L19.5 19.0 M51.5 3.0 L53.5 3.0"


def test_no_dot_when_the_present_value_is_missing():
    assert "<circle" not in spark([D(1), D(2), None])


def test_flat_series_runs_through_the_middle():
    assert spark_path([D(5), D(5)]) == "M3.0 11.0 L69.0 11.0"


def test_nothing_held_draws_nothing():
    assert spark([]) == spark([None, None]) == ""


def test_one_value_is_a_dot():
    assert 'cx="3.0" cy="11.0"' in spark([D(7)])


@given(st.lists(st.none() | st.decimals(min_value=D("-1e15"), max_value=D("1e15"), places=9), max_size=20))
def test_every_point_stays_inside_the_box(values):
    for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", spark_path(values)):
        assert 2 <= D(x) <= 70
        assert 3 <= D(y) <= 19


@pytest.mark.parametrize(
    ("completion", "progress", "width", "tick"),
    [
        # Share / 1.25: 104.6 → 83.68, 112.4 → 89.92, 46.2 → 36.96, 71.7 → 57.36; ticks 100 → 80, 75 → 60, 92
        # → 73.6.
        ("1.046", "1", "83.7", "80.0"),
        ("1.124", "1", "89.9", "80.0"),
        ("0.462", "0.75", "37.0", "60.0"),
        ("0.717", "0.92", "57.4", "73.6"),
        ("0", "0", "0.0", "0.0"),
    ],
)
def test_bar_ends_at_125_percent_of_the_target(completion, progress, width, tick):
    bar = bars(D(completion), D(progress))
    assert (bar.width, bar.tick, bar.over) == (D(width), D(tick), False)


def test_bar_beyond_its_end_is_full_and_says_so():
    bar = bars(D("2.01"), D(1))
    assert (bar.width, bar.over) == (100, True)
    assert bars(D("1.25"), D(1)).over is False


def test_negative_completion_draws_an_empty_bar():
    assert bars(D("-0.2"), D(1)).width == 0


def test_missing_completion_is_hatched_and_fixed_figures_have_no_tick():
    assert bars(None, D(1)).width is None
    assert bars(D(1), None).tick is None
