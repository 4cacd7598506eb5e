"""提名: what is missing before I can nominate?"""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keshu.awards import nominating
from keshu.awards.models import Nomination, Round
from keshu.desk.calls.files import served, taken
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.registers.cards import ACCEPTS
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.drafts import Draft, keep
from keshu.ledger.evidence import MOST_BYTES, take_back
from keshu.ledger.handing import give_up
from keshu.ledger.intake.hazards import IntakeError, size_text
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

REFUSED = 422
REFUSALS = (MoveRefused, NotYourTurn, nominating.TooLong, Classified, nominating.NoSuchQuestion)
SENT_SHOWN = 50


@require_GET
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def mine(request: HttpRequest) -> HttpResponse:
    """Open rounds, drafts, and what was nominated by this unit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rounds = {row.pk: row for row in Round.objects.select_related("prize")}
    drafts = _drafts(actor).order_by("-saved_at")
    sent = Nomination.objects.visible_to(actor).filter(nominator_id__in=actor.unit_ids)
    sent = sent.exclude(state=Nomination.State.DRAFT).order_by("-pk")[:SENT_SHOWN]
    context = {
        "rounds": [{"round": row, "left": _left(row)} for row in nominating.open_rounds(actor)],
        "drafts": [
            {
                "title": draft.content.get("title") or "还没有写名称",
                "round": rounds.get(draft.about),
                "saved": draft.saved_at,
                "href": reverse("desk:nominate_form", args=[draft.pk]),
            }
            for draft in drafts
        ],
        "sent": [
            {
                "row": row,
                "href": reverse("desk:record", args=[nominating.REGISTER, row.pk]),
                "again": row.state == Nomination.State.RETURNED,
            }
            for row in sent
        ],
        "enters": not actor.can(Can.NOMINATE),
        "crumbs": [{"label": "提名"}],
    }
    return render(request, "awarding/mine.html", context)


def _drafts(actor: Actor) -> Any:
    """The drafts of the actor's own unit; those of others are nobody's business, not even the bureau's."""
    return Draft.objects.visible_to(actor).filter(register=nominating.REGISTER, unit_id__in=actor.unit_ids)


@require_POST
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft for a round, or the draft of a nomination that came back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted = request.POST.get("nomination", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        nomination = Nomination.objects.visible_to(actor).filter(pk=int(wanted)).first()
        if nomination is None or nomination.state != Nomination.State.RETURNED:
            raise Http404("这一份现在不能改。")
        try:
            return redirect("desk:nominate_form", pk=nominating.reopen(actor, nomination).pk)
        except NotYourTurn as refusal:
            raise Http404(str(refusal)) from refusal
    found = next(
        (r for r in nominating.open_rounds(actor) if str(r.pk) == request.POST.get("round", "")), None
    )
    if found is None:
        raise Http404("这一轮现在不收提名。")
    return redirect("desk:nominate_form", pk=nominating.begin(actor, found).pk)


def _draft(request: HttpRequest, pk: int) -> tuple[Draft, Round]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft = _drafts(actor).select_related("unit").filter(pk=pk).first()
    if draft is None:
        raise Http404("没有这份草稿，或它已经提名。提名了的在“科学技术奖”台账里。")
    return draft, Round.objects.select_related("prize").get(pk=draft.about)


@require_GET
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with what was typed, the pre-check, and the time left by the server's clock."""
    draft, found = _draft(request, pk)
    return _form(request, draft, found)


def _form(
    request: HttpRequest,
    draft: Draft,
    found: Round,
    *,
    problem: str = "",
    caption: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "problem": problem,
        "caption": caption,
        "most": size_text(MOST_BYTES),
        "most_bytes": MOST_BYTES,
        "accepts": ACCEPTS,
        "questions": [
            {
                "asked": asked,
                "text": text,
                "options": [
                    {"value": str(v), "label": str(label), "on": str(v) == text} for v, label in asked.choices
                ],
            }
            for asked in nominating.QUESTIONS
            for text in [str(draft.content.get(asked.name, ""))]
        ],
        "papers": [
            {"file": paper, "own": paper.model == Draft._meta.label} for paper in nominating.papers(draft)
        ],
        "crumbs": [{"label": "提名", "href": reverse("desk:nominations")}, {"label": str(found)}],
        **_checked(request, draft, found),
    }
    return render(request, "awarding/form.html", context, status=status)


def _checked(request: HttpRequest, draft: Draft, found: Round) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    checks = nominating.checks(draft, found, actor)
    return {
        "draft": draft,
        "round": found,
        "checks": checks,
        "missing": sum(not check.holds for check in checks),
        "left": _left(found),
        "saved": f"{draft.saved_at.astimezone(clock.TZ):%H:%M:%S}",
    }


@require_POST
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def keep_field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field as typed; the answer is the pre-check. What does not fit is refused and stays in the reader's page."""
    draft, found = _draft(request, pk)
    name = next((key for key in request.POST if key in nominating.BY_NAME), "")
    problem = ""
    try:
        text = nominating.cleaned(name, request.POST.get(name, ""))
        draft = keep(draft, name, text, request.actor.name)  # type: ignore[attr-defined]
    except REFUSALS as refusal:
        # Not an error of the page: htmx puts only answers of success into it, and the reader has to see why.
        problem = str(refusal)
    return render(request, "awarding/checks.html", {"problem": problem, **_checked(request, draft, found)})


@require_POST
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
@limited(UPLOAD)
@bounded("desk:nominate_form")
def hand_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file beside the form. One that is refused is said on the page, and what was typed there stays."""
    draft, found = _draft(request, pk)
    stream, filename = taken(request)
    caption = request.POST.get("caption", "")
    try:
        if stream is None:
            raise MoveRefused("没有选文件。请选一份再传。")
        nominating.hand_file(draft, request.actor, caption, stream, filename)  # type: ignore[attr-defined]
    except (IntakeError, Classified, MoveRefused) as refusal:
        return _form(request, draft, found, problem=str(refusal), caption=caption, status=REFUSED)
    return redirect(f"{reverse('desk:nominate_form', args=[pk])}#ask-files")


@require_http_methods(["GET", "POST"])
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """One file of a draft: looked at, or with a POST taken off again. What was handed in before stays."""
    draft, _ = _draft(request, pk)
    paper = next((paper for paper in nominating.papers(draft) if paper.pk == file), None)
    if paper is None:
        raise Http404("这份草稿没有这份材料，或已经撤下。")
    own = paper.model == Draft._meta.label
    if request.method == "GET":
        return served(draft if own else Nomination._base_manager.get(pk=draft.record_pk), file)
    if own:
        take_back(paper, draft, request.actor)  # type: ignore[attr-defined]
    else:
        messages.error(request, f"“{paper.name}”已经随提名交出，不能撤下。要更正就再传一份，写明替代哪一份。")
    return redirect(f"{reverse('desk:nominate_form', args=[pk])}#ask-files")


@require_POST
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Nominate. The fields of the page come with it, so that nothing typed in the last second is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft, found = _draft(request, pk)
    try:
        for name in nominating.BY_NAME:
            if name in request.POST:
                draft = keep(draft, name, nominating.cleaned(name, request.POST[name]), actor.name)
        nomination = nominating.hand_in(draft, actor)
    except REFUSALS as refusal:
        return _form(request, draft, found, problem=str(refusal), status=REFUSED)
    digest = f"{nomination.content_hash[:8]}…{nomination.content_hash[-4:]}"
    messages.success(request, f"已提名，回执 {nomination.number}，内容摘要 {digest}")
    return redirect("desk:record", code=nominating.REGISTER, pk=nomination.pk)


@require_POST
@needs(Can.NOMINATE, Can.HANDLE_AWARDS)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    draft, _ = _draft(request, pk)
    give_up(draft, request.actor)  # type: ignore[attr-defined]
    messages.success(request, "草稿已删除。")
    return redirect("desk:nominations")


def _left(found: Round) -> str:
    """The time left by the server's clock: days, or hours and minutes on the last day."""
    left = found.nominate_until - clock.now()
    if left <= timedelta(0):
        return "已截止"
    if left >= timedelta(days=1):
        return f"还剩 {left.days} 天"
    minutes = int(left.total_seconds() // 60)
    return f"还剩 {minutes // 60} 小时 {minutes % 60} 分"
