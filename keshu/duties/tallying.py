"""通报: how many orders each organisation was given, had due, closed in time, and stands late with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from keshu.directory.actors import Actor
from keshu.duties.models import PENDING, Order
from keshu.terms import clock

S = Order.State
TAKEN_BACK = (str(S.CANCELLED), str(S.MERGED))


@dataclass(frozen=True)
class Counted:
    """One count of the circular: its word, the counting rule, and the orders it counts between two days."""

    code: str
    label: str
    rule: str
    where: Callable[[date, date], Q]


COUNTS = (
    Counted("issued", "交办", "下达日期在这段时间", lambda since, until: Q(issued_on__range=(since, until))),
    Counted("due", "到期", "现行时限在这段时间", lambda since, until: Q(due_on__range=(since, until))),
    Counted(
        "closed",
        "销号",
        "销号日期在这段时间",
        lambda since, until: Q(state=S.CLOSED, closed_on__range=(since, until)),
    ),
    Counted(
        "in_time",
        "其中按期",
        "办结反馈没有超期，延期后按期的也算",
        lambda since, until: (
            Q(state=S.CLOSED, closed_on__range=(since, until)) & ~Q(outcome=Order.Outcome.LATE)
        ),
    ),
    Counted(
        "late",
        "现在超期",
        "今天已过时限，还没有反馈办结",
        lambda since, until: Q(state__in=PENDING, due_on__lt=clock.today()),
    ),
)
BY_CODE = {counted.code: counted for counted in COUNTS}


@dataclass(frozen=True)
class Tally:
    """The counts of one organisation (None: all together)."""

    unit_id: int | None
    name: str
    counts: dict[str, int]

    @property
    def share(self) -> Decimal | None:
        """Closed in time among closed, unrounded; None where nothing was closed."""
        closed = self.counts["closed"]
        return Decimal(self.counts["in_time"]) / closed if closed else None


def counted_orders(actor: Actor) -> QuerySet[Order]:
    """The orders that count, in the actor's scope: cancelled and merged ones do not."""
    return Order.objects.visible_to(actor).exclude(state__in=TAKEN_BACK)


def tallies(actor: Actor, since: date, until: date) -> tuple[list[Tally], Tally]:
    """Per organisation in the order of regions, and all together. One query."""
    rows = (
        counted_orders(actor)
        .order_by()
        .values("unit_id", "unit__name")
        .annotate(**{one.code: Count("pk", filter=one.where(since, until)) for one in COUNTS})
        .order_by("unit__region__order", "unit_id")
    )
    found = [
        Tally(row["unit_id"], row["unit__name"], {one.code: row[one.code] for one in COUNTS})
        for row in rows
        if any(row[one.code] for one in COUNTS)
    ]
    total = {one.code: sum(tally.counts[one.code] for tally in found) for one in COUNTS}
    return found, Tally(None, "合计", total)
