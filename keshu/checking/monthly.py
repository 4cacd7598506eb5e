"""The sheet of a month: each item with what is due, what was reached, its lamp, what its office says; frozen beside present."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from keshu.checking.lighting import (
    ItemStanding,
    Lamps,
    NoSuchLamps,
    counted,
    lamps_for,
    percent,
    sets_in_force,
    standing,
)
from keshu.checking.models import Check, Item
from keshu.directory.actors import Actor
from keshu.directory.models import Unit
from keshu.duties.issuing import open_orders
from keshu.duties.models import Order
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.figures.book import book
from keshu.journal import moments
from keshu.rules.lamps import Lamp, LampRule, lamp
from keshu.rules.models import Rule
from keshu.terms.period import Period
from keshu.terms.quantity import show_number

ONE = Decimal(1)
PREFIX = "check|"


@dataclass(frozen=True)
class Line:
    """One item in one month. What was frozen is shown when the month was reviewed; ``now`` is where it stands with the records of
    today, of the same month. ``lamp`` is lit by the set of lamps of the page."""

    item: Item
    check: Check | None
    now: ItemStanding
    value: Decimal | None
    unit: str
    own: bool
    missing: str
    completion: Decimal | None
    planned: Decimal
    lamp: Lamp
    order: Order | None = None

    @property
    def frozen(self) -> bool:
        """Whether the month was reviewed and stands fixed."""
        return self.check is not None and bool(self.check.frozen)

    @property
    def target(self) -> str:
        """The target of that month: as it was frozen, else as it held at the month's end."""
        kept = self.check.frozen.get("target") if self.check is not None and self.check.frozen else None
        return str(kept or self.now.target)

    @property
    def gap(self) -> Decimal | None:
        """Ahead (positive) or behind of what is due, as a share."""
        return None if self.completion is None else WIDE.subtract(self.completion, self.planned)

    @property
    def behind(self) -> bool:
        """Whether its lamp asks for something."""
        return self.lamp.level not in ("ok", "none")

    @property
    def shown_completion(self) -> str:
        """52.0%, or nothing."""
        return "" if self.completion is None else percent(self.completion)

    @property
    def now_completion(self) -> str:
        """What the frozen one would be with the records of today, where that differs."""
        if not self.frozen or self.now.completion == self.completion:
            return ""
        return "" if self.now.completion is None else percent(self.now.completion)


@dataclass(frozen=True)
class Sheet:
    """The items of a month that an actor sees, by office."""

    month: Period
    lamps: Lamps
    usual: Lamps
    sets: Sequence[Rule]
    lines: Sequence[Line]

    @property
    def groups(self) -> list[tuple[Unit, list[Line]]]:
        """Lines by responsible office, in the order of the items."""
        found: dict[int, tuple[Unit, list[Line]]] = {}
        for line in self.lines:
            assert line.item.unit is not None
            found.setdefault(line.item.unit_id or 0, (line.item.unit, []))[1].append(line)
        return list(found.values())

    @property
    def counts(self) -> list[tuple[Any, int]]:
        """How many of each lamp, the mildest first."""
        return counted([line.lamp for line in self.lines], self.lamps.loaded)

    @property
    def worst(self) -> Line | None:
        """The line furthest behind, among those whose lamp asks for something."""
        late = [line for line in self.lines if line.behind and line.gap is not None]
        return min(late, key=lambda line: (line.gap or Decimal(0), line.item.pk), default=None)

    def in_state(self, *states: str) -> int:
        """How many checks stand in some states."""
        return sum(line.check is not None and line.check.state in states for line in self.lines)


def month_sheet(
    actor: Actor,
    month: Period,
    *,
    lamp_code: str | None = None,
    units: Sequence[int] | None = None,
    revision: int | None = None,
) -> Sheet:
    """The sheet of a month as an actor sees it; of some offices only (``units``). Queries do not grow with the items.

    A set of lamps other than the usual one lights the same numbers anew; what was frozen keeps its numbers. Raises NoSuchLamps.
    """
    until = month.end
    at = moments.latest() if revision is None else revision
    usual = lamps_for(until, revision=at)
    lamps = usual if lamp_code is None else lamps_for(until, code=lamp_code, revision=at)
    rows = Item.objects.visible_to(actor).filter(
        Q(state=Item.State.ASSIGNED) | Q(state=Item.State.CLOSED), year=month.year, begins_on__lte=until
    )
    if units is not None:
        rows = rows.filter(unit__in=units)
    items = list(rows.select_related("unit", "goal").order_by("order", "pk"))
    checks = {
        check.item_id: check
        for check in Check.objects.for_system("事项的对照，随事项一起看").filter(
            period=month.code, item__in=[item.pk for item in items]
        )
    }
    orders = _orders(actor, month)
    now = standing(items, until=until, lamp_code=lamp_code, revision=revision)
    relit = None if lamps.rule.pk == usual.rule.pk else lamps.loaded
    lines = [
        _line(one, checks.get(one.item.pk), until, relit, orders.get(ref(one.item, month))) for one in now
    ]
    return Sheet(month, lamps, usual, sets_in_force(book(at).rules, until), lines)


def _line(
    now: ItemStanding, check: Check | None, until: date, relit: LampRule | None, order: Order | None
) -> Line:
    if check is None or not check.frozen:
        return Line(
            now.item, check, now, now.value, now.unit, now.own, now.missing, now.completion, now.planned_share,
            now.lamp, order,
        )  # fmt: skip
    kept = check.frozen
    done = None if kept["completion"] is None else Decimal(kept["completion"])
    planned = Decimal(kept["planned"])
    lit = Lamp(**kept["lamp"])
    if relit is not None:
        left = None if done is not None and done >= ONE else (date.fromisoformat(kept["due_on"]) - until).days
        missing = (kept["missing"] or "缺数") if done is None else None
        lit = lamp(relit, completion=done, progress=planned, days_left=left, missing_reason=missing)
    value = None if kept["value"] is None else Decimal(kept["value"])
    return Line(
        now.item, check, now, value, kept["unit"], kept["own"], kept["missing"], done, planned, lit, order
    )


def ref(item: Item, month: Period) -> str:
    """The key under which an order is issued for an item in a month."""
    return f"{PREFIX}{item.pk}|{month.code}"


def _orders(actor: Actor, month: Period) -> dict[str, Order]:
    """Open orders by the place they came from. One query."""
    found = open_orders(actor, ref_prefix=PREFIX).filter(origin_ref__endswith=f"|{month.code}")
    return {order.origin_ref: order for order in found}


def points(share: Decimal) -> str:
    """A difference of shares in percentage points, without its sign: 15.0."""
    return show_number(abs(WIDE.multiply(share, HUNDRED)), 1)


__all__ = ("Line", "NoSuchLamps", "Sheet", "month_sheet", "points", "ref")
