"""Year-end expectation as a range with its basis, refused with a reason where history is too short."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from keshu.terms.quantity import show_number

from .ratio import HUNDRED, WIDE, Refused, ratio

#: Fewer held periods than this say nothing about a year's course; fewer full years nothing about its seasons.
PERIODS_NEEDED = 8
YEARS_NEEDED = 3


@dataclass(frozen=True)
class Forecast:
    """Full-year value between ``low`` and ``high`` (unit of the input), unrounded, and in Chinese what each
    end rests on.
    """

    low: Decimal
    high: Decimal
    basis_text: str


@dataclass(frozen=True)
class Course:
    """A cumulative series: this year's value to date, and of past years (year → value) the same period and
    the full year.
    """

    ytd: Decimal | None
    same_period: Mapping[int, Decimal | None]
    full_year: Mapping[int, Decimal | None]


@dataclass(frozen=True)
class _End:
    value: Decimal
    basis: str


def seasonal_shares(
    history_same_period: Mapping[int, Decimal | None], history_year: Mapping[int, Decimal | None]
) -> dict[int, Decimal]:
    """Share of the period in its year (1 = all of it), for the years of which both are held and positive."""
    shares = {}
    for year, part in history_same_period.items():
        whole = history_year.get(year)
        if part is not None and whole is not None and part > 0 and whole > 0:
            shares[year] = WIDE.divide(part, whole)
    return dict(sorted(shares.items()))


def forecast(
    ytd_value: Decimal | None,
    month: int,
    history_same_period: Mapping[int, Decimal | None],
    history_year: Mapping[int, Decimal | None],
    *,
    periods_held: int | None = None,
    with_pace: bool = True,
) -> Forecast | Refused:
    """Full-year range of an amount that stands at ``ytd_value`` after ``month`` months (1—12).

    Ends: value to date ÷ the highest and the lowest seasonal share of the past years, and with ``with_pace``
    the linear pace (value ÷ month × 12); the range runs from the lowest to the highest of these.
    ``periods_held``: how many periods (months, quarters, as the series is kept) are held; left out, what is
    passed here is counted. Refused: fewer than 8 periods, fewer than 3 years with both values, a value to
    date that is missing, zero or negative. Raises ValueError for a month outside 1—12.
    """
    if not 1 <= month <= 12:
        raise ValueError(f"月份读到 {month}，应在 1—12 之间。")
    if ytd_value is None:
        return Refused("本期缺数，不作预计")
    if month == 12:
        return Forecast(ytd_value, ytd_value, "全年数已齐，不是预计")
    if periods_held is None:
        histories = (*history_same_period.values(), *history_year.values())
        periods_held = 1 + sum(value is not None for value in histories)
    if periods_held < PERIODS_NEEDED:
        return Refused(f"历史不足 {PERIODS_NEEDED} 期，不作预计")
    if ytd_value <= 0:
        return Refused("本年累计不大于零，不作预计")
    shares = seasonal_shares(history_same_period, history_year)
    if len(shares) < YEARS_NEEDED:
        return Refused(f"同期和全年都有数的年份不足 {YEARS_NEEDED} 年，不作预计")
    ends = []
    for share in (max(shares.values()), min(shares.values())):
        year = next(year for year in shares if shares[year] == share)
        shown = show_number(WIDE.multiply(share, HUNDRED), 1)
        ends.append(_End(WIDE.divide(ytd_value, share), f"{year}年{_period(month)}占全年 {shown}%"))
    if with_pace:
        # Seasonal ends come first: where the pace gives the same value, the season is the better ground.
        ends.append(_End(WIDE.divide(WIDE.multiply(ytd_value, Decimal(12)), Decimal(month)), "今年均速"))
    low, high = min(ends, key=lambda end: end.value), max(ends, key=lambda end: end.value)
    return Forecast(
        low.value, high.value, f"下限按{low.basis}，上限按{high.basis}（看了近 {len(shares)} 年）"
    )


def _period(month: int) -> str:
    return "1月" if month == 1 else f"1—{month}月"


def forecast_ratio(
    numerator: Course,
    denominator: Course | Decimal | None,
    month: int,
    factor: Decimal = HUNDRED,
    *,
    periods_held: int | None = None,
    numerator_pace: bool = True,
) -> Forecast | Refused:
    """Full-year range of ``factor`` × numerator / denominator, each side forecast by itself.

    The denominator goes by its seasons alone (GDP has a heavy fourth quarter, which a linear pace would
    miss); a Decimal is a denominator already fixed for the year. The lowest numerator over the highest
    denominator gives the low end, the highest over the lowest the high end, so the range is never narrower
    than what either side leaves open.
    """
    above = forecast(
        numerator.ytd,
        month,
        numerator.same_period,
        numerator.full_year,
        periods_held=periods_held,
        with_pace=numerator_pace,
    )
    if isinstance(above, Refused):
        return above
    below: Forecast | Refused
    if isinstance(denominator, Course):
        below = forecast(
            denominator.ytd,
            month,
            denominator.same_period,
            denominator.full_year,
            periods_held=periods_held,
            with_pace=False,
        )
        if isinstance(below, Refused):
            return Refused(f"分母：{below.reason}")
    elif denominator is None or denominator <= 0:
        return Refused("无分母，不作预计")
    else:
        below = Forecast(denominator, denominator, "已定")
    low, high = ratio(above.low, below.high, factor), ratio(above.high, below.low, factor)
    assert low is not None and high is not None  # both sides are positive
    return Forecast(low, high, f"分子{above.basis_text}；分母{below.basis_text}")
