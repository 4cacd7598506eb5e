"""Cards on the record pages of this room, and one on the page of a programme project."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from keshu.desk.registers.panels import Panel, panel
from keshu.directory.actors import Actor
from keshu.directory.privacy import masked_phone
from keshu.ledger.records import Record
from keshu.programmes.applying import REGISTER as PROJECTS
from keshu.programmes.models import Application
from keshu.programmes.register import APPLICATIONS
from keshu.reserves import achieving, converting, reserving
from keshu.reserves.answering import answer_of, may_answer
from keshu.reserves.models import Achievement, Answer, Need, Publication, Reserve
from keshu.reserves.register import ACHIEVEMENTS, ANSWERS, BY_CODE, RESERVES
from keshu.reserves.sheets import FORMS
from keshu.reserves.steps.choosing import answers
from keshu.reserves.steps.running import milestones
from keshu.terms import clock
from keshu.terms.quantity import wan


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _href(code: str, pk: int) -> str:
    return reverse("desk:record", args=[code, pk])


@panel("reserves")
def conversion(request: HttpRequest, record: Record) -> Panel | None:
    """转申报: the calls an entry in reserve may go to, or what has become of it."""
    assert isinstance(record, Reserve)
    actor = _actor(request)
    seen = (
        {row.pk for row in APPLICATIONS.rows(actor).filter(reserve_number=record.number)}
        if record.number
        else set()
    )
    sent = [
        {"row": row, "href": _href(PROJECTS, row.pk) if row.pk in seen else ""}
        for row in reserving.applications(record)
    ]
    calls = converting.calls_for(record, actor) if converting.may_convert(actor, record) else []
    if not sent and not calls and record.state != Reserve.State.HELD:
        return None
    context = {"record": record, "sent": sent, "calls": calls, "stale": reserving.is_stale(record)}
    return Panel("reserving/conversion.html", context)


@panel(PROJECTS)
def origin(request: HttpRequest, record: Record) -> Panel | None:
    """来自储备 and 成果登记 on the page of a project."""
    assert isinstance(record, Application)
    actor = _actor(request)
    entry = converting.reserve_of(record)
    found = achieving.of_project(record)
    may = achieving.may_register(actor, record)
    if entry is None and not found and not may:
        return None
    seen = RESERVES.rows(actor).filter(pk=entry.pk).exists() if entry else False
    shown = {row.pk for row in ACHIEVEMENTS.rows(actor).filter(application=record)}
    context = {
        "record": record,
        "entry": entry,
        "entry_href": _href("reserves", entry.pk) if entry and seen else "",
        "achievements": [
            {"row": row, "href": _href("achievements", row.pk) if row.pk in shown else ""} for row in found
        ],
        "may": may,
    }
    return Panel("reserving/origin.html", context)


@panel("achievements")
def project(request: HttpRequest, record: Record) -> Panel | None:
    """The project an achievement came from, and whether the public sees it."""
    assert isinstance(record, Achievement)
    actor = _actor(request)
    source = record.application
    seen = source is not None and APPLICATIONS.rows(actor).filter(pk=source.pk).exists()
    released = record.state == Achievement.State.REGISTERED and record.open_to_public
    context = {
        "record": record,
        "project": source,
        "href": _href(PROJECTS, source.pk) if source is not None and seen else "",
        "public": reverse("portal:achievement", args=[record.pk]) if released else "",
    }
    return Panel("reserving/project.html", context, place="side")


@panel("needs")
def offered(request: HttpRequest, record: Record) -> Panel | None:
    """揭榜方案: before the opening only how many there are, and for nobody what they say; afterwards for office and owner."""
    assert isinstance(record, Need)
    if record.published_on is None:
        return None
    actor = _actor(request)
    sealed = len(answers(record, Answer.State.SEALED))
    rows = ANSWERS.rows(actor).filter(need=record).select_related("unit").order_by("answered_at", "pk")
    context = {
        "record": record,
        "sealed": sealed,
        "until": record.answer_until,
        "rows": [
            {
                "row": row,
                "asked": wan(row.asked),
                "href": _href("answers", row.pk),
                "chosen": row.pk == record.chosen_id,
            }
            for row in rows
            if row.state not in ANSWERS.private
        ],
        "mine": answer_of(actor, record),
        "may": may_answer(actor, record),
    }
    return Panel("reserving/offered.html", context)


@panel("needs")
def contract(request: HttpRequest, record: Record) -> Panel | None:
    """Who takes the need, and the milestones of the contract with what was paid."""
    assert isinstance(record, Need)
    rows = milestones(record)
    if record.taker_id is None and not rows:
        return None
    today = clock.today()
    context = {
        "record": record,
        "rows": [
            {"row": row, "amount": wan(row.amount), "late": row.reached_on is None and row.due_on < today}
            for row in rows
        ],
        "paid": "" if record.paid is None else wan(record.paid),
        "amount": "" if record.contract_amount is None else wan(record.contract_amount),
    }
    return Panel("reserving/contract.html", context)


@panel("answers")
def answered(request: HttpRequest, record: Record) -> Panel | None:
    """The need an answer is for, with the receipt."""
    assert isinstance(record, Answer)
    return Panel("reserving/answered.html", {"record": record, "need": record.need}, place="side")


@panel("publications")
def outside(request: HttpRequest, record: Record) -> Panel | None:
    """Where the public finds a document."""
    assert isinstance(record, Publication)
    shown = record.state in (Publication.State.PUBLISHED, Publication.State.ABOLISHED)
    href = reverse("portal:download", args=[record.pk]) if shown else ""
    return Panel("reserving/outside.html", {"record": record, "href": href}, place="side")


def _contact(request: HttpRequest, record: Record) -> Panel | None:
    """联系人: the telephone masked; in full for who asks, and that is kept."""
    held: Any = record
    person = getattr(held, "contact", "") or getattr(held, "leader", "")
    if not person and not held.phone:
        return None
    code = {Reserve: "reserves", Need: "needs", Answer: "answers"}[type(held)]
    context = {"record": record, "code": code, "person": person, "phone": masked_phone(held.phone)}
    return Panel("reserving/contact.html", context, place="side")


def _again(request: HttpRequest, record: Record) -> Panel | None:
    """A record that came back may be written again by whoever may hand it in again; a document while it is drafted."""
    code = {Reserve: "reserves", Need: "needs", Achievement: "achievements", Publication: "publications"}[
        type(record)
    ]
    form, actor = FORMS[code], _actor(request)
    if record.state not in form.again or not form.may(actor):
        return None
    procedure = BY_CODE[code].procedure
    steps = {step.action for step in procedure.possible(record, actor)} if procedure else set()
    if code != "publications" and "resubmit" not in steps:
        return None
    return Panel("reserving/again.html", {"record": record, "form": form}, place="side")


for _code in ("reserves", "needs", "answers"):
    panel(_code)(_contact)
for _code in ("reserves", "needs", "achievements", "publications"):
    panel(_code)(_again)
