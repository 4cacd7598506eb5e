"""The cards of a project's page after its approval: contract and goals, payments, changes, checks, archive."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from keshu.desk.projects import accepting
from keshu.desk.projects.contract import ladder
from keshu.desk.projects.finding import SHOWN, in_wan
from keshu.desk.registers.panels import Panel, panel
from keshu.directory.actors import Actor, Can
from keshu.ledger.records import Record
from keshu.programmes.acceptance import acceptance_needs, needs_audit
from keshu.programmes.archive import papers_of
from keshu.programmes.changes import CHANGEABLE, changes_of
from keshu.programmes.contracts import goals_of, may_write, phases_of
from keshu.programmes.dating import due_for_acceptance, is_overdue
from keshu.programmes.inspections import inspections_of
from keshu.programmes.models import Application, Change, Inspection, Payment
from keshu.programmes.payments import PAYABLE, payments_of
from keshu.terms import clock

S = Application.State


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _project(record: Record) -> Application | None:
    return record if isinstance(record, Application) and record.state in SHOWN else None


@panel("programmes")
def contract(request: HttpRequest, record: Record) -> Panel | None:
    """任务书与指标: each goal, what was reached, how it was judged; the days and the money of the contract."""
    project = _project(record)
    if project is None:
        return None
    actor, goals = _actor(request), goals_of(project)
    deciding = project.state == S.ACCEPTING
    return Panel(
        "projects/card_contract.html",
        {
            "project": project,
            "goals": goals,
            "judged": any(goal.reached or goal.verdict != goal.Verdict.OPEN for goal in goals),
            "stages": phases_of(project),
            "money": _money(project),
            "ladder": ladder(project.direct_cost, project.equipment_cost),
            "due": due_for_acceptance(project) if project.closed_on is None else None,
            "late": is_overdue(project),
            "may_write": may_write(project, actor),
            "may_fill": accepting.writes(project, actor)
            or accepting.judges(project, actor)
            or accepting.registers(project, actor),
            "fill": _fill(project, actor),
            "needs": acceptance_needs(project) if deciding else [],
            "proposal": accepting.suggestion(goals) if deciding else None,
        },
    )


def _fill(project: Application, actor: Actor) -> str:
    """What the button to the goals is called for this reader."""
    if accepting.judges(project, actor):
        return "逐条对照"
    return "填完成情况" if accepting.writes(project, actor) else "登记成果和报告"


def _money(project: Application) -> list[dict[str, str]]:
    named = (
        ("立项经费", project.granted),
        ("直接费用", project.direct_cost),
        ("设备购置费", project.equipment_cost),
        ("间接费用", project.indirect_cost),
        ("自筹", project.own_funds),
    )
    return [{"label": label, "text": in_wan(amount)} for label, amount in named if amount is not None]


@panel("programmes")
def payments(request: HttpRequest, record: Record) -> Panel | None:
    """拨款: what was paid of the grant, by document; what has to come back of it."""
    project = _project(record)
    if project is None:
        return None
    rows = payments_of(project)
    may = _actor(request).can(Can.HANDLE_PROGRAMMES) and project.state in PAYABLE
    left = (project.granted or 0) - (project.paid or 0)
    if not rows and not may:
        return None
    return Panel(
        "projects/card_payments.html",
        {
            "rows": [
                {"row": row, "amount": in_wan(row.amount), "off": row.state == Payment.State.VOID}
                for row in rows
            ],
            "granted": in_wan(project.granted),
            "paid": in_wan(project.paid) or "0",
            "left": in_wan(left) if left and project.closed_on is None else "",
            "to_return": in_wan(project.to_return) if project.to_return else "",
            "returned": in_wan(project.returned) or "0",
            "pay": f"{reverse('desk:projects_pay')}?project={project.pk}" if may and left else "",
        },
    )


@panel("programmes")
def changes(request: HttpRequest, record: Record) -> Panel | None:
    """变更: what was asked for and what became of it."""
    project = _project(record)
    if project is None:
        return None
    actor, rows = _actor(request), changes_of(project)
    own = actor.can(Can.APPLY) and project.unit_id in actor.unit_ids
    may = own and project.state in CHANGEABLE
    if not rows and not may:
        return None
    return Panel(
        "projects/card_changes.html",
        {
            "rows": [{"row": row, "off": row.state == Change.State.TAKEN_BACK} for row in rows],
            "project": project,
            "may": may,
            "extend_by": project.extend_by,
            "extend_late": project.extend_by is not None and project.extend_by < clock.today(),
        },
    )


@panel("programmes")
def inspections(request: HttpRequest, record: Record) -> Panel | None:
    """检查: mid-term, 滤镜行动, audit, performance."""
    project = _project(record)
    if project is None:
        return None
    rows = inspections_of(project)
    may = _actor(request).can(Can.HANDLE_PROGRAMMES) and project.state != S.REVOKED
    if not rows and not may:
        return None
    today = clock.today()
    return Panel(
        "projects/card_inspections.html",
        {
            "rows": [
                {
                    "row": row,
                    "late": row.state == Inspection.State.FOUND
                    and row.rectify_by is not None
                    and row.rectify_by < today,
                    "off": row.state == Inspection.State.DROPPED,
                }
                for row in rows
            ],
            "plan": _plan_href(project) if may else "",
        },
    )


def _plan_href(project: Application) -> str:
    """Where a check of this project is planned; an audit is proposed where the acceptance waits for one."""
    asked = {"only": project.pk, "scope": "all", "since": project.year}
    if project.state == S.ACCEPTING and needs_audit(project):
        asked["kind"] = Inspection.Kind.AUDIT
    return f"{reverse('desk:projects_plan')}?{urlencode(asked)}"


@panel("programmes")
def archive(request: HttpRequest, record: Record) -> Panel | None:
    """归档: once the project is closed."""
    project = _project(record)
    if project is None or project.closed_on is None:
        return None
    may = _actor(request).can(Can.HANDLE_PROGRAMMES) and not project.archive_number
    if not (project.archive_number or may):
        return None
    return Panel(
        "projects/card_archive.html",
        {"project": project, "papers": papers_of(project), "may": may},
    )


def _of_project(request: HttpRequest, record: Record) -> Panel | None:
    """The project that a payment, a change or a check belongs to."""
    project: Any = getattr(record, "application", None)
    if project is None:
        return None
    return Panel("projects/card_project.html", {"project": project}, place="side")


for code in ("payments", "changes", "inspections"):
    panel(code)(_of_project)
