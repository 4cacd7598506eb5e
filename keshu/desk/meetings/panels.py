"""Cards on the pages of the registers: from a record to its meeting, and from a request to where it is answered."""

from django.http import HttpRequest
from django.urls import reverse

from keshu.desk.diary.linking import opens
from keshu.desk.registers.panels import Panel, panel
from keshu.diary.sources import Due
from keshu.directory.actors import Actor
from keshu.ledger.records import Record
from keshu.meetings.days import SOURCE
from keshu.meetings.models import Meeting, Request
from keshu.meetings.who import OWED


@panel("meetings")
def meeting_card(request: HttpRequest, record: Record) -> Panel | None:
    """The way to the page of the meeting."""
    return Panel(
        "meetings/card.html",
        {
            "href": reverse("desk:meeting", args=[record.pk]),
            "label": "打开会议页",
            "say": "上次议定事项、原因措施、发言、纪要都在会议页。",
        },
        place="side",
    )


@panel("meeting-requests")
def request_card(request: HttpRequest, record: Record) -> Panel | None:
    """The way to the meeting, and for who owes the answer to 调度会材料."""
    assert isinstance(record, Request)
    mine = record.state in OWED and record.unit_id in request.actor.unit_ids  # type: ignore[attr-defined]
    if mine:
        href, label = f"{reverse('desk:meeting_materials')}#r{record.pk}", "去写原因措施"
    else:
        href, label = reverse("desk:meeting", args=[record.meeting_id]), "打开会议页"
    return Panel("meetings/card.html", {"href": href, "label": label, "say": ""}, place="side")


@panel("orders")
def origin_card(request: HttpRequest, record: Record) -> Panel | None:
    """An order that minutes made: the way back to their meeting, for who was there."""
    kind, _, rest = str(getattr(record, "origin_ref", "")).partition("|")
    pk = rest.partition("|")[0]
    if kind != "minutes" or not pk.isdigit():
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    meeting = Meeting.objects.visible_to(actor).filter(pk=int(pk)).first()
    if meeting is None:
        return None
    href = f"{reverse('desk:meeting', args=[meeting.pk])}#minutes"
    return Panel(
        "meetings/card.html", {"href": href, "label": "看会议纪要", "say": f"{meeting}议定。"}, place="side"
    )


@opens(SOURCE)
def opened_day(item: Due, actor: Actor) -> str:
    """A meeting of the calendar opens its page."""
    return reverse("desk:meeting", args=[item.link[0]])
