"""Steps of what superiors decide: forwarding with a letter, and the superior's decision as its document says it."""

from typing import Any

from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, Step, Transition
from keshu.programmes.models import Application
from keshu.programmes.steps.lengths import fitted
from keshu.programmes.steps.who import at, handles, handles_above

S = Application.State


def _forward(record: Any, step: Step) -> None:
    record.forwarded_doc = fitted(Application, "forwarded_doc", "推荐函文号", step.given["doc_no"])
    record.forwarded_on = step.given["on"]


def _approve_above(record: Any, step: Step) -> None:
    """The superior's decision as its document says it; the money is the superior's, no call of ours limits it."""
    record.decided_doc = fitted(Application, "decided_doc", "立项文号", step.given["doc_no"])
    record.granted = step.given["granted"]
    record.superior_number = fitted(Application, "superior_number", "上级编号", step.given.get("number", ""))
    record.approved_on = record.counts_on = step.given["on"]
    record.number = next_number("XM", record.year)


ABOVE = (
    Transition(
        "forward",
        "推荐上报",
        at(S.RECOMMENDED),
        str(S.FORWARDED),
        handles_above,
        effect=_forward,
        asks=(Ask("doc_no", "推荐函文号"), Ask("on", "上报日期", "date")),
    ),
    Transition(
        "approve_above",
        "登记上级立项",
        at(S.FORWARDED),
        str(S.APPROVED),
        handles,
        effect=_approve_above,
        asks=(
            Ask("doc_no", "立项文号"),
            Ask("on", "立项日期", "date"),
            Ask("granted", "立项经费", "money"),
            Ask("number", "上级编号", required=False),
        ),
    ),
    Transition(
        "refuse_above",
        "登记上级未立项",
        at(S.FORWARDED),
        str(S.NOT_CHOSEN),
        handles,
        note_required=True,
        danger=True,
    ),
)
