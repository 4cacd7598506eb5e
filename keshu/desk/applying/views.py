"""申报: what is missing before I can submit?"""

from datetime import timedelta
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
from keshu.programmes import applying
from keshu.programmes.models import Application, Call
from keshu.terms import clock

REFUSED = 422
REFUSALS = (MoveRefused, NotYourTurn, applying.TooLong, Classified, applying.NoSuchQuestion)


@require_GET
@needs(Can.APPLY)
def mine(request: HttpRequest) -> HttpResponse:
    """Open calls, drafts, and what was handed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    calls = applying.open_calls()
    names = {call.pk: call for call in Call.objects.all()}
    drafts = Draft.objects.visible_to(actor).filter(register=applying.REGISTER).order_by("-saved_at")
    sent = Application.objects.visible_to(actor).exclude(state=Application.State.DRAFT).order_by("-pk")[:50]
    context = {
        "calls": [{"call": call, "left": _left(call)} for call in calls],
        "drafts": [
            {
                "title": draft.content.get("title") or "还没有写名称",
                "call": names.get(draft.about),
                "saved": draft.saved_at,
                "href": reverse("desk:apply_form", args=[draft.pk]),
            }
            for draft in drafts
        ],
        "sent": [
            {
                "row": row,
                "href": reverse("desk:record", args=[applying.REGISTER, row.pk]),
                "again": row.state in (Application.State.RETURNED,),
            }
            for row in sent
        ],
        "crumbs": [{"label": "申报"}],
    }
    return render(request, "applying/mine.html", context)


@require_POST
@needs(Can.APPLY)
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft to a call, or the draft of an application that came back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.POST.get("application", "").isdigit():
        application = (
            Application.objects.visible_to(actor).filter(pk=int(request.POST["application"])).first()
        )
        if application is None or application.state not in (
            Application.State.RETURNED,
            Application.State.DRAFT,
        ):
            raise Http404("这一份现在不能改。")
        return redirect("desk:apply_form", pk=applying.reopen(actor, application).pk)
    wanted = request.POST.get("call", "")
    call = next((call for call in applying.open_calls() if str(call.pk) == wanted), None)
    if call is None:
        raise Http404("这个申报通知现在不收申报。")
    return redirect("desk:apply_form", pk=applying.begin(actor, call).pk)


def _draft(request: HttpRequest, pk: int) -> tuple[Draft, Call]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft = Draft.objects.visible_to(actor).filter(register=applying.REGISTER, pk=pk).first()
    if draft is None:
        raise Http404("没有这份草稿，或它已经提交。提交了的在“项目”里。")
    return draft, Call.objects.get(pk=draft.about)


@require_GET
@needs(Can.APPLY)
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with what was typed, the pre-check, and the time left by the server's clock."""
    draft, call = _draft(request, pk)
    return _form(request, draft, call)


def _form(
    request: HttpRequest, draft: Draft, call: Call, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "draft": draft,
        "call": call,
        "problem": problem,
        "questions": [
            {
                "asked": asked,
                "text": draft.content.get(asked.name, ""),
                "length": len(draft.content.get(asked.name, "")),
            }
            for asked in applying.QUESTIONS
        ],
        "crumbs": [{"label": "申报", "href": reverse("desk:apply")}, {"label": call.name}],
        **_checked(draft, call),
    }
    return render(request, "applying/form.html", context, status=status)


def _checked(draft: Draft, call: Call) -> dict[str, Any]:
    checks = applying.checks(draft, call)
    return {
        "checks": checks,
        "missing": sum(not check.holds for check in checks),
        "left": _left(call),
        "saved": f"{draft.saved_at.astimezone(clock.TZ):%H:%M:%S}",
    }


@require_POST
@needs(Can.APPLY)
def keep_field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field as typed; the answer is the pre-check. What does not fit is refused and stays in the reader's page."""
    draft, call = _draft(request, pk)
    name = next((key for key in request.POST if key in applying.BY_NAME), "")
    try:
        text = applying.cleaned(name, request.POST.get(name, ""))
    except REFUSALS as refusal:
        context = {"problem": str(refusal), "draft": draft, "call": call, **_checked(draft, call)}
        # Not an error of the page: htmx puts only answers of success into it, and the reader has to see why.
        return render(request, "applying/checks.html", context)
    draft = keep(draft, name, text, request.actor.name)  # type: ignore[attr-defined]
    return render(request, "applying/checks.html", {"draft": draft, "call": call, **_checked(draft, call)})


@require_POST
@needs(Can.APPLY)
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit. The fields of the page come with it, so that nothing typed in the last second is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, call = _draft(request, pk)
    try:
        for name in applying.BY_NAME:
            if name in request.POST:
                draft = keep(draft, name, applying.cleaned(name, request.POST[name]), actor.name)
        application = applying.hand_in(draft, actor)
    except REFUSALS as refusal:
        return _form(request, draft, call, problem=str(refusal), status=REFUSED)
    said = f"已提交，回执 {application.number}，内容摘要 {application.content_hash[:8]}…{application.content_hash[-4:]}"
    messages.success(request, said)
    return redirect("desk:record", code=applying.REGISTER, pk=application.pk)


@require_POST
@needs(Can.APPLY)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    draft, _ = _draft(request, pk)
    draft.delete()
    messages.success(request, "草稿已删除。")
    return redirect("desk:apply")


def _left(call: Call) -> str:
    """The time left by the server's clock: days, or hours and minutes on the last day."""
    left = call.apply_until - clock.now()
    if left <= timedelta(0):
        return "已截止"
    if left >= timedelta(days=1):
        return f"还剩 {left.days} 天"
    minutes = int(left.total_seconds() // 60)
    return f"还剩 {minutes // 60} 小时 {minutes % 60} 分"
