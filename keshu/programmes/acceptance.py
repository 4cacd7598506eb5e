"""验收: each goal against its contract, what has to be there before a project passes, and a proposal for the clerk."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.contracts import goals_of
from keshu.programmes.dating import ruled
from keshu.programmes.models import Application, Goal, Inspection
from keshu.terms.quantity import wan

S, V, State = Application.State, Goal.Verdict, Inspection.State
OPEN_INSPECTIONS = (State.PLANNED, State.FOUND, State.RECTIFIED)


class NotNow(MoveRefused):
    """The project is in no state in which this is written."""


class GoalUnclear(MoveRefused):
    """A value or a proof that cannot be taken."""


@dataclass(frozen=True)
class Reached:
    """What the organisation writes against one goal."""

    reached: str
    proof: str


@dataclass(frozen=True)
class Proposal:
    """What the thresholds of the rule suggest: the share of goals done, the word, and how it was counted."""

    share: Fraction
    word: str
    told: str


def write_reached(application: Application, values: Mapping[int, Reached], actor: Actor) -> list[Goal]:
    """The organisation's reached values with proof, by order of the goal; only of its running project, or one to be put right.

    Raises NotNow, NotYourTurn, GoalUnclear, Classified.
    """
    with writing(actor, f"填完成情况 {application}"):
        locked = Application._base_manager.select_for_update().get(pk=application.pk)
        if not (actor.can(Can.APPLY) and locked.unit_id in actor.unit_ids):
            raise NotYourTurn(f"{actor.name} 不能填完成情况。请由承担单位填写。")
        if locked.state not in (S.RUNNING, S.FAILED):
            raise NotNow(f"现在是“{locked.get_state_display()}”，不能改完成情况。验收申请提交前可以改。")
        goals = goals_of(locked)
        for goal in goals:
            if goal.order not in values:
                continue
            told = values[goal.order]
            refuse_classified(told.reached, told.proof)
            _short(goal, "完成值", told.reached, 60)
            _short(goal, "佐证", told.proof, 200)
            goal.reached, goal.proof = told.reached.strip(), told.proof.strip()
            goal.save()
    return goals


def judge(application: Application, verdicts: Mapping[int, str], actor: Actor) -> list[Goal]:
    """The office's verdict on each goal, by its order, while the project is being accepted. Raises NotNow, NotYourTurn, GoalUnclear."""
    with writing(actor, f"逐条对照 {application}"):
        locked = Application._base_manager.select_for_update().get(pk=application.pk)
        if not actor.can(Can.HANDLE_PROGRAMMES):
            raise NotYourTurn(f"{actor.name} 不能对照指标。请由业务科室对照。")
        if locked.state != S.ACCEPTING:
            raise NotNow(f"现在是“{locked.get_state_display()}”，承担单位申请验收以后才对照。")
        goals = goals_of(locked)
        for goal in goals:
            verdict = verdicts.get(goal.order, goal.verdict)
            if verdict not in V.values:
                raise GoalUnclear(f"第 {goal.order} 条的对照结果“{verdict[:10]}”不在可选的里面。请重选。")
            goal.verdict = verdict
            goal.save()
    return goals


def register_results(application: Application, actor: Actor, *, achievement: str, report: str) -> Application:
    """The numbers of the achievement registration and of the technology report. By the organisation or the office, until it is closed."""
    with writing(actor, f"登记成果和科技报告 {application}"):
        locked = Application._base_manager.select_for_update().get(pk=application.pk)
        own = actor.can(Can.APPLY) and locked.unit_id in actor.unit_ids
        if not (own or actor.can(Can.HANDLE_PROGRAMMES)):
            raise NotYourTurn(f"{actor.name} 不能登记。请由承担单位或业务科室登记。")
        if locked.state not in (S.RUNNING, S.FAILED, S.ACCEPTING):
            raise NotNow(f"现在是“{locked.get_state_display()}”，不再登记成果和科技报告。")
        for label, text in (("成果登记号", achievement), ("科技报告编号", report)):
            if len(text.strip()) > 40:
                raise GoalUnclear(f"{label}写了 {len(text.strip())} 字，最多 40 字。请核对。")
        locked.achievement_number, locked.technology_report = achievement.strip(), report.strip()
        locked.save()
    return locked


def _short(goal: Goal, what: str, text: str, most: int) -> None:
    if len(text.strip()) > most:
        raise GoalUnclear(
            f"第 {goal.order} 条的{what}写了 {len(text.strip())} 字，最多 {most} 字。请删减，细节放附件。"
        )


def proposal(verdicts: Sequence[str], rule: Mapping[str, Any]) -> Proposal | None:
    """What the rule's thresholds suggest for the verdicts of all goals; None while one is open. Shown, never applied by itself.

    Goals met count one, those partly met ``rule["partly"]``; below ``fail_below`` it proposes 不通过, below ``review_below`` 复议.
    """
    if not verdicts or V.OPEN in verdicts:
        return None
    met, partly = (sum(verdict == kind for verdict in verdicts) for kind in (V.MET, V.PARTLY))
    share = (met + partly * Fraction(rule["partly"])) / Fraction(len(verdicts))
    word = "通过"
    if share < Fraction(rule["fail_below"]):
        word = "不通过"
    elif share < Fraction(rule["review_below"]):
        word = "复议"
    counted = f"{len(verdicts)} 条里完成 {met} 条、部分完成 {partly} 条"
    return Proposal(share, word, counted)


def proposed(goals: Sequence[Goal]) -> Proposal | None:
    """The proposal for a project's goals by the rule in force today."""
    return proposal([goal.verdict for goal in goals], ruled("rate", "project-conclusion"))


# ---- what has to be there -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """One thing that has to be there before a project passes: what, whether it is, and what is found or to be done."""

    what: str
    holds: bool
    fact: str


def needs_audit(application: Application) -> bool:
    """Whether a special audit is due: the grant reaches the threshold of the rule in force."""
    least = Decimal(ruled("limit", "project-audit")["from"])
    return application.granted is not None and application.granted >= least


def acceptance_needs(application: Application) -> list[Need]:
    """Everything that the rule in force wants before a project passes, in the order of the form."""
    wanted = ruled("limit", "project-acceptance-needs")
    rows = list(Inspection.objects.for_system("验收要件").filter(application=application))
    checks: dict[str, Callable[[], Need | None]] = {
        "goals": lambda: _judged(goals_of(application)),
        "inspections": lambda: _nothing_open(rows),
        "audit": lambda: _audited(application, rows),
        "achievement": lambda: Need(
            "成果登记", bool(application.achievement_number), application.achievement_number or "还没有登记号"
        ),
        "report": lambda: Need(
            "科技报告", bool(application.technology_report), application.technology_report or "还没有报告编号"
        ),
    }
    found = (check() for name, check in checks.items() if wanted.get(name))
    return [need for need in found if need is not None]


def _judged(goals: Sequence[Goal]) -> Need:
    open_ones = [str(goal.order) for goal in goals if goal.verdict == V.OPEN]
    fact = f"第 {'、'.join(open_ones)} 条还没有对照" if open_ones else f"{len(goals)} 条都已对照"
    return Need("逐条对照指标", bool(goals) and not open_ones, fact if goals else "任务书没有指标")


def _nothing_open(rows: Iterable[Inspection]) -> Need:
    waiting = [row for row in rows if row.state in OPEN_INSPECTIONS and row.kind != Inspection.Kind.AUDIT]
    fact = "；".join(f"{row.get_kind_display()} {row.number} {row.get_state_display()}" for row in waiting)
    return Need("检查已销号", not waiting, fact or "没有未销号的检查")


def _audited(application: Application, rows: Iterable[Inspection]) -> Need | None:
    if not needs_audit(application):
        return None
    audits = [row for row in rows if row.kind == Inspection.Kind.AUDIT]
    done = [row for row in audits if row.state in (State.CLEAN, State.CLOSED)]
    waiting = [row for row in audits if row.state in OPEN_INSPECTIONS]
    if done and not waiting:
        return Need("专项审计", True, f"{done[-1].number} {done[-1].get_state_display()}")
    least = wan(Decimal(ruled("limit", "project-audit")["from"]))
    why = f"立项 {wan(application.granted or Decimal(0))} 万元，{least} 万元及以上要审计"
    return Need(
        "专项审计", False, f"{waiting[-1].get_state_display()}；{why}" if waiting else f"还没有；{why}"
    )
