"""Cards of an application's page that come from its call: objections, what the competition rule says, the superior's form."""

from django.http import HttpRequest
from django.urls import reverse

from keshu.desk.guard import address
from keshu.desk.registers.panels import Panel, panel
from keshu.directory.actors import Actor, Can
from keshu.directory.privacy import masked_phone
from keshu.journal import audit
from keshu.ledger.evidence import evidence_of
from keshu.ledger.records import Record
from keshu.programmes import limits
from keshu.programmes.models import Application, Objection


@panel("programmes")
def objections(request: HttpRequest, record: Record) -> Panel | None:
    """Who objected, why, and with what proof: for the bureau's handlers and deciders only."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not (actor.can(Can.HANDLE_PROGRAMMES) or actor.can(Can.DECIDE_PROGRAMMES)):
        return None
    found = Objection.objects.for_system("办异议").filter(application=record.pk).order_by("pk")
    rows = [
        {"row": row, "files": evidence_of(row), "contact": _contact(request, actor, row)} for row in found
    ]
    if not rows:
        return None
    return Panel("calls/objections.html", {"rows": rows, "may_add": actor.can(Can.HANDLE_PROGRAMMES)})


def _contact(request: HttpRequest, actor: Actor, objection: Objection) -> str:
    """How to reach the objector: masked until somebody asks for it, which is kept in the log."""
    if request.GET.get("contact") == str(objection.pk):
        audit.note(actor, "看联系方式", str(objection), address=address(request))
        return objection.contact
    return masked_phone(objection.contact)


@panel("programmes")
def competition(request: HttpRequest, record: Record) -> Panel | None:
    """A warning before the review: too few valid applications compete in this direction."""
    assert isinstance(record, Application)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if record.state != Application.State.ADMITTED or not actor.can(Can.HANDLE_PROGRAMMES):
        return None
    mine = next((d for d in limits.directions(record.call) if d.name == record.accepted_kind), None)
    if mine is None or mine.enough:
        return None
    return Panel("calls/competition.html", {"direction": mine, "call": record.call}, place="side")


@panel("programmes")
def superior(request: HttpRequest, record: Record) -> Panel | None:
    """The way to the superior's own system."""
    assert isinstance(record, Application)
    if not record.call.is_above:
        return None
    return Panel(
        "calls/superior.html",
        {"record": record, "href": reverse("desk:call_copy", args=[record.pk])},
        place="side",
    )
