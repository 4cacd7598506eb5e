"""The year-end expectation of an indicator, from the same months and the whole of the past years."""

from keshu.figures.arithmetic.forecast import Course, Forecast, forecast, forecast_ratio
from keshu.figures.arithmetic.ratio import Refused
from keshu.figures.evaluating import Figure, evaluate
from keshu.figures.models import Indicator
from keshu.figures.reading import Reader
from keshu.terms.period import Period

HISTORY_YEARS = 4


def history_periods(indicator: Indicator, period: Period) -> list[Period]:
    """Periods a forecast looks back to; none for fixed figures, stocks and whole years."""
    if indicator.period_rule != Indicator.PeriodRule.TO_DATE or period.kind == "year":
        return []
    found = []
    for back in range(1, HISTORY_YEARS + 1):
        found += [period.shift_years(-back), Period.year(period.year - back)]
    return found


def year_end(
    reader: Reader, indicator: Indicator, period: Period, figure: Figure, subject: int
) -> Forecast | Refused | None:
    """The year-end range of an indicator that accumulates, from what the reader holds; None where none is meant.

    The reader must have loaded ``history_periods``.
    """
    if not history_periods(indicator, period) or indicator.change_as_growth:
        return None
    same: dict[int, Figure] = {}
    full: dict[int, Figure] = {}
    for back in range(1, HISTORY_YEARS + 1):
        year = period.year - back
        same[year] = evaluate(reader, indicator, subject, period.shift_years(-back))
        full[year] = evaluate(reader, indicator, subject, Period.year(year))
    above = Course(
        figure.numerator.value,
        {year: f.numerator.value for year, f in same.items()},
        {year: f.numerator.value for year, f in full.items()},
    )
    month = period.end.month
    if figure.denominator is None:
        return forecast(above.ytd, month, above.same_period, above.full_year)
    below = Course(
        figure.denominator.value,
        {year: f.denominator.value for year, f in same.items() if f.denominator},
        {year: f.denominator.value for year, f in full.items() if f.denominator},
    )
    return forecast_ratio(above, below, month, figure.factor)
