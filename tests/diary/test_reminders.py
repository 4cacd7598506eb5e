"""Reminders: prepared once from dated rules, edited, sent by a person, read by the organisation; two at once make nothing twice."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from keshu.diary import outbox
from keshu.diary.models import Preparation, Reminder
from keshu.diary.preparing import GENERAL, TemplateBroken, filled, prepare
from keshu.diary.tasks import schedule
from keshu.directory.actors import system
from keshu.journal.models import HistoryRow
from keshu.journal.writing import writing
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState
from keshu.programmes.models import Application
from keshu.rules.models import Rule
from keshu.terms import clock
from tests.diary.world import TODAY, day

pytestmark = pytest.mark.django_db
HOUSE = system("每日生成提醒")


def all_reminders():
    return list(Reminder.objects.for_system("测试").order_by("pk"))


def test_steps_of_the_rule_come_as_their_day_comes(world):
    """申请验收 on 2026-12-31: 60 days before is 11-01, 30 days before 12-01, five working days before Thursday is 12-24."""
    world.project("隔膜", accept_by=day(12, 31))
    seen = []
    for when in (day(10, 31), day(11, 1), day(11, 30), day(12, 1), day(12, 23), day(12, 24), day(12, 31)):
        with clock.pretend(when):
            seen.append((when.month, when.day, prepare(HOUSE).made))
    assert seen == [(10, 31, 0), (11, 1, 1), (11, 30, 0), (12, 1, 1), (12, 23, 0), (12, 24, 1), (12, 31, 0)]
    assert [row.step for row in all_reminders()] == ["b60", "b30", "w5"]
    # What nobody sent says the same as the next step: only the last one waits.
    assert [row.state for row in all_reminders()] == ["dropped", "dropped", "prepared"]


def test_who_starts_late_is_reminded_once_and_repeating_makes_nothing(world):
    world.project("隔膜", accept_by=day(10, 9))
    assert (prepare(HOUSE).made, prepare(HOUSE).made) == (1, 0)
    (row,) = all_reminders()
    assert row.step == "w5" and row.due_on == day(10, 9) and row.unit == world.units["north"]
    assert row.subject == "请申请验收：隔膜"
    assert "北岭新材料有限公司" in row.text and "2026-10-09 星期五" in row.text
    assert row.rule.source_mark == "本系统默认"


def test_the_first_working_day_after_the_deadline_asks_once_more(world):
    world.project("超期的", accept_by=day(9, 24))
    with clock.pretend(day(9, 25)):  # the Mid-autumn holiday: no working day yet
        assert prepare(HOUSE).made == 0
    assert prepare(HOUSE).made == 1
    assert all_reminders()[0].subject == "逾期未申请验收：超期的"
    world.project("半年前的", accept_by=day(3, 24))
    assert prepare(HOUSE).made == 0  # nobody is written to about old things when a house begins


def test_other_deadlines_follow_the_general_rule_and_the_offices_own_are_nobody_elses(world):
    world.project("期满", ends_on=day(10, 9))
    world.project("公示", state="notice", notice_until=day(9, 30))
    assert prepare(HOUSE).made == 1
    assert all_reminders()[0].subject == "执行期满：期满"
    assert all_reminders()[0].rule.code == GENERAL


def test_a_later_row_of_the_rule_holds_from_its_day(world):
    with writing(world.staff.actor, "改规则"):
        Rule(
            kind=Rule.Kind.DEADLINE,
            code="remind-programmes-accept_by",
            name="申请验收提醒",
            valid_from=day(9, 1),
            doc_no="青科发〔2026〕30号",
            data={
                "steps": [{"before": 90, "in": "calendar"}],
                "subject": "{名称}",
                "text": "{事项} {日期} {台账}",
                "late_subject": "",
                "late_text": "",
            },
        ).save()
    world.project("隔膜", accept_by=day(12, 20))
    assert prepare(HOUSE).made == 1
    assert all_reminders()[0].text == "申请验收截止 2026-12-20 星期日 科技计划项目"


def test_a_template_with_an_unknown_place_is_refused_and_values_are_never_read_as_one():
    assert filled("{名称}！", {"名称": "{编号}"}) == "{编号}！"
    with pytest.raises(TemplateBroken, match="没有这个位置"):
        filled("{姓名}", {"名称": "x"})


def test_a_year_without_a_calendar_is_said_and_calendar_steps_still_come(world):
    with clock.pretend(day(12, 15, 2098)):
        world.project("隔膜", accept_by=day(1, 10, 2099))
        done = prepare(HOUSE)
    assert done.made == 1 and done.unknown
    assert all_reminders()[0].step == "b30"


def test_a_deadline_that_moved_or_was_met_takes_its_reminder_back(world):
    moved = world.project("延了期", accept_by=day(10, 9))
    met = world.project("验收了", accept_by=day(10, 9))
    prepare(HOUSE)
    with writing(world.staff.actor, "改"):
        moved.accept_by = day(12, 20)
        moved.save()
        fresh = Application.objects.for_system("测试").get(pk=met.pk)
        fresh.accept_by = None
        fresh.save()
    sender = world.actors["office"]
    with pytest.raises(MoveRefused, match="期限已经变了"):
        outbox.step(all_reminders()[0], "send", sender)
    assert prepare(HOUSE).lapsed == 2
    assert {row.state for row in all_reminders()} == {"dropped"}


def test_nothing_leaves_by_itself_and_only_those_who_may_send(world):
    world.project("隔膜", accept_by=day(10, 9))
    prepare(HOUSE)
    (row,) = all_reminders()
    for who in (HOUSE, world.actors["north"], world.actors["leader"], world.actors["county_head"]):
        with pytest.raises(NotYourTurn):
            outbox.step(row, "send", who)
    with pytest.raises(NotYourTurn):
        prepare(world.actors["leader"])
    assert list(outbox.inbox(world.actors["north"])) == []
    sent = outbox.step(row, "send", world.actors["office"])
    assert (sent.state, sent.sent_at, sent.sent_by) == ("sent", TODAY, world.actors["office"].name)
    assert [message.pk for message in outbox.inbox(world.actors["north"])] == [row.pk]
    assert list(outbox.inbox(world.actors["south"])) == []
    assert list(outbox.outbox(world.actors["north"])) == []


def test_edited_words_are_what_leaves_and_every_step_is_in_the_log(world):
    world.project("隔膜", accept_by=day(10, 9))
    prepare(HOUSE)
    sender = world.actors["office"]
    given = {"subject": "请尽快", "text": "请于节前办理。", "channel": "sms"}
    row = outbox.step(all_reminders()[0], "edit", sender, given=given)
    assert (row.state, row.subject, row.channel) == ("edited", "请尽快", "sms")
    with pytest.raises(MoveRefused, match="涉密"):
        outbox.step(row, "edit", sender, given={**given, "text": "机密★10年"})
    with pytest.raises(MoveRefused, match="写明原因"):
        outbox.step(row, "drop", sender)
    row = outbox.step(row, "send", sender)
    read = outbox.step(row, "read", world.actors["north"])
    assert read.read_by == world.actors["north"].name and outbox.unread_count(world.actors["north"]) == 0
    with pytest.raises(MoveRefused):
        outbox.step(row, "read", world.actors["north"])
    with pytest.raises(NotYourTurn):
        outbox.step(row, "read", world.actors["south"])
    entries = Move.objects.filter(model="diary.Reminder", object_pk=row.pk).order_by("pk")
    assert [entry.action for entry in entries] == ["edit", "send", "read"]
    assert HistoryRow.objects.filter(model="diary.Reminder", object_pk=row.pk).count() == 4


def test_all_leave_or_none(world):
    for n in range(3):
        world.project(f"项目{n}", accept_by=day(10, 9))
    prepare(HOUSE)
    seen = [(row.pk, outbox.words_seen(row)) for row in all_reminders()]
    given = {"subject": "改过", "text": "改过", "channel": "house"}
    outbox.step(all_reminders()[2], "edit", world.actors["planning"], given=given)
    with pytest.raises(StaleState, match="一条都没有发"):
        outbox.send_all(seen, world.actors["office"])
    assert [row.state for row in all_reminders()] == ["prepared", "prepared", "edited"]
    seen = [(row.pk, outbox.words_seen(row)) for row in all_reminders()]
    assert outbox.send_all(seen, world.actors["office"]) == 3
    assert {row.state for row in all_reminders()} == {"sent"}


def test_a_reminder_by_hand_waits_like_the_others(world):
    row = outbox.write(
        world.actors["office"], world.units["south"], subject="开会", text="周五九点。", due_on=day(10, 9)
    )
    assert row.state == "prepared" and row.step == ""
    assert outbox.waiting_count(world.actors["office"]) == 1
    with pytest.raises(NotYourTurn):
        outbox.write(world.actors["north"], world.units["south"], subject="x", text="y")
    with pytest.raises(MoveRefused, match="标题和内容"):
        outbox.write(world.actors["office"], world.units["south"], subject=" ", text="y")


def test_the_daily_run_is_handed_over_once_a_day(monkeypatch):
    monkeypatch.delenv("KESHU_NOW", raising=False)  # a house whose day is fixed has no tomorrow
    assert schedule() is True and schedule() is False
    with clock.pretend(TODAY + timedelta(days=1)):
        assert schedule() is True
    assert Preparation.objects.get().scheduled_for == day(9, 30)


@pytest.mark.django_db(transaction=True)
def test_two_preparations_at_once_make_each_reminder_once(world):
    for n in range(5):
        world.project(f"项目{n}", accept_by=day(10, 9))
    gate, made, broken = threading.Barrier(2), [], []

    def run() -> None:
        try:
            with clock.pretend(TODAY):
                gate.wait()
                made.append(prepare(HOUSE).made)
        except Exception as error:
            broken.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert sorted(made) == [0, 5] and len(all_reminders()) == 5
