"""When a form is due: in the calendars of those who are asked and have not replied, and of those who collect."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from keshu.collecting.models import Collection, Reply
from keshu.collecting.who import asked_of
from keshu.diary.sources import Due, source
from keshu.directory.actors import Actor, Can
from keshu.terms import clock

SOURCE = "collecting"
HANDED_IN = (Reply.State.COUNTED, Reply.State.RIVAL)


@source(SOURCE, "收表", counted=False)
def forms_due(actor: Actor, first: date | None, last: date, everything: bool) -> Iterator[Due]:
    """Open collections: what this actor owes, and what it collects. One query each, none for who does neither."""
    begins = datetime.combine(first, time(), tzinfo=clock.TZ) if first is not None else None
    ends = datetime.combine(last + timedelta(days=1), time(), tzinfo=clock.TZ)
    if actor.can(Can.ANSWER_COLLECTION):
        owed = asked_of(actor).filter(collection__state=Collection.State.OPEN, collection__due_at__lt=ends)
        owed = owed.exclude(replies__state__in=HANDED_IN)
        for sender in owed.filter(collection__due_at__gte=begins) if begins is not None else owed:
            yield _due(sender.collection, "交表", ("sender", str(sender.pk)), Can.ANSWER_COLLECTION)
    if actor.can(Can.COLLECT):
        rows = Collection.objects.visible_to(actor).filter(state=Collection.State.OPEN, due_at__lt=ends)
        rows = rows.select_related("unit").order_by("due_at", "pk")
        for collection in rows.filter(due_at__gte=begins) if begins is not None else rows:
            yield _due(collection, "收齐", ("collection", str(collection.pk)), Can.COLLECT)


def _due(collection: Collection, label: str, link: tuple[str, str], whose: Can) -> Due:
    due = collection.due_at.astimezone(clock.TZ)
    return Due(
        day=due.date(),
        label=label,
        title=collection.title,
        source=SOURCE,
        source_name="收表",
        link=link,
        key=f"{SOURCE}-{'-'.join(link)}",
        whose=whose,
        unit=collection.unit.name if collection.unit else "",
        unit_id=collection.unit_id,
        at=due.time(),
    )
