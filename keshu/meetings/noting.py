"""Notes during the meeting: kept with every key outside the history, taken into it when the meeting ends."""

from typing import Any

from keshu.directory.actors import Actor
from keshu.ledger.classified import refuse_classified
from keshu.ledger.drafts import Draft, keep
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.who import holds_or_chairs
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

#: Where the drafts of this room stand among all drafts.
REGISTER = "meetings"
MOST = 4000


class NoSuchNote(MoveRefused):
    """A note names nothing of this meeting, or the meeting does not sit any more."""


def notes_of(meeting: Meeting) -> dict[str, str]:
    """The notes as typed so far: ``unit-<attendee>`` and ``item-<request>`` → text. One query."""
    draft = _draft(meeting)
    return {} if draft is None else dict(draft.content)


def _draft(meeting: Meeting) -> Draft | None:
    rows = Draft.objects.for_system("会上记录").filter(register=REGISTER, about=meeting.pk)
    return rows.order_by("pk").first()


def note(actor: Actor, meeting: Meeting, name: str, text: str) -> Draft:
    """Keep one note of a sitting meeting: ``unit-<attendee pk>`` of what a unit said, ``item-<request pk>`` against an item,
    ``came-<attendee pk>`` for who came (yes, leave, no or empty).

    Raises NotYourTurn, NoSuchNote, Classified, MoveRefused for what is too long.
    """
    if not holds_or_chairs(actor, meeting):
        raise NotYourTurn(f"{actor.name} 不能记这次会。请由规划科或主持人记。")
    if meeting.state != Meeting.State.SITTING:
        raise NoSuchNote(f"“{meeting}”现在是“{meeting.get_state_display()}”，会上记录只在开会时写。")
    if name not in _names(meeting):
        raise NoSuchNote(f"这次会没有“{name[:30]}”这一处。请刷新后再写。")
    if len(text) > MOST:
        raise MoveRefused(f"写了 {len(text)} 字，最多 {MOST} 字。请删减，超出的没有存。")
    if name.startswith("came-") and text not in Attendee.Came.values:
        raise NoSuchNote("到会请从到会、请假、缺席里选。")
    refuse_classified(text)
    return keep(begun(meeting, actor), name, text, actor.name)


def begun(meeting: Meeting, actor: Actor) -> Draft:
    """The draft of the notes; made with the first of them. Two who begin at once get one."""
    unit_id = meeting.unit_id or actor.unit_id
    if unit_id is None:
        raise MoveRefused("召集单位没有定，会上记录没有地方存。请先定召集单位。")
    draft = _draft(meeting)
    if draft is not None:
        return draft
    made, _ = Draft._base_manager.get_or_create(
        register=REGISTER,
        about=meeting.pk,
        record_pk=meeting.pk,
        defaults={"unit_id": unit_id, "saved_at": clock.now(), "saved_by": actor.name},
    )
    return made


def _names(meeting: Meeting) -> set[str]:
    attendees = Attendee.objects.filter(meeting=meeting).values_list("pk", flat=True)
    requests = Request.objects.for_system("会上记录").filter(meeting=meeting).values_list("pk", flat=True)
    return {f"{kind}-{pk}" for pk in attendees for kind in ("unit", "came")} | {
        f"item-{pk}" for pk in requests
    }


def settle_notes(meeting: Any) -> None:
    """Take the notes into the history when the meeting ends. Inside ``writing``."""
    notes = notes_of(meeting)
    for row in Attendee.objects.filter(meeting=meeting):
        said, came = notes.get(f"unit-{row.pk}", "").strip(), notes.get(f"came-{row.pk}", "")
        if (said, came) != (row.said, row.came):
            row.said, row.came = said, came
            row.save()
    for request in Request.objects.for_system("会上记录").filter(meeting=meeting):
        noted = notes.get(f"item-{request.pk}", "").strip()
        if noted != request.noted:
            request.noted = noted
            request.save()
    draft = _draft(meeting)
    if draft is not None:
        draft.delete()
