"""Year-end ranges: by hand, and refused where history is too short."""

from decimal import Decimal as D

import pytest

from keshu.figures.arithmetic.forecast import (
    Course,
    Forecast,
    forecast,
    forecast_ratio,
    seasonal_shares,
)
from keshu.figures.arithmetic.ratio import Refused

# 1—9月 share of the year: 58.4 % (fourth quarter 41.6 %), 62.0 %, 60.0 %, 65.0 %.
SAME = {2022: D(584), 2023: D(620), 2024: D(600), 2025: D(650)}
YEAR = {2022: D(1000), 2023: D(1000), 2024: D(1000), 2025: D(1000)}


def test_range_from_the_linear_pace_to_the_lowest_seasonal_share():
    # Pace 3120 / 9 × 12 = 4160; 3120 / 0.65 = 4800; 3120 / 0.584 = 5342.47.
    expected = forecast(D(3120), 9, SAME, YEAR)
    assert isinstance(expected, Forecast)
    assert expected.low == 4160
    assert round(expected.high, 2) == D("5342.47")
    assert expected.basis_text == "下限按今年均速，上限按2022年1—9月占全年 58.4%（看了近 4 年）"


def test_pace_may_be_the_upper_end():
    # Front-loaded years (80 % and more by September): 800 / 0.8 = 1000, 800 / 0.9 = 888.9, pace 1066.7.
    same = {2022: D(80), 2023: D(85), 2024: D(90), 2025: D(80)}
    year = dict.fromkeys(same, D(100))
    expected = forecast(D(800), 9, same, year)
    assert round(expected.low, 1) == D("888.9")
    assert round(expected.high, 1) == D("1066.7")
    assert expected.basis_text == "下限按2024年1—9月占全年 90.0%，上限按今年均速（看了近 4 年）"


def test_seasons_alone_without_the_pace():
    expected = forecast(D(3120), 9, SAME, YEAR, with_pace=False)
    assert expected.low == 4800


def test_fewer_than_eight_periods_are_refused():
    # Three years give six values, with this year's seven.
    same, year = {k: SAME[k] for k in (2023, 2024, 2025)}, {k: YEAR[k] for k in (2023, 2024, 2025)}
    assert forecast(D(3120), 9, same, year) == Refused("历史不足 8 期，不作预计")


def test_three_years_suffice_where_the_series_holds_enough_quarters():
    same, year = {k: SAME[k] for k in (2023, 2024, 2025)}, {k: YEAR[k] for k in (2023, 2024, 2025)}
    assert isinstance(forecast(D(3120), 9, same, year, periods_held=15), Forecast)


def test_two_full_years_say_nothing_about_seasons():
    refused = forecast(D(3120), 9, {2024: D(6), 2025: D(6)}, {2024: D(10), 2025: D(10)}, periods_held=9)
    assert refused == Refused("同期和全年都有数的年份不足 3 年，不作预计")


def test_years_without_both_values_or_not_positive_are_not_used():
    same = {2020: D(0), 2021: D(-5), 2022: D(584), 2023: None, 2024: D(600), 2025: D(650)}
    year = {2020: D(10), 2021: D(10), 2022: D(1000), 2023: D(1), 2024: D(-1), 2025: D(1000)}
    assert list(seasonal_shares(same, year)) == [2022, 2025]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "本期缺数，不作预计"),
        (D(0), "本年累计不大于零，不作预计"),
        (D(-3), "本年累计不大于零，不作预计"),
    ],
)
def test_nothing_to_project_from_is_refused(value, reason):
    assert forecast(value, 9, SAME, YEAR) == Refused(reason)


def test_full_year_is_no_forecast():
    assert forecast(D(5), 12, {}, {}) == Forecast(D(5), D(5), "全年数已齐，不是预计")


@pytest.mark.parametrize("month", [0, 13])
def test_month_outside_the_year_is_an_error(month):
    with pytest.raises(ValueError, match="1—12"):
        forecast(D(5), month, SAME, YEAR)


def test_january_is_named_as_one_month():
    same = dict.fromkeys(YEAR, D(50))
    assert "2022年1月占全年 5.0%" in forecast(D(100), 1, same, YEAR).basis_text


# GDP: 74 % of the year by September, each year.
GDP = Course(D("112.60"), dict.fromkeys(YEAR, D(74)), dict.fromkeys(YEAR, D(100)))


def test_wangling_ends_the_year_between_027_and_035():
    # GDP 112.60 / 0.74 = 152.162; 4160 → 0.27339 %, 5342.47 → 0.35110 %.
    expected = forecast_ratio(Course(D(3120), SAME, YEAR), GDP, 9, D("0.01"))
    assert (round(expected.low, 2), round(expected.high, 2)) == (D("0.27"), D("0.35"))
    assert expected.basis_text.startswith("分子下限按今年均速，")
    assert "分母下限按2022年1—9月占全年 74.0%" in expected.basis_text


def test_lowest_over_highest_and_highest_over_lowest():
    # Numerator 90—120 (shares 1/3 … 1/4 of 30), denominator 1000—1250 (shares 0.5 … 0.4 of 500).
    numerator = Course(D(30), {1: D(1), 2: D(1), 3: D(1), 4: D(1)}, {1: D(3), 2: D(4), 3: D(3), 4: D(4)})
    denominator = Course(D(500), {1: D(5), 2: D(4), 3: D(5), 4: D(4)}, dict.fromkeys((1, 2, 3, 4), D(10)))
    expected = forecast_ratio(numerator, denominator, 4, numerator_pace=False)
    # 90 / 1250 = 7.2 %; 120 / 1000 = 12 %.
    assert round(expected.low, 20) == D("7.2")
    assert round(expected.high, 20) == 12


def test_fixed_denominator_of_the_year():
    expected = forecast_ratio(Course(D(3120), SAME, YEAR), D(41600), 9)
    assert expected.low == 10


def test_ratio_is_refused_when_either_side_is():
    short = Course(D(1), {2025: D(1)}, {2025: D(2)})
    assert forecast_ratio(short, GDP, 9) == Refused("历史不足 8 期，不作预计")
    assert forecast_ratio(Course(D(3120), SAME, YEAR), short, 9) == Refused("分母：历史不足 8 期，不作预计")
    assert forecast_ratio(Course(D(3120), SAME, YEAR), None, 9) == Refused("无分母，不作预计")
    assert forecast_ratio(Course(D(3120), SAME, YEAR), D(0), 9) == Refused("无分母，不作预计")
