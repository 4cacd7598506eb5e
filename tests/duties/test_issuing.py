"""What may be ordered of whom."""

from datetime import date

import pytest

from keshu.directory.actors import Role
from keshu.duties.issuing import (
    AlreadyOrdered,
    DueInThePast,
    FigureSettled,
    NotYours,
    OrderRefused,
    Origin,
    open_orders,
)
from keshu.duties.models import Order
from keshu.journal.writing import writing
from keshu.ledger.classified import Classified
from tests.duties.room import LAMP

pytestmark = pytest.mark.django_db


def test_an_order_says_who_asked_what_of_whom_by_when(room):
    order = room.issue(helpers=[room.transfer_office], urgent=True)
    assert (order.number, order.state, order.unit_id) == (
        "DB2026-0001",
        "issued",
        room.staff.county_bureau.pk,
    )
    assert (order.due_on, order.first_due_on, order.issued_on) == (
        date(2026, 10, 31),
        date(2026, 10, 31),
        date(2026, 10, 12),
    )
    assert order.sign_by.isoformat() == "2026-10-13T09:00:00+08:00"  # 24 hours later: the system's default
    assert [helper.unit_id for helper in order.helpers.all()] == [room.transfer_office.pk]
    # Each end of a month is a day of feedback; 31 October is the deadline itself, so none is due on the way.
    assert order.feedback_due_on is None
    assert room.issue(
        origin=Origin("lamp", "x", "另一处"), due_on=date(2026, 12, 20)
    ).feedback_due_on == date(2026, 10, 31)


def test_no_order_stands_on_a_figure_that_is_settled(room):
    settled = Origin("lamp", "dispatch|index|stpi|991001|2025", "科技进步指数 2025 年", settled=True)
    with pytest.raises(FigureSettled, match="先行指标"):
        room.issue(origin=settled)
    assert not Order.objects.for_system("测试").exists()


def test_the_same_matter_is_not_ordered_twice_while_it_is_open(room):
    first = room.issue()
    with pytest.raises(AlreadyOrdered, match=first.number) as refusal:
        room.issue("inspector")
    assert refusal.value.order.pk == first.pk
    assert room.issue(holder=room.staff.other_bureau).number == "DB2026-0002"  # another holder
    room.step(first, "cancel", "planning", "重复下达")
    assert room.issue().number == "DB2026-0003"


def test_who_may_order_and_of_whom(room):
    for who in ("office", "county_head", "applicant"):
        with pytest.raises(NotYours, match="不能下达督办单"):
            room.issue(who)
    with writing(room.staff.actor, "企业和外市"):
        firm = room.staff.unit("91-F", "望岭机械公司", room.staff.county)
        room.staff.hire("firm", firm, Role.APPLICANT)
        province = room.staff.unit("P-KJ", "省科学技术厅", room.staff.city.parent)
    with pytest.raises(NotYours, match="望岭机械公司 没有能办督办的人"):
        room.issue(holder=firm)
    with pytest.raises(NotYours, match="不归本局督办"):
        room.issue(holder=province)
    with pytest.raises(NotYours):
        room.issue(helpers=[firm])


def test_what_is_missing_late_or_classified_is_refused_with_what_to_do(room):
    with pytest.raises(DueInThePast, match="2026-10-11 已经过去，今天是 2026-10-12"):
        room.issue(due_on=date(2026, 10, 11))
    with pytest.raises(OrderRefused, match="督办事项没有写"):
        room.issue(what="  ")
    with pytest.raises(OrderRefused, match="写了 201 字，最多 200 字"):
        room.issue(what="补" * 201)
    with pytest.raises(OrderRefused, match="来源没有写"):
        room.issue(origin=Origin("lamp", "x", " "))
    with pytest.raises(Classified):
        room.issue(requirement="见机密★10年的文件")


def test_open_orders_of_one_place(room):
    here, there = room.issue(), room.issue(origin=Origin("minutes", "minutes|3|7", "调度会第 3 次"))
    assert list(open_orders(room.actors["planning"], ref_prefix="minutes|3|")) == [there]
    assert list(open_orders(room.actors["county_head"])) == [here, there]
    assert list(open_orders(room.actors["other_head"])) == []
    assert LAMP.ref == here.origin_ref
