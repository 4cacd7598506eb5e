"""Projects past their last day to apply for acceptance (逾期未验收)."""

from datetime import date

from django.db.models import Q, QuerySet

from keshu.directory.actors import Actor
from keshu.programmes.dating import AWAITED, due_for_acceptance, is_overdue, months_to_accept
from keshu.programmes.models import Application
from keshu.terms import clock


def overdue(actor: Actor, on: date | None = None) -> list[Application]:
    """The projects an actor may see that are past their last day to apply for acceptance, the longest late first."""
    return _late(Application.objects.visible_to(actor), on)


def overdue_of(unit: int, on: date | None = None) -> list[Application]:
    """The late projects of one organisation, whoever asks: while there is one, the organisation may not apply for a new one."""
    return _late(Application.objects.for_system("逾期未验收").filter(unit_id=unit), on)


def _late(rows: QuerySet[Application], on: date | None) -> list[Application]:
    day = on or clock.today()
    # What has no last day of its own has one by the rule, after its end: those that ended are looked at one by one.
    wanted = rows.filter(
        Q(accept_by__lt=day) | Q(accept_by__isnull=True, ends_on__lt=day),
        state__in=AWAITED,
        closed_on__isnull=True,
    )
    months = months_to_accept()
    found = [row for row in wanted.select_related("unit", "region") if is_overdue(row, day, months)]
    return sorted(found, key=lambda row: (due_for_acceptance(row, months), row.pk))
