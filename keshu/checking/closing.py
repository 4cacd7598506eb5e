"""What becomes of an item: 销号 only with evidence and by somebody else, arranged, another person, another deadline, withdrawn, opened again."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from keshu.checking.arranging import ASKS, arrange
from keshu.checking.assigning import AssignRefused, OutsideTheOffice, people_of, refuse_outside
from keshu.checking.models import Check, Item
from keshu.checking.timetable import PlanBroken, check_dates, planned
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Person
from keshu.ledger.evidence import evidence_of
from keshu.procedure.moving import Ask, Procedure, Step, Transition, move
from keshu.terms import clock

S, C = Item.State, Check.State
ONE = Decimal(1)
Given = Mapping[str, Any]


def _assigns(actor: Actor, item: Any) -> bool:
    return actor.can(Can.REVIEW_CHECKS)


def colleagues(item: Any) -> list[tuple[str, str]]:
    """Who may carry an item: the people of its office."""
    return [
        (str(one.person.pk), f"{one.person.name}（{one.unit.name} {one.title}）")
        for one in people_of([item.unit_id])
    ]


def _reassign(record: Any, step: Step) -> None:
    item: Item = record
    person = Person.objects.filter(pk=int(step.given["person"])).first()
    if person is None or item.unit is None:
        raise OutsideTheOffice("没有这个人。请从列出的人里选。")
    refuse_outside(person, item.unit)
    item.person, item.person_name = person, person.name


def _redate(record: Any, step: Step) -> None:
    item: Item = record
    try:
        check_dates(item.begins_on, step.given["due_on"])
        planned(item.timetable, item.begins_on, step.given["due_on"], item.plan)
    except PlanBroken as refusal:
        raise AssignRefused(str(refusal)) from refusal
    item.due_on = step.given["due_on"]


def _proved(record: Any, actor: Actor) -> str | None:
    """Only what was reviewed as done, with evidence, is closed; and not by the one who filled it."""
    last = (
        Check.objects.for_system("销号前的对照")
        .filter(item=record, state=C.REVIEWED)
        .order_by("-period")
        .first()
    )
    if last is None:
        return "还没有审定过的对照检查，不能销号。先填报、审定，再销号。"
    done = last.frozen.get("completion")
    counted = done is not None and Decimal(done) >= ONE and not last.frozen.get("own")
    if last.verdict != Check.Verdict.DONE and not counted:
        return f"{last.period} 的对照结论是“{last.get_verdict_display()}”，没有完成不能销号。"
    if not counted and not evidence_of(last) and not evidence_of(record):
        return "没有佐证，不能销号。请牵头单位把证明材料传到对照检查或事项里。"
    if actor.account_id is not None and last.filled_by_id == actor.account_id:
        return f"最后一次对照是{last.filled_by}自己填的，不能自己销号。请换一个人。"
    return None


def _close(record: Any, step: Step) -> None:
    record.closed_on = clock.today()


def _reopen(record: Any, step: Step) -> None:
    record.closed_on = None


ASSIGNED = frozenset({str(S.ASSIGNED)})
ITEMS = Procedure(
    code="责任事项",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition("close", "销号", ASSIGNED, str(S.CLOSED), _assigns, needs=(_proved,), effect=_close),
        Transition(
            "arrange",
            "安排",
            ASSIGNED,
            str(S.ASSIGNED),
            _assigns,
            effect=arrange,
            note_required=True,
            asks=ASKS,
        ),
        Transition(
            "reassign",
            "换责任人",
            ASSIGNED,
            str(S.ASSIGNED),
            _assigns,
            effect=_reassign,
            note_required=True,
            asks=(Ask("person", "责任人", "choice", choices=colleagues),),
        ),
        Transition(
            "redate",
            "改时限",
            ASSIGNED,
            str(S.ASSIGNED),
            _assigns,
            effect=_redate,
            note_required=True,
            asks=(Ask("due_on", "完成时限", "date", hint="意见里写明依据的文件"),),
        ),
        Transition("cancel", "撤销", ASSIGNED, str(S.CANCELLED), _assigns, note_required=True, danger=True),
        Transition(
            "reopen",
            "回头看",
            frozenset({str(S.CLOSED)}),
            str(S.ASSIGNED),
            _assigns,
            effect=_reopen,
            note_required=True,
        ),
    ),
)


def step(item: Item, action: str, actor: Actor, *, note: str = "", given: Given | None = None) -> Item:
    """One step of an item: close, arrange, reassign, redate, cancel, reopen. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(item, action, actor, procedure=ITEMS, note=note, given=given)
