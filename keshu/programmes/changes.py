"""变更: the organisation asks, the county says what it thinks, the office approves with a document; small ones are only filed."""

from datetime import date
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, NotYourTurn, Procedure, Step, Transition
from keshu.programmes.dating import accept_by, add_months, extend_by, ruled
from keshu.programmes.models import Application, Change, Goal
from keshu.programmes.steps import who
from keshu.terms import clock

C, K = Change.State, Change.Kind
CHANGEABLE = (Application.State.RUNNING,)
VIEWS = (("agree", "同意"), ("disagree", "不同意"))


class ChangeRefused(MoveRefused):
    """A change that cannot be asked for or approved; the message says why, with the days."""


# ---- asking -------------------------------------------------------------------------------------------------


def ask(
    application: Application,
    kind: str,
    actor: Actor,
    *,
    after: str = "",
    reason: str,
    new_end: date | None = None,
    goal: Goal | None = None,
    new_unit: Unit | None = None,
) -> Change:
    """The organisation asks for a change of its running project; a kind that the rule lets it file itself is filed at once.

    An extension needs ``new_end``, a change of a goal ``goal`` and its new value in ``after``, a change of the organisation
    ``new_unit``. Raises NotYourTurn, ChangeRefused, Classified.
    """
    refuse_classified(after, reason)
    with writing(actor, f"申请变更 {application}"):
        locked = Application._base_manager.select_for_update().get(pk=application.pk)
        if not (actor.can(Can.APPLY) and locked.unit_id in actor.unit_ids):
            raise NotYourTurn(f"{actor.name} 不能替这个项目申请变更。请由承担单位提出。")
        if locked.state not in CHANGEABLE:
            raise ChangeRefused(f"现在是“{locked.get_state_display()}”，执行中的项目才能变更。")
        if kind not in K.values:
            raise ChangeRefused("没有选变更的类型。")
        if not reason.strip():
            raise ChangeRefused("没有写理由。写明为什么要变更，再提交。")
        change = Change.of(
            locked,
            kind=kind,
            reason=reason.strip(),
            asked_on=clock.today(),
            goal=goal,
            new_unit=new_unit,
            new_end=new_end,
            counts_on=clock.today(),
            source="网上申请",
        )
        change.before, change.after = _told(locked, change, after.strip())
        if kind == K.EXTEND:
            _extendable(locked, change)
        _once_at_a_time(locked, change)
        if kind in ruled("limit", "project-changes")["filed"]:
            change.state, change.decided_on = C.FILED, clock.today()
            change.number = next_number("BG", clock.today().year)
            change.save()
            return change
        change.number = next_number("BG", clock.today().year)
        change.save()
    return change


def _told(application: Application, change: Change, after: str) -> tuple[str, str]:
    """(before, after) in words."""
    if change.kind == K.EXTEND:
        if change.new_end is None:
            raise ChangeRefused("没有写延到哪一天。")
        return f"{application.ends_on} 止", f"{change.new_end} 止"
    if change.kind == K.UNIT:
        if change.new_unit is None or change.new_unit.pk == application.unit_id:
            raise ChangeRefused("没有选新的承担单位。")
        return str(application.unit), str(change.new_unit)
    if change.kind == K.CONTENT and change.goal is not None:
        if change.goal.application_id != application.pk:
            raise ChangeRefused("选的指标不是这个项目的。请重选。")
        if len(after) > 60:
            raise ChangeRefused(f"新的约定值写了 {len(after)} 字，最多 60 字。请删减。")
        before = f"{change.goal.text}：{change.goal.promised}"
        if not after:
            raise ChangeRefused("没有写新的约定值。")
        return before[:200], after
    if not after:
        raise ChangeRefused("没有写变更后是什么。")
    if len(after) > (40 if change.kind == K.LEADER else 200):
        raise ChangeRefused(f"变更后写了 {len(after)} 字，太长。请删减，细节写在理由里。")
    return (application.leader if change.kind == K.LEADER else "按任务书"), after


def _extendable(application: Application, change: Change) -> None:
    """In time, as often and as long as the rule allows; each refusal carries its days."""
    rule = ruled("limit", "project-extension")
    ends, new_end = application.ends_on, change.new_end
    assert new_end is not None
    if ends is None:
        raise ChangeRefused("任务书没有登记执行止，算不出延期。请业务科室先补登。")
    if application.extensions >= int(rule["times"]):
        raise ChangeRefused(
            f"这个项目已延期 {application.extensions} 次，现在到 {ends}；按规定只能延 {rule['times']} 次。"
        )
    last = extend_by(ends)
    if change.asked_on > last:
        raise ChangeRefused(
            f"延期要在期满前 {rule['months_before']} 个月提出：执行止 {ends}，最迟 {last} 提出，今天 {change.asked_on} 已晚。"
        )
    if new_end <= ends:
        raise ChangeRefused(f"延到 {new_end} 不在现在的执行止 {ends} 之后。请核对。")
    longest = add_months(ends, int(rule["months"]))
    if new_end > longest:
        raise ChangeRefused(
            f"最长延 {rule['months']} 个月：执行止 {ends}，最晚延到 {longest}，写的是 {new_end}。"
        )


def _once_at_a_time(application: Application, change: Change) -> None:
    waiting = Change.objects.for_system("变更在办").filter(
        application=application, kind=change.kind, state__in=(C.ASKED, C.SUPPORTED)
    )
    if change.kind == K.CONTENT:
        waiting = waiting.filter(goal=change.goal)
    held = waiting.first()
    if held is not None:
        raise ChangeRefused(
            f"{held.get_kind_display()} {held.number} 还在办（{held.get_state_display()}）。办结后再提，或先收回它。"
        )


# ---- handling -----------------------------------------------------------------------------------------------


def _recommends(actor: Actor, record: Any) -> bool:
    return who.recommends(actor, record.application)


def _opine(record: Any, step: Step) -> None:
    record.opinion = f"{dict(VIEWS)[step.given['view']]}：{step.given['opinion']}"[:200]


def _still_runs(record: Any, actor: Actor) -> str | None:
    project = record.application
    if project.state in CHANGEABLE:
        return None
    return f"项目现在是“{project.get_state_display()}”，不再变更。请点“不同意”并写明。"


def _approve(record: Any, step: Step) -> None:
    """What was asked for takes place, in the same transaction; the project's row is locked first."""
    project = Application._base_manager.select_for_update().get(pk=record.application_id)
    record.doc_no, record.decided_on = step.given["doc_no"][:100], clock.today()
    if record.kind == K.EXTEND:
        _extendable(project, record)
        project.ends_on, project.extensions = record.new_end, project.extensions + 1
        project.accept_by = accept_by(record.new_end)
        more = project.extensions < int(ruled("limit", "project-extension")["times"])
        project.extend_by = extend_by(record.new_end) if more else None
    elif record.kind == K.LEADER:
        project.leader = record.after[:40]
    elif record.kind == K.UNIT:
        # The county it was approved in stays: a move does not take a project out of that county's figures.
        project.unit = record.new_unit
    elif record.kind == K.CONTENT and record.goal_id is not None:
        goal = Goal._base_manager.select_for_update().get(pk=record.goal_id)
        goal.promised = record.after
        goal.save()
    project.save()


def _refuse(record: Any, step: Step) -> None:
    record.decided_on = clock.today()


PROCEDURE = Procedure(
    code="项目变更",
    version="1",
    states={str(value): str(label) for value, label in C.choices},
    transitions=(
        Transition(
            "opine",
            "出具意见",
            who.at(C.ASKED),
            str(C.SUPPORTED),
            _recommends,
            effect=_opine,
            asks=(Ask("view", "意见", "choice", choices=VIEWS), Ask("opinion", "说明", "long")),
        ),
        Transition("take_back", "收回申请", who.at(C.ASKED), str(C.TAKEN_BACK), who.own),
        Transition(
            "approve",
            "同意变更",
            who.at(C.SUPPORTED),
            str(C.APPROVED),
            who.handles,
            needs=(_still_runs,),
            effect=_approve,
            asks=(Ask("doc_no", "批准文号"),),
        ),
        Transition(
            "refuse",
            "不同意",
            who.at(C.SUPPORTED),
            str(C.REFUSED),
            who.handles,
            effect=_refuse,
            note_required=True,
            danger=True,
        ),
    ),
)


def changes_of(application: Application) -> list[Change]:
    """The changes asked for in a project, oldest first. Ask only for a project that the reader may see."""
    return list(Change.objects.for_system("变更").filter(application=application).order_by("asked_on", "pk"))
