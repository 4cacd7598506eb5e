"""Papers of a meeting as Word files: the notice, 一县一页 and all of them together, the minutes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.limits import GIVE, limited
from keshu.desk.meetings.county import region_of
from keshu.desk.meetings.finding import meeting_of, whole
from keshu.desk.meetings.page import requests_of
from keshu.desk.reporting.papers import attachment
from keshu.desk.typed import key
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.duties.issuing import open_orders
from keshu.duties.models import Order
from keshu.figures.dispatch import Dispatch
from keshu.journal import audit
from keshu.meetings.lagging import table_of
from keshu.meetings.minutes import carried_over, items_of
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.moving import most_characters
from keshu.meetings.preparing import NO_TABLE
from keshu.reports.exports import MEDIA_TYPES
from keshu.reports.meeting_papers import (
    CountyPaper,
    compilation_docx,
    minutes_docx,
    notice_docx,
    overall_words,
)
from keshu.terms import clock

S = Meeting.State


@require_GET
@needs(Can.SEE_DISPATCH)
@limited(GIVE, methods=("GET",))
def paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One paper: ``notice``, ``compilation`` (``?unit=`` for one page) or ``minutes``. A county gets the notice with what it is
    asked, its own page, and minutes that were issued; back to the meeting where a paper has no content yet."""
    meeting = meeting_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if kind == "notice":
        content, name = _notice(meeting, actor), f"通知_{meeting.title}"
    elif kind == "compilation":
        unit = key(request.GET.get("unit")) or None
        if not whole(actor) and (unit is None or unit not in actor.unit_ids):
            raise Http404("别的单位的材料归市局看。")
        content, name = _compilation(meeting, actor, unit), f"一县一页_{meeting.title}"
    elif kind == "minutes":
        if meeting.state not in (S.DRAFTING, S.ISSUED) or (not whole(actor) and meeting.state != S.ISSUED):
            return redirect("desk:meeting", pk=pk)
        content, name = _minutes(meeting, actor), f"纪要_{meeting.title}"
    else:
        raise Http404("没有这种材料。")
    name = f"{name}_{clock.today()}.docx"
    audit.note(
        actor,
        "导出",
        name,
        address=address(request),
        detail={"调度会": meeting.number, "复现码": meeting.code},
    )
    return attachment(content, name, MEDIA_TYPES["docx"])


def issuer_of(meeting: Meeting) -> str:
    """The bureau in whose name the papers go out: the convening unit's own, or the house's."""
    unit = Unit.objects.select_related("parent").filter(pk=meeting.unit_id).first()
    while unit is not None and unit.parent is not None:
        unit = unit.parent
    return unit.name if unit else f"{meeting.region.name}科学技术局"


def _attendees(meeting: Meeting) -> list[Attendee]:
    return list(meeting.attendees.select_related("unit__region").order_by("order", "pk"))


def _notice(meeting: Meeting, actor: Actor) -> bytes:
    return notice_docx(
        meeting,
        _attendees(meeting),
        requests_of(meeting, actor),
        issuer=issuer_of(meeting),
        most=most_characters(clock.today()),
        at=clock.now(),
    )


def table(meeting: Meeting) -> Dispatch | None:
    """The meeting's figures, None where there are none."""
    try:
        return table_of(meeting)
    except NO_TABLE:
        return None


def _compilation(meeting: Meeting, actor: Actor, unit: int | None) -> bytes:
    found = table(meeting)
    if found is None:
        raise Http404("这一期还没有数，出不了一县一页。")
    rows = [row for row in _attendees(meeting) if unit is None or row.unit_id == unit]
    if not rows:
        raise Http404("这个单位不参加这次会。")
    asked: dict[int, list[Request]] = {}
    for one in requests_of(meeting, actor):
        asked.setdefault(one.unit_id or 0, []).append(one)
    orders: dict[int, list[Order]] = {}
    for order in open_orders(actor):
        orders.setdefault(order.unit_id or 0, []).append(order)
    carried = carried_over(meeting)
    papers = [
        CountyPaper(
            row.unit.region.name if region_of(meeting, row.unit) else row.unit.name,
            region_of(meeting, row.unit),
            asked.get(row.unit_id, []),
            orders.get(row.unit_id, []),
            [one for one in carried if one.item.holder_id == row.unit_id],
        )
        for row in rows
    ]
    # An office that is only invited has nothing to put on a page of its own.
    papers = [
        one for one in papers if unit is not None or one.region or one.requests or one.orders or one.carried
    ]
    return compilation_docx(meeting, found, papers, at=clock.now(), today=clock.today())


def _minutes(meeting: Meeting, actor: Actor) -> bytes:
    rows, items = _attendees(meeting), items_of(meeting)
    helpers = {
        item.pk: [row.unit.name for row in item.helpers.all()]
        for item in meeting.agreed.prefetch_related("helpers__unit")
    }
    overall = meeting.overall or overall_words(meeting, table(meeting), rows, len(items))
    return minutes_docx(
        meeting,
        items,
        rows,
        overall=overall,
        helpers=helpers,
        issuer=issuer_of(meeting),
        at=clock.now(),
    )
