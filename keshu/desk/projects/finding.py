"""The project of an address for this reader, and the frame that the pages of a project share."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.http import Http404, HttpRequest
from django.urls import reverse

from keshu.desk.registers.finding import seen_record
from keshu.ledger.classified import Classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.contracts import ContractBroken, ContractStands
from keshu.programmes.models import Application
from keshu.programmes.register import APPLICATIONS
from keshu.programmes.steps.who import STANDING
from keshu.terms.quantity import read_wan, wan

REFUSED = 422
REFUSALS = (MoveRefused, NotYourTurn, Classified, ContractBroken, ContractStands)
#: What was approved, whatever became of it: only such a project has what these pages show.
SHOWN = STANDING | {str(Application.State.REVOKED)}


class Unreadable(MoveRefused):
    """A field of a form that cannot be read; the message names it with what was typed."""


def project_of(request: HttpRequest, pk: int) -> Application:
    """The approved project, when this actor may see it; 404 otherwise."""
    record = seen_record(request, APPLICATIONS, pk)
    assert isinstance(record, Application)
    if record.state not in SHOWN:
        raise Http404("这一份还没有立项。立项以后才有任务书、拨款和验收。")
    return record


def href(application: Application) -> str:
    """The record page of a project."""
    return reverse("desk:record", args=[APPLICATIONS.code, application.pk])


def crumbs(application: Application, label: str) -> list[dict[str, str]]:
    """The way to a page of a project."""
    return [
        {"label": "台账", "href": reverse("desk:registers")},
        {"label": APPLICATIONS.name, "href": reverse("desk:register", args=[APPLICATIONS.code])},
        {"label": application.number or str(application), "href": href(application)},
        {"label": label},
    ]


def money(texts: Mapping[str, str], name: str, label: str) -> Decimal | None:
    """An amount typed in 万元, in 元; None where nothing was typed. Raises Unreadable."""
    typed = texts.get(name, "").strip()
    if not typed:
        return None
    yuan = read_wan(typed)
    if yuan is None or yuan < 0:
        raise Unreadable(f"{label}“{typed[:20]}”不是金额，请写万元，最多到分。")
    return yuan


def day(texts: Mapping[str, str], name: str, label: str) -> date | None:
    """A date as a date field sends it; None where nothing was typed. Raises Unreadable."""
    typed = texts.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Unreadable(f"{label}“{typed[:20]}”不是日期，请写成 2026-05-31。") from None


def in_wan(yuan: Decimal | None) -> str:
    """An amount in 万元 as it stands in a field; nothing where nothing is held."""
    return "" if yuan is None else wan(yuan)
