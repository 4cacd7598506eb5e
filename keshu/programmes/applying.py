"""网上申报: an organisation writes an application to a call, sees rule by rule what is missing, and hands it in."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from keshu.diary.lines import off_in
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Person, Unit
from keshu.directory.privacy import masked_phone
from keshu.journal.models import HistoryRow
from keshu.journal.writing import writing
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import SCANS, attach, evidence_of
from keshu.ledger.handing import hand_over
from keshu.ledger.models import Evidence
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes import limits
from keshu.programmes.limits import Check
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.programmes.public import calls, is_taking
from keshu.programmes.questions import Asked, commitment, money, questions
from keshu.programmes.steps.applying import (
    SEALED,
    is_sealed,
    missing_materials,
    said,
    version_code,
    window,
)
from keshu.terms import clock
from keshu.terms.quantity import wan

REGISTER = "programmes"
S = Application.State
#: Fields of an application that the form fills as they are typed.
TEXTS = ("title", "leader", "lead_kind", "accepted_kind", "summary", "goals")
AMOUNTS = ("asked", "own_funds")
GONE = "这一份已经提交过了。请到“项目”里看回执。"


def open_calls(actor: Actor | None = None) -> list[Call]:
    """Calls that take applications now, ours and superiors': those to superiors are registered here to be recommended.
    None in a year in which the line of business is switched off, for an actor also where it is off in its region."""
    return [] if REGISTER in off_in(clock.today().year, actor) else calls()


# ---- the draft ----------------------------------------------------------------------------------------------


def begin(actor: Actor, call: Call) -> Draft:
    """A new draft, filled with what is known of the organisation. Raises NotYourTurn without the right to apply."""
    unit = _unit(actor)
    return Draft.objects.create(
        register=REGISTER,
        unit=unit,
        about=call.pk,
        content=_known(actor, unit, call),
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def _known(actor: Actor, unit: Unit, call: Call) -> dict[str, str]:
    """What the organisation wrote last time and would write again; the person who signs in where it never applied."""
    last = Application.objects.for_system("预填").filter(unit=unit).exclude(leader="").order_by("-pk").first()
    if last is None:
        return {"leader": actor.name}
    known = {"leader": last.leader, "lead_kind": last.lead_kind if call.own_funds else ""}
    if last.recommender_id is not None:
        known["recommender"] = str(last.recommender_id)
    return {name: text for name, text in known.items() if text}


def reopen(actor: Actor, application: Application) -> Draft:
    """The draft of an application that was returned or taken back, with what was handed in."""
    unit = _unit(actor)
    held = Draft.objects.visible_to(actor).filter(register=REGISTER, record_pk=application.pk).first()
    if held is not None:
        return held
    content = {name: str(getattr(application, name)) for name in TEXTS}
    for name in AMOUNTS:
        value = getattr(application, name)
        content[name] = "" if value is None else wan(value)
    content["recommender"] = str(application.recommender_id or "")
    content["commitment"] = "1" if application.committed else ""
    return Draft.objects.create(
        register=REGISTER,
        unit=unit,
        about=application.call_id,
        record_pk=application.pk,
        content=content,
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def _unit(actor: Actor) -> Unit:
    if not actor.can(Can.APPLY) or actor.unit_id is None:
        raise NotYourTurn(f"{actor.name} 不能申报。请用申报单位的账号登录。")
    return Unit.objects.get(pk=actor.unit_id)


@dataclass(frozen=True)
class About:
    """What the directory knows of the applicant, as it stands above the form; the telephone masked."""

    unit: str
    code: str
    region: str
    contact: str
    phone: str


def about(actor: Actor) -> About:
    """The applicant as the directory knows it. Raises NotYourTurn."""
    unit = _unit(actor)
    person = Person.objects.filter(pk=actor.person_id).first()
    return About(
        unit.name, unit.code, unit.region.name, actor.name, masked_phone(person.phone) if person else ""
    )


# ---- files --------------------------------------------------------------------------------------------------


class NoSuchMaterial(LookupError):
    """A material that the call does not ask for."""


def hand_file(draft: Draft, call: Call, actor: Actor, name: str, stream: BinaryIO, filename: str) -> Evidence:
    """Keep a file for one of the materials that the call asks for; a later one stands for an earlier one.

    Raises NoSuchMaterial, IntakeError, Classified.
    """
    if name not in call.attachments:
        raise NoSuchMaterial(f"“{call}”没有要“{name}”这份材料。请刷新后再传。")
    with writing(actor, f"传材料 {name}"):
        for older in evidence_of(draft):
            if older.caption == name:
                older.delete()
        return attach(draft, actor, stream, filename, caption=name)


def papers(draft: Draft) -> dict[str, Evidence]:
    """Material → file that stands for it: the draft's own, else what the application holds already."""
    held: dict[str, Evidence] = {}
    if draft.record_pk is not None:
        application = Application._base_manager.get(pk=draft.record_pk)
        held.update({paper.caption: paper for paper in evidence_of(application)})
    held.update({paper.caption: paper for paper in evidence_of(draft)})
    return held


def _tie(draft: Draft, application: Application) -> None:
    """The draft's files become the application's; what a new one stands for goes (its history stays)."""
    replaced = {paper.caption for paper in evidence_of(draft)}
    for older in evidence_of(application):
        if older.caption in replaced or is_sealed(older.caption):
            older.delete()
    hand_over(draft, application)


def hand_sealed(
    application: Application, actor: Actor, stream: BinaryIO, filename: str, code: str
) -> Evidence:
    """A scan of the stamped copy. Raises MoveRefused for another version than the present one, NotYourTurn for a stranger."""
    if not actor.can(Can.APPLY) or application.unit_id not in actor.unit_ids:
        raise NotYourTurn(f"{actor.name} 不能传这一份的盖章件。请由申报单位传。")
    typed, now = code.strip().lower(), version_code(application)
    if not now:
        raise MoveRefused("还没有提交，没有版本码。提交后再传盖章扫描件。")
    if typed != now:
        raise MoveRefused(f"扫描件上的版本码是“{typed}”，现在这一版是“{now}”，不是同一版。请重打盖章后再传。")
    return attach(application, actor, stream, filename, caption=f"{SEALED}（版本码 {now}）", accept=SCANS)


# ---- pre-check ----------------------------------------------------------------------------------------------


def checks(draft: Draft, call: Call, asked: tuple[Asked, ...] | None = None) -> list[Check]:
    """形式预审: every rule with the fact it found, in the order of the form."""
    content = draft.content
    asked = questions(call) if asked is None else asked
    found = [
        Check(
            "已勾选承诺" if question.kind == "flag" else f"{question.label}已填",
            bool(str(content.get(question.name, "")).strip()),
            "",
            question.name,
        )
        for question in asked
        if question.required
    ]
    for name, label, least in (("asked", "申请经费", 1), ("own_funds", "自筹经费", 0)):
        typed = str(content.get(name, ""))
        if typed.strip() and any(question.name == name for question in asked):
            yuan = money(content, name)
            word = "正数" if least else "数"
            readable = yuan is not None and (yuan > 0 if least else yuan >= 0)
            fact = "" if readable else f"写的是“{typed}”"
            found.append(Check(f"{label}是{word}，最多到分", readable, fact, name))
    if call.attachments:
        absent = set(missing_materials(call, set(papers(draft))))
        found += [Check(f"材料“{name}”已传", name not in absent, "", "files") for name in call.attachments]
    found += limits.checks(_sought(draft, call))
    returned = (
        Application._base_manager.filter(pk=draft.record_pk).first() if draft.record_pk is not None else None
    )
    problem = window(call, returned)
    until = f"截止 {said(call.apply_until)}"
    if returned is not None and returned.state == S.RETURNED and returned.correct_by is not None:
        until = f"补正截止 {returned.correct_by}"
    found.append(Check("在申报期内", problem is None, until, refusal=problem or ""))
    return found


def _sought(draft: Draft, call: Call) -> limits.Sought:
    content = draft.content
    return limits.Sought(
        call=call,
        unit_id=draft.unit_id,
        leader=str(content.get("leader", "")).strip(),
        asked=money(content, "asked"),
        own_funds=money(content, "own_funds"),
        lead_kind=str(content.get("lead_kind", "")),
        pk=draft.record_pk,
    )


# ---- handing in ---------------------------------------------------------------------------------------------


def hand_in(draft: Draft, actor: Actor) -> Application:
    """The draft becomes an application and is submitted, in one transaction; the draft goes. Raises MoveRefused, NotYourTurn."""
    call = Call.objects.get(pk=draft.about)
    with writing(actor, f"提交申报 {draft.content.get('title', '')}"):
        locked = Draft._base_manager.select_for_update().filter(pk=draft.pk).first()
        if locked is None:
            raise MoveRefused(GONE)
        # What is checked is what is written: somebody may have typed since the page was drawn.
        failed = [check for check in checks(locked, call) if not check.holds]
        if failed:
            raise MoveRefused(f"还差 {len(failed)} 处，请做到：{'；'.join(check.rule for check in failed)}。")
        application = _written(locked, call, actor)
        _tie(locked, application)
        application = advance(application, "submit", actor)
        locked.delete()
    return application


def _written(draft: Draft, call: Call, actor: Actor) -> Application:
    content = draft.content
    values: dict[str, Any] = {name: str(content.get(name, "")).strip() for name in TEXTS}
    values |= {name: money(content, name) for name in AMOUNTS}
    chosen = str(content.get("recommender", ""))
    values["recommender_id"] = int(chosen) if chosen.isdigit() else None
    values["committed"] = commitment()[0] if content.get("commitment") else ""
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
            # Put into the draft by the reserve library, never by the form: no question carries this name.
            reserve_number=str(content.get("reserve_number", "")),
        )
    for name, value in values.items():
        setattr(application, name, value)
    application.save()
    return application


# ---- the receipt --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """What the applicant holds in the hand: number, the server's second, the whole hash, 版本码, the name of then."""

    number: str
    at: str
    content_hash: str
    code: str
    unit_then: str
    files: tuple[Evidence, ...]
    may_withdraw: bool


def receipt(application: Application) -> Receipt | None:
    """The receipt of an application that stands submitted; None before."""
    if application.submitted_at is None:
        return None
    call = application.call
    return Receipt(
        number=_number_then(application),
        at=said(application.submitted_at, "%Y-%m-%d %H:%M:%S"),
        content_hash=application.content_hash,
        code=version_code(application),
        unit_then=unit_then(application),
        files=tuple(paper for paper in evidence_of(application) if not is_sealed(paper.caption)),
        may_withdraw=application.state == S.SUBMITTED and is_taking(call, clock.now()),
    )


def _number_then(application: Application) -> str:
    """The number as it was received: an approved application carries the project's number since."""
    if application.approved_on is None:
        return application.number
    sent = moves_of(application).filter(action="submit").last()
    if sent is None:
        return application.number
    rows = HistoryRow.objects.filter(
        model=Application._meta.label, object_pk=application.pk, revision__lte=sent.revision
    )
    found = rows.order_by("-revision", "-pk").values_list("data", flat=True).first()
    return str((found or {}).get("number") or application.number)


def unit_then(application: Application) -> str:
    """The organisation's name when the application was submitted last; organisations are renamed and merged in mid-project."""
    sent = moves_of(application).filter(action="submit").last()
    if sent is None or application.unit_id is None:
        return str(application.unit or "")
    rows = HistoryRow.objects.filter(
        model=Unit._meta.label, object_pk=application.unit_id, revision__lte=sent.revision
    )
    found = rows.order_by("-revision").values_list("data", flat=True).first()
    return str(found["name"]) if found else str(application.unit)
