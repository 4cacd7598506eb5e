"""What a page of this room is about: the form, the filling, the blank; 404 where there is none in the actor's scope."""

from typing import Any

from django.http import Http404, HttpRequest

from keshu.directory.actors import Actor
from keshu.filling.adopting import MayNotAdopt, NothingToAdopt
from keshu.filling.checks import Check
from keshu.filling.drafting import NotConfirmed
from keshu.filling.feedback import NotSent
from keshu.filling.layout import NoSuchCell
from keshu.filling.mapping import BadMapping, MayNotFill
from keshu.filling.models import Blank, Filled, FormTemplate
from keshu.filling.receiving import BlankLost, NameTaken, NothingSaid
from keshu.filling.relations import UnreadableRelation
from keshu.filling.working import (
    AlreadySent,
    ChecksOpen,
    LayoutChanged,
    NotExported,
    NotMapped,
    OtherPeriod,
    Stopped,
)
from keshu.journal import moments
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.reports.issuing import MayNotGive, NobodyNamed
from keshu.terms.clock import UnreadableMoment
from keshu.terms.period import UnreadablePeriod

#: What a page of this room says instead of doing what was asked.
REFUSALS: tuple[type[Exception], ...] = (
    AlreadySent,
    BadMapping,
    BlankLost,
    ChecksOpen,
    Classified,
    IntakeError,
    LayoutChanged,
    MayNotAdopt,
    MayNotFill,
    MayNotGive,
    NameTaken,
    NobodyNamed,
    NoSuchCell,
    NotConfirmed,
    NotExported,
    NothingSaid,
    NothingToAdopt,
    NotMapped,
    NotSent,
    OtherPeriod,
    Stopped,
    UnreadableMoment,
    UnreadablePeriod,
    UnreadableRelation,
    moments.UnknownRevision,
)


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    return request.actor  # type: ignore[attr-defined, no-any-return]


def form_of(request: HttpRequest, pk: int) -> FormTemplate:
    """The form, in the actor's scope."""
    found = FormTemplate.objects.visible_to(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404("这里没有这张套表。")
    return found


def filled_of(request: HttpRequest, pk: int) -> Filled:
    """The filling, in the actor's scope."""
    rows = Filled.objects.visible_to(actor_of(request))
    found = rows.select_related("template", "blank", "mapping", "issued", "copy").filter(pk=pk).first()
    if found is None:
        raise Http404("这里没有填过这一期。")
    return found


def blank_of(request: HttpRequest, pk: int) -> Blank:
    """The blank, in the actor's scope."""
    found = Blank.objects.visible_to(actor_of(request)).select_related("template").filter(pk=pk).first()
    if found is None:
        raise Http404("这里没有这份空表。")
    return found


def told(checks: list[Check]) -> dict[str, Any]:
    """The findings for the page: the wrong ones, the notes, and the keys of cells they are about."""
    wrong = [one for one in checks if one.level == "wrong"]
    return {
        "wrong": wrong,
        "notes": [one for one in checks if one.level != "wrong"],
        "at": {key for one in wrong for key in one.keys},
    }
