"""A sheet: what is missing before I can hand in? Every field is kept on the server as it is typed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.drafts import Draft, keep
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.questions import NoSuchQuestion, TooLong
from keshu.reserves import filling, public
from keshu.reserves.models import Answer, Need
from keshu.reserves.register import BY_CODE
from keshu.reserves.sheets import FORMS
from keshu.terms import clock

REFUSED = 422
REFUSALS = (MoveRefused, NotYourTurn, TooLong, Classified, NoSuchQuestion)
MAY = (Can.APPLY, Can.RECOMMEND, Can.HANDLE_PROGRAMMES, Can.KEEP_LEDGERS)
MOST = 50
BESIDE = "flag-"
GONE = "没有这份草稿，或它已经报出。报出了的在台账里。"


@require_GET
@needs(*MAY)
def home(request: HttpRequest) -> HttpResponse:
    """What may be proposed, what is being written, what waits, and the needs that take answers."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    may = [form for form in FORMS.values() if form.may(actor)]
    drafts = filling.drafts(actor, *FORMS).order_by("-saved_at")
    context = {
        "forms": [
            {
                "form": form,
                "count": BY_CODE[form.code].rows(actor).count(),
                "waiting": BY_CODE[form.code].waiting(actor).count(),
                "list": reverse("desk:register", args=[form.code]),
            }
            for form in may
            if form.code != "answers"
        ],
        "drafts": [
            {
                "title": draft.content.get("title") or "还没有写名称",
                "kind": FORMS[draft.register].name,
                "saved": draft.saved_at,
                "href": reverse("desk:reserving_sheet", args=[draft.pk]),
            }
            for draft in drafts[:MOST]
        ],
        "needs": _open_needs(actor) if actor.can(Can.APPLY) else [],
        "answers": _answers(actor) if actor.can(Can.APPLY) else [],
        "crumbs": [{"label": "储备"}],
    }
    return render(request, "reserving/home.html", context)


def _open_needs(actor: Actor) -> list[dict[str, Any]]:
    """The needs that take answers, and whether this organisation may answer; one query for all its own answers."""
    found = list(public.needs(public.Search(kind=public.OPEN))[:MOST])
    mine = Answer.objects.visible_to(actor).filter(need__in=found, unit_id=actor.unit_id)
    answered = set(mine.exclude(state=Answer.State.WITHDRAWN).values_list("need_id", flat=True))
    return [
        {
            "need": need,
            "owner": public.owner(need),
            "answered": need.pk in answered,
            "own": need.unit_id == actor.unit_id,
        }
        for need in found
    ]


def _answers(actor: Actor) -> list[Answer]:
    rows = Answer.objects.visible_to(actor).filter(unit_id=actor.unit_id)
    return list(rows.order_by("-pk")[:MOST])


@require_POST
@needs(*MAY)
def begin(request: HttpRequest) -> HttpResponse:
    """A new sheet (about a need or a project where it says so), or the sheet of a record that came back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = FORMS.get(request.POST.get("form", ""))
    if form is None:
        raise Http404("没有这种表。")
    record, about = request.POST.get("record", ""), request.POST.get("about", "0")
    try:
        if record.isascii() and record.isdigit():
            found = BY_CODE[form.code].rows(actor).filter(pk=int(record[:18])).first()
            if found is None:
                raise Http404("这里没有这条记录，或它不在现在这个岗位的范围里。")
            draft = filling.reopen(form, actor, found)
        else:
            number = int(about[:18]) if about.isascii() and about.isdigit() else 0
            draft = _begun(actor, form.code, number) or filling.begin(form, actor, number)
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:reserving")
    return redirect("desk:reserving_sheet", pk=draft.pk)


def _begun(actor: Actor, code: str, about: int) -> Draft | None:
    """The sheet about the same thing that this organisation has begun."""
    if not about:
        return None
    return filling.drafts(actor, code).filter(about=about, record_pk=None).first()


def _draft(request: HttpRequest, pk: int) -> tuple[Draft, filling.Form]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft = filling.drafts(actor, *FORMS).filter(pk=pk).first()
    if draft is None or not FORMS[draft.register].may(actor):
        raise Http404(GONE)
    return draft, FORMS[draft.register]


@require_GET
@needs(*MAY)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet with what was typed and the checks."""
    draft, form = _draft(request, pk)
    return _sheet(request, draft, form)


def _sheet(
    request: HttpRequest, draft: Draft, form: filling.Form, *, problem: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    need = Need.objects.for_system("揭榜").filter(pk=draft.about).first() if form.code == "answers" else None
    context = {
        "draft": draft,
        "form": form,
        "problem": problem,
        "need": need,
        "questions": [
            {
                "ask": ask,
                "text": draft.content.get(ask.name, ""),
                "length": len(draft.content.get(ask.name, "")),
                "options": [
                    {"value": value, "label": label, "on": value == draft.content.get(ask.name)}
                    for value, label in ask.options(None)
                ],
            }
            for ask in form.asks(actor)
        ],
        "crumbs": [{"label": "储备", "href": reverse("desk:reserving")}, {"label": form.name}],
        **_checked(draft, form, actor),
    }
    return render(request, "reserving/sheet.html", context, status=status)


def _checked(draft: Draft, form: filling.Form, actor: Actor) -> dict[str, Any]:
    found = filling.typed(form, draft, actor)
    return {
        "checks": found.checks,
        "missing": len(found.failed),
        "saved": f"{draft.saved_at.astimezone(clock.TZ):%H:%M:%S}",
    }


@require_POST
@needs(*MAY)
def keep_field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field as typed; the answer is the checks. What does not fit is refused and stays in the reader's page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, form = _draft(request, pk)
    named = {ask.name for ask in form.asks(actor)}
    # A box that is not ticked sends nothing of its own; what stands beside it names it.
    sent = (key.removeprefix(BESIDE) for key in request.POST)
    name = next((key for key in sent if key in named), "")
    try:
        text = filling.cleaned(form, actor, name, request.POST.get(name, ""))
    except REFUSALS as refusal:
        context = {"problem": str(refusal), "draft": draft, **_checked(draft, form, actor)}
        # Not an error of the page: htmx puts only answers of success into it, and the reader has to see why.
        return render(request, "reserving/checks.html", context)
    try:
        draft = keep(draft, name, text, actor.name)
    except Draft.DoesNotExist as gone:  # handed in between the last key and this request
        raise Http404(GONE) from gone
    return render(request, "reserving/checks.html", {"draft": draft, **_checked(draft, form, actor)})


@require_POST
@needs(*MAY)
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the sheet in. The fields of the page come with it, so that nothing typed in the last second is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, form = _draft(request, pk)
    try:
        for ask in form.asks(actor):
            if ask.name in request.POST or ask.kind == "flag":
                text = request.POST.get(ask.name, "")
                draft = keep(draft, ask.name, filling.cleaned(form, actor, ask.name, text), actor.name)
        record = filling.hand_in(form, draft, actor)
    except Draft.DoesNotExist as gone:
        raise Http404(GONE) from gone
    except REFUSALS as refusal:
        return _sheet(request, draft, form, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已报出：{record}" + (f"，编号 {record.number}" if record.number else ""))
    return redirect("desk:record", code=form.code, pk=record.pk)


@require_POST
@needs(*MAY)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a sheet up."""
    draft, _ = _draft(request, pk)
    draft.delete()
    messages.success(request, "草稿已删除。")
    return redirect("desk:reserving")
