"""网上申报: an organisation writes an application to a call, sees rule by rule what is missing, and hands it in."""

from dataclasses import dataclass
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.drafts import Draft
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.programmes.public import calls
from keshu.programmes.steps.applying import sent_by
from keshu.programmes.steps.who import STANDING
from keshu.terms import clock
from keshu.terms.quantity import read_wan, wan

REGISTER = "programmes"
S = Application.State


@dataclass(frozen=True)
class Asked:
    """One question of the form: what the applicant sees beside it, how long it may be."""

    name: str
    label: str
    most: int
    long: bool = False
    hint: str = ""


QUESTIONS = (
    Asked("title", "项目名称", 120),
    Asked("leader", "负责人", 40),
    Asked("asked", "申请经费（万元）", 15, hint="写万元，可带两位小数"),
    Asked("summary", "研究内容", 1000, long=True, hint="任务书的研究内容不超过 1000 字"),
    Asked("goals", "考核指标", 1000, long=True, hint="验收时逐条对照，写得能数、能量"),
)
BY_NAME = {question.name: question for question in QUESTIONS}


@dataclass(frozen=True)
class Check:
    """One rule of the pre-check: what it asks, whether it holds, and the fact it found."""

    rule: str
    holds: bool
    fact: str
    field: str = ""


class NoSuchQuestion(LookupError):
    """A field that the form does not have."""


class TooLong(ValueError):
    """A text longer than the form takes."""


def open_calls() -> list[Call]:
    """Calls of our own track that take applications now; those of superiors are applied for in their own systems."""
    return [call for call in calls() if call.track == Call.Track.CITY]


def begin(actor: Actor, call: Call) -> Draft:
    """A new draft, filled with what is known of the organisation. Raises NotYourTurn without the right to apply."""
    unit = _unit(actor)
    return Draft.objects.create(
        register=REGISTER,
        unit=unit,
        about=call.pk,
        content={"leader": actor.name},
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def reopen(actor: Actor, application: Application) -> Draft:
    """The draft of an application that was returned or taken back, with what was handed in."""
    unit = _unit(actor)
    held = Draft.objects.visible_to(actor).filter(register=REGISTER, record_pk=application.pk).first()
    if held is not None:
        return held
    asked = "" if application.asked is None else wan(application.asked)
    texts = {name: str(getattr(application, name)) for name in BY_NAME if name != "asked"}
    return Draft.objects.create(
        register=REGISTER,
        unit=unit,
        about=application.call_id,
        record_pk=application.pk,
        content={**texts, "asked": asked},
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def _unit(actor: Actor) -> Unit:
    if not actor.can(Can.APPLY) or actor.unit_id is None:
        raise NotYourTurn(f"{actor.name} 不能申报。请用申报单位的账号登录。")
    return Unit.objects.get(pk=actor.unit_id)


def cleaned(name: str, text: str) -> str:
    """The text of a field as it may be kept. Raises NoSuchQuestion, TooLong, Classified; a wrong number is kept and checked later."""
    question = BY_NAME.get(name)
    if question is None:
        raise NoSuchQuestion(f"申报书没有“{name}”这一项。")
    if len(text) > question.most:
        raise TooLong(f"{question.label}写了 {len(text)} 字，最多 {question.most} 字。多出的没有存，请删减。")
    refuse_classified(text)
    return text


def checks(draft: Draft, call: Call) -> list[Check]:
    """形式预审: every rule with the fact it found, in the order of the form."""
    content = draft.content
    found = [
        Check(f"{question.label}已填", bool(str(content.get(question.name, "")).strip()), "", question.name)
        for question in QUESTIONS
    ]
    typed = str(content.get("asked", ""))
    yuan = read_wan(typed)
    if typed.strip():
        readable = yuan is not None and yuan > 0
        found.append(Check("申请经费是正数，最多到分", readable, f"写的是“{typed}”", "asked"))
    if call.most_each is not None and yuan is not None:
        most = wan(call.most_each)
        found.append(
            Check(
                f"不超过单项最高 {most} 万元",
                yuan <= call.most_each,
                f"申请 {wan(yuan)} 万元",
                "asked",
            )
        )
    if call.most_per_unit is not None:
        count = sent_by(draft.unit_id, call, besides=draft.record_pk)
        found.append(
            Check(f"每个单位最多 {call.most_per_unit} 项", count < call.most_per_unit, f"已报 {count} 项")
        )
    overdue = Application.objects.for_system("逾期未验收").filter(
        unit_id=draft.unit_id, state__in=STANDING, closed_on__isnull=True, ends_on__lt=clock.today()
    )
    late = overdue.count()
    found.append(Check("没有逾期未验收的项目", late == 0, f"逾期 {late} 项" if late else "没有"))
    in_time = call.opens_at <= clock.now() <= call.apply_until
    found.append(Check("在申报期内", in_time, f"截止 {call.apply_until.astimezone(clock.TZ):%Y-%m-%d %H:%M}"))
    return found


def hand_in(draft: Draft, actor: Actor) -> Application:
    """The draft becomes an application and is submitted, in one transaction; the draft goes. Raises MoveRefused, NotYourTurn."""
    call = Call.objects.get(pk=draft.about)
    failed = [check for check in checks(draft, call) if not check.holds]
    if failed:
        raise MoveRefused(f"还差 {len(failed)} 处：{'；'.join(check.rule for check in failed)}。")
    with writing(actor, f"提交申报 {draft.content['title']}"):
        locked = Draft._base_manager.select_for_update().filter(pk=draft.pk).first()
        if locked is None:
            raise MoveRefused("这一份已经提交过了。请到“项目”里看回执。")
        application = _written(locked, call, actor)
        application = advance(application, "submit", actor)
        locked.delete()
    return application


def _written(draft: Draft, call: Call, actor: Actor) -> Application:
    values: dict[str, Any] = {name: str(draft.content.get(name, "")).strip() for name in BY_NAME}
    values["asked"] = read_wan(values["asked"])
    if draft.record_pk is not None:
        application = Application._base_manager.select_for_update().get(pk=draft.record_pk)
    else:
        application = Application(
            call=call,
            year=call.year,
            level=call.level,
            field=call.field,
            unit_id=draft.unit_id,
            region_id=actor.region_id,
            state=S.DRAFT,
            source="网上申报",
        )
    for name, value in values.items():
        setattr(application, name, value)
    application.save()
    return application
