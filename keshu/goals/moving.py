"""测算 → 征求意见 → 会议 → 文件下达 → 签责任书: the way of a target, and what issuing it writes for the dispatch."""

from collections.abc import Iterable, Mapping
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.figures.models import Indicator, Target
from keshu.figures.packages import put
from keshu.goals.models import Goal, SourceDocument
from keshu.journal.writing import writing
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.terms.quantity import IncompatibleUnits, TooManyDecimals, UnknownUnit, convert, plain, scale

S = Goal.State
#: Kinds whose number is a target of the indicator itself: a net increase or a place is not.
TARGETED = (Goal.Kind.TOTAL, Goal.Kind.NEW, Goal.Kind.RANGE, Goal.Kind.RATE)
PLACES = 6


class MayNotSetGoals(PermissionError):
    """The actor may not set or change targets."""


class UnitDiffers(ValueError):
    """A goal and its indicator are in units that cannot be turned into each other."""


def refuse_others(actor: Actor, what: str) -> None:
    """Raise MayNotSetGoals unless the actor sets targets."""
    if not actor.can(Can.SET_TARGETS):
        raise MayNotSetGoals(f"{actor.name} 不能{what}。请由规划科办理。")


def documents_to_choose(_record: Any) -> list[tuple[str, str]]:
    """The documents that a step may cite, newest first."""
    return [(str(row.pk), str(row)) for row in SourceDocument.objects.order_by("-year", "-pk")[:200]]


def cited(step: Step) -> SourceDocument:
    """The document that a step cites."""
    return SourceDocument.objects.get(pk=int(step.given["document"]))


def _sets(actor: Actor, _goal: Any) -> bool:
    return actor.can(Can.SET_TARGETS)


def _has_number(goal: Goal, _actor: Actor) -> str | None:
    if goal.kind == Goal.Kind.QUALITY:
        return None if goal.demand else f"“{goal.name}”没有写要做到什么。请补上要求再下达。"
    return None if goal.low is not None else f"“{goal.name}”还没有数。请先定数再下达。"


def _issue(goal: Goal, step: Step) -> None:
    goal.document = cited(step)
    publish(goal)


def _sign(goal: Goal, step: Step) -> None:
    if not step.evidence:
        raise MoveRefused(f"“{goal.name}”签责任书要有签字盖章的扫描件。请在责任书台账里传扫描件、登记签订。")


def _back(goal: Goal, _step: Step) -> None:
    goal.locked = False


def publish(goal: Goal) -> Target | None:
    """Write the target of the indicator, so that the dispatch sees it. Inside ``writing``; nothing for goals without an indicator.

    Raises UnitDiffers where the goal's unit cannot be turned into the indicator's.
    """
    if goal.indicator_id is None or goal.subject_id is None or goal.kind not in TARGETED or goal.low is None:
        return None
    if goal.flawed:  # completion waits until the document is corrected
        return None
    indicator = goal.indicator
    assert indicator is not None
    return put(
        Target,
        {"indicator_id": indicator.pk, "subject_id": goal.subject_id, "year": goal.year},
        {
            **{name: in_unit_of(indicator, goal, name) for name in ("low", "high", "stretch")},
            "doc_no": goal.document.doc_no,
        },
    )


def in_unit_of(indicator: Indicator, goal: Goal, name: str) -> Any:
    """One number of a goal in the unit of its indicator. Raises UnitDiffers."""
    value = getattr(goal, name)
    if value is None:
        return None
    try:
        found = convert(value, goal.unit or indicator.unit, indicator.unit)
        scale(found, PLACES)
    except (IncompatibleUnits, UnknownUnit, TooManyDecimals) as wrong:
        raise UnitDiffers(
            f"“{goal.name}”的目标是 {plain(value)} {goal.unit}，指标“{indicator.name}”以{indicator.unit}计，对不上：{wrong}"
        ) from wrong
    return found


ON = Ask("on", "日期", "date")
PROCEDURE = Procedure(
    code="goals",
    version="1",
    states=dict(S.choices),
    transitions=(
        Transition(
            "consult",
            "征求意见",
            frozenset({str(S.DRAFTED)}),
            str(S.CONSULTING),
            _sets,
            needs=(_has_number,),
            asks=(ON, Ask("sent", "征求意见函文号", required=False, hint="没有发函的空着")),
        ),
        Transition(
            "meet",
            "会议审定",
            frozenset({str(S.CONSULTING)}),
            str(S.MET),
            _sets,
            needs=(_has_number,),
            asks=(ON, Ask("minutes", "会议纪要编号")),
        ),
        Transition(
            "issue",
            "文件下达",
            frozenset({str(S.MET)}),
            str(S.ISSUED),
            _sets,
            needs=(_has_number,),
            effect=_issue,
            asks=(ON, Ask("document", "下达文件", "choice", choices=documents_to_choose)),
        ),
        Transition(
            "sign", "签责任书", frozenset({str(S.ISSUED)}), str(S.SIGNED), _sets, effect=_sign, asks=(ON,)
        ),
        Transition(
            "back",
            "退回测算",
            frozenset({str(S.CONSULTING), str(S.MET)}),
            str(S.DRAFTED),
            _sets,
            effect=_back,
            note_required=True,
        ),
    ),
)


def advance(
    goals: Iterable[Goal],
    action: str,
    actor: Actor,
    *,
    given: Mapping[str, Any] | None = None,
    note: str = "",
    evidence: Iterable[str] = (),
) -> list[Goal]:
    """Take one step with several goals together: all of them or none. Raises MoveRefused, NotYourTurn, StaleState, UnitDiffers."""
    refuse_others(actor, "办目标")
    listed, papers = list(goals), tuple(evidence)
    transition = PROCEDURE.transition(action)
    if not listed:
        raise MoveRefused(f"没有可以{transition.label}的目标。请先选一个，或先办前一步。")
    with writing(actor, f"{transition.label} {listed[0].name} 等 {len(listed)} 个目标"):
        moved = [
            move(goal, action, actor, procedure=PROCEDURE, given=given, note=note, evidence=papers)
            for goal in listed
        ]
    return moved  # type: ignore[return-value]
