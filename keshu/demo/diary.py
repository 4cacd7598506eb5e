"""The demonstration's reminders: prepared by the rules on two mornings, some read and sent, one written by hand and read."""

from keshu.demo.stages import Stage, moment
from keshu.diary import outbox
from keshu.diary.models import Reminder
from keshu.diary.preparing import prepare
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, system
from keshu.directory.models import Account, Unit
from keshu.journal.writing import Writing

SENDER, READER = "hexu", "qiaomu"
SUBJECT = "请补交科技报告"
TEXT = "望岭旱作农机研究所：\n贵所 2024 年度项目已通过验收，科技报告还没有呈交。请于 2026-10-20 前补交，电子版在项目页上传。（演示）"


def stages() -> list[Stage]:
    """Mornings on which the rules prepare, and what people did with it."""
    return [
        Stage(moment(5, 21, 7, 30), "生成提醒 5月", _prepare),
        Stage(moment(5, 21, 10), "发出提醒 5月", _send, by="何叙"),
        Stage(moment(9, 21, 15), "写提醒 科技报告", _write, by="何叙"),
        Stage(moment(9, 22, 8, 50), "看消息 科技报告", _read, by="乔木"),
        Stage(moment(10, 12, 7, 30), "生成提醒 10月", _prepare),
    ]


def _prepare(block: Writing) -> int:
    prepare(system("每日生成提醒"))
    return 0


def _send(block: Writing) -> int:
    """Everything that waited was read and sent."""
    rows = Reminder.objects.for_system("演示").filter(state=Reminder.State.PREPARED)
    seen = [(row.pk, outbox.words_seen(row)) for row in rows]
    if seen:
        outbox.send_all(seen, _actor(SENDER))
    return 0


def _write(block: Writing) -> int:
    sender = _actor(SENDER)
    row = outbox.write(sender, _unit(), subject=SUBJECT, text=TEXT)
    outbox.step(row, "send", sender)
    return 0


def _read(block: Writing) -> int:
    row = Reminder.objects.for_system("演示").get(unit=_unit(), subject=SUBJECT)
    outbox.step(row, "read", _actor(READER))
    return 0


def _unit() -> Unit:
    return Unit.objects.get(code="QH-E10")


def _actor(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))
