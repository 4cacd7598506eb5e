"""登记异议: who objects, about what, with which proof. What cannot be admitted is said before it is registered."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keshu.awards import objecting
from keshu.awards.models import Nomination, Objection
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

REFUSED = 422
ABOUT, KINDS = Objection.About, Objection.Objector


@needs(Can.HANDLE_AWARDS)
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Register an objection that arrived against a nomination."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    nomination = Nomination.objects.visible_to(actor).select_related("round__prize").filter(pk=pk).first()
    if nomination is None or nomination.state == Nomination.State.DRAFT:
        raise Http404("没有这一项提名。")
    typed = {name: str(value).strip() for name, value in request.POST.items()}
    problem = ""
    if request.method == "POST":
        try:
            row = _received(nomination, actor, typed)
        except (MoveRefused, NotYourTurn, Classified) as refusal:
            problem = str(refusal)
        else:
            found = objecting.not_admissible(row)
            said = f"这一件不能受理：{found[1]}请按 {found[0]} 不予受理。" if found else "可以受理。"
            messages.success(request, f"已登记 {row.number}。{said}")
            return redirect("desk:record", code="award-objections", pk=row.pk)
    context = {
        "nomination": nomination,
        "typed": typed,
        "received_on": typed.get("received_on", clock.today().isoformat()),
        "abouts": [{"value": v, "label": name, "on": v == typed.get("about")} for v, name in ABOUT.choices],
        "kinds": [
            {"value": v, "label": name, "on": v == typed.get("objector_kind", KINDS.PERSON)}
            for v, name in KINDS.choices
        ],
        "problem": problem,
        "crumbs": [
            {"label": "科学技术奖", "href": reverse("desk:register", args=["awards"])},
            {"label": nomination.number, "href": reverse("desk:record", args=["awards", pk])},
            {"label": "登记异议"},
        ],
    }
    return render(request, "awarding/objection.html", context, status=REFUSED if problem else 200)


def _received(nomination: Nomination, actor: Actor, typed: dict[str, str]) -> Objection:
    if typed.get("about") not in ABOUT.values:
        raise MoveRefused("没有选异议内容属于哪一类。")
    try:
        received_on = date.fromisoformat(typed.get("received_on", ""))
    except ValueError:
        raise MoveRefused(f"收到日期“{typed.get('received_on', '')[:12]}”不是日期。") from None
    kind = typed.get("objector_kind")
    return objecting.receive(
        nomination,
        actor,
        about=typed["about"],
        text=typed.get("text", "")[:4000],
        received_on=received_on,
        objector=typed.get("objector", ""),
        objector_kind=kind if kind in KINDS.values else KINDS.PERSON,
        sealed=typed.get("sealed") == "1",
        proof=typed.get("proof", "")[:4000],
        contact=typed.get("contact", ""),
    )
