import calendar
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.terms.period import Period, UnreadablePeriod

YEARS = st.integers(1900, 2199)


@st.composite
def periods(draw):
    y = draw(YEARS)
    if draw(st.booleans()):
        return Period.day(draw(st.dates(date(y, 1, 1), date(y, 12, 31))))
    a = draw(st.integers(1, 12))
    return Period.months(y, a, draw(st.integers(a, 12)))


@given(periods())
def test_reading_a_code_gives_the_period_back(period):
    assert Period.parse(period.code) == period
    assert Period.parse(period.code).code == period.code


@given(periods())
def test_reading_a_label_gives_the_period_back(period):
    assert Period.parse(period.label) == period
    assert Period.parse(period.short_label, default_year=period.year) == period


@given(periods(), st.integers(-50, 50))
def test_whole_months_stay_whole_from_year_to_year(period, n):
    if not 1900 <= period.year + n <= 2199:
        return
    shifted = period.shift_years(n)
    assert shifted.year == period.year + n
    assert (shifted.start.month, shifted.end.month) == (period.start.month, period.end.month)
    if period.kind != "day":
        assert shifted.kind == period.kind
        assert shifted.shift_years(-n) == period


@given(periods(), periods())
def test_periods_are_ordered_by_end_then_start(one, other):
    assert (one < other) == ((one.end, one.start) < (other.end, other.start))
    assert (one == other) == (hash(one) == hash(other) and not one < other and not other < one)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026年", "2026"), ("2022 年", "2022"), ("2026年度", "2026"), ("2026年全年", "2026"), ("２０２６年", "2026"),
        ("二〇二六年", "2026"), ("2026年1—12月", "2026"), ("2026年一至四季度", "2026"), ("2026-12-31", "2026"),
        ("2026年上半年", "2026H1"), ("2026 年 下半年", "2026H2"), ("2026年1—6月", "2026H1"), ("2026年前两季度", "2026H1"),
        ("2026年一季度", "2026Q1"), ("2026年第一季度", "2026Q1"), ("2026年1季度", "2026Q1"), ("2026年Q1", "2026Q1"),
        ("2026q3", "2026Q3"), ("2026年7—9月", "2026Q3"), ("2026-Q3", "2026Q3"), ("2026年第四季度", "2026Q4"),
        ("2026年9月", "2026-09"), ("2026年9月份", "2026-09"), ("2026.9", "2026-09"), ("2026.10", "2026-10"),
        ("202609", "2026-09"), ("2026-9", "2026-09"), ("2026/09", "2026-09"), ("2026年十一月", "2026-11"),
        ("2026年1-1月", "2026-01"), ("2026-01-31", "2026-01"),
        ("2026年1—9月", "2026-01..09"), ("2026年1-9月", "2026-01..09"), ("2026年1~9月", "2026-01..09"),
        ("2026年1～9月", "2026-01..09"), ("2026年1至9月", "2026-01..09"), ("2026年１—９月", "2026-01..09"),
        ("2026年1月—9月", "2026-01..09"), ("2026年1一9月", "2026-01..09"), ("2026年前三季度", "2026-01..09"),
        ("2026年一至三季度", "2026-01..09"), ("2026年前9个月", "2026-01..09"), ("2026年前九个月", "2026-01..09"),
        ("2026年1月至2026年9月", "2026-01..09"), ("截至2026年9月底", "2026-01..09"), ("2026年9月末", "2026-01..09"),
        ("截至9月30日", "2026-01..09"), ("2026年1—2月", "2026-01..02"), ("2026年4—9月", "2026-04..09"),
        ("截至2026年10月10日", "2026-10-10"), ("截止2026年10月10日", "2026-10-10"), ("2026年10月10日", "2026-10-10"),
        ("2026-10-10", "2026-10-10"), ("2026/10/10", "2026-10-10"), ("20261010", "2026-10-10"),
        ("2026-10-10 00:00:00", "2026-10-10"), ("2026年截至10月10日", "2026-10-10"), ("截至10月10日", "2026-10-10"),
        ("1-9月", "2026-01..09"), ("上半年", "2026H1"), ("前三季度", "2026-01..09"), ("9月", "2026-09"), ("全年", "2026"),
        (2026, "2026"), (202609, "2026-09"), (2026.0, "2026"), (2026.9, "2026-09"), (date(2026, 10, 10), "2026-10-10"),
        (datetime(2026, 10, 10, 8, tzinfo=UTC), "2026-10-10"),
    ],
)  # fmt: skip
def test_periods_are_read_as_clerks_write_them(text, code):
    assert Period.parse(text, default_year=2026).code == code


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "1-9月", "上半年", "2026-13", "2026年13月", "2026年0月", "2026年9—1月", "2026-02-29", "2026年2月30日",
        "2025年12月至2026年3月", "26年9月", "1899年", "2200年", "2026年5季度", "2026H3", None, True, 2026.1, 3.5,
        "2026年1—9月和10月", "9" * 5000,
    ],
)  # fmt: skip
def test_unreadable_period_names_examples(text):
    with pytest.raises(UnreadablePeriod, match="2026年1—9月") as error:
        Period.parse(text)
    assert len(str(error.value)) < 300


def test_a_number_cell_2026_1_may_be_january_or_october_and_is_refused():
    with pytest.raises(UnreadablePeriod, match="1 月还是 10 月"):
        Period.parse(2026.1)


def test_labels_are_those_of_reports():
    assert [Period.parse(code).label for code in ("2026", "2026H1", "2026Q1", "2026-09", "2026-01..09", "2026-10-10")] == [
        "2026年", "2026年上半年", "2026年一季度", "2026年9月", "2026年1—9月", "截至2026年10月10日",
    ]  # fmt: skip
    assert Period.parse("2026-01..09").short_label == "1—9月"
    assert Period.year(2026).short_label == "全年"


def test_a_name_measures_a_period_and_builds_one():
    assert Period.year(2026).year == 2026
    assert Period.months(2026, 1, 9).months == 9
    assert Period.quarter(2026, 3) == Period.months(2026, 7, 9)
    assert Period.half(2026, 2) == Period.months(2026, 7, 12)
    assert Period.ytd(2026, 3) == Period.quarter(2026, 1)
    assert Period.day(date(2026, 10, 31)) == Period.ytd(2026, 10)


def test_time_progress_of_whole_months_is_twelfths_and_of_days_is_days():
    assert Period.ytd(2026, 9).elapsed_share() == Decimal("0.75")
    assert Period.month(2026, 9).elapsed_share() == Decimal("0.75")
    assert Period.year(2026).elapsed_share() == 1
    # 10 October is day 283 of 2026 and day 284 of the leap year 2028.
    assert Period.day(date(2026, 10, 10)).elapsed_share() == Decimal(283) / 365
    assert Period.day(date(2028, 10, 10)).elapsed_share() == Decimal(284) / 366


def test_leap_day():
    february = Period.month(2028, 2)
    assert february.end == date(2028, 2, 29)
    assert Period.day(date(2028, 2, 29)) == Period.ytd(2028, 2)
    assert Period.day(date(2028, 2, 29)).previous_year() == Period.ytd(2027, 2)
    assert Period.day(date(2028, 2, 28)).kind == "day"
    assert Period.day(date(2028, 2, 28)).previous_year() == Period.ytd(2027, 2)
    assert Period.day(date(2027, 2, 28)) == Period.ytd(2027, 2)
    assert february.previous_year().end == date(2027, 2, 28)


def test_neighbours_of_a_period():
    assert Period.quarter(2026, 3).to_date() == Period.ytd(2026, 9)
    assert Period.quarter(2026, 3).single_month() == Period.month(2026, 9)
    assert Period.ytd(2026, 9).previous_month_ytd() == Period.ytd(2026, 8)
    assert Period.day(date(2026, 10, 10)).previous_month_ytd() == Period.ytd(2026, 9)
    assert Period.month(2026, 1).previous_month_ytd() is None
    assert Period.ytd(2026, 9).previous_year() == Period.ytd(2025, 9)
    assert [Period.parse(code).is_ytd for code in ("2026", "2026Q1", "2026-01", "2026Q2", "2026-10-10")] == [
        True, True, True, False, True,
    ]  # fmt: skip


def test_a_year_contains_its_months_and_not_the_next():
    assert Period.year(2026).contains(Period.month(2026, 9))
    assert Period.ytd(2026, 9).contains(Period.quarter(2026, 3))
    assert not Period.quarter(2026, 3).contains(Period.ytd(2026, 9))
    assert not Period.year(2026).contains(Period.month(2027, 1))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 1, 2), date(2026, 1, 31)),
        (date(2025, 12, 1), date(2026, 1, 31)),
        (date(2026, 3, 1), date(2026, 2, 28)),
        (date(2026, 2, 1), date(2026, 10, 10)),
    ],
)
def test_other_stretches_are_no_periods(start, end):
    with pytest.raises(UnreadablePeriod):
        Period(start, end)


@given(YEARS, st.integers(1, 12))
def test_month_ends_agree_with_the_calendar(y, m):
    assert Period.month(y, m).end.day == calendar.monthrange(y, m)[1]
