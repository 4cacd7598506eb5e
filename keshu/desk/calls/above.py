"""上级立项: which of ours did the superior approve?"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keshu.desk.calls.files import taken
from keshu.desk.calls.forwarding import above_of, day_of
from keshu.desk.calls.views import REFUSED, crumbs
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import attach, evidence_of, path_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.models import Evidence
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes import superiors
from keshu.programmes.models import Call
from keshu.programmes.superiors import Verdict
from keshu.terms import clock
from keshu.terms.quantity import wan


@require_POST
@needs(Can.HANDLE_PROGRAMMES)
@limited(UPLOAD)
@bounded("desk:call")
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the superior's list beside the call and show what it says; a list that is no table is not kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = above_of(pk)
    stream, name = taken(request)
    try:
        if stream is None:
            raise MoveRefused("没有选文件。请选上级立项文件所附的名单（xlsx 或 csv）。")
        superiors.preview(call, stream, name)
        stream.seek(0)
        kept = attach(call, actor, stream, name, caption=superiors.LIST, accept=(Found.XLSX, Found.TEXT))
    except (IntakeError, Classified, MoveRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:call", pk=pk)
    return redirect("desk:call_above_preview", pk=pk, file=kept.pk)


@require_http_methods(["GET", "POST"])
@needs(Can.HANDLE_PROGRAMMES)
def preview(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """What the list would do, row by row; registered all or none."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = above_of(pk)
    kept = _kept(call, file)
    with path_of(kept).open("rb") as stream:
        seen = superiors.preview(call, stream, kept.name)
    typed = {name: request.POST.get(name, "").strip()[:100] for name in ("doc_no", "on")}
    enter = [int(text) for text in request.POST.getlist("enter") if text.isascii() and text.isdigit()]
    problem = ""
    if request.method == "POST":
        try:
            done = superiors.register(
                call,
                seen,
                actor,
                doc_no=typed["doc_no"],
                on=day_of(typed["on"]),
                enter=enter,
                pass_over=bool(request.POST.get("pass_over")),
            )
        except (MoveRefused, NotYourTurn) as refusal:
            problem = str(refusal)
        else:
            said = f"登记立项 {done.approved} 项，补登 {done.entered} 项，未立项 {done.passed_over} 项。"
            messages.success(request, said)
            return redirect("desk:call", pk=pk)
    context = {
        "call": call,
        "file": kept,
        "seen": seen,
        "problem": problem,
        "lines": [
            {
                "line": line,
                "granted": "" if line.granted is None else wan(line.granted),
                "enter": line.number in enter,
                "bad": line.verdict in (Verdict.TWICE, Verdict.UNREADABLE),
            }
            for line in seen.lines
        ],
        "counts": [(verdict.value, len(seen.having(verdict))) for verdict in Verdict],
        "doc_no": typed["doc_no"],
        "pass_over": bool(request.POST.get("pass_over")),
        "on": typed["on"] or clock.today().isoformat(),
        "crumbs": crumbs(
            {"label": call.name, "href": reverse("desk:call", args=[pk])}, {"label": "登记上级立项"}
        ),
    }
    return render(request, "calls/above.html", context, status=REFUSED if problem else 200)


def _kept(call: Call, file: int) -> Evidence:
    found = next((row for row in evidence_of(call) if row.pk == file and row.caption == superiors.LIST), None)
    if found is None or not path_of(found).is_file():
        raise Http404("这份名单不在了。请再传一次。")
    return found
