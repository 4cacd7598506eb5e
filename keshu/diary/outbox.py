"""The outbox of reminders: read and edited before they leave, sent by a person, read by the organisation. Nothing leaves by itself."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from keshu.diary.dating import day_of
from keshu.diary.models import Reminder
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal.rows import canonical
from keshu.journal.writing import writing
from keshu.ledger.classified import Classified, refuse_classified
from keshu.ledger.registers import Register, by_code
from keshu.procedure.moving import (
    Ask,
    MoveRefused,
    NotYourTurn,
    Procedure,
    StaleState,
    Step,
    Transition,
    move,
)
from keshu.terms import clock

S, CHANNELS = Reminder.State, Reminder.Channel
WAITING = frozenset((str(S.PREPARED), str(S.EDITED)))
SENT = frozenset((str(S.SENT),))


def _sends(actor: Actor, reminder: Any) -> bool:
    """A person: the house itself prepares, it does not send."""
    return actor.account_id is not None and actor.can(Can.SEND_REMINDERS)


def _receives(actor: Actor, reminder: Any) -> bool:
    return reminder.unit_id in actor.unit_ids


def _prepares(actor: Actor, reminder: Any) -> bool:
    return actor.can(Can.SEND_REMINDERS)


def _still_due(reminder: Any, actor: Actor) -> str | None:
    """A reminder of a deadline leaves only while the deadline stands."""
    if not reminder.register or not reminder.field:
        return None
    register = by_code(reminder.register)
    if register is None:
        return "它所说的台账已经没有了。请选“不发”。"
    record = register.records.filter(pk=reminder.object_pk).first()
    if record is None or not stands(register, record, reminder.field, reminder.due_on):
        return f"“{reminder.subject[:40]}”说的期限已经变了或办完了。请选“不发”，需要时重新生成。"
    return None


def stands(register: Register, record: Any, field: str, due_on: date | None) -> bool:
    """Whether a record still has this deadline on this day."""
    for deadline in register.deadlines:
        if deadline.field == field:
            return record.state in deadline.states and day_of(getattr(record, field)) == due_on
    return False


def _unread(reminder: Any, actor: Actor) -> str | None:
    return f"{reminder.read_by} 已经看过了。" if reminder.read_at else None


def _edited(reminder: Any, step: Step) -> None:
    subject, text = step.given["subject"].strip(), step.given["text"].strip()
    try:
        refuse_classified(subject, text)
    except Classified as refusal:
        raise MoveRefused(str(refusal)) from refusal
    reminder.subject, reminder.text, reminder.channel = subject, text, step.given["channel"]


def _sent(reminder: Any, step: Step) -> None:
    reminder.sent_at, reminder.sent_by = clock.now(), step.actor.name


def _read(reminder: Any, step: Step) -> None:
    reminder.read_at, reminder.read_by = clock.now(), step.actor.name


OUTBOX = Procedure(
    code="提醒",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition(
            "edit",
            "存下修改",
            WAITING,
            str(S.EDITED),
            _prepares,
            effect=_edited,
            asks=(
                Ask("subject", "标题"),
                Ask("text", "内容", "long"),
                Ask("channel", "途径", "choice", choices=CHANNELS.choices),
            ),
        ),
        Transition("send", "发出", WAITING, str(S.SENT), _sends, needs=(_still_due,), effect=_sent),
        Transition("drop", "不发", WAITING, str(S.DROPPED), _prepares, note_required=True, danger=True),
        Transition("read", "知道了", SENT, str(S.SENT), _receives, needs=(_unread,), effect=_read),
    ),
)


def step(
    reminder: Reminder,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Reminder:
    """One step of a reminder: edit, send, drop, read. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(reminder, action, actor, procedure=OUTBOX, note=note, given=given, expected=expected)


def words_seen(reminder: Reminder) -> str:
    """A short digest of what somebody reads, so that what leaves is what was read."""
    seen = canonical([reminder.subject, reminder.text, reminder.channel, reminder.state])
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def send_all(seen: Sequence[tuple[int, str]], actor: Actor) -> int:
    """Send reminders that were read, all or none: pairs of key and ``words_seen``. The number sent.

    Raises StaleState when one was changed since, MoveRefused when one may not leave, NotYourTurn.
    """
    if not seen:
        raise MoveRefused("没有选提醒。请先看过内容，再勾上要发的。")
    with writing(actor, f"发出提醒 {len(seen)} 条"):
        rows = Reminder.objects.for_system("发出").filter(pk__in=[pk for pk, _ in seen])
        found = {row.pk: row for row in rows.select_for_update(of=("self",))}
        for pk, digest in seen:
            row = found.get(pk)
            if row is None or words_seen(row) != digest:
                raise StaleState(
                    f"“{row.subject[:40] if row else pk}”刚被别人改过或已发出，一条都没有发。请刷新看过再发。"
                )
            step(row, "send", actor)
    return len(seen)


def write(
    actor: Actor,
    unit: Unit,
    *,
    subject: str,
    text: str,
    channel: str = "house",
    due_on: date | None = None,
) -> Reminder:
    """A reminder written by hand; it waits in the outbox like any other. Raises NotYourTurn, MoveRefused."""
    if not _prepares(actor, None):
        raise NotYourTurn(f"{actor.name} 不能写提醒。请由有“{Can.SEND_REMINDERS.value}”权限的人办理。")
    subject, text = subject.strip(), text.strip()
    if not subject or not text:
        raise MoveRefused("提醒要有标题和内容。补上后再存。")
    if len(subject) > 200 or len(text) > 4000:
        raise MoveRefused("标题最多 200 字，内容最多 4000 字。请删减后再存。")
    if channel not in CHANNELS.values:
        raise MoveRefused("途径只有站内、短信、邮件、电话。请从里面选。")
    try:
        refuse_classified(subject, text)
    except Classified as refusal:
        raise MoveRefused(str(refusal)) from refusal
    with writing(actor, f"写提醒 {subject[:60]}"):
        reminder = Reminder(
            unit=unit,
            region_id=unit.region_id,
            subject=subject,
            text=text,
            channel=channel,
            due_on=due_on,
            prepared_at=clock.now(),
            prepared_by=actor.name,
        )
        reminder.save()
    return reminder


def outbox(actor: Actor) -> QuerySet[Reminder]:
    """The reminders a sender handles; nobody else sees what has not left."""
    rows = Reminder.objects.visible_to(actor).select_related("unit", "rule")
    return rows if actor.can(Can.SEND_REMINDERS) else rows.none()


def inbox(actor: Actor) -> QuerySet[Reminder]:
    """What the actor's organisations were sent, newest first."""
    return received(actor).filter(unit__in=actor.unit_ids)


def received(actor: Actor) -> QuerySet[Reminder]:
    """What was sent to organisations the actor may see, newest first."""
    rows = Reminder.objects.visible_to(actor).filter(state__in=SENT)
    return rows.select_related("unit").order_by("-sent_at", "-pk")


def unread_count(actor: Actor) -> int:
    """How many messages to the actor's organisations nobody there has read."""
    if not actor.unit_ids:
        return 0
    rows = Reminder.objects.visible_to(actor).filter(
        unit__in=actor.unit_ids, state=S.SENT, read_at__isnull=True
    )
    return rows.count()


def waiting_count(actor: Actor) -> int:
    """How many reminders wait to be read and sent."""
    return Reminder.objects.visible_to(actor).filter(state__in=WAITING).count()
