"""A meeting of the address, for this reader or not at all; and its figures as the dispatch pages draw them."""

from django.http import Http404, HttpRequest

from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, sheet
from keshu.desk.registers.finding import refused
from keshu.directory.actors import Actor, Can
from keshu.meetings.models import Meeting


def meeting_of(request: HttpRequest, pk: int) -> Meeting:
    """The meeting, when this actor may see it; otherwise it is not there, and the try is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = Meeting.objects.visible_to(actor).select_related("scheme", "region", "unit", "chair", "previous")
    found = rows.filter(pk=pk).first()
    if found is None:
        if Meeting.objects.for_system("别人的会").filter(pk=pk).exists():
            refused(request, f"调度会 {pk}")
        raise Http404("没有这次会，或它不在现在这个岗位的范围里。")
    return found


def holds(actor: Actor) -> bool:
    """Whether the reader prepares meetings."""
    return actor.can(Can.HOLD_MEETINGS)


def whole(actor: Actor) -> bool:
    """Whether the reader sees what every unit answered: the bureau does, a county sees its own."""
    return actor.sees_all


def figures(meeting: Meeting, actor: Actor) -> tuple[Sheet | None, str]:
    """(the sheet of the meeting at its revision, for this reader, "") or (None, why there is none)."""
    asked = Asked(scheme=meeting.scheme.code, period=meeting.period, level=meeting.level, asof=meeting.code)
    try:
        return sheet(asked, actor), ""
    except (*REFUSALS, NothingHeld) as refusal:
        return None, str(refusal)
