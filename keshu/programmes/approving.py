"""立项下达: one document, issued with the finance bureau, approves many proposed projects at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.programmes.steps.deciding import approved_sum
from keshu.terms import clock
from keshu.terms.quantity import wan

S = Application.State


@dataclass(frozen=True)
class Proposed:
    """One project in or after its notice, and why it cannot be approved now (empty when it can)."""

    application: Application
    problem: str


@dataclass(frozen=True)
class Money:
    """The call's money in 元: what there is, what is approved, what is chosen now. ``budget`` None: no limit was set."""

    budget: Decimal | None
    spent: Decimal
    chosen: Decimal

    @property
    def left(self) -> Decimal | None:
        """What stays after the chosen ones; negative when they are too many."""
        return None if self.budget is None else self.budget - self.spent - self.chosen


def proposed(call: Call) -> list[Proposed]:
    """The projects that wait for the document, in the order of their review, each with what stands in the way."""
    rows = Application.objects.for_system("立项下达").filter(call=call, state__in=[S.NOTICE, S.OBJECTED])
    found = rows.select_related("unit", "region").order_by("-review_score", "number", "pk")
    return [Proposed(row, _problem(row)) for row in found]


def _problem(row: Application) -> str:
    if row.state == S.OBJECTED:
        return "有异议没有办结"
    if row.notice_until is None or clock.today() <= row.notice_until:
        return f"公示到 {row.notice_until} 止"
    return ""


def money(call: Call, applications: Sequence[Application]) -> Money:
    """What approving these would take of the call's budget."""
    # A project approved without money (指导性) takes nothing; what was asked for stands only where nothing was decided.
    sums = (row.asked if row.granted is None else row.granted for row in applications)
    chosen = sum((amount or Decimal(0) for amount in sums), Decimal(0))
    return Money(call.budget, approved_sum(call), chosen)


def approve_many(
    call: Call, applications: Sequence[Application], actor: Actor, *, doc_no: str, jointly: str = ""
) -> list[Application]:
    """Approve all of them by one document, or none. ``jointly``: the body that issues it too (财政局).

    Raises NotYourTurn; MoveRefused when one of them may not be approved or the budget does not hold all.
    """
    if not actor.can(Can.HANDLE_PROGRAMMES):
        raise NotYourTurn(f"{actor.name} 不能下达立项。请由业务科室办理。")
    if not applications:
        raise MoveRefused("一项也没有选。请勾选要下达的项目。")
    if not doc_no.strip():
        raise MoveRefused("立项文件的文号没有填。发文编号后再下达。")
    with writing(actor, f"立项下达 {doc_no}{f'（与{jointly}联合）' if jointly else ''}"):
        held = money(call, applications)
        if held.left is not None and held.left < 0:
            raise MoveRefused(
                f"“{call}”总额度 {wan(held.budget or Decimal(0))} 万元，已立项 {wan(held.spent)} 万元，"
                f"选中的 {wan(held.chosen)} 万元超出 {wan(-held.left)} 万元。请少选几项或改立项经费。"
            )
        return [advance(row, "approve", actor, note=doc_no) for row in applications]
