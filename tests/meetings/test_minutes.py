"""During the meeting and after it: notes kept as typed, agreed items with holder and date, orders made of them once."""

import io
import threading
from datetime import date

import pytest
from django.db import close_old_connections

from keshu.duties.issuing import DueInThePast
from keshu.duties.models import Order
from keshu.duties.moving import advance as step
from keshu.journal import moments
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import attach
from keshu.meetings import minutes
from keshu.meetings.models import AgreedItem, Attendee
from keshu.meetings.moving import advance
from keshu.meetings.noting import NoSuchNote, note, notes_of
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from tests.meetings.world import MEETING

pytestmark = pytest.mark.django_db
KEY = "contract_gdp:991001"


def test_notes_take_no_revision_while_typed_and_enter_the_history_at_the_end(house):
    meeting, planning = house.notified(KEY), house.actor("planning")
    with clock.pretend(MEETING):
        meeting = advance(meeting, "open", planning)
        row = Attendee.objects.get(meeting=meeting, unit=house.staff.county_bureau)
        request = house.request(meeting, KEY)
        before = moments.latest()
        for text in ("农机所", "农机所答应回县登记"):
            note(planning, meeting, f"item-{request.pk}", text)
        note(house.actor("leader"), meeting, f"unit-{row.pk}", "四季度追上")  # who chairs may note too
        note(planning, meeting, f"came-{row.pk}", "yes")
        assert moments.latest() == before
        assert notes_of(meeting)[f"item-{request.pk}"] == "农机所答应回县登记"
        advance(meeting, "close", house.actor("leader"))
    row.refresh_from_db()
    assert (row.said, row.came) == ("四季度追上", "yes")
    assert house.request(meeting, KEY).noted == "农机所答应回县登记"
    assert not Draft.objects.for_system("测试").exists()


def test_a_note_names_something_of_this_meeting_while_it_sits(house):
    meeting, planning = house.notified(KEY), house.actor("planning")
    with pytest.raises(NoSuchNote, match="会上记录只在开会时写"):
        note(planning, meeting, "unit-1", "x")
    with clock.pretend(MEETING):
        meeting = advance(meeting, "open", planning)
        for name in ("unit-999999", "title", ""):
            with pytest.raises(NoSuchNote):
                note(planning, meeting, name, "x")
        with pytest.raises(NotYourTurn):
            note(house.actor("office"), meeting, "unit-1", "x")


def test_a_meeting_does_not_begin_before_its_day(house):
    with pytest.raises(MoveRefused, match="开会日期 2026-10-14 还没有到"):
        advance(house.notified(), "open", house.actor("planning"))


def test_an_item_without_holder_or_date_is_refused(house):
    meeting, planning = house.drafting(), house.actor("planning")
    holder, day = house.staff.county_bureau, date(2026, 11, 30)
    for more, error, why in (
        ({"holder": None, "due_on": day}, minutes.NoHolder, "没有承办单位"),
        ({"holder": holder, "due_on": None}, minutes.NoDate, "没有完成时限"),
        ({"holder": holder, "due_on": date(2026, 10, 13)}, minutes.NoDate, "早于开会 2026-10-14"),
    ):
        with pytest.raises(error, match=why):
            minutes.keep_item(planning, meeting, text="核清外流合同", **more)
    with pytest.raises(MoveRefused, match="议定了什么没有写"):
        minutes.keep_item(planning, meeting, text=" ", holder=holder, due_on=day)
    assert not AgreedItem.objects.exists()


def test_items_are_changed_moved_and_struck_until_the_minutes_are_issued(house):
    meeting, planning = house.drafting(), house.actor("planning")
    first = house.agree(meeting, helpers=[house.office, house.staff.county_bureau])
    second = house.agree(meeting, "拨付到序时进度", "other_bureau")
    assert [row.unit.name for row in first.helpers.all()] == ["成果转化科"]  # its holder does not help itself
    minutes.move_item(planning, second, up=True)
    assert [item.text for item in minutes.items_of(meeting)] == ["拨付到序时进度", "核清外流合同"]
    minutes.strike_item(planning, first)
    house.agree(meeting, "拨付到八成", "other_bureau", item=second)
    advance(meeting, "issue", planning)
    assert [item.text for item in minutes.items_of(meeting)] == ["拨付到八成"]
    meeting.refresh_from_db()
    with pytest.raises(MoveRefused, match="这一处不能再改"):
        minutes.strike_item(planning, AgreedItem.objects.select_related("meeting").get(meeting=meeting))


def test_minutes_without_an_agreed_item_are_not_issued(house):
    with pytest.raises(MoveRefused, match="还没有议定事项"):
        advance(house.drafting(), "issue", house.actor("planning"))


def test_one_button_makes_an_order_of_every_item_and_pressed_again_no_second_one(house):
    meeting, planning = house.drafting(), house.actor("planning")
    house.agree(meeting)
    with pytest.raises(minutes.NotIssued, match="还没有印发"):
        minutes.issue_orders(planning, meeting)
    house.agree(meeting, "拨付到序时进度", "other_bureau", helpers=[house.office])
    meeting = advance(meeting, "issue", planning, given={"minutes_no": "青科会纪〔2026〕4号"})
    done = minutes.issue_orders(planning, meeting)
    assert [(o.unit.name, o.what, o.due_on.isoformat()) for o in done.made] == [
        ("望岭县科学技术局", "核清外流合同", "2026-11-30"),
        ("岚川县科学技术局", "拨付到序时进度", "2026-11-30"),
    ]
    item = minutes.items_of(meeting)[1]
    assert done.made[1].origin_ref == f"minutes|{meeting.pk}|{item.pk}"
    assert done.made[1].origin_said == "2026年三季度强科技行动调度会纪要第 2 项（青科会纪〔2026〕4号）"
    assert [row.unit.name for row in done.made[1].helpers.all()] == ["成果转化科"]
    again = minutes.issue_orders(house.actor("leader"), meeting)
    assert (again.made, [o.pk for o in again.held]) == ((), [o.pk for o in done.made])
    assert Order.objects.for_system("测试").count() == 2


def test_an_item_whose_day_has_passed_stops_all_and_is_named(house):
    meeting = house.issued()
    passed = r"第 2 项“拨付到序时进度”：完成时限 2026-10-31 已经过去.*一项也没有下达"
    with clock.pretend(MEETING.replace(month=11)), pytest.raises(DueInThePast, match=passed):
        minutes.issue_orders(house.actor("planning"), meeting)
    assert not Order.objects.for_system("测试").exists()


def test_the_next_meeting_opens_with_what_became_of_the_last_one(house):
    first = house.issued()
    with clock.pretend(MEETING):
        minutes.issue_orders(house.actor("planning"), first)
    closed = Order.objects.for_system("测试").get(unit=house.staff.county_bureau)
    with clock.pretend(MEETING.replace(month=11, day=10)):
        following = house.meeting(title="四季度调度会", held="2026-11-12T09:00", answer_by="2026-11-10")
        assert following.previous == first
        taken = moments.latest()
        assert [(s.item.order, s.word, s.days_late) for s in minutes.carried_over(following)] == [
            (1, "在办", 0),
            (2, "超期", 10),  # due on 31 October
        ]
        _close(house, closed)
        assert [s.word for s in minutes.carried_over(following)] == ["已销号", "超期"]
        assert [s.word for s in minutes.carried_over(following, revision=taken)] == ["在办", "超期"]
        assert [s.item.order for s in minutes.carried_over(following, holder=house.staff.other_bureau)] == [2]


def test_a_meeting_prepared_before_the_last_minutes_were_issued_opens_with_them_too(house):
    first = house.drafting()
    with clock.pretend(MEETING):
        following = house.meeting(title="四季度调度会", held="2026-11-12T09:00", answer_by="2026-11-10")
        assert following.previous is None
        house.agree(first)
        advance(first, "issue", house.actor("planning"))
        following.refresh_from_db()
        assert [s.item.text for s in minutes.carried_over(following)] == ["核清外流合同"]


def _close(house, order):
    """The whole way of an order to its writing off."""
    county = house.actor("county_head")
    order = step(order, "sign", county)
    attach(order, county, io.BytesIO("清单\n".encode()), "清单.txt", caption="佐证")
    order = step(order, "report", county, given={"said": "办好了"})
    order = step(order, "verify", house.actor("inspector"), given={"way": "papers", "finding": "属实"})
    return step(order, "close", house.actor("planning"))


@pytest.mark.django_db(transaction=True)
def test_two_who_press_the_button_at_once_make_one_order_per_item(house):
    meeting = house.issued()
    done, actor = [], house.actor("planning")

    def press():
        try:
            with clock.pretend(MEETING):
                done.append(len(minutes.issue_orders(actor, meeting).made))
        finally:
            close_old_connections()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 2]
    assert Order.objects.for_system("测试").count() == 2
