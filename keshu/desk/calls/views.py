"""申报通知: what is open, until when, and what came in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keshu.desk.calls.files import served, taken
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import attach, evidence_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.programmes import calls as calling
from keshu.programmes import limits, public
from keshu.programmes.models import Call, Field, LeadKind, Level
from keshu.programmes.recommending import letters
from keshu.programmes.steps.applying import said
from keshu.programmes.superiors import LIST
from keshu.terms import clock
from keshu.terms.quantity import wan

SEES = (Can.HANDLE_PROGRAMMES, Can.DECIDE_PROGRAMMES)
CONFLICT, REFUSED = 409, 422


def call_of(pk: int) -> Call:
    """The call of an address; 404 otherwise."""
    found = Call.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个申报通知。")
    return found


def crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    """The way here from the list of calls."""
    return [{"label": "申报通知", "href": reverse("desk:calls")}, *more]


@require_GET
@needs(*SEES)
def calls(request: HttpRequest) -> HttpResponse:
    """Every call with its window and what stands in it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = [
        {
            "call": call,
            "href": reverse("desk:call", args=[call.pk]),
            "left": public.left(call.apply_until) if call.state == Call.State.OPEN else "",
            "groups": [getattr(call, f"n_{name}") for name, _, _ in calling.GROUPS],
        }
        for call in calling.counted()
    ]
    context = {
        "rows": rows,
        "groups": [label for _, label, _ in calling.GROUPS],
        "may_write": actor.can(Can.HANDLE_PROGRAMMES),
        "crumbs": [{"label": "申报通知"}],
    }
    return render(request, "calls/list.html", context)


# ---- writing ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@needs(Can.HANDLE_PROGRAMMES)
def new(request: HttpRequest) -> HttpResponse:
    """A new call in draft."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@needs(Can.HANDLE_PROGRAMMES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft changed; what is published is extended, not rewritten."""
    return _form(request, call_of(pk))


def _form(request: HttpRequest, call: Call | None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    problem = ""
    if request.method == "POST":
        texts = {name: text for name, text in request.POST.items() if isinstance(text, str)}
        try:
            values = calling.read(texts, besides=call.pk if call else None)
            kept = calling.keep(actor, values, call)
        except (calling.CallUnreadable, MoveRefused, NotYourTurn, Classified) as refusal:
            problem = str(refusal)
        else:
            return redirect("desk:call", pk=kept.pk)
    else:
        texts = _typed(call)
    context = {
        "call": call,
        "problem": problem,
        "typed": texts,
        "levels": Level.choices,
        "fields": Field.choices,
        "tracks": Call.Track.choices,
        "shares": [
            {"name": f"own_{kind.value}", "label": kind.label, "text": texts.get(f"own_{kind.value}", "")}
            for kind in LeadKind
        ],
        "crumbs": crumbs({"label": call.name if call else "起草"}),
    }
    return render(request, "calls/form.html", context, status=REFUSED if problem else 200)


def _typed(call: Call | None) -> dict[str, str]:
    """The texts of a form that nobody has typed in yet."""
    if call is None:
        year = clock.today().year
        return {"year": str(year), "notice_days": "5", "level": "city", "track": "city", "field": "industry"}
    plain = (
        "name",
        "year",
        "level",
        "field",
        "track",
        "doc_no",
        "superior",
        "guide",
        "who_may",
        "notice_days",
    )
    texts = {name: str(getattr(call, name)) for name in plain}
    texts["most_per_unit"] = str(call.most_per_unit or "")
    for name in ("budget", "most_each"):
        amount = getattr(call, name)
        texts[name] = "" if amount is None else wan(amount)
    for name in calling.MOMENTS:
        moment: datetime = getattr(call, name)
        texts[name] = f"{moment.astimezone(clock.TZ):%Y-%m-%dT%H:%M}"
    for name in calling.LISTS:
        texts[name] = "\n".join(getattr(call, name))
    texts |= {f"own_{kind}": str(share) for kind, share in call.own_funds.items()}
    return texts


# ---- one call -----------------------------------------------------------------------------------------------


@require_GET
@needs(*SEES)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: what it says, what came in, what is to be done with it, its history."""
    return _page(request, call_of(pk))


def _page(request: HttpRequest, call: Call, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    counted = calling.counted().get(pk=call.pk)
    moves = list(moves_of(call))
    labels = {t.action: t.label for t in calling.CALLING.transitions}
    context = {
        "call": counted,
        "problem": problem,
        "note": request.POST.get("note", "")[:2000],
        "facts": calling.facts(counted),
        "groups": [
            {"label": label, "count": getattr(counted, f"n_{name}")} for name, label, _ in calling.GROUPS
        ],
        "sent": counted.n_sent,  # type: ignore[attr-defined]
        "directions": limits.directions(counted),
        "materials": [
            {"file": row, "href": reverse("desk:call_material_file", args=[call.pk, row.pk])}
            for row in evidence_of(call)
            if row.caption != LIST
        ],
        "letters": letters(call) if call.is_above else [],
        "acts": [
            _act(transition, counted, request.POST) for transition in calling.CALLING.possible(counted, actor)
        ],
        "may_write": actor.can(Can.HANDLE_PROGRAMMES),
        "is_public": public.is_public(counted),
        "register_href": f"{reverse('desk:register', args=['programmes'])}?q=",
        "history": [
            {
                "who": entry.actor_name,
                "did": labels.get(entry.action, entry.action),
                "note": entry.note,
                "moment": f"{entry.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            }
            for entry in reversed(moves)
        ],
        "crumbs": crumbs({"label": call.name}),
        "asof": [
            {"value": counted.get_state_display()},
            {"label": "申报截止", "value": said(counted.apply_until)},
            {"label": "推荐截止", "value": said(counted.recommend_until)},
        ],
    }
    return render(request, "calls/call.html", context, status=status)


def _act(transition: Any, call: Call, typed: Mapping[str, str]) -> dict[str, Any]:
    return {
        "label": transition.label,
        "name": "action",
        "value": transition.action,
        "danger": transition.danger,
        "primary": transition.action == "publish",
        "asks": [
            {
                "name": f"{transition.action}.{ask.name}",
                "ask": ask,
                "text": typed.get(f"{transition.action}.{ask.name}", ""),
                "options": (),
            }
            for ask in transition.asks
        ],
    }


@require_POST
@needs(Can.HANDLE_PROGRAMMES)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, extend, close."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = call_of(pk)
    action = request.POST.get("action", "")[:40]
    start = f"{action}."
    texts = {
        name.removeprefix(start): text
        for name, text in request.POST.items()
        if name.startswith(start) and isinstance(text, str)
    }
    try:
        given = read(calling.CALLING.transition(action).asks, texts, call)
        calling.advance_call(
            call,
            action,
            actor,
            note=request.POST.get("note", "").strip()[:2000],
            given=given,
            expected=request.POST.get("state") or None,
        )
    except StaleState as refusal:
        return _page(request, call_of(pk), problem=str(refusal), status=CONFLICT)
    except (MoveRefused, NotYourTurn) as refusal:
        return _page(request, call, problem=str(refusal), status=REFUSED)
    return redirect("desk:call", pk=pk)


@require_POST
@needs(Can.HANDLE_PROGRAMMES)
@limited(UPLOAD)
@bounded("desk:call")
def material(request: HttpRequest, pk: int) -> HttpResponse:
    """A file that applicants download with the call (模板、指南全文)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = call_of(pk)
    stream, name = taken(request)
    try:
        if stream is None:
            raise MoveRefused("没有选文件。请选一份再传。")
        caption = request.POST.get("caption", "").strip()[:60] or "附件"
        attach(call, actor, stream, name, caption=caption)
    except (IntakeError, Classified, MoveRefused) as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:call", pk=pk)


@require_GET
@needs(*SEES)
def material_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """One file of a call."""
    return served(call_of(pk), file)
