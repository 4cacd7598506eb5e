"""立项下达: which projects does this document approve, and does the budget hold them?"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keshu.desk.calls.views import REFUSED, call_of, crumbs
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.approving import approve_many, money, proposed
from keshu.terms.quantity import wan


@require_http_methods(["GET", "POST"])
@needs(Can.HANDLE_PROGRAMMES)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of proposed projects; chosen ones are shown with the money first (``do=look``), then approved all or none."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = call_of(pk)
    rows = proposed(call)
    asked = request.POST if request.method == "POST" else request.GET
    ids = set(asked.getlist("row"))
    chosen = [row.application for row in rows if str(row.application.pk) in ids]
    doc_no, jointly = asked.get("doc_no", "").strip()[:100], asked.get("jointly", "").strip()[:60]
    problem = ""
    if request.method == "POST" and asked.get("do") == "approve":
        try:
            done = approve_many(call, chosen, actor, doc_no=doc_no, jointly=jointly)
        except (MoveRefused, NotYourTurn) as refusal:
            problem = str(refusal)
        else:
            total = sum((row.granted or 0 for row in done), 0)
            messages.success(request, f"{doc_no} 立项 {len(done)} 项，{wan(total)} 万元。")  # type: ignore[arg-type]
            return redirect("desk:call", pk=pk)
    held = money(call, chosen)
    context = {
        "call": call,
        "problem": problem,
        "rows": [
            {
                "row": row.application,
                "problem": row.problem,
                "granted": wan(row.application.granted) if row.application.granted is not None else "",
                "on": row.application in chosen,
            }
            for row in rows
        ],
        "looked": bool(chosen),
        "count": len(chosen),
        "money": {
            "budget": None if held.budget is None else wan(held.budget),
            "spent": wan(held.spent),
            "chosen": wan(held.chosen),
            "left": None if held.left is None else wan(held.left),
            "over": held.left is not None and held.left < 0,
        },
        "doc_no": doc_no,
        "jointly": jointly,
        "crumbs": crumbs(
            {"label": call.name, "href": reverse("desk:call", args=[pk])}, {"label": "立项下达"}
        ),
    }
    return render(request, "calls/approve.html", context, status=REFUSED if problem else 200)
