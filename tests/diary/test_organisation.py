"""One organisation's file: names, counts with sums, the time line over all registers, files; in scope, in constant queries."""

import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.diary.organisation import (
    TimeLine,
    counts,
    evidence_of_unit,
    former_names,
    opens_to,
    units_open_to,
)
from keshu.journal.writing import writing
from keshu.ledger.evidence import attach
from keshu.programmes.moving import advance
from keshu.terms import clock
from tests.diary.world import day

pytestmark = pytest.mark.django_db


def test_itself_its_county_and_the_bureau_open_a_file(world):
    north = world.units["north"]
    opened = {who for who, actor in world.actors.items() if opens_to(actor, north)}
    assert opened == {"north", "county_head", "office", "leader", "planning"}
    for actor in world.actors.values():
        assert (north in units_open_to(actor)) is opens_to(actor, north)


def test_former_names_come_from_the_history_with_their_last_day(world):
    unit = world.units["north"]
    for when, name in ((day(10, 1), "北岭隔膜有限公司"), (day(11, 2), "北岭新能源股份有限公司")):
        with clock.pretend(when), writing(world.staff.actor, "更名"):
            unit.name = name
            unit.save()
    assert [(one.name, one.until) for one in former_names(unit)] == [
        ("北岭隔膜有限公司", day(11, 2)),
        ("北岭新材料有限公司", day(10, 1)),
    ]
    assert former_names(world.units["south"]) == []


def test_counts_and_sums_leave_out_what_was_revoked(world):
    world.project("一")
    world.project("二", state="passed")
    world.project("撤销的", state="revoked")
    world.project("别家的", of="south")
    (held,) = counts(world.actors["office"], world.units["north"])
    assert (held.count, held.struck) == (3, 1)
    assert dict(held.sums)["立项（万元）"] == Decimal("400000.00")
    assert counts(world.actors["south"], world.units["north"]) == []


def test_the_time_line_has_every_step_and_every_date_newest_first_and_nothing_to_come(world):
    row = world.project(
        "隔膜",
        approved_on=day(6, 1, 2025),
        starts_on=day(7, 1, 2025),
        ends_on=day(9, 1),
        accept_by=day(12, 1),
    )
    advance(
        row,
        "terminate",
        world.actors["office"],
        note="青科发〔2026〕40号 终止",
        given={"spent": Decimal("0.00")},
    )
    line = TimeLine(world.actors["north"], world.units["north"])
    events = line[0:20]
    # The day of the step itself (结束日期) is the step's: it is not told twice.
    assert [(event.day, event.what) for event in events[-3:]] == [
        (day(9, 1), "执行止"),
        (day(7, 1, 2025), "执行起"),
        (day(6, 1, 2025), "立项日期"),
    ]
    assert events[0].day == clock.today() and events[0].who == world.actors["office"].name
    assert len(events) == 4 and line.years == {2025, 2026}
    assert [
        event.what for event in TimeLine(world.actors["north"], world.units["north"], year=2025)[0:9]
    ] == [
        "执行起",
        "立项日期",
    ]
    assert len(TimeLine(world.actors["north"], world.units["north"], register="other")) == 0
    assert len(TimeLine(world.actors["south"], world.units["north"])) == 0


def test_files_behind_the_records(world):
    row = world.project("隔膜")
    attach(row, world.actors["north"], io.BytesIO(b"%PDF-1.4\n%%EOF"), "任务书.pdf", caption="任务书")
    (proof,) = evidence_of_unit(world.actors["county_head"], world.units["north"])
    assert (proof.evidence.name, proof.pk) == ("任务书.pdf", row.pk)
    assert evidence_of_unit(world.actors["south"], world.units["north"]) == []


def test_one_record_and_three_cost_the_same_queries(world):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            actor, unit = world.actors["office"], world.units["north"]
            (
                counts(actor, unit),
                TimeLine(actor, unit)[0:30],
                evidence_of_unit(actor, unit),
                former_names(unit),
            )
        return len(seen)

    world.project("一", approved_on=day(6, 1, 2025))
    one = queries()
    world.project("二", approved_on=day(6, 2, 2025))
    world.project("三", approved_on=day(6, 3, 2025), starts_on=day(7, 1, 2025))
    assert queries() == one
