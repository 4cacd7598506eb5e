"""Issuing an order (下达、交办): from a lamp, an instruction, a finding of an audit, minutes or a monthly check."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from keshu.directory.accounts import below
from keshu.directory.actors import ROLE_CAN, Actor, Can, Role
from keshu.directory.models import Person, RoleGrant, Unit
from keshu.duties.models import OPEN, Order, OrderHelper
from keshu.duties.ruled import first_feedback, ruled
from keshu.journal.writing import writing
from keshu.ledger.bulk import Paper
from keshu.ledger.classified import refuse_classified
from keshu.ledger.evidence import attach
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

PREFIX = "DB"
HANDLING = frozenset(role for role in Role if Can.HANDLE_ORDERS in ROLE_CAN[role])


class OrderRefused(MoveRefused):
    """An order that cannot be issued so; the message says what to change."""


class FigureSettled(OrderRefused):
    """The figure is fixed (已定): nobody can change last year any more."""


class NotYours(NotYourTurn):
    """The actor may not issue orders, or not to this organisation."""


class DueInThePast(OrderRefused):
    """The day by which it is to be done has passed."""


class AlreadyOrdered(OrderRefused):
    """The same matter was ordered of the same organisation and is still open. ``order`` is that one."""

    def __init__(self, order: Order) -> None:
        self.order = order
        super().__init__(
            f"这件事已经由 {order.number} 交 {order.unit.name} 办，现在“{order.get_state_display()}”。"
            "请在那一单上催办，不再另下一单。"
        )


@dataclass(frozen=True)
class Origin:
    """Where an order comes from.

    ``kind``: a value of ``Order.Kind`` (lamp, instruction, audit, minutes, check); ``ref``: a stable key of the place, such as
    ``dispatch|<scheme>|<indicator>|<subject code>|<period>``, ``check|<item pk>|<month>``, ``minutes|<meeting pk>|<item pk>``;
    ``said``: in words, up to 1,000 characters; ``settled``: it rests on a figure that is fixed already (已定).
    """

    kind: str
    ref: str
    said: str
    settled: bool = False


def issue_order(
    *,
    actor: Actor,
    what: str,
    holder: Unit,
    due_on: date,
    origin: Origin,
    helpers: Iterable[Unit] = (),
    requirement: str = "",
    evidence_wanted: str = "",
    leader: Person | None = None,
    urgent: bool = False,
    every: str = "",
    paper: Paper | None = None,
) -> Order:
    """Issue an order to ``holder``, to be done by ``due_on``; numbered DB<year>-0001 in one transaction. ``every``: how often the
    holder reports (``Order.Every``), by the dated rule where empty. ``paper``: what it rests on (批示件), kept beside it.

    Raises FigureSettled when ``origin.settled``, NotYours without 下达督办 or for an organisation outside the house, DueInThePast,
    AlreadyOrdered when an order of the same ``origin.ref`` to the same holder is open, OrderRefused for what is missing or too long,
    Classified for marks of classified content, and what ``attach`` refuses of the paper.
    """
    what, requirement, evidence_wanted = what.strip(), requirement.strip(), evidence_wanted.strip()
    refuse_settled(origin, what)
    _refuse_others(actor, holder)
    today = clock.today()
    if due_on < today:
        raise DueInThePast(f"完成时限 {due_on} 已经过去，今天是 {today}。请定今天或以后的日子。")
    _refuse_texts(what, evidence_wanted, origin)
    refuse_classified(what, requirement, evidence_wanted, origin.said)
    helping = {unit.pk: unit for unit in helpers if unit.pk != holder.pk}
    for unit in helping.values():
        _refuse_others(actor, unit)
    every = every or str(ruled("order-feedback", today)["every"])
    if every not in Order.Every.values:
        raise OrderRefused(f"反馈频次没有“{every}”。可选：{'、'.join(Order.Every.labels)}。")
    with writing(actor, f"下达督办单 {what[:60]}"):
        # Its series is locked until the end, so of two who order the same the second finds the first.
        number = next_number(PREFIX, today.year)
        if origin.ref:
            known = Order.objects.for_system("同一来源").filter(
                origin_ref=origin.ref, unit=holder, state__in=OPEN
            )
            if (before := known.select_related("unit").first()) is not None:
                raise AlreadyOrdered(before)
        now = clock.now()
        order = Order(
            number=number,
            region_id=holder.region_id,
            unit=holder,
            counts_on=today,
            state=Order.State.ISSUED,
            source="督办",
            what=what,
            requirement=requirement,
            evidence_wanted=evidence_wanted,
            origin_kind=origin.kind,
            origin_ref=origin.ref,
            origin_said=origin.said,
            issued_by_id=actor.account_id,
            issuer=actor.name,
            issuing_unit_id=actor.unit_id,
            issued_on=today,
            sign_by=sign_by(now),
            due_on=due_on,
            first_due_on=due_on,
            feedback_every=every,
            feedback_due_on=first_feedback(every, today, due_on),
            leader=leader,
            urgent=urgent,
            asked_at=now,
        )
        order.save()
        for unit in helping.values():
            OrderHelper(order=order, unit=unit).save()
        if paper is not None:
            kept = attach(order, actor, paper.stream, paper.name, caption=paper.caption)
            order.origin_paper = kept.sha256
            order.save()
    return order


def sign_by(now: datetime) -> datetime:
    """By when an order of this moment is to be signed for: hours of the dated rule."""
    return now + timedelta(hours=int(ruled("order-signing", clock.today())["hours"]))


def open_orders(actor: Actor, *, ref_prefix: str = "") -> QuerySet[Order]:
    """The orders an actor may see that are not at their end, the nearest deadline first; of one place where its key begins so."""
    rows = Order.objects.visible_to(actor).filter(state__in=OPEN)
    if ref_prefix:
        rows = rows.filter(origin_ref__startswith=ref_prefix)
    return rows.select_related("unit", "region", "leader", "person").order_by("due_on", "pk")


def holders(actor: Actor) -> QuerySet[Unit]:
    """The organisations this actor may order something of: those in its reach with people who handle orders."""
    rows = handlers().select_related("region")
    if actor.region_id is not None:
        rows = rows.filter(region__in=below({actor.region_id}))
    return rows.order_by("region__order", "region_id", "pk")


def handlers() -> QuerySet[Unit]:
    """The organisations with people who handle orders."""
    granted = RoleGrant.objects.filter(role__in=[str(role) for role in HANDLING], withdrawn_on=None)
    return Unit.objects.filter(pk__in=granted.values("employment__unit"))


def refuse_settled(origin: Origin, what: str = "") -> None:
    """Raises FigureSettled for an origin that is 已定, OrderRefused for a kind that is none."""
    if origin.kind not in Order.Kind.values:
        raise OrderRefused(f"来源类别没有“{origin.kind}”。可选：{'、'.join(Order.Kind.labels)}。")
    if origin.settled:
        raise FigureSettled(
            f"“{what or origin.said}”已定，是过去一年的数，谁也改不了。请改督它旁边的先行指标。"
        )


def _refuse_others(actor: Actor, holder: Unit) -> None:
    if not actor.can(Can.ISSUE_ORDERS):
        raise NotYours(f"{actor.name} 不能下达督办单。请局领导、规划科或督查人员下达。")
    if actor.region_id is not None and holder.region_id not in below({actor.region_id}):
        raise NotYours(f"{holder.name} 不归本局督办。请从本局科室和本市县（市、区）局里选。")
    roles = set(
        RoleGrant.objects.filter(employment__unit=holder, withdrawn_on=None).values_list("role", flat=True)
    )
    if roles and not roles & {str(role) for role in HANDLING}:
        raise NotYours(f"{holder.name} 没有能办督办的人。请从本局科室和本市县（市、区）局里选。")


def _refuse_texts(what: str, evidence_wanted: str, origin: Origin) -> None:
    if not what:
        raise OrderRefused("督办事项没有写。写明要办成什么再下达。")
    if not origin.said.strip():
        raise OrderRefused("来源没有写。写明从哪里来（谁批示、哪次会、哪个数）再下达。")
    for label, text, most in (
        ("事项", what, 200),
        ("要交的佐证", evidence_wanted, 300),
        ("来源说明", origin.said, 1000),
    ):
        if len(text) > most:
            raise OrderRefused(f"{label}写了 {len(text)} 字，最多 {most} 字。长的写进“要求”。")
    if len(origin.ref) > 200 or re.search(r"\s", origin.ref):
        raise OrderRefused("来源标识太长或带空格。请从来源页重新点“下达督办单”。")
