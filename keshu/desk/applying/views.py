"""申报: what is missing before I can submit?"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.calls.files import served, taken
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.registers.finding import refused
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.drafts import Draft, keep
from keshu.ledger.handing import give_up
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes import applying
from keshu.programmes.models import Application, Call
from keshu.programmes.public import left
from keshu.programmes.questions import Asked, NoSuchQuestion, TooLong, cleaned, commitment, questions
from keshu.programmes.steps.applying import said
from keshu.terms import clock

REFUSED = 422
REFUSALS = (MoveRefused, NotYourTurn, TooLong, Classified, NoSuchQuestion)
FILE_LIMIT = "PDF、图片、Word、Excel 或文本"
S = Application.State


@require_GET
@needs(Can.APPLY)
def mine(request: HttpRequest) -> HttpResponse:
    """Open calls, drafts, and what was handed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    calls = applying.open_calls(actor)
    names = {call.pk: call for call in Call.objects.all()}
    drafts = Draft.objects.visible_to(actor).filter(register=applying.REGISTER).order_by("-saved_at")
    sent = Application.objects.visible_to(actor).exclude(state=S.DRAFT).order_by("-pk")[:50]
    back = Application.objects.visible_to(actor).filter(state=S.DRAFT).order_by("-pk")[:50]
    held = {draft.record_pk for draft in drafts}
    context = {
        "calls": [{"call": call, "left": left(call.apply_until)} for call in calls],
        "wanted": request.GET.get("call", ""),
        "drafts": [
            {
                "title": draft.content.get("title") or "还没有写名称",
                "call": names.get(draft.about),
                "saved": draft.saved_at,
                "href": reverse("desk:apply_form", args=[draft.pk]),
            }
            for draft in drafts
        ],
        "back": [row for row in back if row.pk not in held],
        "sent": [
            {
                "row": row,
                "href": reverse("desk:record", args=[applying.REGISTER, row.pk]),
                "receipt": reverse("desk:apply_receipt", args=[row.pk]) if row.submitted_at else "",
                "again": row.state == S.RETURNED,
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
        if application is None or application.state not in (S.RETURNED, S.DRAFT):
            raise Http404("这一份现在不能改。")
        return redirect("desk:apply_form", pk=applying.reopen(actor, application).pk)
    wanted = request.POST.get("call", "")
    call = next((call for call in applying.open_calls(actor) if str(call.pk) == wanted), None)
    if call is None:
        raise Http404("这个申报通知现在不收申报。")
    return redirect("desk:apply_form", pk=applying.begin(actor, call).pk)


def _draft(request: HttpRequest, pk: int) -> tuple[Draft, Call]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft = Draft.objects.visible_to(actor).filter(register=applying.REGISTER, pk=pk).first()
    if draft is None:
        if Draft.objects.for_system("别人的草稿").filter(pk=pk).exists():
            refused(request, f"申报草稿 {pk}")
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
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = questions(call)
    held = applying.papers(draft) if call.attachments else {}
    context = {
        "draft": draft,
        "call": call,
        "problem": problem,
        "about": applying.about(actor),
        "questions": [_question(draft, question) for question in asked],
        "commitment": commitment()[1],
        "materials": [
            {
                "name": name,
                "file": held.get(name),
                "href": (
                    reverse("desk:apply_file_open", args=[draft.pk, held[name].pk]) if name in held else ""
                ),
            }
            for name in call.attachments
        ],
        "file_limit": FILE_LIMIT,
        "crumbs": [{"label": "申报", "href": reverse("desk:apply")}, {"label": call.name}],
        **_checked(draft, call, asked),
    }
    return render(request, "applying/form.html", context, status=status)


def _question(draft: Draft, asked: Asked) -> dict[str, Any]:
    text = str(draft.content.get(asked.name, ""))
    return {
        "asked": asked,
        "text": text,
        "length": len(text),
        "options": [{"value": value, "label": label, "on": value == text} for value, label in asked.choices],
    }


def _checked(draft: Draft, call: Call, asked: tuple[Asked, ...]) -> dict[str, Any]:
    checks = applying.checks(draft, call, asked)
    return {
        "checks": checks,
        "missing": sum(not check.holds for check in checks),
        "left": left(call.apply_until),
        "now": f"{clock.now():%H:%M:%S}",
        "until": said(call.apply_until),
        "saved": f"{draft.saved_at.astimezone(clock.TZ):%H:%M:%S}",
    }


@require_POST
@needs(Can.APPLY)
def keep_field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field as typed; the answer is the pre-check. What does not fit is refused and stays in the reader's page."""
    draft, call = _draft(request, pk)
    asked = questions(call)
    names = [question.name for question in asked]
    # A tick that is taken away sends nothing of its own: the form names what it was about.
    name = next((key for key in request.POST if key in names), request.POST.get("field", ""))
    problem = ""
    try:
        text = cleaned(asked, name, request.POST.get(name, ""))
        draft = keep(draft, name, text, request.actor.name)  # type: ignore[attr-defined]
    except REFUSALS as refusal:
        # Not an error of the page: htmx puts only answers of success into it, and the reader has to see why.
        problem = str(refusal)
    context = {"problem": problem, "draft": draft, "call": call, **_checked(draft, call, asked)}
    return render(request, "applying/checks.html", context)


@require_POST
@needs(Can.APPLY)
@limited(UPLOAD)
@bounded("desk:apply_form")
def hand_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file for one of the materials; a later one stands for an earlier one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, call = _draft(request, pk)
    stream, filename = taken(request)
    try:
        if stream is None:
            raise MoveRefused("没有选文件。请选一份再传。")
        applying.hand_file(draft, call, actor, request.POST.get("material", ""), stream, filename)
    except (IntakeError, Classified, MoveRefused, applying.NoSuchMaterial) as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('desk:apply_form', args=[pk])}#ask-files")


@require_GET
@needs(Can.APPLY)
def file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """One file of a draft, or of the application that it corrects."""
    draft, _ = _draft(request, pk)
    if any(
        paper.pk == file and paper.model == Draft._meta.label for paper in applying.papers(draft).values()
    ):
        return served(draft, file)
    corrected = Application._base_manager.filter(pk=draft.record_pk).first()
    return served(corrected or draft, file)


@require_POST
@needs(Can.APPLY)
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit. The fields of the page come with it, so that nothing typed in the last second is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, call = _draft(request, pk)
    asked = questions(call)
    try:
        whole = "flags" in request.POST  # the page's form: a tick that was taken away is not in it
        for question in asked:
            if question.name in request.POST or (whole and question.kind == "flag"):
                text = cleaned(asked, question.name, request.POST.get(question.name, ""))
                draft = keep(draft, question.name, text, actor.name)
        application = applying.hand_in(draft, actor)
    except REFUSALS as refusal:
        return _form(request, draft, call, problem=str(refusal), status=REFUSED)
    return redirect("desk:apply_receipt", pk=application.pk)


@require_POST
@needs(Can.APPLY)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, _ = _draft(request, pk)
    give_up(draft, actor)
    messages.success(request, "草稿已删除。")
    return redirect("desk:apply")
