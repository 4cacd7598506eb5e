"""科技成果登记: the sheet, the procedure, the number, and the way back to the project it came from."""

import re
from datetime import date
from typing import Any

from django.db.models import Q

from keshu.directory.actors import Actor, Can
from keshu.ledger.drafts import Draft
from keshu.ledger.numbering import next_number
from keshu.ledger.records import Record
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.programmes.dating import ruled
from keshu.programmes.limits import Check
from keshu.programmes.models import Application, Field
from keshu.programmes.steps.who import at, handles, own
from keshu.reserves.filling import (
    LONG,
    UNIT,
    Form,
    Given,
    Question,
    fill,
    for_others,
    place,
    unit_question,
    written,
)
from keshu.reserves.models import Achievement, Stage
from keshu.reserves.whose import recommends
from keshu.terms import clock

S = Achievement.State
#: What came of a project is registered with its acceptance: while it is judged, or when it is through.
ACCEPTED = (Application.State.ACCEPTING, Application.State.PASSED, Application.State.CONCLUDED)
MOST_KEYWORDS = 3
#: Ways of evaluation (国办发〔2021〕26号: no longer by the government).
WAYS = (
    ("项目验收", "项目验收"),
    ("第三方评价", "第三方评价"),
    ("用户评价", "用户评价"),
    ("行业准入", "行业准入"),
    ("专利", "专利"),
    ("未评价", "未评价"),
)


def registration_number(kind: str, on: date) -> str:
    """The approved registration number of 12 characters: place 3, year 4, mark of the kind 1, serial 4; its parts are a dated rule.

    A number that came in with a file of older registrations is passed over.
    """
    parts = ruled("grade", "achievement-number", on)
    while True:
        serial = next_number(f"CG{parts[kind]}", on.year).rsplit("-", 1)[1]
        number = f"{parts['place']}{on.year}{parts[kind]}{serial}"
        if not Achievement._base_manager.filter(number=number).exists():
            return number


def same(
    title: str, unit_id: int | None, holder: str, report: str, *, besides: int | None
) -> Achievement | None:
    """A registered or waiting achievement of the same name, first organisation and report number (查重)."""
    rows = (
        Achievement.objects.for_system("查重").exclude(state__in=(S.REFUSED, S.REVOKED)).exclude(pk=besides)
    )
    whose = Q(unit_id=unit_id) if unit_id else Q(unit__isnull=True, holder=holder)
    return rows.filter(whose, title=title, report_number=report).first()


def _unlike_others(record: Any, actor: Actor) -> str | None:
    found = same(record.title, record.unit_id, record.holder, record.report_number, besides=record.pk)
    return f"同名、同单位、同评价报告号的已经有了：{found.number or found}。请核对。" if found else None


def _register(record: Any, step: Step) -> None:
    on: date = step.given.get("on") or clock.today()
    if on > clock.today():
        raise MoveRefused(f"登记日期 {on} 还没到。改成今天或以前。")
    record.number = registration_number(record.kind, on)
    record.registered_on = record.counts_on = on
    _tell_project(record, "", record.number)


def _tell_project(record: Achievement, known: str, number: str) -> None:
    """Write the registration number into the project, where it still says ``known``."""
    if record.application_id is None:
        return
    project = Application._base_manager.select_for_update().get(pk=record.application_id)
    if project.achievement_number == known:
        project.achievement_number = number
        project.save()


def _release(record: Any, step: Step) -> None:
    record.open_to_public = True


def _hide(record: Any, step: Step) -> None:
    record.open_to_public = False


def _revoke(record: Any, step: Step) -> None:
    record.revoked_on, record.open_to_public = clock.today(), False
    _tell_project(record, record.number, "")


def _shown(record: Any, actor: Actor) -> str | None:
    return None if record.open_to_public else "这项成果没有公开。"


def _hidden(record: Any, actor: Actor) -> str | None:
    return "这项成果已经公开。" if record.open_to_public else None


def _owner(actor: Actor, record: Any) -> bool:
    return own(actor, record) or handles(actor, record)


PROCEDURE = Procedure(
    code="成果登记",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition("recommend", "推荐", at(S.SUBMITTED), str(S.RECOMMENDED), recommends),
        Transition("send_back", "退回修改", at(S.SUBMITTED), str(S.RETURNED), recommends, note_required=True),
        Transition("resubmit", "再报", at(S.RETURNED), str(S.SUBMITTED), _owner),
        Transition(
            "register",
            "登记发号",
            at(S.RECOMMENDED),
            str(S.REGISTERED),
            handles,
            needs=(_unlike_others,),
            effect=_register,
            asks=(Ask("on", "登记日期", "date", required=False, hint="空着按今天"),),
        ),
        Transition("return", "退回修改", at(S.RECOMMENDED), str(S.RETURNED), handles, note_required=True),
        Transition(
            "refuse", "不予登记", at(S.RECOMMENDED), str(S.REFUSED), handles, note_required=True, danger=True
        ),
        Transition(
            "release", "公开", at(S.REGISTERED), str(S.REGISTERED), _owner, needs=(_hidden,), effect=_release
        ),
        Transition(
            "hide",
            "不再公开",
            at(S.REGISTERED),
            str(S.REGISTERED),
            _owner,
            needs=(_shown,),
            effect=_hide,
            note_required=True,
        ),
        Transition(
            "revoke",
            "撤销登记",
            at(S.REGISTERED),
            str(S.REVOKED),
            handles,
            effect=_revoke,
            note_required=True,
            danger=True,
        ),
    ),
)


def step(
    achievement: Record, action: str, actor: Actor, *, note: str = "", given: Given | None = None
) -> Achievement:
    """One step of an achievement. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(achievement, action, actor, procedure=PROCEDURE, note=note, given=given)


def of_project(application: Application) -> list[Achievement]:
    """The achievements registered or waiting from a project, oldest first."""
    rows = Achievement.objects.for_system("项目成果").filter(application=application)
    return list(rows.exclude(state=S.REFUSED).order_by("pk"))


def may_register(actor: Actor, application: Application) -> bool:
    """Whether the actor may begin the registration of what came of a project: nothing registered yet, its own or the office."""
    return (
        application.state in ACCEPTED
        and (own(actor, application) or handles(actor, application))
        and not application.achievement_number
        and not of_project(application)
    )


def _asks(actor: Actor) -> tuple[Question, ...]:
    return (
        *unit_question(actor, "第一完成单位"),
        Question("title", "成果名称"),
        Question("kind", "成果类别", "choice", choices=Achievement.Kind.choices),
        Question("nature", "成果属性", "choice", required=False, choices=Achievement.Nature.choices),
        Question("stage", "所处阶段", "choice", required=False, choices=Stage.choices),
        Question("field", "领域", "choice", choices=Field.choices),
        Question("year", "年度", "number", most=4),
        Question("project_number", "项目编号", required=False, hint="不是项目产生的空着", most=40),
        Question("people", "完成人", most=200, hint="按贡献排，用顿号隔开"),
        Question("others", "其他完成单位", required=False, most=200),
        Question("judged_by", "评价方式", "choice", choices=WAYS),
        Question("report_number", "评价报告号", required=False, most=60),
        Question("standing", "成果水平", most=40, hint="按评价结论写，没有评价的写“未评价”"),
        Question("keywords", "关键词", most=60, hint=f"最多 {MOST_KEYWORDS} 个，用顿号隔开"),
        Question("transfer", "拟转化方式", required=False, most=40, hint="如 许可、转让、作价入股"),
        Question("summary", "成果简介", "long", most=LONG),
        Question("open_to_public", "登记后向社会公开", "flag"),
    )


def _begins(actor: Actor, about: int) -> dict[str, str]:
    found = {"standing": "未评价", "open_to_public": "1"}
    if not about:
        return found
    project = Application.objects.visible_to(actor).filter(pk=about).first()
    if project is None or not may_register(actor, project):
        raise MoveRefused("这个项目现在不用登记成果：还没有到验收，或已经登记过。")
    return {
        **found,
        "title": project.title,
        "field": project.field,
        "project_number": project.number,
        "people": project.leader,
        "judged_by": "项目验收",
        "summary": project.summary[:LONG],
        **({UNIT: str(project.unit)} if for_others(actor) else {}),
    }


def _project(number: str, actor: Actor) -> Application | None:
    return Application.objects.visible_to(actor).filter(number=number).first() if number else None


def _checks(draft: Draft, given: Given, actor: Actor) -> list[Check]:
    found = []
    words = [word for word in re.split(r"[、，,；;\s]+", given.get("keywords", "")) if word]
    if words:
        found.append(
            Check(
                f"关键词最多 {MOST_KEYWORDS} 个", len(words) <= MOST_KEYWORDS, f"{len(words)} 个", "keywords"
            )
        )
    number = given.get("project_number", "")
    if number:
        project = _project(number, actor)
        fact = str(project) if project else f"没有编号 {number} 的项目"
        found.append(Check("项目编号对得上", project is not None, fact, "project_number"))
    if "title" in given:
        probe = Achievement()
        place(probe, given, actor)
        report = given.get("report_number", "")
        twin = same(given["title"], probe.unit_id, probe.holder, report, besides=draft.record_pk)
        found.append(Check("没有登记过", twin is None, f"{twin.number or twin}" if twin else "", "title"))
    return found


def _build(draft: Draft, given: Given, actor: Actor) -> Record:
    achievement: Achievement | None = written(Achievement, draft)
    came_back = achievement is not None
    if achievement is None:
        state = S.RECOMMENDED if for_others(actor) else S.SUBMITTED
        achievement = Achievement(state=state, submitted_on=clock.today(), source="网上填报")
        place(achievement, given, actor)
    fill(achievement, _asks(actor), given)
    achievement.application = _project(achievement.project_number, actor)
    achievement.save()
    return step(achievement, "resubmit", actor) if came_back else achievement


FORM = Form(
    code="achievements",
    name="科技成果",
    verb="报送科技成果",
    model=Achievement,
    asks=_asks,
    may=lambda actor: any(actor.can(c) for c in (Can.APPLY, Can.RECOMMEND, Can.HANDLE_PROGRAMMES)),
    build=_build,
    begins=_begins,
    checks=_checks,
    again=frozenset({str(S.RETURNED)}),
    hint="项目验收要登记成果；不是项目产生的也可以登记",
)
