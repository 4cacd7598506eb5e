"""来源文件: the documents that set targets, with their papers; a correcting one names what it corrects."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.goals.documents import DocumentRefused, keep_document
from keshu.goals.models import Goal, SourceDocument
from keshu.journal import audit
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import path_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.models import Evidence
from keshu.terms import clock

REFUSED = 422


@require_GET
@needs(Can.SEE_DISPATCH)
def documents(request: HttpRequest) -> HttpResponse:
    """The documents, newest first, and the form for another one."""
    return _draw(request)


def _draw(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page; what was typed into a refused form stands in it again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = list(SourceDocument.objects.select_related("corrects").order_by("-year", "-pk")[:300])
    held = Goal.objects.visible_to(actor).filter(document__in=[row.pk for row in rows])
    counts: dict[int, int] = {}
    for pk in held.values_list("document_id", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    if not actor.sees_all:
        rows = [row for row in rows if row.pk in counts]
    label = SourceDocument._meta.label
    papers: dict[int, list[Evidence]] = {}
    for paper in Evidence.objects.for_system("来源文件页，随文件看").filter(
        model=label, object_pk__in=[row.pk for row in rows]
    ):
        papers.setdefault(paper.object_pk, []).append(paper)
    context = {
        "rows": [
            {"row": row, "count": counts.get(row.pk, 0), "papers": papers.get(row.pk, ())} for row in rows
        ],
        "kinds": SourceDocument.Kind.choices,
        "others": [(row.pk, str(row)) for row in rows if row.kind != SourceDocument.Kind.CORRECTION],
        "sets": actor.can(Can.SET_TARGETS),
        "typed": request.POST,
        "year": request.POST.get("year") or clock.today().year,
        "problem": problem,
        "crumbs": [{"label": "目标", "href": reverse("desk:targets")}, {"label": "来源文件"}],
    }
    return render(request, "targeting/documents.html", context, status=status)


@require_POST
@needs(Can.SET_TARGETS)
@limited(UPLOAD)
@bounded("desk:target_documents")
def register(request: HttpRequest) -> HttpResponse:
    """Register a document with its paper."""
    uploaded = request.FILES.get("file")
    try:
        made = keep_document(
            request.actor,  # type: ignore[attr-defined]
            **_fields(request),
            file=uploaded.file if uploaded is not None else None,
            filename=(uploaded.name or "") if uploaded is not None else "",
        )
    except (DocumentRefused, Classified, IntakeError) as refusal:
        return _draw(request, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已登记“{made.title}”。")
    return redirect("desk:target_documents")


def _fields(request: HttpRequest) -> dict[str, Any]:
    """What was typed of a document. Raises DocumentRefused."""

    def text(name: str, most: int) -> str:
        said = request.POST.get(name, "").strip()
        if len(said) > most:
            raise DocumentRefused(f"“{said[:20]}……”写了 {len(said)} 字，最多 {most} 字。请删减。")
        return said

    year, issued = text("year", 10), text("issued_on", 10)
    if not (year.isascii() and year.isdigit()):
        raise DocumentRefused(f"年度“{year}”读不懂。写成 2026。")
    try:
        issued_on = date.fromisoformat(issued) if issued else None
    except ValueError:
        raise DocumentRefused(f"成文日期“{issued}”读不成日期。写成 2026-03-02。") from None
    corrects = text("corrects", 12)
    return {
        "title": text("title", 120),
        "issuer": text("issuer", 100),
        "kind": text("kind", 12),
        "doc_no": text("doc_no", 100),
        "year": int(year),
        "issued_on": issued_on,
        "corrects": SourceDocument.objects.filter(pk=int(corrects)).first() if corrects.isdigit() else None,
    }


@require_GET
@needs(Can.SEE_DISPATCH)
def paper(request: HttpRequest, pk: int, paper: int) -> HttpResponseBase:
    """The paper of a document, as a download, for those who see a target of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    label = SourceDocument._meta.label
    found = (
        Evidence.objects.for_system("来源文件，随目标看").filter(model=label, object_pk=pk, pk=paper).first()
    )
    seen = actor.sees_all or Goal.objects.visible_to(actor).filter(document=pk).exists()
    if found is None or not seen or not path_of(found).is_file():
        audit.note(actor, "拒绝", f"来源文件 {pk}", outcome="拒绝", address=address(request))
        raise Http404("没有这份文件，或不归现在的岗位看。")
    audit.note(actor, "看佐证", f"{found.name}（{found.caption}）", address=address(request))
    answer = FileResponse(
        path_of(found).open("rb"), as_attachment=True, filename=found.name, content_type=found.media_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
