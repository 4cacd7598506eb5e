"""下达督办单: from a row of the dispatch, an instruction of a leader or a finding of an audit."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keshu.desk.calls.files import taken
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, TooOften, use, who
from keshu.desk.orders.board import day_of
from keshu.desk.orders.lamps import LampRow, lamp_row
from keshu.desk.orders.lines import href
from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Person, RoleGrant
from keshu.duties.issuing import FigureSettled, OrderRefused, Origin, holders, issue_order, refuse_settled
from keshu.duties.models import Order
from keshu.ledger.bulk import Paper
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

REFUSED, TOO_OFTEN = 422, 429
K = Order.Kind
#: What may be issued by hand; the others come from their own pages.
BY_HAND = (K.INSTRUCTION, K.AUDIT)
FIELDS = {
    "kind": 12,
    "by": 60,
    "on": 10,
    "text": 800,
    "what": 300,
    "holder": 10,
    "due_on": 10,
    "requirement": 4000,
    "evidence_wanted": 400,
    "leader": 10,
    "every": 10,
    "urgent": 1,
}


@dataclass(frozen=True)
class Typed:
    """What stands in the form; ``helpers``: the keys of the ticked organisations."""

    values: Mapping[str, str]
    helpers: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@require_http_methods(["GET", "POST"])
@needs(Can.ISSUE_ORDERS)
@bounded("desk:order_issue")
def issue(request: HttpRequest) -> HttpResponse:
    """The form; what was typed comes back where it is refused. A settled figure is refused before anything is typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    lamp = lamp_row(request.GET, actor) if request.GET.get("name") else None
    if lamp is not None:
        try:
            refuse_settled(lamp.origin, lamp.subject)
        except FigureSettled as refusal:
            return _page(request, actor, lamp, Typed({}), problem=str(refusal), status=REFUSED)
    if request.method != "POST":
        return _page(request, actor, lamp, _begun(lamp, actor))
    typed = Typed(
        {name: request.POST.get(name, "").strip()[:most] for name, most in FIELDS.items()},
        frozenset(request.POST.getlist("helper")),
    )
    try:
        order = _issue(request, actor, lamp, typed)
    except (MoveRefused, NotYourTurn, IntakeError, Classified) as refusal:
        return _page(request, actor, lamp, typed, problem=str(refusal), status=REFUSED)
    except TooOften as refusal:
        return _page(request, actor, lamp, typed, problem=str(refusal), status=TOO_OFTEN)
    messages.success(request, f"已下达 {order.number}，交 {order.unit.name} 办。")
    return redirect(href(order.pk))


def _issue(request: HttpRequest, actor: Actor, lamp: LampRow | None, typed: Typed) -> Order:
    due_on = day_of(typed["due_on"])
    if due_on is None:
        raise OrderRefused("完成时限没有写，或不是日期。写成 2026-10-31 的样子。")
    units = {str(unit.pk): unit for unit in holders(actor)}
    if typed["holder"] not in units:
        raise OrderRefused("没有选承办单位。从列出的科室和县（市、区）局里选一个。")
    leaders = {str(person.pk): person for person in _leaders()}
    return issue_order(
        actor=actor,
        what=typed["what"],
        holder=units[typed["holder"]],
        due_on=due_on,
        origin=lamp.origin if lamp is not None else _by_hand(typed),
        helpers=[units[pk] for pk in sorted(typed.helpers) if pk in units],
        requirement=typed["requirement"],
        evidence_wanted=typed["evidence_wanted"],
        leader=leaders.get(typed["leader"]),
        urgent=bool(typed["urgent"]),
        every=typed["every"],
        paper=_paper(request, lamp),
    )


def _paper(request: HttpRequest, lamp: LampRow | None) -> Paper | None:
    stream, name = taken(request)
    if stream is None:
        return None
    use(UPLOAD, who(request))
    return Paper(stream, name, "来源原件" if lamp is None else "下达依据")


def _by_hand(typed: Typed) -> Origin:
    """An instruction or a finding as it was given: who, when, what; the same one is known again by its words."""
    kind, by, text = typed["kind"], typed["by"], typed["text"]
    on = day_of(typed["on"])
    if kind not in [str(value) for value in BY_HAND]:
        raise OrderRefused("没有选来源。领导批示写批示人、日期和原文；校核发现写出自哪份材料、发现了什么。")
    named = "批示人" if kind == K.INSTRUCTION else "出自哪份材料"
    if not by or not text:
        raise OrderRefused(f"{named}和原文都要写。没有原文的，下达后无从核对。")
    if on is None:
        raise OrderRefused(f"{'批示' if kind == K.INSTRUCTION else '发现'}日期没有写，或不是日期。")
    if on > clock.today():
        raise OrderRefused(f"日期 {on} 还没有到，今天是 {clock.today()}。请核对。")
    key = hashlib.sha256("\n".join((by, on.isoformat(), text)).encode()).hexdigest()[:20]
    said = f"{by} {on} 批示：“{text}”" if kind == K.INSTRUCTION else f"校核 {on} 发现：{text}（{by}）"
    return Origin(kind, f"{kind}|{key}", said)


def _begun(lamp: LampRow | None, actor: Actor) -> Typed:
    """The form as it opens: from a row of the dispatch with the matter and its county's bureau."""
    if lamp is None:
        return Typed({"kind": str(K.INSTRUCTION), "on": clock.today().isoformat()})
    unit = holders(actor).filter(region=lamp.region_id).first()
    return Typed({"what": lamp.what, "holder": str(unit.pk) if unit else ""})


def _leaders() -> list[Person]:
    """The leaders of the bureau who may stand behind an order (包抓领导)."""
    rows = RoleGrant.objects.filter(role=str(Role.LEADER), withdrawn_on=None).select_related(
        "employment__person"
    )
    return list({row.employment.person_id: row.employment.person for row in rows if row.in_force()}.values())


def _page(
    request: HttpRequest,
    actor: Actor,
    lamp: LampRow | None,
    typed: Typed,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    units = [
        {"pk": str(unit.pk), "name": unit.name, "on": str(unit.pk) == typed["holder"],
         "helps": str(unit.pk) in typed.helpers}
        for unit in holders(actor)
    ]  # fmt: skip
    context: dict[str, Any] = {
        "lamp": lamp,
        "typed": typed.values,
        "problem": problem,
        "closed": lamp is not None and lamp.settled,
        "kinds": [(str(kind), kind.label) for kind in BY_HAND],
        "units": units,
        "leaders": [(str(person.pk), person.name) for person in _leaders()],
        "every": [("", "按规则"), *Order.Every.choices],
        "today": clock.today().isoformat(),
        "crumbs": [{"label": "督办", "href": reverse("desk:orders")}, {"label": "下达督办单"}],
    }
    return render(request, "orders/issue.html", context, status=status)
