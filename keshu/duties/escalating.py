"""Escalation (升级): announced before it happens, then carried out with the morning's reminders; who must know is told by the outbox."""

from datetime import date, timedelta

from keshu.diary.lines import offs
from keshu.diary.outbox import write
from keshu.diary.preparing import each_morning
from keshu.directory.actors import Actor
from keshu.directory.models import Employment, Unit
from keshu.duties.lateness import Lighting, Rise, lighting, overdue_days
from keshu.duties.models import PENDING, Escalation, Order
from keshu.journal.writing import writing
from keshu.terms import clock

Cause = Escalation.Cause
WORDS = {"holder": "承办单位", "superior": "上一级", "leader": "包抓领导"}


@each_morning
def escalate(actor: Actor) -> int:
    """Carry out the rises that today's rules ask for and announce those that are near; returns the messages laid into the outbox.

    Repeating it does nothing twice. Orders that wait for verification, a decision of the other side or are suspended do not rise;
    a delay counts on while an extension waits. Where supervision is switched off nothing rises.
    """
    today = clock.today()
    rows = Order.objects.for_system("督办升级").filter(state__in=PENDING)
    for off in offs():
        if off.register == "orders":
            rows = rows.exclude(off.dated(Order, "due_on"))
    orders = list(rows.select_related("unit__parent", "issuing_unit", "leader").order_by("pk"))
    if not orders:
        return 0
    lights = lighting(today)
    held = {
        (row.order_id, row.cause, row.level, row.since): row
        for row in Escalation.objects.filter(order__in=orders)
    }
    sent = 0
    with writing(actor, f"督办升级 {today}"):
        for order in orders:
            known = {key[1:]: row for key, row in held.items() if key[0] == order.pk}
            sent += _overdue(order, lights, known, actor)
            sent += _silent(order, lights, known, actor)
    return sent


Known = dict[tuple[str, int, date], Escalation]


def _overdue(order: Order, lights: Lighting, known: Known, actor: Actor) -> int:
    sent = 0
    if order.due_on < lights.on and order.overdue_from is None:
        order.overdue_from = order.due_on + timedelta(days=1)
        order.save()
    reached = lights.reached(order)
    if reached is not None:
        level = int(reached["level"])
        row = known.get((str(Cause.OVERDUE), level, order.due_on))
        if row is None or row.reached_on is None:
            said = f"超期 {overdue_days(order, lights.on)} 天，升为{reached['name']}督办"
            rise = Rise(level, lights.on, tuple(reached["tells"]), said)
            sent += _reach(order, Cause.OVERDUE, rise, order.due_on, row, actor)
            order.level = level
            order.save()
    coming = lights.next_rise(order)
    if coming is not None and (coming.on - lights.on).days <= lights.announce:
        sent += _announce(order, Cause.OVERDUE, coming, order.due_on, known, actor)
    return sent


def _silent(order: Order, lights: Lighting, known: Known, actor: Actor) -> int:
    sent = 0
    gone = lights.missed(order)
    many = lights.silence(order)
    if many:
        since = gone[many * lights.silent - 1]
        row = known.get((str(Cause.SILENT), many, since))
        if row is None or row.reached_on is None:
            said = f"连续 {len(gone)} 期没有反馈，亮灯升 {many * lights.raises} 级"
            sent += _reach(order, Cause.SILENT, Rise(many, lights.on, ("superior",), said), since, row, actor)
    coming = lights.next_silence(order)
    if coming is not None and (len(gone) % lights.silent or lights.silent == 1):
        since = coming.on - timedelta(days=1)
        if (coming.on - lights.on).days <= lights.announce:
            sent += _announce(order, Cause.SILENT, coming, since, known, actor)
    return sent


def _reach(order: Order, cause: str, rise: Rise, since: date, row: Escalation | None, actor: Actor) -> int:
    told = recipients(order, rise.tells)
    row = row or Escalation(order=order, cause=cause, level=rise.level, since=since)
    row.takes_effect_on = row.reached_on = rise.on
    row.told = "、".join(unit.name for unit in told)[:200]
    row.said = rise.said
    row.save()
    for unit in told:
        text = (
            f"{unit.name}：\n督办单 {order.number}“{order.what}”由{order.unit.name}承办，时限 {order.due_on}，"
            f"{rise.said}。请{'抓紧办理并反馈' if unit.pk == order.unit_id else '督促办理'}。"
        )
        write(
            actor, unit, subject=f"督办升级：{order.number} {rise.said}"[:200], text=text, due_on=order.due_on
        )
    return len(told)


def _announce(order: Order, cause: str, rise: Rise, since: date, known: Known, actor: Actor) -> int:
    if (str(cause), rise.level, since) in known:
        return 0
    told = recipients(order, rise.tells)
    Escalation(
        order=order,
        cause=cause,
        level=rise.level,
        since=since,
        takes_effect_on=rise.on,
        announced_on=clock.today(),
        told=order.unit.name,
        said=announced(rise, told),
    ).save()
    text = (
        f"{order.unit.name}：\n督办单 {order.number}“{order.what}”时限 {order.due_on}。{announced(rise, told)}。"
        "请在此之前办结或反馈；确有困难的，申请延期。"
    )
    write(actor, order.unit, subject=f"督办将升级：{order.number}", text=text, due_on=order.due_on)
    return 1


def announced(rise: Rise, told: list[Unit]) -> str:
    """The announcement of a rise: when, to which level, who is told."""
    names = "、".join(unit.name for unit in told) or "、".join(WORDS[who] for who in rise.tells)
    return f"{rise.on} 起{rise.said}，告知 {names}"


def recipients(order: Order, tells: tuple[str, ...]) -> list[Unit]:
    """The organisations of a step of the path: the holder, the office above it (else who issued it), the leader's office."""
    found: list[Unit | None] = []
    for who in tells:
        if who == "holder":
            found.append(order.unit)
        elif who == "superior":
            found.append(order.unit.parent or order.issuing_unit)
        elif who == "leader" and order.leader_id is not None:
            found.append(_office_of(order.leader_id))
    units = {unit.pk: unit for unit in found if unit is not None}
    return list(units.values())


def _office_of(person_id: int) -> Unit | None:
    posts = Employment.objects.filter(person=person_id).select_related("unit").order_by("pk")
    return next((post.unit for post in posts if post.in_force()), None)
