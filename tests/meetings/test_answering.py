"""Causes and measures: in two hundred characters, by a date, returned with words, the late ones named."""

import pytest

from keshu.diary.due import due
from keshu.diary.models import Reminder
from keshu.ledger.registers import by_code
from keshu.meetings import asking, preparing
from keshu.meetings.models import Meeting, Request
from keshu.meetings.moving import AnswerTooLong, advance, advance_request, owed_count, urge
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState
from keshu.terms import clock
from tests.meetings.world import MEETING, THIRTEENTH, TWELFTH

pytestmark = pytest.mark.django_db
KEY, OTHERS = "contract_gdp:991001", "fiscal_share:991002"


def test_the_notice_tells_every_unit_and_each_what_it_owes(house):
    house.notified(KEY)
    rows = {row.unit.name: row for row in Reminder.objects.for_system("测试").select_related("unit")}
    assert set(rows) == {"望岭县科学技术局", "岚川县科学技术局"}
    assert "1. 望岭县技术合同占比（滞后）" in rows["望岭县科学技术局"].text
    assert "每项不超过 200 字" in rows["望岭县科学技术局"].text
    assert "原因" not in rows["岚川县科学技术局"].text
    assert rows["望岭县科学技术局"].due_on.isoformat() == "2026-10-12"


def test_an_answer_of_two_hundred_characters_is_taken_and_of_one_more_is_not(house):
    request = house.request(house.notified(KEY), KEY)
    with pytest.raises(AnswerTooLong, match="合起来 201 字，最多 200 字。请删去 1 字"):
        house.answer(request, cause="因" * 101, measures="措" * 100)
    done = house.answer(request, cause="因" * 100, measures="措" * 100)
    assert (done.state, done.answered_by) == ("answered", house.actor("county_filler").name)


def test_a_reply_from_the_wrong_county_is_refused(house):
    request = house.request(house.notified(KEY, OTHERS), OTHERS)
    with pytest.raises(NotYourTurn):
        house.answer(request, "county_head")
    request.refresh_from_db()
    assert request.state == Request.State.ASKED
    assert not Request.objects.visible_to(house.actor("county_head")).filter(pk=request.pk).exists()


def test_an_empty_answer_and_one_marked_secret_are_refused(house):
    request = house.request(house.notified(KEY), KEY)
    with pytest.raises(MoveRefused, match="还要填：原因"):
        house.answer(request, cause="")
    with pytest.raises(MoveRefused, match="涉密内容不能写进"):
        house.answer(request, cause="机密★一年")


def test_it_comes_back_with_words_and_is_answered_again(house):
    planning, request = house.actor("planning"), house.request(house.notified(KEY), KEY)
    request = house.answer(request)
    with pytest.raises(MoveRefused, match="要写明原因"):
        advance_request(request, "return", planning)
    request = advance_request(request, "return", planning, note="写明哪两份合同")
    assert (request.state, request.returned_for) == ("returned", "写明哪两份合同")
    assert owed_count(house.actor("county_head")) == 1
    request = house.answer(request, cause="农机所两份合同在省城登记")
    assert (request.state, request.returned_for) == ("answered", "")
    with pytest.raises(StaleState):  # the same answer twice
        house.answer(request)


def test_who_is_late_is_counted_from_the_date_and_stops_with_the_meeting(house):
    meeting = house.notified(KEY, OTHERS)
    with clock.pretend(TWELFTH):
        house.answer(house.request(meeting, KEY))
    late = house.request(meeting, OTHERS)
    assert house.request(meeting, KEY).late(MEETING.date()) == 0
    assert late.late(THIRTEENTH.date()) == 1
    with clock.pretend(MEETING):
        meeting = advance(meeting, "open", house.actor("planning"))
        meeting = advance(meeting, "close", house.actor("planning"))
        late = house.request(meeting, OTHERS)
        assert late.state == Request.State.MISSED  # and waits for nobody any more
        assert owed_count(house.actor("other_head")) == 0
        with pytest.raises(StaleState, match="现在是“没有答”"):
            house.answer(late, "other_head")
    assert late.late(clock.today().replace(month=12)) == 2  # from the 12th to the 14th


def test_urging_writes_to_those_who_still_owe(house):
    meeting = house.notified(KEY, OTHERS)
    house.answer(house.request(meeting, KEY))
    assert urge(house.actor("planning"), meeting) == 1
    last = Reminder.objects.for_system("测试").latest("pk")
    assert last.unit == house.staff.other_bureau and "催报原因措施" in last.subject
    house.answer(house.request(meeting, OTHERS), "other_head")
    with pytest.raises(MoveRefused, match="都交齐了"):
        urge(house.actor("planning"), meeting)


def test_what_is_owed_waits_for_the_county_and_stands_in_its_calendar(house):
    meeting = house.notified(KEY)
    county, other = house.actor("county_head"), house.actor("other_head")
    register = by_code("meeting-requests")
    assert [row.title for row in register.waiting(county)] == ["望岭县技术合同占比"]
    assert not register.waiting(other).exists()
    assert not register.waiting(house.actor("planning")).exists()  # another's answer is no turn of the city's
    days = {(item.label, item.title) for item in due(county, None, MEETING.date())}
    assert ("报原因措施", "望岭县技术合同占比") in days and ("开会", meeting.title) in days
    leader = {(item.label, item.title) for item in due(house.actor("leader"), None, MEETING.date())}
    assert leader == {("开会", meeting.title)}  # chairs it
    assert not due(house.actor("office"), None, MEETING.date())


def test_a_county_sees_a_meeting_from_the_notice_on(house):
    county = house.actor("county_head")
    seen = Meeting.objects.visible_to
    meeting = house.meeting()
    assert not seen(county).exists()
    planning = house.actor("planning")
    preparing.take_figures(planning, meeting)
    advance(meeting, "notify", planning)
    assert list(seen(county)) == [meeting]
    asking.ask(planning, meeting, [KEY])
    assert owed_count(county) == 1
    advance(meeting, "cancel", planning, note="改线上")
    assert not seen(county).exists() and owed_count(county) == 0
    assert house.request(meeting, KEY).state == Request.State.DROPPED
