"""The demonstration's projects after their approval: money, changes, checks, an acceptance that failed once, one that is late."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from keshu.demo.people import stated
from keshu.demo.projects import WAN, actor_for
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.journal.writing import Writing
from keshu.procedure.moving import move
from keshu.programmes import acceptance, archive, changes, chasing, inspections, payments
from keshu.programmes.contracts import goals_of
from keshu.programmes.dating import accept_by, extend_by
from keshu.programmes.models import Application, Call, Change, Goal, Inspection
from keshu.programmes.moving import advance
from keshu.terms import clock

OFFICE, OWN, COUNTY = Can.HANDLE_PROGRAMMES, Can.APPLY, Can.RECOMMEND


def stages() -> list[Stage]:
    """Every step at its own day."""
    data = stated("running.yaml")
    found = [
        _stage([1, 6, 10], "补登往年项目的任务书", _contracts, data),
        _stage(data["payment"]["day"], "登记拨款文件", _pay, data["payment"]),
    ]
    for row in data["changes"]:
        found += _change(row)
    checks = data["checks"]
    found.append(_stage(checks["day"], f"安排{checks['campaign']}", _plan, checks))
    for row in checks["steps"]:
        found.append(_stage(row["day"], f"检查 {row['action']} {row['project']}", _check, row))
    found += _acceptance(data["acceptance"])
    for number, day in enumerate(data["chased"], 1):
        found.append(_stage(day, f"第 {number} 次催办逾期项目", _chase, data["late"]["number"]))
    return found


def _stage(day: list[int], name: str, run: Callable[..., None], *what: Any) -> Stage:
    hour = day[2] if len(day) > 2 and isinstance(day[2], int) else 15

    def step(block: Writing) -> int:
        run(*what)
        return 0

    return Stage(moment(day[0], day[1], hour), f"执行 {name}", step, by="何叙")


def _project(title: str) -> Application:
    return (
        Application.objects.for_system("演示")
        .select_related("unit")
        .get(title=title, approved_on__isnull=False)
    )


def _as(can: Can, project: Application) -> Actor:
    assert project.unit is not None
    return actor_for(can, project.unit)


# ---- what was there before -----------------------------------------------------------------------------------


def _contracts(data: Mapping[str, Any]) -> None:
    late = data["late"]
    home = Region.objects.get(name=late["unit"]["region"])
    unit = Unit(code=late["unit"]["code"], name=late["unit"]["name"], region_id=home.pk, has_account=False)
    unit.save()
    call = Call(
        name=f"{late['year']}年度青禾市科技计划（补登）",
        year=late["year"],
        opens_at=moment(1, 2, year=late["year"]),
        apply_until=moment(3, 31, year=late["year"]),
        recommend_until=moment(4, 10, year=late["year"]),
        state=Call.State.CLOSED,
    )
    call.save()
    on = date(*late["approved"])
    Application(
        call=call,
        number=late["number"],
        title=late["title"],
        year=late["year"],
        level="city",
        field=late["field"],
        unit=unit,
        region_id=unit.region_id,
        granted=late["granted"] * WAN,
        approved_on=on,
        counts_on=on,
        starts_on=date(*late["starts"]),
        ends_on=date(*late["ends"]),
        state=Application.State.RUNNING,
        source="立项文件补登（演示）",
    ).save()
    for row in data["contracts"]:
        project = Application.objects.for_system("演示").get(number=row["number"])
        project.contract_doc = f"{project.number}任务书（演示）"
        project.accept_by, project.extend_by = accept_by(project.ends_on), extend_by(project.ends_on)
        project.save()
        for order, (text, promised) in enumerate(row["goals"], 1):
            Goal(application=project, order=order, text=text, promised=promised).save()
    for row in data["past_payments"]:
        by_number = {
            number: Application.objects.for_system("演示").select_related("unit").get(number=number)
            for number, _ in row["rows"]
        }
        amounts = {by_number[number].pk: amount * WAN for number, amount in row["rows"]}
        actor = _as(OFFICE, next(iter(by_number.values())))
        payments.pay(amounts, actor, doc_no=row["doc"], on=date(*row["paid_on"]), level=row["level"])


# ---- money, changes, checks ----------------------------------------------------------------------------------


def _pay(row: Mapping[str, Any]) -> None:
    amounts = {_project(title).pk: Decimal(str(amount)) * WAN for title, amount in row["rows"]}
    actor = _as(OFFICE, _project(row["rows"][0][0]))
    payments.pay(amounts, actor, doc_no=row["doc"], on=clock.today(), level=row["level"])


def _change(row: Mapping[str, Any]) -> list[Stage]:
    name = f"变更 {row['project']}"
    found = [_stage([*row["asked"], 9], f"{name} 申请", _ask, row)]
    if "opinion" in row:
        month, day, view, said = row["opinion"]
        given = {"view": view, "opinion": said}
        found.append(_stage([month, day], f"{name} 县局意见", _step_change, row, "opine", COUNTY, "", given))
    if "decided" in row:
        month, day, action, said = row["decided"]
        given = {"doc_no": said} if action == "approve" else {}
        note = "" if action == "approve" else said
        found.append(_stage([month, day], f"{name} 办结", _step_change, row, action, OFFICE, note, given))
    return found


def _ask(row: Mapping[str, Any]) -> None:
    project = _project(row["project"])
    new_end = date(*row["to"]) if "to" in row else None
    changes.ask(
        project,
        row["kind"],
        _as(OWN, project),
        after=row.get("after", ""),
        reason=row["reason"],
        new_end=new_end,
    )


def _step_change(row: Mapping[str, Any], action: str, can: Can, note: str, given: Mapping[str, Any]) -> None:
    project = _project(row["project"])
    found = Change.objects.for_system("演示").get(application=project, kind=row["kind"])
    move(found, action, _as(can, project), procedure=changes.PROCEDURE, note=note, given=given)


def _plan(row: Mapping[str, Any]) -> None:
    projects = [_project(title) for title in row["projects"]]
    inspections.plan(
        projects,
        Inspection.Kind.ACTION,
        _as(OFFICE, projects[0]),
        year=clock.today().year,
        campaign=row["campaign"],
    )


def _check(row: Mapping[str, Any]) -> None:
    project = _project(row["project"])
    found = Inspection.objects.for_system("演示").get(application=project, kind=Inspection.Kind.ACTION)
    given: dict[str, Any] = {}
    if row["action"] in ("clean", "found"):
        given["done_on"] = clock.today()
    if row["action"] == "found":
        given |= {"findings": row["findings"], "rectify_by": date(clock.today().year, *row["by"])}
    if row["action"] == "rectify":
        given["rectified"] = row["rectified"]
    can = OWN if row["action"] == "rectify" else OFFICE
    move(found, row["action"], _as(can, project), procedure=inspections.PROCEDURE, given=given)


# ---- acceptance ----------------------------------------------------------------------------------------------


def _acceptance(row: Mapping[str, Any]) -> list[Stage]:
    title = row["project"]
    return [
        _stage(row["asked"], f"验收 申请 {title}", _apply, title, row["reached"]),
        _stage(row["audited"], f"验收 专项审计 {title}", _audit, title),
        _stage(row["failed"][:2], f"验收 不通过 {title}", _fail, title, row["failed"][2]),
        _stage(row["asked_again"], f"验收 整改后再申请 {title}", _apply, title, row["again"]),
        _stage(row["passed"][:2], f"验收 通过 {title}", _pass, row),
        _stage(row["filed"], f"归档 {title}", _file, title),
    ]


def _apply(title: str, reached: list[list[str]]) -> None:
    project = _project(title)
    told = {n: acceptance.Reached(value, proof) for n, (value, proof) in enumerate(reached, 1)}
    acceptance.write_reached(project, told, _as(OWN, project))
    advance(project, "apply_acceptance", _as(OWN, project))


def _audit(title: str) -> None:
    project = _project(title)
    actor = _as(OFFICE, project)
    (made,) = inspections.plan([project], Inspection.Kind.AUDIT, actor, year=clock.today().year)
    move(made, "clean", actor, procedure=inspections.PROCEDURE, given={"done_on": clock.today()})


def _fail(title: str, note: str) -> None:
    project = _project(title)
    verdicts = {1: str(Goal.Verdict.MET), 2: str(Goal.Verdict.MISSED), 3: str(Goal.Verdict.MET)}
    acceptance.judge(project, verdicts, _as(OFFICE, project))
    advance(project, "fail", _as(OFFICE, project), note=note)


def _pass(row: Mapping[str, Any]) -> None:
    project = _project(row["project"])
    actor = _as(OFFICE, project)
    acceptance.judge(project, {goal.order: str(Goal.Verdict.MET) for goal in goals_of(project)}, actor)
    project = acceptance.register_results(
        project, actor, achievement=row["achievement"], report=row["report"]
    )
    given = {"way": "meeting", "finance": "passed"}
    advance(project, "accept", actor, note=row["passed"][2], given=given)


def _file(title: str) -> None:
    project = _project(title)
    papers = [paper for paper in archive.suggested(project) if paper.doc_no and paper.keep]
    archive.file_away(project, papers, _as(OFFICE, project))


def _chase(number: str) -> None:
    project = Application.objects.for_system("演示").select_related("unit").get(number=number)
    chasing.chase(project, _as(OFFICE, project))
