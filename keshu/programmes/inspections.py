"""监督检查: mid-term check, 滤镜行动, special audit, performance; planned for many projects at once, findings put right and verified."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, NotYourTurn, Procedure, Step, Transition
from keshu.programmes.dating import ruled
from keshu.programmes.models import Application, Inspection
from keshu.programmes.steps.who import STANDING, at, handles, own
from keshu.terms import clock
from keshu.terms.quantity import UnreadableNumber, plain, read_number

State, K = Inspection.State, Inspection.Kind
FULL = Decimal(100)


class InspectionRefused(MoveRefused):
    """A check that cannot be planned or recorded so; the message says what to change."""


def plan(
    applications: Iterable[Application], kind: str, actor: Actor, *, year: int, campaign: str = ""
) -> list[Inspection]:
    """Plan one check for many projects at once, in one revision; a project that has this check of this batch already is left out.

    Raises NotYourTurn, InspectionRefused where no project is left or the kind is none.
    """
    if not actor.can(Can.HANDLE_PROGRAMMES):
        raise NotYourTurn(f"{actor.name} 不能安排检查。请由业务科室安排。")
    if kind not in K.values:
        raise InspectionRefused("没有选检查的种类。")
    campaign = campaign.strip()[:60]
    wanted = [row for row in applications if row.state in STANDING]
    with writing(actor, f"安排{K(kind).label} {campaign}"):
        held = set(
            Inspection.objects.for_system("已安排")
            .filter(application__in=wanted, kind=kind, year=year, campaign=campaign)
            .exclude(state=State.DROPPED)
            .values_list("application_id", flat=True)
        )
        made = []
        for application in wanted:
            if application.pk in held:
                continue
            held.add(application.pk)
            row = Inspection.of(
                application,
                number=next_number("JC", year),
                kind=kind,
                year=year,
                campaign=campaign,
                source="检查安排",
            )
            row.save()
            made.append(row)
    if not made:
        raise InspectionRefused(
            "选的项目这一批都已安排过。换一个批次名称，或另选项目。"
            if wanted
            else "没有选立项的项目。先选再安排。"
        )
    return made


def due_for_mid_term(application: Application, on: date, rule: Mapping[str, Any]) -> bool:
    """Whether so much of a running project's time is gone that a mid-term check is due; ``rule["from"]`` is that share."""
    starts, ends = application.starts_on, application.ends_on
    if application.state != Application.State.RUNNING or starts is None or ends is None or ends <= starts:
        return False
    return (on - starts).days >= Decimal(rule["from"]) * (ends - starts).days


def grade_of(score: Decimal, rule: Mapping[str, Any]) -> str:
    """The grade of a score out of 100 by the bands of a rule, highest first: each begins at ``from``, inclusive."""
    for band in rule["bands"]:
        if score >= Decimal(band["from"]):
            return str(band["grade"])
    raise InspectionRefused(f"得分 {plain(score)} 不在任何一档里。请核对。")


def _score(record: Any, text: str) -> None:
    """The score as typed, and for a performance evaluation its grade, kept in the project too."""
    if not text:
        if record.kind == K.PERFORMANCE:
            raise InspectionRefused("绩效评价要填得分，等次按规则由得分定。")
        return
    try:
        score = read_number(text)
    except UnreadableNumber as error:
        raise InspectionRefused(str(error)) from error
    if not 0 <= score <= FULL or score != score.quantize(Decimal("0.01")):
        raise InspectionRefused(f"得分“{text[:12]}”不是 0 到 100、最多两位小数的数。请核对。")
    record.score = score
    if record.kind == K.PERFORMANCE:
        record.grade = grade_of(score, ruled("grade", "project-performance"))
        project = Application._base_manager.select_for_update().get(pk=record.application_id)
        project.performance = record.grade
        project.save()


def _done(record: Any, step: Step) -> None:
    on = step.given["done_on"]
    if on > clock.today():
        raise InspectionRefused(f"检查日期 {on} 还没有到，今天是 {clock.today()}。查过以后再登记。")
    record.done_on = record.counts_on = on
    _score(record, step.given.get("score", ""))


def _found(record: Any, step: Step) -> None:
    refuse_classified(step.given["findings"])
    _done(record, step)
    record.findings, record.rectify_by = step.given["findings"], step.given["rectify_by"]
    if record.rectify_by <= record.done_on:
        raise InspectionRefused(f"整改期限 {record.rectify_by} 不在检查日期 {record.done_on} 之后。请改。")


def _rectified(record: Any, step: Step) -> None:
    refuse_classified(step.given["rectified"])
    record.rectified = step.given["rectified"]


def _close(record: Any, step: Step) -> None:
    record.closed_on = clock.today()


def _back(record: Any, step: Step) -> None:
    record.rectify_by = step.given.get("rectify_by") or record.rectify_by


_DATE = Ask("done_on", "检查日期", "date")
_SCORE = Ask("score", "得分", required=False, hint="绩效评价必填，0 到 100")

PROCEDURE = Procedure(
    code="监督检查",
    version="1",
    states={str(value): str(label) for value, label in State.choices},
    transitions=(
        Transition(
            "clean",
            "登记未发现问题",
            at(State.PLANNED),
            str(State.CLEAN),
            handles,
            effect=_done,
            asks=(_DATE, _SCORE),
        ),
        Transition(
            "found",
            "登记问题",
            at(State.PLANNED),
            str(State.FOUND),
            handles,
            effect=_found,
            asks=(
                _DATE,
                Ask("findings", "发现的问题", "long"),
                Ask("rectify_by", "整改期限", "date"),
                _SCORE,
            ),
        ),
        Transition(
            "drop",
            "取消检查",
            at(State.PLANNED),
            str(State.DROPPED),
            handles,
            note_required=True,
            danger=True,
        ),
        Transition(
            "rectify",
            "报送整改",
            at(State.FOUND),
            str(State.RECTIFIED),
            own,
            effect=_rectified,
            asks=(Ask("rectified", "整改情况", "long"),),
        ),
        Transition("close", "复核销号", at(State.RECTIFIED), str(State.CLOSED), handles, effect=_close),
        Transition(
            "back",
            "退回再改",
            at(State.RECTIFIED),
            str(State.FOUND),
            handles,
            effect=_back,
            note_required=True,
            asks=(Ask("rectify_by", "新的整改期限", "date", required=False),),
        ),
    ),
)


def inspections_of(application: Application) -> list[Inspection]:
    """The checks of a project, oldest first. Ask only for a project that the reader may see."""
    return list(Inspection.objects.for_system("检查").filter(application=application).order_by("year", "pk"))
