"""An indicator over periods, and a row as it would stand if its sides moved."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.figures.book import book
from keshu.figures.dispatch import dispatch
from keshu.figures.history import history, periods_held, periods_of, read, sparks
from keshu.figures.models import Indicator, Target
from keshu.figures.reading import Reader
from keshu.figures.supposing import growth_of_denominator, needed_for_next, needs, suppose
from keshu.figures.whole import whole_of
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.period import Period

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def gdp_quarters(city):
    """甲 overtakes 乙 in the third quarter: 0.10 and 0.20 % in the first half, 0.40 and 0.30 % up to September; 丙 never reports."""
    for period, first, second in (("2026H1", 1, 2), ("2026-01..09", 4, 3)):
        for region, amount in ((city.a, first), (city.b, second)):
            city.put("contract_output", region, period, D(amount) * 10**7)
            city.put("gdp", region, period, D(10) ** 10)
    return city


def reader_of(city) -> Reader:
    revision = moments.latest()
    return Reader(book(revision), revision)


def test_eight_quarters_end_with_the_period_itself():
    indicator = Indicator(period_rule="to_date")
    found = [period.code for period in periods_of(indicator, Period.parse("2026-01..08"))]
    assert (
        found == ["2024", "2025Q1", "2025H1", "2025-01..09", "2025", "2026Q1", "2026H1", "2026-01..08"][-8:]
    )


def test_a_stock_stands_at_quarter_ends_and_a_fixed_figure_in_years():
    stock = [p.code for p in periods_of(Indicator(period_rule="stock"), Period.parse("2026-09"))]
    assert stock[0] == "2024-12" and stock[-1] == "2026-09" and len(stock) == 8
    years = [p.code for p in periods_of(Indicator(period_rule="annual"), Period.parse("2025"))]
    assert years == ["2021", "2022", "2023", "2024", "2025"]


def test_five_years_of_a_running_year_are_the_five_that_are_whole():
    found = [
        p.code for p in periods_of(Indicator(period_rule="to_date"), Period.parse("2026-01..09"), "years")
    ]
    assert found == ["2021", "2022", "2023", "2024", "2025"]


def test_places_and_means_are_those_of_each_period(gdp_quarters):
    city, reader = gdp_quarters, reader_of(gdp_quarters)
    indicator = reader.book.indicator("contract_gdp")
    periods = periods_of(indicator, Period.parse("2026-01..09"))
    read(reader, [(indicator, periods)], [r.pk for r in (*city.counties, city.top)])
    past = history(reader, indicator, city.counties, city.top, periods).held
    assert [point.period.code for point in past.points] == ["2026H1", "2026-01..09"]
    assert past.ranks(city.a.pk) == [2, 1] and past.ranks(city.c.pk) == [None, None]
    assert past.series(city.a.pk) == [D("0.1"), D("0.4")]
    assert [point.mean for point in past.points] == [D("0.15"), D("0.35")]
    assert past.points[-1].whole == D("0.35")  # 7000万 / 200亿


def test_a_history_of_many_periods_asks_once(gdp_quarters):
    city, reader = gdp_quarters, reader_of(gdp_quarters)
    indicator = reader.book.indicator("contract_gdp")

    def asked(periods) -> int:
        with CaptureQueriesContext(connection) as counted:
            read(reader_of(city), [(indicator, periods)], [city.a.pk, city.b.pk])
        return len(counted)

    one = asked([Period.parse("2026-01..09")])
    assert asked(periods_of(indicator, Period.parse("2026-01..09"))) == one


def test_the_small_curve_is_what_each_month_added(city):
    for month, amount in ((7, 10), (8, 25), (9, 45)):
        city.put("contract_output", city.a, f"2026-01..{month:02d}", D(amount) * 10**6)
    city.put("gdp", city.a, "2026-01..09", D(10) ** 10)
    table = dispatch("strong-st-5", Period.parse("2026-09"), region=city.top.code, forecasts=False)
    column = next(c for c in table.columns if c.indicator.code == "contract_gdp")
    curve = sparks(table, column)[city.a.pk]
    assert curve[-2:] == (D("15000000"), D("20000000")) and curve[-3] is None


def test_periods_with_data_are_offered_newest_first(gdp_quarters):
    reader = reader_of(gdp_quarters)
    indicators = [reader.book.indicator("contract_gdp")]
    held = periods_held(reader, indicators, [r.pk for r in gdp_quarters.counties], annual=False)
    assert [period.code for period in held] == ["2026-01..09", "2026H1"]
    assert [p.code for p in periods_held(reader, indicators, [gdp_quarters.a.pk], annual=True)] == ["2026"]


def test_the_whole_gives_way_to_the_region_s_own_figure(gdp_quarters):
    city = gdp_quarters
    indicator = book(moments.latest()).indicator("contract_gdp")
    period = Period.parse("2026-01..09")

    def whole():
        revision = moments.latest()
        return whole_of(book(revision), revision, indicator, city.top, period, "county")

    found = whole()
    assert found.value == D("0.35") and "丙县" in found.total.note
    city.put("contract_output", city.top, "2026-01..09", D(9) * 10**7)
    city.put("gdp", city.top, "2026-01..09", D(2) * 10**10)
    assert whole() is None


def table_of(city):
    return dispatch("strong-st-5", Period.parse("2026-09"), region=city.top.code)


def row_of(table, region):
    return next(r for r in table.rows if r.indicator.code == "contract_gdp" and r.region.pk == region.pk)


def test_what_is_missing_to_the_next_place_lifts_exactly_to_it(gdp_quarters):
    """乙 0.30 %, 甲 0.40 %, GDP 100 亿: 1000 万."""
    table = table_of(gdp_quarters)
    row = row_of(table, gdp_quarters.b)
    missing = needed_for_next(row)
    assert missing == D(10) ** 7
    made = suppose(table, row, row.figure.numerator.value + missing, D(0))
    assert made.value == D("0.4") and made.place == 1


def test_moving_nothing_gives_the_row_as_it_stands(gdp_quarters):
    with writing(gdp_quarters.actor, "定目标"):
        indicator = Indicator.objects.get(code="contract_gdp")
        Target(indicator=indicator, subject=gdp_quarters.b, year=2026, low=D("0.5")).save()
    table = table_of(gdp_quarters)
    row = row_of(table, gdp_quarters.b)
    made = suppose(table, row, row.figure.numerator.value, D(0))
    assert (made.value, made.place, made.completion, made.lamp) == (
        row.value,
        row.rank,
        row.completion,
        row.lamp,
    )
    assert [need.kind for need in made.needs] == ["target", "place", "mean"]


def test_needs_grow_with_the_denominator(gdp_quarters):
    """0.40 % of 110 亿 is 4400 万; 3000 are there."""
    table = table_of(gdp_quarters)
    row = row_of(table, gdp_quarters.b)
    place = next(need for need in needs(table, row, D(10)) if need.kind == "place")
    assert place.extra == D(14) * 10**6


def test_the_denominator_s_growth_needs_a_positive_base(gdp_quarters):
    assert growth_of_denominator(row_of(table_of(gdp_quarters), gdp_quarters.a)) is None
    gdp_quarters.put("gdp", gdp_quarters.a, "2025-01..09", D(8) * 10**9)
    assert growth_of_denominator(row_of(table_of(gdp_quarters), gdp_quarters.a)) == D(25)
