"""Stock and flow as filters find exactly what the contributions of the records say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshu.journal.writing import writing
from keshu.ledger.registers import Register, RegisterMeasure, by_code
from keshu.ledger.standing import counted, standing
from keshu.programmes.models import Application, Call
from keshu.terms import clock

DAY = date(2026, 6, 15)
FLOW = RegisterMeasure("t_flow", "立项", "项", condition="year >= 2020", date="approved_on")
MONEY = RegisterMeasure("t_money", "经费", "元", field="granted", date="approved_on", decimals=2)
STOCK = RegisterMeasure(
    "t_stock",
    "在研",
    "项",
    condition="year >= 2020",
    nature="stock",
    date="approved_on",
    until="ends_on",
    leaves="closed_on",
)


@pytest.fixture
def register():
    held = by_code("programmes")
    return Register("t", "试", held.model, held.columns, measures=(FLOW, MONEY, STOCK))


days = st.none() | st.integers(-400, 400).map(lambda n: DAY + timedelta(days=n))
rows = st.tuples(
    days, days, days, st.sampled_from([2019, 2026]), st.integers(1, 4), st.none() | st.just(Decimal(7))
)


def inside(measure, row, day):
    """Whether a record is there at the end of a day, by the words of the rule: entered, not over, not left."""
    approved, ends, closed, year, _, _ = row
    if approved is None or approved > day or year < 2020:
        return False
    return not (ends is not None and ends < day) and not (closed is not None and closed <= day)


@pytest.mark.django_db
# Each example empties the register itself.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(rows, min_size=1, max_size=5))
def test_the_filter_is_the_rule_and_the_sums_are_those_of_its_rows(staff_of_one, register, many):
    staff, call = staff_of_one
    Application._base_manager.all()._raw_delete("default")
    made = [
        Application(
            call=call, region=staff.county, state="approved", title=str(n), year=row[3], level="city",
            field="industry", approved_on=row[0], ends_on=row[1], closed_on=row[2], items=row[4], granted=row[5],
        )
        for n, row in enumerate(many)
    ]  # fmt: skip
    Application._base_manager.bulk_create(made)
    found = Application.objects.for_system("测试").filter(counted(register, STOCK, until=DAY))
    expected = {str(n) for n, row in enumerate(many) if inside(STOCK, row, DAY)}
    assert {one.title for one in found} == expected
    by_measure = {
        one.measure.code: one for one in standing(register, Application.objects.for_system("测试"), DAY)
    }
    january = date(2026, 1, 1)
    assert by_measure["t_stock"].held == sum(row[4] for row in many if inside(STOCK, row, DAY))
    assert by_measure["t_stock"].new == sum(
        row[4] for row in many if inside(STOCK, row, DAY) and row[0] >= january
    )
    this_year = [row for row in many if row[0] is not None and january <= row[0] <= DAY]
    assert by_measure["t_flow"].held == sum(row[4] for row in this_year if row[3] >= 2020)
    assert by_measure["t_money"].held == sum(row[5] for row in this_year if row[5] is not None)


@pytest.fixture
def staff_of_one(staff):
    with writing(staff.actor, "发通知"):
        call = Call(
            name="试",
            year=2026,
            opens_at=clock.now(),
            apply_until=clock.now() + timedelta(days=1),
            recommend_until=clock.now() + timedelta(days=2),
        )
        call.save()
    return staff, call


@pytest.mark.django_db
def test_at_the_end_of_a_month_the_day_agrees_with_the_month_of_the_cube(staff_of_one, register):
    """Stocks by month: entries less exits up to June. A record valid until 30 June leaves on 1 July: in June it is there."""
    staff, call = staff_of_one
    last = date(2026, 6, 30)
    ends = [None, date(2026, 6, 29), last, date(2026, 7, 1)]
    made = [
        Application(
            call=call, region=staff.county, state="approved", title=str(n), year=2026, level="city",
            field="industry", approved_on=date(2026, 3, 1), ends_on=end,
        )
        for n, end in enumerate(ends)
    ]  # fmt: skip
    by_month = sum(
        one.amount
        for row in made
        for one in register.contributions(row)
        if one.measure == "t_stock" and one.period <= "2026-06"
    )
    Application._base_manager.bulk_create(made)
    by_day = standing(register, Application.objects.for_system("测试"), last)[2].held
    # 29 June is over on the 30th; month-wise it leaves in June as well: three remain either way.
    assert by_day == by_month == 3
