"""追溯调整 and the periods behind it: which reported cumulatives contain the old figure, what they would need, what follows by itself."""

from datetime import datetime
from decimal import Decimal as D

import pytest

from keshu.figures.book import book
from keshu.figures.entry import adjusting, loading
from keshu.figures.entry.models import Adjustment, FormRow
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import SEPTEMBER, SPEC

JULY = {
    **SEPTEMBER,
    "budget_expenditure": "120000",
    "budget_own": "100000",
    "budget_towns": "20000",
    "fiscal_st": "1500",
}
AUGUST = {**JULY, "budget_expenditure": "140000", "budget_own": "120000", "fiscal_st": "1700"}


def held(measure, subject, period):
    revision = moments.latest()
    reader = Reader(book(revision), revision)
    stretch = Period.parse(period)
    reader.load([measure], [subject], [stretch])
    return reader.value(measure, subject, stretch).value


@pytest.fixture
def summer(county):
    """July, August and September reported: science expenditure 1500, 1700 and 1980 万元 since January."""
    county.report("2026-07", JULY)
    county.report("2026-08", AUGUST)
    county.report("2026-09", SEPTEMBER)
    return county


def look(county, new="1440", code="fiscal_st", period="2026-07"):
    row = county.rows[code]
    return adjusting.wanted(county.form, county.region, row, period, new, "多列 60 万元", county.filler)


def wan(scaled):
    """万元 of a value kept in 分."""
    return scaled // 1_000_000


def test_later_cumulatives_that_contain_the_old_figure_are_named_with_what_they_need(summer):
    found = look(summer)
    assert (wan(found.old), wan(found.new)) == (1500, 1440)
    later = [(one.period.code, wan(one.standing), wan(one.needed), wan(one.month)) for one in found.later]
    # 1700 − 60 = 1640, 1980 − 60 = 1920; the months 1700 − 1500 = 200 and 1980 − 1700 = 280
    assert later == [("2026-08", 1700, 1640, 200), ("2026-09", 1980, 1920, 280)]
    # If July alone is changed, August by itself becomes 1700 − 1440 = 260; September stays.
    assert [one.month_alone and wan(one.month_alone) for one in found.later] == [260, None]
    assert not Adjustment.objects.for_system("测试").exists()


def test_it_is_possible_without_the_later_ones(summer):
    row = summer.rows["fiscal_st"]
    asked = adjusting.ask(summer.form, summer.region, row, "2026-07", "1440", "多列", summer.filler)
    words = adjusting.contained(
        Adjustment.objects.for_system("测试").select_related("row__form").get(pk=asked.pk)
    )
    assert words == "后面已报的累计含原数，没有一并申请：8月 1700（应为 1640）、9月 1980（应为 1920）"
    adjusting.verify_adjustment(asked, summer.planner)
    assert held(row.measure, summer.region.pk, "2026-01..07") == D(1440_0000)
    assert held(row.measure, summer.region.pk, "2026-01..08") == D(1700_0000)
    assert held(row.measure, summer.region.pk, "2026-08") == D(260_0000)


def test_the_later_ones_are_asked_for_with_the_same_difference(summer):
    row = summer.rows["fiscal_st"]
    adjusting.ask(
        summer.form,
        summer.region,
        row,
        "2026-07",
        "1440",
        "多列",
        summer.filler,
        carry=["2026-08", "2026-09"],
    )
    asked = list(
        Adjustment.objects.for_system("测试").select_related("row__form", "row__measure").order_by("period")
    )
    assert [(one.period, wan(one.old), wan(one.new)) for one in asked] == [
        ("2026-07", 1500, 1440),
        ("2026-08", 1700, 1640),
        ("2026-09", 1980, 1920),
    ]
    assert asked[1].reason == "随7月追溯调整：多列"
    assert adjusting.contained(asked[0]) == ""
    for one in asked:
        adjusting.verify_adjustment(one, summer.planner)
    months = [held(row.measure, summer.region.pk, f"2026-0{month}") for month in (8, 9)]
    assert months == [D(200_0000), D(280_0000)]  # as before: only July itself was wrong


def test_one_that_waits_stops_all_of_them(summer):
    row = summer.rows["fiscal_st"]
    adjusting.ask(summer.form, summer.region, row, "2026-09", "1900", "错", summer.filler)
    assert [one.asked for one in look(summer).later] == [False, True]
    with pytest.raises(adjusting.NotAdjustable, match="9月这一格已有一份调整"):
        adjusting.ask(
            summer.form, summer.region, row, "2026-07", "1440", "多列", summer.filler, carry=["2026-09"]
        )
    assert Adjustment.objects.for_system("测试").count() == 1


def test_a_month_typed_by_itself_needs_nothing_behind_it(summer):
    assert look(summer, "300", "st_loans").later == ()
    asked = adjusting.ask(
        summer.form, summer.region, summer.rows["st_loans"], "2026-07", "300", "错", summer.filler
    )
    adjusting.verify_adjustment(asked, summer.planner)
    assert adjusting.contained(Adjustment.objects.for_system("测试").get()) == ""


def test_periods_that_are_not_out_are_not_named(county):
    with clock.pretend(datetime(2026, 9, 5, 9, 0, tzinfo=clock.TZ)):
        county.report("2026-07", JULY)
        county.type(county.open("2026-08"), {"fiscal_st": "1700"})
        assert look(county).later == ()
        assert [one.code for one in adjusting.adjustable(county.form, county.region)] == ["2026-07"]


def other_way(county, actor, code, typed):
    """A form with one row, typed the other way than its measure is kept."""
    spec = {
        **SPEC,
        "code": "o",
        "number": "试科统 09 表",
        "estimate_from": 0,
        "sections": [
            {"title": "", "rows": [{"measure": code, "label": "数", "typed": typed, "unit": "万元"}]}
        ],
    }
    form = loading.load_form(spec, actor)
    row = FormRow.objects.select_related("measure", "form").get(form=form)
    county.form, county.rows = form, {code: row}
    return row


def first_quarter(county, code, *texts):
    for period, text in zip(("2026-01..02", "2026-03", "2026-04"), texts, strict=True):
        county.report(period, {code: text})


def test_cumulatives_that_the_house_added_up_follow_the_month(county, actor):
    row = other_way(county, actor, "fiscal_st", "single")
    first_quarter(county, "fiscal_st", "100", "40", "60")
    assert held(row.measure, county.region.pk, "2026-01..04") == D(200_0000)
    asked = adjusting.ask(county.form, county.region, row, "2026-03", "30", "错", county.filler)
    adjusting.verify_adjustment(asked, county.planner)
    # 100 + 30 = 130, and 130 + 60 = 190
    found = [held(row.measure, county.region.pk, f"2026-01..0{month}") for month in (2, 3, 4)]
    assert found == [D(100_0000), D(130_0000), D(190_0000)]


def test_months_that_the_house_took_apart_follow_the_cumulative(county, actor):
    row = other_way(county, actor, "st_loans", "cumulative")
    first_quarter(county, "st_loans", "100", "140", "200")
    asked = adjusting.ask(county.form, county.region, row, "2026-03", "130", "错", county.filler)
    adjusting.verify_adjustment(asked, county.planner)
    # March 130 − 100 = 30; April 200 − 130 = 70, its typed cumulative stays
    assert [held(row.measure, county.region.pk, f"2026-0{month}") for month in (3, 4)] == [
        D(30_0000),
        D(70_0000),
    ]
    assert held(row.measure, county.region.pk, "2026-01..04") == D(200_0000)
