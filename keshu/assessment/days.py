"""What a county can still regain, in its calendar: an item stands in the office's name, the register tells only the office."""

from collections.abc import Iterator
from datetime import date

from keshu.assessment.models import Item
from keshu.assessment.register import OPEN
from keshu.diary.sources import Due, source
from keshu.directory.actors import Actor, Can

SOURCE = "assessed-county"


@source(SOURCE, "县区的考核项")
def regain_days(actor: Actor, first: date | None, last: date, everything: bool) -> Iterator[Due]:
    """Items that the actor's county answers for and another unit stands in; where everything in scope is wanted the register has
    them already. One query, none for who sees the whole house or checks no items."""
    if everything or actor.sees_all or not actor.region_ids or not actor.can(Can.CHECK_ITEMS):
        return
    rows = Item.objects.visible_to(actor).filter(
        state__in=[str(state) for state in OPEN], region__in=actor.region_ids, regain_by__lte=last
    )
    if first is not None:
        rows = rows.filter(regain_by__gte=first)
    for item in rows.exclude(unit__in=actor.unit_ids).select_related("unit").order_by("regain_by", "pk"):
        assert item.regain_by is not None
        yield Due(
            day=item.regain_by,
            label="考核可争取分值到期",
            title=str(item),
            source=SOURCE,
            source_name="考核项",
            link=(str(item.pk),),
            key=f"{SOURCE}-{item.pk}",
            whose=Can.CHECK_ITEMS,
            unit=item.unit.name if item.unit else "",
            unit_id=item.unit_id,
        )
