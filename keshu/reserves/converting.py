"""From reserve to application: one step makes a filled draft to an open call; the approval takes the entry out as converted."""

from typing import Any

from keshu.directory.actors import Actor
from keshu.ledger.drafts import Draft, keep
from keshu.procedure.moving import MoveRefused, NotYourTurn, Step, following
from keshu.programmes import applying
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import PROCEDURE as PROJECT
from keshu.programmes.questions import questions
from keshu.programmes.steps.who import own
from keshu.reserves.filling import drafts
from keshu.reserves.models import Reserve
from keshu.reserves.reserving import applications, step
from keshu.terms.quantity import wan

S = Reserve.State
#: Where a draft keeps the number of the entry it came from; no question of the form carries this name.
FROM_RESERVE = "reserve_number"


def calls_for(reserve: Reserve, actor: Actor) -> list[Call]:
    """The calls open to the actor now, those of the entry's level and field first."""
    return sorted(
        applying.open_calls(actor),
        key=lambda call: (call.level != reserve.level, call.field != reserve.field, call.apply_until),
    )


def may_convert(actor: Actor, reserve: Reserve) -> bool:
    """Whether the actor may apply with the entry: its own organisation, while it is in reserve and nothing was applied for with it."""
    return own(actor, reserve) and reserve.state == S.HELD and not applications(reserve)


def convert(actor: Actor, reserve: Reserve, call: Call) -> Draft:
    """The draft of an application with what the entry says; one that was begun before is gone on with.

    Raises NotYourTurn, MoveRefused.
    """
    if not own(actor, reserve):
        raise NotYourTurn(f"“{reserve}”是 {reserve.unit or reserve.holder} 的，由它自己申报。")
    if reserve.state != S.HELD:
        raise MoveRefused(f"“{reserve}”现在是{reserve.get_state_display()}，在库的才能转为申报。")
    sent = applications(reserve)
    if sent:
        raise MoveRefused(f"已经用它申报了 {sent[0].number or sent[0].title}，不能再报一次。")
    if call.pk not in [found.pk for found in applying.open_calls(actor)]:
        raise MoveRefused(f"“{call}”现在不收申报。请选一个正在申报的通知。")
    for draft in drafts(actor, applying.REGISTER).filter(about=call.pk, record_pk=None):
        if draft.content.get(FROM_RESERVE) == reserve.number:
            return draft
    draft = applying.begin(actor, call)
    for name, text in {**_texts(reserve, call), FROM_RESERVE: reserve.number}.items():
        draft = keep(draft, name, text, actor.name)
    return draft


def _texts(reserve: Reserve, call: Call) -> dict[str, str]:
    """What the form of an application to a call can take over from an entry."""
    most = {asked.name: asked.most for asked in questions(call)}
    texts = {
        "title": reserve.title,
        "asked": "" if reserve.needed is None else wan(reserve.needed),
        "summary": "\n".join(filter(None, (reserve.summary, reserve.progress))),
    }
    return {name: text[: most[name]] for name, text in texts.items() if name in most and text}


def reserve_of(application: Application) -> Reserve | None:
    """The entry an application came from."""
    if not application.reserve_number:
        return None
    return Reserve.objects.for_system("来自储备").filter(number=application.reserve_number).first()


@following(PROJECT.code, "approve", "approve_above")
def _approved(application: Any, taken: Step) -> None:
    reserve = reserve_of(application)
    if reserve is not None and reserve.state == S.HELD:
        step(reserve, "convert", taken.actor)
