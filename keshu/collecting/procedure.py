"""The states of a collection and of a reply, moved by ``procedure.moving.move`` alone."""

from datetime import datetime, time
from typing import Any

from keshu.collecting.models import Collection, Reply, Sender
from keshu.collecting.who import may_answer, may_collect
from keshu.directory.actors import Actor
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.terms import clock

C, R = Collection.State, Reply.State


def _states(*states: str) -> frozenset[str]:
    return frozenset(map(str, states))


# ---- a collection


def _not_past(collection: Any, actor: Actor) -> str | None:
    if collection.due_at > clock.now():
        return None
    due = collection.due_at.astimezone(clock.TZ)
    return f"截止时间 {due:%Y-%m-%d %H:%M} 已经过了。请先改成以后的时间再发。"


def _has_senders(collection: Any, actor: Actor) -> str | None:
    asked = Sender.objects.for_system("发出前核对").filter(collection=collection)
    return None if asked.exists() else "还没有选填报单位。请先选好再发。"


def _opened(collection: Any, step: Step) -> None:
    collection.opened_at = clock.now()


def _extended(collection: Any, step: Step) -> None:
    """The hour of the day stays; only a later day is an extension."""
    due = collection.due_at.astimezone(clock.TZ)
    later = datetime.combine(step.given["due_on"], time(due.hour, due.minute), tzinfo=clock.TZ)
    if later <= collection.due_at or later <= clock.now():
        raise MoveRefused(f"现在的截止是 {due:%Y-%m-%d %H:%M}，延期要改到以后的日子。")
    collection.due_at = later


COLLECTING = Procedure(
    code="收表",
    version="1",
    states={str(value): str(label) for value, label in C.choices},
    transitions=(
        Transition(
            "open", "发出", _states(C.DRAFT), str(C.OPEN), may_collect, needs=(_not_past, _has_senders), effect=_opened
        ),
        Transition(
            "extend", "延期", _states(C.OPEN), str(C.OPEN), may_collect,
            effect=_extended, note_required=True, asks=(Ask("due_on", "改到哪一天", "date"),),
        ),
        Transition("close", "办结", _states(C.OPEN), str(C.CLOSED), may_collect),
        Transition("reopen", "再开", _states(C.CLOSED), str(C.OPEN), may_collect, note_required=True),
        Transition(
            "withdraw", "撤回", _states(C.DRAFT, C.OPEN), str(C.WITHDRAWN), may_collect,
            note_required=True, danger=True,
        ),
    ),
)  # fmt: skip


# ---- a reply


def _is_open(reply: Any, actor: Actor) -> str | None:
    collection = reply.collection
    if collection.is_open:
        return None
    return f"“{collection.title}”现在是“{collection.get_state_display()}”，报来的表不再改。要改请先再开。"


def _has_sender(reply: Any, actor: Actor) -> str | None:
    return None if reply.sender_id else "还不知道是谁报的。请先认领给一个单位。"


def _has_rows(reply: Any, actor: Actor) -> str | None:
    return f"这份表没有收下：{reply.refusal}" if reply.refusal else None


def _no_other(reply: Any, actor: Actor) -> str | None:
    others = Reply.objects.for_system("一家只计一份").filter(sender=reply.sender_id, state=R.COUNTED)
    return (
        "这一家已经有一份计入的。请看两份的不同，再定算哪份。"
        if others.exclude(pk=reply.pk).exists()
        else None
    )


def _confirms(actor: Actor, reply: Any) -> bool:
    return may_collect(actor) or (reply.sender is not None and may_answer(actor, reply.sender))


def _unconfirmed(reply: Any, actor: Actor) -> str | None:
    if reply.way != Reply.Way.TYPED:
        return "不是代录的，不用确认。"
    return f"{reply.confirmed_by} 已经确认过了。" if reply.confirmed_at else None


def _confirmed(reply: Any, step: Step) -> None:
    said = step.given.get("who", "").strip()
    reply.confirmed_by = f"{said}（{step.actor.name} 记）"[:60] if said else step.actor.name
    reply.confirmed_at = clock.now()


def _nobodys(reply: Any, step: Step) -> None:
    reply.sender, reply.matched = None, ""


def _only_this(reply: Any, step: Step) -> None:
    """What counted until now stands aside: one reply of a sender counts."""
    others = Reply.objects.for_system("一家只计一份").filter(sender=reply.sender_id, state=R.COUNTED)
    for other in others.exclude(pk=reply.pk):
        move(other, "set_aside", step.actor, procedure=REPLYING, note=f"改算{reply.filename or '另一份'}")


REPLYING = Procedure(
    code="报来的表",
    version="1",
    states={str(value): str(label) for value, label in R.choices},
    transitions=(
        Transition(
            "take", "认领", _states(R.UNCLAIMED), str(R.COUNTED), may_collect,
            needs=(_is_open, _has_sender, _has_rows, _no_other),
        ),
        Transition(
            "take_beside", "认领为另一份", _states(R.UNCLAIMED), str(R.RIVAL), may_collect,
            needs=(_is_open, _has_sender, _has_rows),
        ),
        Transition(
            "count", "算这份", _states(R.RIVAL, R.ASIDE, R.RETURNED), str(R.COUNTED), may_collect,
            needs=(_is_open, _has_sender, _has_rows), effect=_only_this,
        ),
        Transition(
            "set_aside", "不算这份", _states(R.RIVAL, R.COUNTED, R.UNCLAIMED, R.REFUSED), str(R.ASIDE), may_collect,
            needs=(_is_open,), note_required=True,
        ),
        Transition(
            "return", "退回", _states(R.COUNTED, R.RIVAL), str(R.RETURNED), may_collect,
            needs=(_is_open,), note_required=True,
        ),
        Transition(
            "unclaim", "认错了", _states(R.COUNTED, R.RIVAL, R.ASIDE), str(R.UNCLAIMED), may_collect,
            needs=(_is_open, _has_sender, _has_rows), effect=_nobodys, note_required=True,
        ),
        Transition(
            "confirm", "确认", _states(R.COUNTED), str(R.COUNTED), _confirms,
            needs=(_unconfirmed,), effect=_confirmed, asks=(Ask("who", "谁确认的", required=False),),
        ),
    ),
)  # fmt: skip
