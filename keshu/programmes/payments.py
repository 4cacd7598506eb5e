"""拨款: payments of grants as a 拨款文件 lists them, several projects at once, never more than was granted."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import MoveRefused, NotYourTurn, Procedure, Step, Transition, move
from keshu.programmes.models import Application, Payment
from keshu.programmes.steps.who import STANDING, at, handles
from keshu.terms import clock
from keshu.terms.quantity import wan

P = Payment.State
#: Money goes to projects whose contract may still be carried out or was; not to what was ended or taken back.
PAYABLE = frozenset(STANDING - {"terminated", "failed"})


class PaymentRefused(MoveRefused):
    """A payment that does not fit the grant; the message names the project and the arithmetic."""


def _void(record: Any, step: Step) -> None:
    project = Application._base_manager.select_for_update().get(pk=record.application_id)
    project.paid = paid_of(project, besides=record.pk)
    project.save()


PROCEDURE = Procedure(
    code="拨款",
    version="1",
    states={str(value): str(label) for value, label in P.choices},
    transitions=(
        Transition(
            "void", "作废", at(P.PAID), str(P.VOID), handles, effect=_void, note_required=True, danger=True
        ),
    ),
)


def paid_of(application: Application, *, besides: int | None = None) -> Decimal:
    """What was paid to a project, in 元, without what was made void."""
    rows = Payment.objects.for_system("已拨付").filter(application=application, state=P.PAID)
    total: Decimal | None = rows.exclude(pk=besides).aggregate(Sum("amount"))["amount__sum"]
    return total or Decimal(0)


def pay(
    amounts: Mapping[int, Decimal],
    actor: Actor,
    *,
    doc_no: str,
    on: date,
    level: str,
) -> list[Payment]:
    """Record one 拨款文件: amounts in 元 by project (primary key), all or none.

    The projects' rows are locked in one order, so that payments recorded at once wait for one another and their sum never
    passes the grant. Raises NotYourTurn, PaymentRefused.
    """
    if not actor.can(Can.HANDLE_PROGRAMMES):
        raise NotYourTurn(f"{actor.name} 不能登记拨款。请由业务科室登记。")
    doc_no = doc_no.strip()
    if not doc_no:
        raise PaymentRefused("没有写拨款文件的文号。补上再登记。")
    if level not in Payment.Level.values:
        raise PaymentRefused("资金来源请从中央、省级、市级、县级、帮扶里选。")
    if on > clock.today():
        raise PaymentRefused(f"拨款日期 {on} 还没有到，今天是 {clock.today()}。请按文件日期填。")
    if not amounts:
        raise PaymentRefused("没有填任何一个项目的金额。至少填一个。")
    with writing(actor, f"登记拨款 {doc_no}"):
        locked = {
            row.pk: row
            for row in Application._base_manager.select_for_update()
            .filter(pk__in=list(amounts))
            .order_by("pk")
        }
        made = [_one(locked.get(pk), amounts[pk], doc_no, on, level) for pk in sorted(amounts)]
    return made


def _one(application: Application | None, amount: Decimal, doc_no: str, on: date, level: str) -> Payment:
    if application is None:
        raise PaymentRefused("有一个项目已经不在了。请刷新后再登记。")
    if application.state not in PAYABLE or application.granted is None:
        raise PaymentRefused(f"“{application}”是“{application.get_state_display()}”，没有可拨的立项经费。")
    if amount <= 0:
        raise PaymentRefused(f"“{application}”的金额要大于零。不拨的那一行空着。")
    if application.approved_on is not None and on < application.approved_on:
        raise PaymentRefused(
            f"“{application}”{application.approved_on} 才立项，拨款日期 {on} 在它之前。请核对。"
        )
    before = paid_of(application)
    if before + amount > application.granted:
        raise PaymentRefused(
            f"“{application}”立项 {wan(application.granted)} 万元，已拨 {wan(before)} 万元，"
            f"再拨 {wan(amount)} 万元就超了，最多 {wan(application.granted - before)} 万元。"
        )
    payment = Payment.of(
        application,
        number=next_number("BK", on.year),
        counts_on=on,
        year=on.year,
        amount=amount,
        doc_no=doc_no[:100],
        level=level,
        source="拨款文件",
    )
    payment.save()
    application.paid = before + amount
    application.save()
    return payment


def void(payment: Payment, actor: Actor, why: str) -> Payment:
    """Take a payment back that was recorded wrongly; the reason stays in its history. Raises MoveRefused, NotYourTurn."""
    return move(payment, "void", actor, procedure=PROCEDURE, note=why)


def payments_of(application: Application) -> list[Payment]:
    """The payments of a project, oldest first. Ask only for a project that the reader may see."""
    rows = Payment.objects.for_system("拨款").filter(application=application)
    return list(rows.order_by("counts_on", "pk"))
