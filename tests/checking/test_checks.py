"""The month end: what an office may report, what the review freezes, who may do which."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.checking import steps
from keshu.checking.assigning import (
    AssignRefused,
    OutsideTheOffice,
    from_goals,
    give_out,
    goals_without_items,
)
from keshu.checking.closing import step as item_step
from keshu.checking.lighting import NoSuchLamps, standing
from keshu.checking.models import Check, Item, ItemHelper
from keshu.checking.opening import TooEarly, open_month
from keshu.checking.timetable import DueBeforeStart, PlanBroken
from keshu.checking.working import begin_month
from keshu.diary.models import Reminder
from keshu.directory.actors import Role, system
from keshu.directory.models import Unit
from keshu.goals import adjusting
from keshu.goals.documents import correct_whole, keep_document
from keshu.goals.models import Goal
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, move, moves_of
from keshu.terms import clock
from keshu.terms.period import Period
from tests.checking.room import JUNE

pytestmark = pytest.mark.django_db


def test_the_sheet_of_june_is_made_on_the_first_of_july_once(room):
    item = room.item()
    later = room.item(name="秋季才开始的", begins_on=date(2026, 9, 1))
    with (
        clock.pretend(datetime(2026, 6, 30, 23, 0, tzinfo=clock.TZ)),
        pytest.raises(TooEarly, match="2026-07-01"),
    ):
        open_month(JUNE, room.actor("planning"))
    assert open_month(JUNE, room.actor("planning")) == 1
    before = moments.latest()
    assert open_month(JUNE, room.actor("planning")) == 0 and moments.latest() == before
    made = Check.objects.for_system("测试").get()
    assert (made.item, made.period, made.fill_by, made.unit) == (
        item,
        "2026-06",
        date(2026, 7, 5),
        room.farming,
    )
    assert not later.checks.all().for_system("测试").exists()
    with pytest.raises(NotYourTurn):
        open_month(JUNE, room.actor("farmer"))


def test_on_the_morning_of_the_first_the_sheet_and_each_office_s_list_are_made_once(room):
    room.item()
    room.item(name="申报", goal=None, unit=room.results)
    for moment, checks, reminders in (((6, 30), 0, 0), ((7, 1), 2, 2), ((7, 2), 2, 2)):
        with clock.pretend(datetime(2026, *moment, 7, 30, tzinfo=clock.TZ)):
            begin_month(system("每日生成提醒"))
            begin_month(room.actor("office"))  # who does not review checks makes none
        assert Check.objects.for_system("测试").filter(period="2026-06").count() == checks
        assert (
            Reminder.objects.for_system("测试").filter(subject="2026年7月要办的责任事项").count() == reminders
        )


def test_an_office_fills_only_its_own_items_and_another_reviews(room):
    check = room.opened(room.item())
    for stranger in ("patentee", "county_filler", "office", "planning"):
        with pytest.raises(NotYourTurn):
            room.fill(check, stranger)
    filled = room.fill(check, own_value="110", paper=True)
    assert (filled.state, filled.filled_by) == ("submitted", room.actor("farmer").name)
    with pytest.raises(NotYourTurn):
        room.review(filled, "farmer")
    returned = steps.step(filled, "return", room.actor("planning"), note="写清哪几个乡镇")
    assert (returned.state, returned.opinion) == ("returned", "写清哪几个乡镇")
    assert room.review(room.fill(returned, own_value="110", paper=True), opinion="继续").state == "reviewed"


def test_a_reported_number_needs_a_paper_and_is_marked_as_the_office_s_own(room):
    item = room.item()
    check = room.opened(item)
    assert standing([item], until=JUNE.end)[0].lamp.level == "none"
    with pytest.raises(MoveRefused, match="自报数要有佐证"):
        room.fill(check, own_value="110")
    with pytest.raises(MoveRefused, match="不能小于零"):
        room.fill(check, own_value="-3", paper=True)
    room.fill(check, own_value="110", paper=True)
    now = standing([item], until=JUNE.end)[0]
    # 110 of 200 is 55 %, half of the equal year is due
    assert (now.own, now.value, now.completion, now.planned_share) == (
        True,
        110,
        Decimal("0.55"),
        Decimal("0.5"),
    )
    assert (now.lamp.word, now.said) == ("已过半", "自报 110 期，完成 55.0%，应到 50.0%")


def test_behind_must_say_why_and_what_next_and_done_must_be_proved(room):
    check = room.opened(room.item())
    with pytest.raises(MoveRefused, match=r"未过半.*还要写存在问题和原因、下步措施"):
        room.fill(check, own_value="60", paper=True)
    with pytest.raises(MoveRefused, match="结论是落后"):
        room.fill(check, verdict="behind", reason="资金没到", paper=True)
    with pytest.raises(MoveRefused, match="“已完成”要有佐证"):
        room.fill(check, verdict="done")
    done = room.fill(check, own_value="60", reason="资金没到", next_step="8 月 20 日前到位", paper=True)
    assert done.state == "submitted"


def test_the_review_freezes_the_month_exactly_and_the_item_tells_it(room):
    item = room.item(goal=None, name="支持园区项目达产")
    check = room.fill(room.opened(item), own_value="33.3333", paper=True, reason="慢", next_step="赶")
    at = moments.latest()
    frozen = room.review(check)
    assert frozen.frozen_revision == at
    assert frozen.frozen["completion"] == "0.333333" and frozen.frozen["planned"] == "0.5"
    assert (frozen.frozen["lamp"]["word"], frozen.frozen["rule"]["code"]) == ("未过半", "half-year")
    item.refresh_from_db()
    assert (item.last_month, item.last_lamp, item.last_completion) == (
        "2026-06",
        "未过半",
        Decimal("33.3333"),
    )
    with pytest.raises(MoveRefused):
        steps.step(frozen, "withdraw", room.actor("farmer"))
    assert [entry.action for entry in moves_of(frozen)] == ["submit", "review"]
    assert list(moments.broken_links()) == []


def test_one_data_set_under_three_sets_of_lamps_gives_three_colourings(room):
    """50 % of a year's half is due in June. Yichang knows no 'a little slow', Suqian no 'a third behind', Sanming has three slips."""
    rows = {
        "甲": "30",
        "乙": "47",
        "丙": "70",
    }  # completion %, all due at the end of the year; 丁 is due in June with 97 %
    items = []
    for name, share in {**rows, "丁": "97"}.items():
        due = date(2026, 7, 10) if name == "丁" else date(2026, 12, 31)
        item = room.item(name=name, goal=None, due_on=due)
        room.fill(room.opened(item), own_value=share, paper=True, reason="慢", next_step="赶")
        items.append(item)
    lit = {
        code: [(one.lamp.word, one.lamp.colour) for one in standing(items, until=JUNE.end, lamp_code=code)]
        for code in ("yichang", "suqian", "sanming")
    }
    # paces: 30/50 = 60 %, 47/50 = 94 %, 70/50 = 140 %; 丁 is due by July: 97 % of 6/7 due is 113 %, ten days left
    assert lit["yichang"] == [("落后", "红"), ("顺利", "绿"), ("顺利", "绿"), ("临近时限", "黄")]
    assert lit["suqian"] == [
        ("未达序时或质量差", "黄"), ("未达序时或质量差", "黄"), ("未亮灯", "墨灰"), ("临近办结", "蓝"),
    ]  # fmt: skip
    assert lit["sanming"] == [
        ("橙色督查单", "橙"), ("蓝色督查单", "蓝"), ("未发单", "墨灰"), ("未发单", "墨灰"),
    ]  # fmt: skip
    with pytest.raises(NoSuchLamps, match="序时三档"):
        standing(items, until=JUNE.end, lamp_code="rainbow")


def test_half_year_asks_for_half_and_other_months_for_their_own_plan(room):
    item = room.item(goal=None)
    june = room.fill(room.opened(item), own_value="46", paper=True, reason="慢", next_step="赶")
    # 46 of 50 is 92 % of what is due: close to half; the house's own three lamps call it slow
    assert standing([item], until=JUNE.end)[0].lamp.word == "接近过半"
    assert standing([item], until=JUNE.end, lamp_code="house")[0].lamp.word == "偏慢"
    assert (
        standing([item], until=date(2026, 5, 31))[0].lamp.word == "缺数"
    )  # June's report says nothing of May
    with clock.pretend(datetime(2026, 8, 2, 9, 0, tzinfo=clock.TZ)):
        room.review(june)
        # 46 % against 7/12 is 79 % of what is due
        assert standing([item], until=date(2026, 7, 31))[0].lamp.word == "滞后"


def test_as_of_an_earlier_revision_the_office_had_not_reported_yet(room):
    item = room.item()
    check = room.opened(item)
    before = moments.latest()
    room.fill(check, own_value="110", paper=True)
    assert standing([item], until=JUNE.end, revision=before)[0].value is None
    assert standing([item], until=JUNE.end)[0].value == 110


def test_an_item_is_closed_only_after_a_reviewed_done_with_proof_and_by_somebody_else(room):
    item = room.item(goal=None)
    with pytest.raises(MoveRefused, match="还没有审定过"):
        item_step(item, "close", room.actor("planning"))
    going = room.review(room.fill(room.opened(item), own_value="80", paper=True))
    with pytest.raises(MoveRefused, match="没有完成不能销号"):
        item_step(item, "close", room.actor("planning"))
    with clock.pretend(datetime(2026, 8, 2, 9, 0, tzinfo=clock.TZ)):
        july = room.opened(item, Period.month(2026, 7))
        done = room.review(room.fill(july, verdict="done", paper=True))
        assert Decimal(done.frozen["completion"]) == 1 and done.frozen["own"]
        with pytest.raises(
            MoveRefused, match="没有佐证"
        ):  # a digest without a paper behind it proves nothing
            item_step(item, "close", room.actor("planning"))
    assert going.period == "2026-06"


def test_items_are_not_given_outside_the_office_nor_with_a_deadline_before_the_start(room):
    stranger = room.staff.accounts["patentee"].person
    with pytest.raises(OutsideTheOffice, match="不在农村科技科任职"):
        room.item(person=stranger)
    with pytest.raises(DueBeforeStart):
        room.item(begins_on=date(2026, 5, 1), due_on=date(2026, 3, 1))
    with pytest.raises(PlanBroken, match="跨了年度"):
        room.item(due_on=date(2027, 1, 31))
    with pytest.raises(NotYourTurn):
        give_out([Item()], room.actor("farmer"))
    assert not Item.objects.for_system("测试").exists()
    item = room.item(person=room.staff.accounts["farmer"].person)
    with pytest.raises(MoveRefused, match="不在农村科技科任职"):
        item_step(
            item, "reassign", room.actor("planning"), note="分工调整", given={"person": str(stranger.pk)}
        )
    with pytest.raises(MoveRefused, match="早于开始日期"):
        item_step(item, "redate", room.actor("planning"), note="函", given={"due_on": date(2025, 12, 31)})


def test_what_a_goal_does_not_say_is_arranged_on_the_item_and_a_plan_that_breaks_is_refused(room):
    planning, item = room.actor("planning"), room.item()

    def arrange(**given):
        return item_step(item, "arrange", planning, note="青科发〔2026〕4号", given=given)

    with pytest.raises(AssignRefused, match="至少写一样"):
        arrange()
    with pytest.raises(AssignRefused, match="要写进度安排"):
        arrange(timetable="milestones")
    with pytest.raises(AssignRefused, match="最后一个节点只到 50%"):
        arrange(timetable="milestones", plan="6月50%")
    with pytest.raises(AssignRefused, match="没有登记叫“查无此人”的领导"):
        arrange(leader="查无此人")
    made = arrange(
        timetable="milestones", plan="6月40%、12月100%", helpers=room.results.name, evidence="签到表"
    )
    assert (made.timetable, made.plan, made.evidence_wanted) == (
        "milestones",
        {"6": "0.4", "12": "1"},
        "签到表",
    )
    assert [row.unit_id for row in ItemHelper.objects.filter(item=made)] == [room.results.pk]
    back = arrange(timetable="equal")
    assert (back.plan, back.plan_said, back.evidence_wanted) == ({}, "", "签到表")


def test_an_adjusted_target_stands_on_its_item(room):
    planning, item = room.actor("planning"), room.item()
    assert item.target_said == "200 期"
    asked = adjusting.ask(room.goal, planning, low=Decimal(180), why="受灾停办一期")
    given = {"document": str(room.goal.document_id), "effect_on": date(2026, 7, 1)}
    move(asked, "agree", planning, procedure=adjusting.PROCEDURE, given=given)
    item = Item.objects.for_system("测试").select_related("goal").get(pk=item.pk)
    assert item.target_said == "180 期"
    june, july = (standing([item], until=day)[0].target for day in (date(2026, 6, 30), date(2026, 7, 31)))
    assert (june, july) == ("200 期", "180 期")


def test_one_button_makes_the_items_of_all_goals_that_name_their_office(room):
    with writing(room.staff.actor, "更多目标"):
        for order, (name, values) in enumerate(
            (("县局自己的", {"subject": room.staff.other}), ("科室的", {"subject": room.results}),
             ("没写归谁的", {"subject": room.staff.city}), ("文件写了科室的", {"owner": "成果科 张工"})), 2
        ):  # fmt: skip
            Goal(document=room.goal.document, year=2026, order=order, name=name, kind="total", unit="项", state="issued",
                 low=Decimal(4), **values).save()  # fmt: skip
        room.staff.hire("other_filler", room.staff.other_bureau, Role.COUNTY_FILLER)
    goals = goals_without_items(room.actor("planning"), 2026)
    made, left = from_goals(goals, room.actor("planning"))
    assert [(item.name, item.unit.name, item.target_said) for item in made] == [
        ("农民技术培训", "望岭县科学技术局", "200 期"),
        ("县局自己的", "岚川县科学技术局", "4 项"),
        ("科室的", "成果科", "4 项"),
        ("文件写了科室的", "成果科", "4 项"),
    ]
    assert [one.goal.name for one in left] == ["没写归谁的"] and "没有写到责任科室" in left[0].problem
    again, _ = from_goals(goals_without_items(room.actor("planning"), 2026), room.actor("planning"))
    assert again == []


def test_a_correcting_document_puts_the_target_of_the_item_right(room):
    planning, item = room.actor("planning"), room.item()
    with writing(room.staff.actor, "照文件登记"):
        part = Goal(
            document=room.goal.document, year=2026, order=2, name="其中线下", kind=Goal.Kind.TOTAL, unit="期",
            parent=room.goal, within=True, low=Decimal(250), flaw="250 > 200，大 50",
        )  # fmt: skip
        part.save()
    paper = keep_document(
        planning, title="更正通知", issuer="市政府", kind="correction", year=2026, corrects=room.goal.document
    )
    correct_whole(room.goal, planning, document=paper, low=Decimal(300))
    assert not Goal._base_manager.get(pk=part.pk).flawed
    assert Item.objects.for_system("测试").get(pk=item.pk).target_said == "300 期"


def test_a_leader_reviews_what_the_planning_office_filled_alone(room):
    own = Unit.objects.get(pk=min(room.actor("planning").unit_ids))
    check = room.opened(room.item(goal=None, unit=own, region_id=own.region_id))
    filled = room.fill(check, "planning", own_value="80", paper=True)
    with pytest.raises(MoveRefused, match="请局领导"):
        room.review(filled)
    assert room.review(filled, "leader").state == "reviewed"
