"""What was reached: mixed units, ranges, several counters, parts of a register, the place now, and as it stood before."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.figures.book import book
from keshu.figures.models import Standing
from keshu.goals.actuals import actual, actuals, period_of
from keshu.goals.models import Goal
from keshu.goals.tracing import behind
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.quantity import round_half_up

pytestmark = pytest.mark.django_db
D = Decimal
END = date(2014, 12, 31)


def percent(found) -> str:
    return str(round_half_up(found.completion * 100, 1))


def test_tongchuan_2014_across_mixed_units(world):
    """铜川市科技局 2014: 310 of 280, 134 of 80, 7034.24 万元 of 0.35 亿元 and 1904.6 of 1533 万元, as the bureau published them."""
    city = world.staff.city
    world.measure("patents_applied", "专利申请量", "件", frequency="year")
    world.measure("patents_granted", "专利授权量", "件", frequency="year")
    told = [
        ("专利申请", 280, "件", "patents_applied", 310, "110.7"),
        ("专利授权", 80, "件", "patents_granted", 134, "167.5"),
        ("技术合同成交额", "0.35", "亿元", "contract_output", 70342400, "201.0"),
        ("研发投入", 1533, "万元", "rd_expenditure", 19046000, "124.2"),
    ]
    for name, low, unit, measure, value, said in told:
        goal = world.goal(low, name=name, unit=unit, year=2014, decimals=2)
        world.counter(goal, measure)
        world.report(measure, city, "2014", value)
        found = actual(goal, until=END)
        assert percent(found) == said, name
    assert (found.value, found.unit) == (D("1904.6"), "万元")
    assert found.parts[0].value == 19046000


def test_a_range_divides_by_its_upper_bound(world):
    """引进高层次人才 1—2 名, 6 came: 300 %; 储备项目 10 个, 12: 120 %."""
    world.measure("talents_brought", "引进人才", "名")
    world.measure("projects_stored", "储备项目", "个")
    talents = world.goal(1, high=D(2), kind="range", unit="名", name="引进高层次人才")
    stored = world.goal(10, unit="个", name="储备项目")
    for goal, measure, value in ((talents, "talents_brought", 6), (stored, "projects_stored", 12)):
        world.counter(goal, measure)
        world.report(measure, world.staff.city, "2026-01..02", value)
    found = actuals([talents, stored], until=date(2026, 3, 15))
    assert [percent(found[goal.pk]) for goal in (talents, stored)] == ["300.0", "120.0"]
    assert found[talents.pk].period.code == "2026-01..02"


def test_two_counters_add_up_and_one_missing_is_no_sum(world):
    """农民培训 1 万人次: 2,750 in courses and 4,000 by commissioners, 67.5 %."""
    for code, name in (("courses", "举办培训人次"), ("visits", "科技特派员指导人次")):
        world.measure(code, name, "人次")
    goal = world.goal(1, unit="万人次", name="农民技术培训")
    world.counter(goal, "courses")
    world.counter(goal, "visits")
    world.report("courses", world.staff.city, "2026-01..02", 2750)
    half = actual(goal, until=date(2026, 3, 5))
    assert (half.value, half.completion) == (None, None)
    assert half.missing == "科技特派员指导人次未报"
    world.report("visits", world.staff.city, "2026-01..02", 4000)
    assert percent(actual(goal, until=date(2026, 2, 28))) == "67.5"


def test_a_register_counts_by_condition_to_the_day_and_opens_to_its_rows(world):
    """Eight patents, six of them 发明, one after the day; taking one back changes the figure at once, not what was before."""
    rows = [
        world.patent(f"2026-{n}", f"2026-0{1 + n % 2}-1{n}", "发明专利" if n < 6 else "外观设计")
        for n in range(8)
    ]
    world.patent("2026-9", "2026-03-12", region=world.staff.other)
    goal = world.goal(12, name="发明专利申请")
    world.counter(goal, "登记的专利申请数", '类型 == "发明专利"')
    county = world.goal(4, name="望岭县发明专利", subject_id=world.staff.county.pk)
    world.counter(county, "登记的专利申请数", '类型 == "发明专利"')
    found, parts = behind(goal, until=date(2026, 3, 15))
    assert (found.value, found.period.code) == (7, "2026-03-15")
    assert [row.number for row in parts[0].records] and parts[0].held == 7
    assert sum(row.amount for row in parts[0].records) == found.value
    assert "发明专利" in parts[0].part.said
    assert actual(goal, until=date(2026, 3, 11)).value == 6
    assert actual(county, until=date(2026, 3, 15)).value == 6
    before = moments.latest()
    with writing(world.planning, "重复登记"):
        rows[0].delete()
    assert actual(goal, until=date(2026, 3, 15)).value == 6
    assert actual(goal, until=date(2026, 3, 15), revision=before).value == 7
    assert actual(goal, until=date(2026, 2, 28), revision=before).value == 6


def test_what_the_counties_report_adds_up_to_the_city_and_names_who_is_missing(world):
    world.measure("made", "实施项目", "件")
    goal = world.goal(20, name="实施项目")
    world.counter(goal, "made")
    world.report("made", world.staff.county, "2026-01..02", 7)
    world.report("made", world.own, "2026-01..02", 2)
    found = actual(goal, until=date(2026, 3, 10))
    assert (found.value, found.parts[0].said) == (9, "含市本级，未含岚川县")
    world.report("made", world.staff.city, "2026-01..02", 12)
    assert actual(goal, until=date(2026, 3, 10)).value == 12


def test_a_net_increase_is_counted_from_the_end_of_last_year(world):
    goal = world.goal(20, kind="net", unit="家", name="净增高新技术企业")
    world.counter(goal, "hitech_valid")
    world.report("hitech_valid", world.staff.city, "2026-02", 215)
    assert actual(goal, until=date(2026, 3, 10)).value is None
    world.report("hitech_valid", world.staff.city, "2025-12", 200)
    found = actual(goal, until=date(2026, 3, 10))
    assert (found.value, percent(found)) == (15, "75.0")


def test_a_rank_shows_the_place_now_and_no_completion(world):
    indicator = book(moments.latest()).indicator("st_progress")
    goal = world.goal(9, kind="rank", unit="位", stretch=D(8), indicator_id=indicator.pk, direction="down")
    with writing(world.planning, "通报"):
        Standing(
            indicator_id=indicator.pk, subject=world.staff.city, period="2025", kind="rank", value=D(10),
            population=11, assessor="省科技厅", released_on=date(2026, 2, 20),
        ).save()  # fmt: skip
    found = actual(goal, until=date(2026, 3, 16))
    assert (found.value, found.completion, found.waits) == (10, None, "位次不算完成率")
    assert actual(goal, until=date(2026, 2, 1)).missing == "没有通报位次"


def test_an_indicator_of_the_year_gives_the_figure_of_the_dispatch(world):
    indicator = book(moments.latest()).indicator("contract_gdp")
    goal = world.goal(
        "2.00", kind="rate", unit="%", decimals=2, indicator_id=indicator.pk, name="技术合同占比"
    )
    world.report("contract_output", world.staff.city, "2026-01..02", 150_000_000)
    world.report("gdp", world.staff.city, "2026-01..02", 10_000_000_000)
    found = actual(goal, until=date(2026, 3, 10))
    assert (found.value, percent(found)) == (D("1.5"), "75.0")


def test_what_waits_says_why(world):
    nothing = world.goal(5, name="没有来源")
    quality = world.goal(None, kind="quality", unit="", demand="出台办法", name="出台办法")
    flawed = world.goal(80, flaw="80 > 60，大 20", name="其中省级")
    world.measure("made", "实施项目", "件")
    world.counter(flawed, "made")
    world.report("made", world.staff.city, "2026-01..02", 40)
    found = actuals([nothing, quality, flawed], until=date(2026, 3, 16))
    assert found[nothing.pk].missing == "没有指定计数来源"
    assert found[quality.pk].waits == "定性任务看佐证"
    assert (found[flawed.pk].value, found[flawed.pk].completion, found[flawed.pk].waits) == (
        40,
        None,
        "原文有误",
    )


def test_as_many_queries_for_thirty_goals_as_for_three(world):
    world.measure("made", "实施项目", "件")
    places = (world.staff.county, world.staff.other, world.own)
    for place in places:
        world.report("made", place, "2026-01..02", 7)
        world.patent(f"P-{place.pk}", "2026-01-20", region=place)
    document = world.document()
    goals = []
    for at in range(30):
        goal = world.goal(10, name=f"任务{at}", subject_id=places[at % 3].pk, document=document)
        world.counter(goal, "made")
        world.counter(goal, "登记的专利申请数", '类型 == "发明专利"')
        goals.append(goal)
    actuals(goals[:3], until=date(2026, 2, 28))
    with CaptureQueriesContext(connection) as few:
        actuals(goals[:3], until=date(2026, 2, 28))
    with CaptureQueriesContext(connection) as many:
        found = actuals(goals, until=date(2026, 2, 28))
    assert len(many) == len(few) <= 12
    assert {one.value for one in found.values()} == {D(8)}


def test_the_stretch_of_a_year_that_has_passed():
    day = {"whole_months": False}
    assert period_of(2026, date(2026, 3, 15), **day).code == "2026-03-15"
    whole = {"whole_months": True}
    assert period_of(2026, date(2026, 3, 15), **whole).code == "2026-01..02"
    assert period_of(2026, date(2026, 3, 31), **whole).code == "2026Q1"
    assert period_of(2026, date(2026, 12, 31), **whole).code == "2026"
    assert period_of(2026, date(2026, 1, 30), **whole) is None
    assert period_of(2026, date(2027, 1, 30), **whole).code == "2026"
    assert period_of(2026, date(2025, 12, 30), **whole) is None


def test_a_goal_read_as_of_a_revision_keeps_the_counters_of_then(world):
    world.measure("made", "实施项目", "件")
    world.report("made", world.staff.city, "2026-01..02", 7)
    goal = world.goal(10)
    bare = moments.latest()
    world.counter(goal, "made")
    then = Goal.as_of(bare, [goal.pk])[0]
    assert actual(then, until=date(2026, 2, 28), revision=bare).missing == "没有指定计数来源"
    assert actual(goal, until=date(2026, 2, 28)).value == 7
