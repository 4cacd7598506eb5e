"""The days of meetings in the calendars of those who prepare, chair or attend them."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from keshu.diary.sources import Due, source
from keshu.directory.actors import Actor, Can
from keshu.meetings.models import Attendee, Meeting
from keshu.meetings.who import OPEN_TO_CHANGE
from keshu.terms import clock

SOURCE = "meeting-days"


@source(SOURCE, "调度会")
def meeting_days(actor: Actor, first: date | None, last: date, everything: bool) -> Iterator[Due]:
    """Meetings that have not begun; of others' meetings only where everything in scope is wanted. One query, none for who sees
    no dispatch."""
    if not actor.can(Can.SEE_DISPATCH):
        return
    rows = Meeting.objects.visible_to(actor).filter(state__in=OPEN_TO_CHANGE, counts_on__lte=last)
    if first is not None:
        rows = rows.filter(counts_on__gte=first)
    if not everything and not actor.can(Can.HOLD_MEETINGS):
        invited = Attendee.objects.filter(unit__in=actor.unit_ids).values("meeting")
        rows = rows.filter(Q(pk__in=invited) | Q(chair=actor.person_id, chair__isnull=False))
    for row in rows.select_related("unit").order_by("held_at", "pk"):
        held = row.held_at.astimezone(clock.TZ)
        yield Due(
            day=held.date(),
            label="开会",
            title=row.title,
            source=SOURCE,
            source_name="调度会",
            link=(str(row.pk),),
            key=f"{SOURCE}-{row.pk}",
            whose=Can.SEE_DISPATCH,
            unit=row.unit.name if row.unit else "",
            unit_id=row.unit_id,
            at=held.time(),
        )
