"""The windows of calls as due things: until when organisations apply, until when applications are recommended."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse

from keshu.desk.diary.linking import opens
from keshu.diary.sources import Due, source
from keshu.directory.actors import Actor, Can
from keshu.programmes.models import Call
from keshu.terms import clock

CODE = "calls"
#: The field of the call, what it is called, whose business it is.
WINDOWS = (("apply_until", "申报截止", Can.APPLY), ("recommend_until", "推荐截止", Can.RECOMMEND))


@source(CODE, "申报通知")
def windows(actor: Actor, first: date | None, last: date, everything: bool) -> Iterable[Due]:
    """What closes in the stretch; a window that has closed is nothing overdue. One query."""
    mine = [
        window for window in WINDOWS if everything or actor.can(window[2]) or actor.can(Can.HANDLE_PROGRAMMES)
    ]
    if not mine:
        return ()
    start = first or clock.today()
    begins, ends = _midnight(start), _midnight(last + timedelta(days=1))
    stretch = Q(pk__in=[])
    for field, _, _ in mine:
        stretch |= Q(**{f"{field}__gte": begins, f"{field}__lt": ends})
    calls = Call.objects.exclude(state=Call.State.DRAFT).filter(stretch).order_by("pk")
    return [item for call in calls for item in _of(call, mine, start, last)]


def _of(call: Call, mine: Iterable[tuple[str, str, Can]], first: date, last: date) -> Iterator[Due]:
    for field, label, whose in mine:
        at = getattr(call, field).astimezone(clock.TZ)
        if first <= at.date() <= last:
            yield Due(
                day=at.date(),
                label=label,
                title=call.name,
                source=CODE,
                source_name="申报通知",
                link=(str(call.pk), str(call.year)),
                key=f"{CODE}-{call.pk}-{field}",
                whose=whose,
                at=at.time(),
            )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.TZ)


@opens(CODE)
def address(item: Due, actor: Actor) -> str:
    """Applicants go to their applications, the others to those of the year that wait for them."""
    if actor.can(Can.APPLY):
        return reverse("desk:apply")
    return reverse("desk:register", args=["programmes"]) + f"?year={item.link[1]}"
