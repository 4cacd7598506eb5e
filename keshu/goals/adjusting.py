"""调整申请: asked with a reason, decided with a document, in force from a day; what was before stays for what lies before."""

from datetime import date
from decimal import Decimal
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.figures.models import RegionShown
from keshu.goals.models import Adjustment, Goal
from keshu.goals.moving import cited, documents_to_choose, publish
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, NotYourTurn, Procedure, Step, Transition
from keshu.terms import clock
from keshu.terms.quantity import plain

A = Adjustment.State


class AdjustmentRefused(MoveRefused):
    """An adjustment that cannot be asked for or agreed to; the message says why."""


def may_ask(actor: Actor, goal: Goal) -> bool:
    """Whether the actor may ask for another number: whoever sets targets, or the county, unit or person that bears it."""
    if actor.can(Can.SET_TARGETS):
        return True
    own = actor.region_ids | actor.unit_ids | ({actor.person_id} if actor.person_id else set())
    return goal.subject_id is not None and goal.subject_id in own


def ask(
    goal: Goal,
    actor: Actor,
    *,
    low: Decimal | None,
    high: Decimal | None = None,
    stretch: Decimal | None = None,
    why: str,
    asked_by: str = "",
) -> Adjustment:
    """Ask for other numbers of an issued target. Nothing changes before it is agreed to. Raises NotYourTurn, AdjustmentRefused."""
    refuse_classified(why)
    with writing(actor, f"申请调整目标 {goal.name}"):
        locked = Goal._base_manager.select_for_update().get(pk=goal.pk)
        if not may_ask(actor, locked):
            raise NotYourTurn(f"{actor.name} 不能替别人申请调整。请由承担单位或规划科提出。")
        if not locked.given:
            raise AdjustmentRefused(
                f"“{locked.name}”还在{locked.get_state_display()}，没有下达，直接改就行，不用申请。"
            )
        if locked.flawed:
            raise AdjustmentRefused(
                f"“{locked.name}”是原文有误（{locked.flaw}）。请登记更正文件，引用它再改。"
            )
        if not why.strip():
            raise AdjustmentRefused("没有写理由。写明为什么要调整，再提交。")
        if low is None and locked.kind != Goal.Kind.QUALITY:
            raise AdjustmentRefused("没有写调整为多少。")
        if low is not None and high is not None and high < low:
            raise AdjustmentRefused(f"上限 {plain(high)} 小于下限 {plain(low)}。请对调或改正。")
        if (low, high, stretch) == (locked.low, locked.high, locked.stretch):
            raise AdjustmentRefused("调整前后是一样的数。请核对。")
        waiting = Adjustment.objects.for_system("调整在办").filter(goal=locked, state=A.ASKED).first()
        if waiting is not None:
            raise AdjustmentRefused(f"这个目标已有一份调整申请待批（{waiting.number}）。等它办完再提。")
        made = Adjustment(
            number=next_number("TZ", clock.today().year),
            goal=locked,
            task=locked.name,
            asked_by=(asked_by or actor.post or actor.name)[:100],
            asked_on=clock.today(),
            counts_on=clock.today(),
            before=_said(locked, locked.low, locked.high, locked.stretch),
            after=_said(locked, low, high, stretch),
            low_before=locked.low,
            high_before=locked.high,
            stretch_before=locked.stretch,
            low_after=low,
            high_after=high,
            stretch_after=stretch,
            why=why.strip(),
            source="网上申请",
            **place_of(locked.subject_id),
        )
        made.save()
    return made


def _said(goal: Goal, low: Decimal | None, high: Decimal | None, stretch: Decimal | None) -> str:
    """The numbers of a goal with their unit: 1—2名, 150件，奋斗165件."""
    if low is None:
        return ""
    said = plain(low) if high is None else f"{plain(low)}—{plain(high)}"
    return f"{said}{goal.unit}" + (f"，奋斗{plain(stretch)}{goal.unit}" if stretch is not None else "")


def place_of(subject_id: int | None) -> dict[str, Any]:
    """Region and unit under which a record about a subject stands; a person's and nobody's stand with the house."""
    unit = Unit._base_manager.filter(pk=subject_id).first() if subject_id else None
    if unit is not None:
        return {"region_id": unit.region_id, "unit_id": unit.pk}
    if subject_id and Region._base_manager.filter(pk=subject_id).exists():
        return {"region_id": subject_id}
    shown = RegionShown.objects.values_list("region_id", flat=True).first()
    if shown is None:
        raise AdjustmentRefused("还没有定本级地区。请先运行初始化。")
    return {"region_id": shown}


def _decides(actor: Actor, _record: Any) -> bool:
    return actor.can(Can.SET_TARGETS)


def _agree(record: Adjustment, step: Step) -> None:
    effect: date = step.given["effect_on"]
    goal = (
        Goal._base_manager.select_for_update(of=("self",))
        .select_related("document", "indicator")
        .get(pk=record.goal_id)
    )
    if effect > clock.today():
        raise AdjustmentRefused(f"生效日期 {effect} 还没到。到了那一天再办，之前仍按原目标算。")
    if effect.year != goal.year:
        raise AdjustmentRefused(f"生效日期 {effect} 不在目标年度 {goal.year} 年内。请对照文件。")
    if (goal.low, goal.high, goal.stretch) != (record.low_before, record.high_before, record.stretch_before):
        raise AdjustmentRefused("申请以后目标又变过。请退回，按现在的数重新申请。")
    last = (
        Adjustment.objects.for_system("前一次调整")
        .filter(goal=goal, state=A.AGREED)
        .order_by("-effect_on")
        .first()
    )
    if last is not None and last.effect_on is not None and effect < last.effect_on:
        raise AdjustmentRefused(f"上一次调整 {last.effect_on} 生效，这一次不能早于它。请对照文件。")
    record.document = cited(step)
    record.decided_on = clock.today()
    record.effect_on = effect
    goal.low, goal.high, goal.stretch = record.low_after, record.high_after, record.stretch_after
    goal.save()
    publish(goal)


def _refuse(record: Adjustment, _step: Step) -> None:
    record.decided_on = clock.today()


PROCEDURE = Procedure(
    code="goal_adjustments",
    version="1",
    states=dict(A.choices),
    transitions=(
        Transition(
            "agree",
            "同意调整",
            frozenset({str(A.ASKED)}),
            str(A.AGREED),
            _decides,
            effect=_agree,
            asks=(
                Ask("document", "依据文件", "choice", choices=documents_to_choose),
                Ask("effect_on", "生效日期", "date", hint="这一天以前仍按原目标算"),
            ),
        ),
        Transition(
            "refuse",
            "不予调整",
            frozenset({str(A.ASKED)}),
            str(A.REFUSED),
            _decides,
            effect=_refuse,
            note_required=True,
            danger=True,
        ),
    ),
)
