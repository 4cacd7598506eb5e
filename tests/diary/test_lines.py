"""Lines of business switched off: absent for the year, refused for new records, readable for ever; switching is on record."""

import pytest

from keshu.diary.due import due, urgent_count
from keshu.diary.lines import LineOff, in_use, off_in, registers_in_use, switch_off, switch_on
from keshu.journal.models import HistoryRow, Revision
from keshu.ledger.registers import by_code
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Application
from keshu.terms import clock
from tests.diary.world import day

pytestmark = pytest.mark.django_db


def off(world, **more):
    values = {"first_year": 2026, "last_year": 2026, "reason": "机构改革划出", **more}
    return switch_off(world.actors["office"], "programmes", **values)


def test_a_line_is_absent_in_its_years_and_in_use_before_and_after(world):
    off(world)
    assert ["programmes" in in_use(year) for year in (2025, 2026, 2027)] == [True, False, True]
    assert "programmes" not in {register.code for register in registers_in_use(2026, world.actors["north"])}
    switch_off(
        world.actors["office"], "programmes", first_year=2030, reason="另行安排"
    )  # until further notice
    assert "programmes" not in in_use(2031) and "programmes" in in_use(2029)


def test_records_stay_and_nothing_new_comes_in(world):
    row = world.project("隔膜", accept_by=day(10, 10))
    off(world)
    register = by_code("programmes")
    assert list(register.rows(world.actors["north"])) == [row]
    with pytest.raises(LineOff, match=r"机构改革划出.*原来的照样能看"):
        world.project("新的")
    assert Application.objects.for_system("测试").count() == 1
    # What counts on a day of another year is that year's business.
    world.project("去年的补登", counts_on=day(12, 1, 2025))


def test_the_calendar_of_the_year_is_without_it_and_other_years_stay(world):
    world.project("今年", accept_by=day(10, 10))
    world.project("去年", accept_by=day(12, 1, 2025))
    world.project("明年", accept_by=day(3, 1, 2027))
    off(world)

    def seen(who):
        found = due(world.actors[who], None, day(12, 31, 2027))
        return {item.title for item in found if item.source == "programmes"}

    assert seen("north") == seen("office") == {"去年", "明年"}
    # The badge still counts last year's, and the call's window.
    assert urgent_count(world.actors["north"]) == 2


def test_off_in_one_county_is_that_countys_alone(world):
    world.project("北", accept_by=day(10, 10))
    world.project("南", of="south", accept_by=day(10, 10))
    off(world, region=world.staff.county)
    assert off_in(2026, world.actors["north"]) == off_in(2026, world.actors["county_head"]) == {"programmes"}
    assert off_in(2026, world.actors["south"]) == off_in(2026, world.actors["office"]) == frozenset()
    found = due(world.actors["office"], None, day(12, 31))
    assert {item.title for item in found if item.source == "programmes"} == {"南"}
    with pytest.raises(LineOff):
        world.project("北二")
    world.project("南二", of="south")


def test_switching_is_an_act_with_a_reason_by_who_keeps_the_ledgers(world):
    for who in ("north", "leader", "county_head"):
        with pytest.raises(NotYourTurn):
            switch_off(world.actors[who], "programmes", first_year=2026, reason="x")
    for wrong in ({"reason": " "}, {"last_year": 2025}, {"first_year": 26}):
        with pytest.raises(MoveRefused):
            off(world, **wrong)
    with pytest.raises(MoveRefused, match="没有台账"):
        switch_off(world.actors["office"], "nonsense", first_year=2026, reason="x")
    line = off(world)
    with pytest.raises(MoveRefused, match="已经停用"):
        off(world, first_year=2020, last_year=None)
    assert Revision.objects.latest("number").reason == "停用 科技计划项目"
    switch_on(line, world.actors["planning"], "恢复受理")
    assert "programmes" in in_use(2026)
    with pytest.raises(MoveRefused, match="启用"):
        switch_on(line, world.actors["planning"], "再来一次")
    assert HistoryRow.objects.filter(model="diary.Line", object_pk=line.pk).count() == 2
    world.project("又能办了")


def test_today_is_the_year_of_what_has_no_date_yet(world):
    off(world)
    with clock.pretend(day(1, 4, 2027)):
        world.project("明年申报的")
