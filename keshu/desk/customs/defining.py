"""Which ledgers the house has defined, and the page on which one is defined or changed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count as Counted
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keshu.custom.columns import Col
from keshu.custom.defining import DefinitionRefused, EditedMeanwhile, MayNotDefine, define
from keshu.custom.files import ready_made
from keshu.custom.models import Definition
from keshu.custom.uses import lasting
from keshu.custom.wanted import Wanted, differences, wanted_of
from keshu.desk.customs.typed import form_of, wanted_from
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can

CONFLICT, REFUSED = 409, 422
BLANK = Wanted(code="", name="", columns=(Col(""),))


def definition_of(code: str) -> Definition:
    """The definition of an address; 404 otherwise."""
    found = Definition._base_manager.filter(code=code).first()
    if found is None:
        raise Http404(f"没有自定义台账“{code}”。")
    return found


@require_GET
@needs(Can.KEEP_LEDGERS)
def customs(request: HttpRequest) -> HttpResponse:
    """The ledgers that are defined here, those that come ready-made, and the ways to a new one."""
    definitions = Definition._base_manager.annotate(many=Counted("records")).order_by("pk")
    held = {definition.code for definition in definitions}
    context = {
        "rows": [
            {
                "definition": definition,
                "columns": len(definition.used),
                "measures": len(definition.counts),
                "many": definition.many,  # type: ignore[attr-defined]
            }
            for definition in definitions
        ],
        "ready": [wanted for wanted in ready_made() if wanted.code not in held],
        "crumbs": [{"label": "台账", "href": reverse("desk:registers")}, {"label": "自定义台账"}],
    }
    return render(request, "customs/customs.html", context)


@require_http_methods(["GET", "POST"])
@needs(Can.KEEP_LEDGERS)
def new(request: HttpRequest) -> HttpResponse:
    """A new ledger."""
    if request.method == "GET":
        return _page(request, BLANK, None)
    return _save(request, None)


@require_http_methods(["GET", "POST"])
@needs(Can.KEEP_LEDGERS)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """A ledger as it stands, and its change."""
    definition = definition_of(code)
    if request.method == "GET":
        return _page(request, wanted_of(definition), definition)
    return _save(request, definition)


def _save(request: HttpRequest, definition: Definition | None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    code = definition.code if definition else (request.POST.get("code") or "").strip()
    wanted = wanted_from(request.POST, code)
    seen = request.POST.get("edition", "")
    edition = int(seen) if seen.isascii() and seen.isdigit() else 0
    try:
        saved = define(wanted, actor, seen=edition if definition else None)
    except DefinitionRefused as refusal:
        return _page(request, wanted, definition, problems=refusal.problems, edition=edition, status=REFUSED)
    except EditedMeanwhile as told:
        stands = wanted_of(told.definition)
        return _page(
            request,
            wanted,
            told.definition,
            problem=str(told),
            apart=differences(stands, wanted),
            status=CONFLICT,
        )
    except MayNotDefine as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    if definition is not None and saved.edition == edition:
        messages.info(request, f"{saved.name}没有改动，没有占修订号。")
    else:
        messages.success(request, f"{saved.name}已保存，现在是第 {saved.edition} 版。")
    return redirect("desk:custom", code=saved.code)


def _page(
    request: HttpRequest,
    wanted: Wanted,
    definition: Definition | None,
    *,
    problems: dict[str, str] | None = None,
    problem: str = "",
    apart: list[str] | None = None,
    edition: int | None = None,
    status: int = 200,
) -> HttpResponse:
    used = {}
    if definition is not None:
        used = {col.slot: "；".join(lasting(definition, col)) for col in definition.cols}
    context: dict[str, Any] = {
        "definition": definition,
        "edition": edition if edition is not None else (definition.edition if definition else ""),
        "problem": problem,
        "apart": apart,
        **form_of(wanted, problems=problems, used=used),
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": "自定义台账", "href": reverse("desk:customs")},
            {"label": wanted.name or "新台账"},
        ],
    }
    return render(request, "customs/definition.html", context, status=status)
