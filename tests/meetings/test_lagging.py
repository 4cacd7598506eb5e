"""Who lags is computed from the dispatch, proposed, and never an 已定 figure."""

import pytest

from keshu.diary.models import Reminder
from keshu.journal import moments
from keshu.meetings import asking, preparing
from keshu.meetings.lagging import lagging, speaking_order, table_of
from keshu.meetings.models import Attendee, Request
from keshu.meetings.moving import advance
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from tests.meetings.world import THIRTEENTH

pytestmark = pytest.mark.django_db


def told(lags):
    return [(lag.key, lag.row.lamp.level, lag.done, lag.unit.name if lag.unit else "") for lag in lags]


def test_lagging_rows_are_found_with_the_unit_that_answers_the_worst_first(house):
    found = told(lagging(table_of(house.meeting())))
    assert found == [
        ("rd_large_growth:991001", "late", "", "望岭县科学技术局"),
        ("contract_gdp:991001", "late", "46.2%", "望岭县科学技术局"),
        ("contract_gdp:991000", "late", "71.1%", "成果转化科"),
        ("fiscal_share:991002", "late", "83.3%", "岚川县科学技术局"),
        ("contract_gdp:991002", "slow", "93.8%", "岚川县科学技术局"),
    ]


def test_a_settled_figure_is_missed_by_a_third_and_still_not_asked_about(house):
    meeting = house.meeting()
    with pytest.raises(asking.Settled, match="望岭县研发投入强度已定，谁也改不了去年"):
        asking.ask(house.actor("planning"), meeting, ["rd_gdp:991001"])
    assert not Request.objects.for_system("测试").exists()


def test_what_does_not_lag_or_was_not_ticked_is_not_asked(house):
    meeting = house.meeting()
    for keys in ([], ["fiscal_share:991001"], ["x:y"]):
        with pytest.raises(asking.NothingToAsk, match="没有勾选落后的项次"):
            asking.ask(house.actor("planning"), meeting, keys)


def test_asking_invites_the_office_and_fixes_the_figures(house):
    meeting = house.meeting()
    before = moments.latest()
    made = asking.ask(house.actor("planning"), meeting, ["contract_gdp:991000", "contract_gdp:991001"])
    assert [(one.unit.name, one.lamp_word, one.done, one.state) for one in made] == [
        ("成果转化科", "滞后", "71.1%", "draft"),
        ("望岭县科学技术局", "滞后", "46.2%", "draft"),
    ]
    meeting.refresh_from_db()
    assert meeting.revision == before and meeting.code == f"r{before}"
    assert Attendee.objects.filter(meeting=meeting).count() == 3
    assert asking.ask(house.actor("planning"), meeting, ["contract_gdp:991001"]) == []  # asked once


def test_an_item_asked_after_the_notice_leaves_at_once_with_a_message(house):
    meeting = house.notified()
    letters = Reminder.objects.for_system("测试").count()
    (made,) = asking.ask(house.actor("planning"), meeting, ["fiscal_share:991002"])
    made.refresh_from_db()
    assert made.state == Request.State.ASKED
    last = Reminder.objects.for_system("测试").latest("pk")
    assert Reminder.objects.for_system("测试").count() == letters + 1
    assert last.unit == house.staff.other_bureau and "1. 岚川县财政科技占比（滞后）" in last.text
    assert last.state == Reminder.State.PREPARED  # nothing leaves by itself


def test_nothing_is_asked_by_a_day_that_has_passed(house):
    meeting = house.notified()
    with clock.pretend(THIRTEENTH), pytest.raises(MoveRefused, match="2026-10-12 已经过去"):
        asking.ask(house.actor("planning"), meeting, ["fiscal_share:991002"])
    assert not meeting.requests.for_system("测试").exists()


def test_the_worst_speaks_first_and_can_be_moved_by_hand(house):
    planning, meeting = house.actor("planning"), house.meeting()
    asking.ask(planning, meeting, ["contract_gdp:991000"])
    preparing.propose_order(planning, meeting)
    # 望岭县 has two items 滞后; 成果转化科 and 岚川县 one each, and 岚川县 one more 偏慢.
    assert house.speakers(meeting) == ["望岭县科学技术局", "岚川县科学技术局", "成果转化科"]
    last = Attendee.objects.select_related("meeting", "unit").get(meeting=meeting, unit=house.office)
    for _ in range(3):  # beyond the top nothing happens
        preparing.move_speaker(planning, last, up=True)
    assert house.speakers(meeting) == ["成果转化科", "望岭县科学技术局", "岚川县科学技术局"]


def test_who_has_nothing_lagging_keeps_its_place_behind(house):
    units = [house.staff.bureau, house.office, house.staff.county_bureau]
    lags = lagging(table_of(house.meeting()))
    assert speaking_order(units, lags) == [house.staff.county_bureau, house.office, house.staff.bureau]


def test_papers_keep_the_revision_at_which_figures_were_taken(house):
    meeting = house.notified("contract_gdp:991001")
    house.put(("contract_output", "county", "2026-01..09", "1.50"))  # 1.50 / 250 = 0.60 %: 99.0 %
    then = {lag.key: lag.done for lag in lagging(table_of(meeting))}
    now = {lag.key: lag.done for lag in lagging(table_of(meeting, now=True))}
    assert then["contract_gdp:991001"] == "46.2%"
    assert now["contract_gdp:991001"] == "99.0%"
    meeting = preparing.take_figures(house.actor("planning"), meeting)
    assert {lag.key: lag.done for lag in lagging(table_of(meeting))} == now


def test_only_who_holds_meetings_prepares_them(house):
    meeting = house.meeting()
    for who in ("leader", "office", "inspector", "county_head"):
        with pytest.raises(NotYourTurn, match="不能办调度会"):
            preparing.take_figures(house.actor(who), meeting)
        with pytest.raises(NotYourTurn):
            advance(meeting, "notify", house.actor(who))


def test_what_cannot_stand_is_named_by_its_field(house):
    for field, text, why in (
        ("title", " ", "会议名称没有填"),
        ("period", "下个季度", "下个季度"),
        ("held", "2026-10-01T09:00", "已经过去"),
        ("held", "周三上午", "不是时间"),
        ("answer_by", "2026-10-20", "晚于开会 2026-10-14"),
        ("scheme", "x", "请从列出的里面选"),
        ("place", "楼" * 101, "写了 101 字，最多 100 字"),
    ):
        with pytest.raises(preparing.MeetingRefused) as refusal:
            house.meeting(**{field: text})
        assert why in refusal.value.problems[field]


def test_without_a_date_for_answers_the_rule_sets_it_and_it_follows_a_moved_meeting(house):
    meeting = house.meeting(answer_by="")
    assert meeting.answer_by.isoformat() == "2026-10-12"  # two days before the 14th
    planning = house.actor("planning")
    asking.ask(planning, meeting, ["contract_gdp:991001"])
    texts = {**preparing.texts_of(meeting), "held": "2026-10-20T09:00", "answer_by": "2026-10-17"}
    preparing.keep_meeting(planning, texts, region=house.staff.city, found=meeting)
    assert house.request(meeting, "contract_gdp:991001").due_on.isoformat() == "2026-10-17"
    with pytest.raises(MoveRefused, match="方案和期间不能再改"):
        preparing.keep_meeting(
            planning, {**texts, "period": "2026H1"}, region=house.staff.city, found=meeting
        )


def test_a_notice_without_chair_guests_or_figures_is_not_sent(house):
    planning = house.actor("planning")
    for texts, why in (({"chair": ""}, "主持人没有定"), ({}, "还没有取数")):
        with pytest.raises(MoveRefused, match=why):
            advance(house.meeting(**texts), "notify", planning)
