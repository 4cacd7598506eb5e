"""Deadlines that move, lamps of three cities, and the rise of an order that nobody answers."""

from datetime import date

import pytest

from keshu.diary.models import Reminder
from keshu.diary.preparing import prepare
from keshu.directory.actors import system
from keshu.duties.handling import ExtensionRefused
from keshu.duties.issuing import Origin
from keshu.duties.lateness import lighting, overdue_days, overdue_in_all
from keshu.duties.models import Escalation, Order
from keshu.duties.ruled import feedback_after, first_feedback, missed
from keshu.journal.writing import writing
from keshu.procedure.moving import NotYourTurn
from keshu.rules.models import Rule
from keshu.terms import clock
from tests.duties.room import day

pytestmark = pytest.mark.django_db


def test_an_extension_is_the_issuer_s_to_grant_and_keeps_the_days_overdue(room):
    """Due 2026-10-31, asked on 2026-11-05 (5 days late), decided on 2026-11-09, granted to 2026-11-30, closed 2026-12-02 (2 more)."""
    order = room.step(room.issue(), "sign", "county_filler")
    with clock.pretend(day(11, 5)):
        order = room.step(order, "ask_extension", "county_head", "合同方盖章慢", until=date(2026, 11, 30))
        assert (order.state, order.due_on) == ("extending", date(2026, 10, 31))
        with pytest.raises(NotYourTurn):
            room.step(order, "grant", "county_head")
        with pytest.raises(NotYourTurn):
            room.step(order, "grant", "watcher")  # another office did not issue it
    with clock.pretend(day(11, 9)):
        order = room.step(order, "grant", "planning", "同意")
    assert (order.first_due_on, order.due_on, order.extended) == (date(2026, 10, 31), date(2026, 11, 30), 1)
    assert (order.overdue_before, overdue_days(order, date(2026, 11, 20))) == (5, 0)
    (asked,) = order.extensions.all()
    assert (asked.granted, asked.overdue, asked.due_before) == (True, 5, date(2026, 10, 31))
    with clock.pretend(day(12, 2)):
        room.prove(order)
        order = room.step(order, "report", "county_head", said="12 份已登记")
        order = room.step(order, "verify", "watcher", way="papers", finding="齐")
    with clock.pretend(day(12, 9)):
        order = room.step(order, "close", "watcher")  # a week of verifying is not the holder's delay
    assert (overdue_in_all(order, date(2026, 12, 9)), order.outcome) == (7, "late")


def test_in_time_after_an_extension_is_written_so(room):
    order = room.step(room.issue(), "sign", "county_filler")
    order = room.step(order, "ask_extension", "county_head", "等盖章", until=date(2026, 11, 30))
    order = room.step(order, "grant", "planning")
    with clock.pretend(day(11, 20)):
        room.prove(order)
        order = room.step(order, "report", "county_head", said="办好")
        order = room.step(order, "verify", "watcher", way="papers", finding="齐")
        assert room.step(order, "close", "watcher").outcome == "extended"


def test_extensions_are_limited_by_the_dated_rule(room):
    order = room.step(room.issue(), "sign", "county_filler")
    for until in (date(2026, 10, 31), date(2026, 10, 1), date(2027, 1, 30)):  # not later; 91 days
        with pytest.raises(ExtensionRefused, match=str(until)):
            room.step(order, "ask_extension", "county_head", "慢", until=until)
    for until in (date(2026, 11, 30), date(2026, 12, 31)):
        order = room.step(order, "ask_extension", "county_head", "慢", until=until)
        order = room.step(order, "grant", "planning")
    with pytest.raises(ExtensionRefused, match="已延期 2 次，按规则最多 2 次"):
        room.step(order, "ask_extension", "county_head", "还慢", until=date(2027, 1, 15))


def test_a_refused_extension_leaves_the_deadline(room):
    order = room.step(room.issue(), "sign", "county_filler")
    order = room.step(order, "ask_extension", "county_head", "慢", until=date(2026, 11, 30))
    order = room.step(order, "deny", "planning", "年内要办完")
    assert (order.state, order.due_on, order.extended) == ("working", date(2026, 10, 31), 0)
    assert order.extensions.get().granted is False


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("yichang", ("临近时限", "落后", "落后", "落后")),
        ("suqian", ("临近办结", "逾期", "逾期", "逾期")),
        ("sanming", ("未发单", "蓝色督查单", "橙色督查单", "红色督查单")),
    ],
)
def test_one_order_under_three_lamp_sets_gives_three_colourings(room, code, words):
    """Due 2026-10-31: seen 5 days before, 1, 10 and 30 days after."""
    with writing(room.staff.actor, "换灯"):
        rule = Rule.objects.get(code="order-escalation")
        rule.data = {**rule.data, "lamps": code}
        rule.save()
    order = room.issue()
    days = (date(2026, 10, 26), date(2026, 11, 1), date(2026, 11, 10), date(2026, 11, 30))
    assert tuple(lighting(on).lamp(order).word for on in days) == words


def test_an_urgent_order_is_lit_one_band_higher_where_the_set_says_so(room):
    with writing(room.staff.actor, "换灯"):
        rule = Rule.objects.get(code="order-escalation")
        rule.data = {**rule.data, "lamps": "sanming"}
        rule.save()
    order = room.issue(urgent=True)
    assert lighting(date(2026, 11, 1)).lamp(order).word == "橙色督查单"


def test_days_of_feedback():
    """2026-10-12 is a Monday; its Friday is the 16th. A quarter ends on 31 December, also across a year."""
    assert feedback_after("week", date(2026, 10, 12)) == date(2026, 10, 16)
    assert feedback_after("week", date(2026, 10, 16)) == date(2026, 10, 23)
    assert feedback_after("month", date(2026, 12, 31)) == date(2027, 1, 31)
    assert feedback_after("month", date(2028, 1, 31)) == date(2028, 2, 29)
    assert feedback_after("quarter", date(2026, 11, 3)) == date(2026, 12, 31)
    assert feedback_after("none", date(2026, 11, 3)) is None
    assert first_feedback("month", date(2026, 10, 12), date(2026, 10, 20)) is None
    assert missed("month", date(2026, 10, 31), date(2026, 12, 1)) == (date(2026, 10, 31), date(2026, 11, 30))


def test_progress_answers_the_period_it_falls_in(room):
    order = room.step(room.issue(due_on=date(2027, 3, 31)), "sign", "county_filler")
    assert order.feedback_due_on == date(2026, 10, 31)
    with clock.pretend(day(12, 3)):  # October and November were missed; December is answered early
        order = room.step(order, "progress", "county_filler", said="签了 3 份", wanted="请财政局协调")
    assert (order.state, order.feedback_due_on) == ("working", date(2027, 1, 31))
    (told,) = order.feedback.all()
    assert (told.on, told.final, told.wanted) == (date(2026, 12, 3), False, "请财政局协调")


def _morning(month: int, number: int, year: int = 2026) -> int:
    with clock.pretend(day(month, number, 7, year)):
        return prepare(system("每日生成提醒")).made


def test_a_rise_is_announced_then_happens_once_and_the_right_offices_are_told(room):
    """Path by default: 1, 10, 30 days; announced 3 days before. Due 2026-10-31, so level 2 comes on 2026-11-10."""
    order = room.issue(holder=room.transfer_office, leader=None)
    rises = Escalation.objects.filter(order=order, cause="overdue").order_by("pk")
    _morning(10, 29)  # 1 November is 3 days away
    (first,) = rises
    assert (first.level, first.announced_on, first.takes_effect_on, first.reached_on) == (
        1,
        date(2026, 10, 29),
        date(2026, 11, 1),
        None,
    )
    assert "2026-11-01 起超期满 1 天，升为一级督办，告知 成果转化科" in first.said
    _morning(10, 30)
    _morning(11, 1)
    first.refresh_from_db()
    order = Order.objects.for_system("测试").get(pk=order.pk)
    assert (first.reached_on, order.level, rises.count()) == (date(2026, 11, 1), 1, 1)
    _morning(11, 7)
    _morning(11, 10)
    _morning(11, 10)
    second = rises.last()
    assert (second.level, second.announced_on, second.reached_on) == (
        2,
        date(2026, 11, 7),
        date(2026, 11, 10),
    )
    assert "超期 10 天，升为二级督办" in second.said
    assert second.told == "成果转化科、青禾市科学技术局"
    sent = Reminder.objects.for_system("测试").filter(
        subject__startswith="督办升级", subject__contains="10 天"
    )
    assert sorted(sent.values_list("unit__name", flat=True)) == ["成果转化科", "青禾市科学技术局"]
    assert set(sent.values_list("state", flat=True)) == {"prepared"}  # a person reads it before it leaves


def test_two_missed_feedbacks_raise_the_lamp_and_tell_the_office_above(room):
    """Feedback at the ends of October and November is missed; due at the end of March, so nothing is overdue."""
    order = room.step(room.issue(due_on=date(2027, 3, 31)), "sign", "county_filler")
    assert lighting(date(2026, 11, 30)).lamp(order).word == "顺利"
    lit = lighting(date(2026, 12, 1)).lamp(order)
    assert (lit.word, "连续 2 期未反馈" in lit.reason) == ("临近时限", True)
    _morning(11, 28)
    _morning(12, 1)
    _morning(12, 2)
    (rise,) = Escalation.objects.filter(order=order, cause="silent")
    assert (rise.announced_on, rise.reached_on) == (date(2026, 11, 28), date(2026, 12, 1))
    told = Reminder.objects.for_system("测试").filter(subject__contains="连续 2 期没有反馈")
    assert list(told.values_list("unit__name", flat=True)) == ["青禾市科学技术局"]
    with clock.pretend(day(12, 3)):
        order = room.step(order, "progress", "county_filler", said="签了 3 份")
    assert lighting(date(2026, 12, 4)).lamp(order).word == "顺利"


def test_an_order_that_waits_for_verification_does_not_rise(room):
    order = room.reported(room.issue())
    _morning(11, 20)
    assert not Escalation.objects.filter(order=order).exists()
    assert lighting(date(2026, 11, 20)).next_rise(order) is None


def test_what_falls_due_is_reminded_of(room):
    room.issue(origin=Origin("minutes", "minutes|1|1", "调度会"))
    _morning(10, 26)
    reminders = Reminder.objects.for_system("测试").filter(register="orders")
    assert {row.field for row in reminders} >= {"due_on"}
    assert {row.unit_id for row in reminders} == {room.staff.county_bureau.pk}
