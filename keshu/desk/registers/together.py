"""批量办理: rows ticked in the list, one step for all of them, what it would do to each, then all or none."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.guard import address, needs
from keshu.desk.registers.asking import Question
from keshu.desk.registers.cells import state_text
from keshu.desk.registers.fields import answers, shared_field
from keshu.desk.registers.listing import register_of
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.ledger.bulk import MOST, BulkRefused, Outlook, TooMany, move_all, offers, outlook
from keshu.ledger.registers import Register
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, Procedure, Transition

CONFLICT, REFUSED = 409, 422


class _Chosen:
    """The rows that were ticked, as far as the actor sees them, with the states it saw."""

    def __init__(self, request: HttpRequest, register: Register) -> None:
        self.register = register
        self.actor: Actor = request.actor  # type: ignore[attr-defined]
        self.question = Question.read(register, request.POST.get("question", "")[:4000])
        self.expected: dict[int, str] = {}
        pks: list[int] = []
        if request.POST.get("all") == "1":
            found = self.question.rows(self.actor)
            if (count := found.count()) > MOST:
                raise TooMany(f"符合条件的有 {count} 条，一次最多办 {MOST} 条。再加条件，分几次办。")
        else:
            for text in request.POST.getlist("row"):
                number, _, state = text.partition(":")
                if number.isascii() and number.isdigit() and len(number) < 16:
                    pks.append(int(number))
                    if state:
                        self.expected[int(number)] = state[:30]
            if len(pks) > MOST:
                raise TooMany(f"选了 {len(pks)} 条，一次最多办 {MOST} 条。分几次办。")
            found = register.rows(self.actor).filter(pk__in=pks)
        self.records: list[Any] = list(found.select_related("unit", "region").order_by("pk"))
        self.missing = len(set(pks)) - len(self.records) if pks else 0
        if self.missing:
            audit.note(
                self.actor,
                "拒绝",
                f"{register.name} 批量 {self.missing} 条",
                outcome="拒绝",
                address=address(request),
            )

    @property
    def back(self) -> str:
        """The list it came from."""
        return reverse("desk:register", args=[self.register.code]) + self.question.query()

    @property
    def rows(self) -> list[str]:
        """The chosen rows as the forms carry them: the state that is shown is the state that is expected."""
        return [f"{one.pk}:{self.expected.get(one.pk, one.state)}" for one in self.records]


@require_POST
@needs(Can.SEE_REGISTERS)
def together(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a step for the ticked rows; see what it would do; do it."""
    register = register_of(code)
    procedure = register.procedure
    if procedure is None:
        raise Http404("这个台账没有流程。")
    try:
        chosen = _Chosen(request, register)
    except TooMany as refusal:
        messages.error(request, str(refusal))
        question = Question.read(register, request.POST.get("question", "")[:4000])
        return redirect(reverse("desk:register", args=[register.code]) + question.query())
    if not chosen.records:
        messages.error(request, "还没有勾选记录。在列表里勾几条，再点“批量办理”。")
        return redirect(chosen.back)
    action = request.POST.get("action", "")[:40]
    if not action:
        return _choice(request, chosen, procedure)
    try:
        transition = procedure.transition(action)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(chosen.back)
    if request.POST.get("go") != "1":
        return _preview(request, chosen, procedure, transition)
    return _act(request, chosen, procedure, transition)


def _choice(request: HttpRequest, chosen: _Chosen, procedure: Procedure) -> HttpResponse:
    found = offers(chosen.records, chosen.actor, procedure)
    context = _context(chosen) | {
        "offers": [
            {
                "action": offer.transition.action,
                "label": offer.transition.label,
                "danger": offer.transition.danger,
                "all": offer.count == len(chosen.records),
                "count": offer.count,
            }
            for offer in found
        ],
        "lines": [_line(chosen.register, Outlook(record, "")) for record in chosen.records],
    }
    return render(request, "registers/together.html", context)


def _preview(
    request: HttpRequest,
    chosen: _Chosen,
    procedure: Procedure,
    transition: Transition,
    *,
    problem: str = "",
    problems: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    looked = outlook(chosen.records, transition.action, chosen.actor, procedure)
    problems = problems or {}
    lines = [_line(chosen.register, one, problems.get(one.record.pk, ""), procedure) for one in looked]
    fit = [line for line in lines if not line["problem"]]
    context = _context(chosen) | {
        "transition": transition,
        "fields": [shared_field(transition, ask, chosen.records, request.POST) for ask in transition.asks],
        "note": request.POST.get("note", ""),
        "lines": lines,
        "fit": len(fit),
        "left": len(lines) - len(fit),
        "fitting": [f"{line['pk']}:{line['seen']}" for line in fit],
        "problem": problem,
    }
    return render(request, "registers/together.html", context, status=status)


def _act(request: HttpRequest, chosen: _Chosen, procedure: Procedure, transition: Transition) -> HttpResponse:
    note = request.POST.get("note", "").strip()[:2000]
    typed = answers(request, transition.action)
    try:
        # A choice may be offered for one record and not for another: what was typed is read for each.
        given, *_ = [read(transition.asks, typed, record) for record in chosen.records]
        done = move_all(
            chosen.records,
            transition.action,
            chosen.actor,
            procedure=procedure,
            note=note,
            given=given,
            expected=chosen.expected,
        )
    except BulkRefused as refusal:
        fresh = _fresh(chosen)
        status = CONFLICT if refusal.stale else REFUSED
        return _preview(
            request,
            fresh,
            procedure,
            transition,
            problem=str(refusal),
            problems=refusal.problems,
            status=status,
        )
    except (MoveRefused, NotYourTurn) as refusal:
        return _preview(request, chosen, procedure, transition, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已办 {len(done)} 条：{transition.label}。")
    return redirect(chosen.back)


def _fresh(chosen: _Chosen) -> _Chosen:
    """The same rows as they are by now; what the person saw is forgotten, it has just been told what changed."""
    pks = [record.pk for record in chosen.records]
    found = chosen.register.rows(chosen.actor).filter(pk__in=pks)
    chosen.records = list(found.select_related("unit", "region").order_by("pk"))
    chosen.expected = {}
    return chosen


def _context(chosen: _Chosen) -> dict[str, Any]:
    register = chosen.register
    return {
        "register": register,
        "question": chosen.question.query().removeprefix("?"),
        "rows": chosen.rows,
        "count": len(chosen.records),
        "missing": chosen.missing,
        "back": chosen.back,
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": register.name, "href": chosen.back},
            {"label": "批量办理"},
        ],
    }


def _line(
    register: Register, one: Outlook, problem: str = "", procedure: Procedure | None = None
) -> dict[str, Any]:
    record = one.record
    return {
        "pk": record.pk,
        "seen": record.state,
        "title": str(record),
        "number": record.number,
        "second": str(record.unit or record.region),
        "href": reverse("desk:record", args=[register.code, record.pk]),
        "state": state_text(register, record),
        "after": procedure.states.get(one.after, one.after) if procedure and one.after else "",
        "problem": problem or one.problem,
    }
