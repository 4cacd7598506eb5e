"""每月1日生成对照表: one check for every item that was at work in the month that has ended; making them twice makes nothing."""

from collections.abc import Iterable
from datetime import date, timedelta

from keshu.checking.lighting import RULE
from keshu.checking.models import Check, Item
from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.rules.dated import NoRuleInForce, in_force
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period


class TooEarly(MoveRefused):
    """The month is not over yet."""


def opens_on(month: Period) -> date:
    """The day on which the sheet of a month is made. Raises MoveRefused without a rule."""
    return _day_after(month, "generate_day")


def fill_by(month: Period) -> date:
    """The day until which the offices fill the sheet of a month."""
    return _day_after(month, "fill_by_day")


def _day_after(month: Period, name: str) -> date:
    """A day of the month after, as the dated rule says."""
    first = month.end + timedelta(days=1)
    try:
        data = in_force(str(Rule.Kind.DEADLINE), RULE, first).data
    except NoRuleInForce as absent:
        raise MoveRefused(str(absent)) from absent
    return first.replace(day=int(data[name]))


def last_month() -> Period:
    """The month whose sheet is the newest that can stand today."""
    today = clock.today()
    ended = today.replace(day=1) - timedelta(days=1)
    month = Period.month(ended.year, ended.month)
    if today < opens_on(month):
        before = month.start - timedelta(days=1)
        month = Period.month(before.year, before.month)
    return month


def items_at_work(month: Period, items: Iterable[Item] | None = None) -> list[Item]:
    """The items of the year that had begun by the end of a month and are neither closed nor cancelled, in their order."""
    if items is None:
        rows = Item.objects.for_system("生成对照表").filter(year=month.year, state=Item.State.ASSIGNED)
        items = rows.order_by("order", "pk")
    return [item for item in items if item.state == Item.State.ASSIGNED and item.begins_on <= month.end]


def open_month(month: Period, actor: Actor) -> int:
    """Make the checks of a month that do not stand yet, in one revision; how many.

    Raises NotYourTurn, TooEarly before the day that the rule names.
    """
    if not actor.can(Can.REVIEW_CHECKS):
        raise NotYourTurn(
            f"{actor.name} 不能生成对照表。请由有“{Can.REVIEW_CHECKS.value}”权限的规划科来生成。"
        )
    day = opens_on(month)
    if clock.today() < day:
        raise TooEarly(f"{month.label}的对照表要到 {day} 才生成，今天是 {clock.today()}。")
    until = fill_by(month)
    with writing(actor, f"生成对照表 {month.code}"):
        # Two at once: the second waits for the items and then finds what the first made.
        rows = Item._base_manager.select_for_update().filter(year=month.year, state=Item.State.ASSIGNED)
        items = items_at_work(month, rows.order_by("pk"))
        there = set(
            Check._base_manager.filter(period=month.code, item__in=items).values_list("item_id", flat=True)
        )
        missing = [item for item in items if item.pk not in there]
        for item in missing:
            Check(
                item=item,
                name=item.name,
                number=f"{item.number}-{month.start.month:02d}",
                region_id=item.region_id,
                unit_id=item.unit_id,
                period=month.code,
                fill_by=until,
                counts_on=month.end,
                source="按月生成",
            ).save()
    return len(missing)
