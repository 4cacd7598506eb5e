"""Minutes (纪要): agreed items with holder and date, what became of those of the last meeting, orders made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.duties.issuing import AlreadyOrdered, NotYours, Origin, issue_order
from keshu.duties.models import OPEN, PENDING, Order
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.meetings.models import AgreedHelper, AgreedItem, Meeting, Request
from keshu.meetings.preparing import locked
from keshu.meetings.who import require
from keshu.procedure.moving import MoveRefused
from keshu.terms import clock

LONGEST, LONGEST_EVIDENCE = 200, 200
MOST_ITEMS = 60


class NoHolder(MoveRefused):
    """An agreed item without holder: nobody would do it."""


class NoDate(MoveRefused):
    """An agreed item without a date, or with one that cannot stand."""


class NotIssued(MoveRefused):
    """Orders are made of minutes that were issued."""


@dataclass(frozen=True)
class Standing:
    """An agreed item and where it stands: ``word`` 已销号, 在办, 超期, 已反馈 … with a lamp's level; ``order`` None where none was made."""

    item: AgreedItem
    word: str
    level: str
    order: Order | None
    days_late: int = 0


@dataclass(frozen=True)
class Issued:
    """What one press of the button did: orders made now, and those that stood already."""

    made: tuple[Order, ...]
    held: tuple[Order, ...]


def keep_item(
    actor: Actor,
    meeting: Meeting,
    *,
    text: str,
    holder: Unit | None,
    due_on: date | None,
    evidence_wanted: str = "",
    helpers: Iterable[Unit] = (),
    about: Request | None = None,
    item: AgreedItem | None = None,
) -> AgreedItem:
    """Write an agreed item into the minutes, or change one that is not ordered yet.

    Raises NoHolder, NoDate (none, or not after the meeting's own day), MoveRefused, NotYourTurn, Classified.
    """
    require(actor, meeting, Meeting.State.SITTING, Meeting.State.DRAFTING)
    text, evidence_wanted = text.strip(), evidence_wanted.strip()
    if not text:
        raise MoveRefused("议定了什么没有写。写明办成什么再存。")
    if len(text) > LONGEST or len(evidence_wanted) > LONGEST_EVIDENCE:
        raise MoveRefused(
            f"议定事项写了 {len(text)} 字、佐证写了 {len(evidence_wanted)} 字，各最多 {LONGEST} 字。请删减后再存。"
        )
    said = text if len(text) <= 20 else f"{text[:20]}…"
    if holder is None:
        raise NoHolder(f"“{said}”没有承办单位。没人承办的事项不进纪要，选一个单位再存。")
    if due_on is None:
        raise NoDate(f"“{said}”没有完成时限。没有时限的事项不进纪要，写上日期再存。")
    if meeting.counts_on and due_on < meeting.counts_on:
        raise NoDate(f"“{said}”的完成时限 {due_on} 早于开会 {meeting.counts_on}。请定在会后。")
    refuse_classified(text, evidence_wanted)
    with writing(actor, f"议定 {text[:60]}"):
        meeting = locked(meeting)
        require(actor, meeting, Meeting.State.SITTING, Meeting.State.DRAFTING)
        held = AgreedItem.objects.filter(meeting=meeting)
        if item is None:
            if held.count() >= MOST_ITEMS:
                raise MoveRefused(f"这次会已经有 {MOST_ITEMS} 条议定事项，不能再加。请合并几条再写。")
            last = held.aggregate(last=Max("order"))["last"] or 0
            item = AgreedItem(meeting=meeting, order=last + 1)
        item.text, item.holder, item.due_on = text, holder, due_on
        item.evidence_wanted, item.about = evidence_wanted, about
        item.save()
        wanted = {unit.pk: unit for unit in helpers if unit.pk != holder.pk}
        for row in AgreedHelper.objects.filter(item=item):
            if wanted.pop(row.unit_id, None) is None:
                row.delete()
        for unit in wanted.values():
            AgreedHelper(item=item, unit=unit).save()
    return item


def strike_item(actor: Actor, item: AgreedItem) -> None:
    """Take an item out of minutes that are not issued yet. Raises MoveRefused, NotYourTurn."""
    meeting = item.meeting
    require(actor, meeting, Meeting.State.SITTING, Meeting.State.DRAFTING)
    with writing(actor, f"删去议定事项 {item.text[:40]}"):
        require(actor, locked(meeting), Meeting.State.SITTING, Meeting.State.DRAFTING)
        for row in AgreedHelper.objects.filter(item=item):
            row.delete()
        item.delete()


def move_item(actor: Actor, item: AgreedItem, up: bool) -> None:
    """One place up or down in the minutes. Raises MoveRefused, NotYourTurn."""
    meeting = item.meeting
    require(actor, meeting, Meeting.State.SITTING, Meeting.State.DRAFTING)
    with writing(actor, f"{'提前' if up else '推后'}议定事项 {item.text[:40]}"):
        locked(meeting)
        rows = list(AgreedItem.objects.filter(meeting=meeting).order_by("order", "pk"))
        at = next((n for n, row in enumerate(rows) if row.pk == item.pk), None)
        other = None if at is None else at - 1 if up else at + 1
        if at is None or other is None or not 0 <= other < len(rows):
            return
        rows[at], rows[other] = rows[other], rows[at]
        for place, row in enumerate(rows, 1):
            if row.order != place:
                row.order = place
                row.save()


def keep_overall(actor: Actor, meeting: Meeting, text: str) -> Meeting:
    """The first words of the minutes (会议概况). Raises MoveRefused, NotYourTurn, Classified."""
    require(actor, meeting, Meeting.State.DRAFTING)
    text = text.strip()
    if len(text) > 4000:
        raise MoveRefused(f"会议概况写了 {len(text)} 字，最多 4000 字。请删减后再存。")
    refuse_classified(text)
    with writing(actor, f"写会议概况 {meeting}"):
        made = locked(meeting)
        require(actor, made, Meeting.State.DRAFTING)
        made.overall = text
        made.save()
    return made


def issue_orders(actor: Actor, meeting: Meeting) -> Issued:
    """Make an order of supervision of every agreed item that has none: all of them or none. Pressed again it makes no second one.

    Raises NotIssued, NotYours without 下达督办, and what ``issue_order`` refuses, naming the item.
    """
    if not actor.can(Can.ISSUE_ORDERS):
        raise NotYours(f"{actor.name} 不能下达督办单。请规划科或局领导下达。")
    with writing(actor, f"下达议定事项督办 {meeting}"):
        meeting = locked(meeting)
        if meeting.state != Meeting.State.ISSUED:
            raise NotIssued(f"“{meeting}”的纪要还没有印发。印发后再下达督办单。")
        made: list[Order] = []
        held: list[Order] = []
        for item in items_of(meeting):
            if item.issued_as is not None:
                held.append(item.issued_as)
                continue
            order, new = _ordered(actor, meeting, item)
            item.issued_as = order
            item.save()
            (made if new else held).append(order)
    return Issued(tuple(made), tuple(held))


def _ordered(actor: Actor, meeting: Meeting, item: AgreedItem) -> tuple[Order, bool]:
    said = f"{meeting.title}纪要第 {item.order} 项"
    if meeting.minutes_no:
        said += f"（{meeting.minutes_no}）"
    try:
        order = issue_order(
            actor=actor,
            what=item.text,
            holder=item.holder,
            due_on=item.due_on,
            origin=Origin("minutes", item.ref, said),
            helpers=[row.unit for row in item.helpers.select_related("unit")],
            evidence_wanted=item.evidence_wanted,
            leader=meeting.chair,
        )
    except AlreadyOrdered as refusal:
        return refusal.order, False
    except MoveRefused as refusal:
        raise type(refusal)(f"第 {item.order} 项“{item.text[:20]}”：{refusal}一项也没有下达。") from refusal
    return order, True


def items_of(meeting: Meeting) -> list[AgreedItem]:
    """The agreed items of a meeting in their order, with holder and order. One query."""
    rows = AgreedItem.objects.filter(meeting=meeting).select_related("holder", "issued_as__unit", "about")
    return list(rows.order_by("order", "pk"))


def carried_over(
    meeting: Meeting, *, revision: int | None = None, holder: Unit | None = None
) -> list[Standing]:
    """上次议定事项: what the previous meeting agreed, each with its state, now or as of a revision. Empty without one."""
    if meeting.previous_id is None:
        return []
    rows = AgreedItem.objects.filter(meeting=meeting.previous_id).select_related("holder", "issued_as")
    if holder is not None:
        rows = rows.filter(holder=holder)
    return standings(rows.order_by("order", "pk"), clock.today(), revision=revision)


def standings(items: Iterable[AgreedItem], on: date, *, revision: int | None = None) -> list[Standing]:
    """Where items stand on a day, by their orders now or as of a revision. One query more for a revision."""
    listed = list(items)
    orders: Mapping[int, Order] = {
        one.issued_as_id: one.issued_as for one in listed if one.issued_as_id and one.issued_as
    }
    if revision is not None:
        orders = {one.pk: one for one in Order.as_of(revision, list(orders))}
    return [_standing(item, orders.get(item.issued_as_id or 0), on) for item in listed]


def _standing(item: AgreedItem, order: Order | None, on: date) -> Standing:
    """已销号 only by its order; 超期 while nobody has reported it done; else the order's own state, 在办 while it is worked on."""
    if order is None:
        return Standing(item, "未下达", "none", None)
    if order.state in PENDING:
        late = (on - order.due_on).days
        if late > 0:
            return Standing(item, "超期", "late", order, late)
        return Standing(item, "在办", "ok", order)
    if order.state == Order.State.CLOSED:
        return Standing(item, "已销号", "ok", order)
    word = str(Order.State(order.state).label)
    return Standing(
        item,
        f"在办（{word}）" if order.state in OPEN else word,
        "ok" if order.state in OPEN else "none",
        order,
    )
