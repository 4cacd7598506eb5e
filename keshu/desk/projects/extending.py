"""Until when an extension may still be asked for, as a due thing of the project's organisation; a day that is gone is nothing overdue."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from keshu.desk.diary.linking import opens
from keshu.diary.sources import Due, source
from keshu.directory.actors import Actor, Can
from keshu.programmes.models import Application
from keshu.terms import clock

CODE = "extensions"


@source(CODE, "延期申请", counted=False)
def last_days(actor: Actor, first: date | None, last: date, everything: bool) -> Iterable[Due]:
    """The last days in the stretch, for those who apply or when everything in scope is wanted. One query."""
    if not (everything or actor.can(Can.APPLY)):
        return ()
    today = clock.today()
    rows = Application.objects.visible_to(actor).filter(
        state=Application.State.RUNNING, extend_by__gte=max(first or today, today), extend_by__lte=last
    )
    return [
        Due(
            day=row.extend_by,
            label="延期最迟提出",
            title=row.title,
            source=CODE,
            source_name="延期申请",
            link=(str(row.pk),),
            key=f"{CODE}-{row.pk}",
            whose=Can.APPLY,
            unit=str(row.unit or ""),
            unit_id=row.unit_id,
        )
        for row in rows.select_related("unit").order_by("extend_by", "pk")
    ]


@opens(CODE)
def address(item: Due, actor: Actor) -> str:
    """The project's page, where a change is asked for."""
    return reverse("desk:record", args=["programmes", int(item.link[0])])
