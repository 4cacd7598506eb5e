"""Orders as a register: what every register keeps, and what this one counts."""

import io
from datetime import date

import pytest

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Account, Unit
from keshu.duties.issuing import Origin, issue_order
from keshu.duties.models import Order
from keshu.duties.moving import advance
from keshu.duties.tallying import tallies
from keshu.figures import counting
from keshu.figures.tracing import trace
from keshu.journal.writing import writing
from keshu.ledger.evidence import attach
from keshu.terms import clock
from keshu.terms.period import Period
from tests.duties.room import PDF, day
from tests.ledger.contract import People, RegisterContract


class TestOrders(RegisterContract):
    """An order is its holder's; the county bureau of another county does not see it."""

    code = "orders"
    owner_roles = (Role.COUNTY_HEAD,)
    stranger_roles = (Role.COUNTY_HEAD,)
    step = ("sign", "owner")
    measure = "orders_closed"

    @pytest.fixture
    def people(self, staff):
        with writing(staff.actor, "两个县局"):
            staff.hire("c_owner", staff.county_bureau, *self.owner_roles)
            staff.hire("c_colleague", staff.county_bureau, Role.COUNTY_REVIEWER)
            staff.hire("c_stranger", staff.other_bureau, *self.stranger_roles)
            staff.hire("c_other_county", staff.other_bureau, Role.COUNTY_FILLER)
        names = ("owner", "colleague", "stranger", "other_county")
        return People(
            staff,
            {name: f"c_{name}" for name in names}
            | {"office": "office", "planning": "planning", "admin": "system_admin"},
        )

    def make(self, owner: Actor, world: None, n: int = 1) -> Order:
        issuer = actor_of(Account.objects.get(username="planning"))
        return issue_order(
            actor=issuer,
            what=f"补登技术合同 {n}",
            holder=Unit.objects.get(pk=owner.unit_id),
            due_on=date(2026, 12, 31),
            origin=Origin("minutes", f"minutes|1|{n}", "第 1 次调度会议定"),
        )

    def make_counted(self, owner: Actor, world: None) -> Order:
        order = advance(self.make(owner, world, 9), "sign", owner)
        attach(order, owner, io.BytesIO(PDF), "登记证明.pdf", caption="登记证明")
        order = advance(order, "report", owner, given={"said": "已登记"})
        watcher = actor_of(Account.objects.get(username="inspector"))
        order = advance(order, "verify", watcher, given={"way": "papers", "finding": "齐"})
        return advance(order, "close", watcher)


@pytest.mark.django_db
def test_what_the_circular_counts_is_what_happened(room):
    """Three issued to 望岭县: one closed in time, one closed late, one open and late; one to 岚川县, not due yet.
    In time 1 of 2 closed = 50 %."""
    for n, due in enumerate((date(2026, 10, 20), date(2026, 10, 20), date(2026, 10, 25)), 1):
        room.issue(origin=Origin("minutes", f"minutes|1|{n}", "调度会"), due_on=due)
    room.issue(holder=room.staff.other_bureau)
    first, second, *_ = Order.objects.for_system("测试").order_by("pk")
    room.closed(first)
    with clock.pretend(day(10, 22)):
        room.closed(second)
    with clock.pretend(day(10, 28)):
        (mine, other), total = tallies(room.actors["planning"], date(2026, 10, 1), date(2026, 10, 31))
        own, _ = tallies(room.actors["other_head"], date(2026, 10, 1), date(2026, 10, 31))
    assert mine.counts == {"issued": 3, "due": 3, "closed": 2, "in_time": 1, "late": 1}
    assert (mine.share * 100, other.share) == (50, None)
    assert other.counts == {"issued": 1, "due": 1, "closed": 0, "in_time": 0, "late": 0}
    assert total.counts["issued"] == 4 and [row.name for row in own] == [room.staff.other_bureau.name]


@pytest.mark.django_db
def test_the_measures_follow_an_order_through_its_life(room):
    """Issued in October, due on the 31st, closed late on 5 November: open at the end of October, overdue at no end of a month."""
    order = room.issue()
    with clock.pretend(day(11, 5)):
        room.closed(order)
    held = {
        (code, month): trace(code, "991001", Period.month(2026, month)).value
        for code in (
            "orders_issued",
            "orders_open",
            "orders_overdue",
            "orders_closed",
            "orders_closed_in_time",
        )
        for month in (10, 11)
    }
    assert held["orders_issued", 10] == 1 and held["orders_open", 10] == 1 and held["orders_open", 11] == 0
    assert held["orders_overdue", 10] == 0 and held["orders_overdue", 11] == 0
    assert held["orders_closed", 11] == 1 and not held["orders_closed_in_time", 11]
    assert counting.differing()[1] == []


@pytest.mark.django_db
def test_a_cancelled_order_counts_nowhere(room):
    order = room.issue()
    assert trace("orders_issued", "991001", Period.month(2026, 10)).value == 1
    room.step(order, "cancel", "planning", "下错了")
    assert trace("orders_issued", "991001", Period.month(2026, 10)).value == 0
    assert counting.differing()[1] == []
