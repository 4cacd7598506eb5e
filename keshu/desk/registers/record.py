"""记录: what is true, whose turn, by when, and what an action changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.registers.cells import text
from keshu.desk.registers.listing import register_of
from keshu.desk.registers.panels import panels_of
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.ledger.records import Record
from keshu.ledger.registers import Register
from keshu.procedure.asking import Ask, read
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, Transition, move, moves_of
from keshu.terms import clock

CONFLICT, REFUSED = 409, 422


def _record(request: HttpRequest, register: Register, pk: int) -> Record:
    """The record, when this actor may see it; otherwise it is not there, and the try is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = register.rows(actor).select_related("unit", "region").filter(pk=pk).first()
    if found is None:
        if register.model._base_manager.filter(pk=pk).exists():
            audit.note(actor, "拒绝", f"{register.name} {pk}", outcome="拒绝", address=address(request))
        raise Http404("这里没有这条记录，或它不在现在这个岗位的范围里。")
    assert isinstance(found, Record)
    return found


@require_GET
@needs(Can.SEE_REGISTERS)
def page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One record: flow, facts, whose turn, history."""
    register = register_of(code)
    return _page(request, register, _record(request, register, pk))


def _page(
    request: HttpRequest,
    register: Register,
    record: Record,
    *,
    problem: str = "",
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    moves = list(moves_of(record))
    possible = register.procedure.possible(record, actor) if register.procedure else []
    panels = panels_of(register.code, request, record)
    related = (
        register.rows(actor).filter(unit=record.unit_id).exclude(pk=record.pk) if record.unit_id else None
    )
    context = {
        "register": register,
        "record": record,
        "facts": _facts(register, record),
        "long": _long(record),
        "steps": _steps(register, record, moves),
        "acts": [_act(transition, record, request.POST) for transition in possible],
        "panels": [card for card in panels if card.place == "main"],
        "side_panels": [card for card in panels if card.place == "side"],
        "turn": _turn(register, record, actor),
        "problem": problem,
        "note": note,
        "history": [_told(register, entry) for entry in reversed(moves)],
        "related": [
            {
                "title": str(row),
                "state": row.get_state_display(),
                "href": reverse("desk:record", args=[register.code, row.pk]),
            }
            for row in (related.order_by("-pk")[:10] if related is not None else ())
        ],
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": register.name, "href": reverse("desk:register", args=[register.code])},
            {"label": record.number or str(record)},
        ],
        "asof": [
            {"label": "编号", "value": record.number or "提交后编"},
            {"value": str(record.region)},
            {"value": _state(register, record.state)},
        ],
    }
    return render(request, "registers/record.html", context, status=status)


@require_POST
@needs(Can.SEE_REGISTERS)
def act(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One step. What was typed comes back when it is refused; the second of two people is told what changed."""
    register = register_of(code)
    record = _record(request, register, pk)
    if register.procedure is None:
        raise Http404("这个台账没有流程。")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    note = request.POST.get("note", "").strip()[:2000]
    action = request.POST.get("action", "")[:40]
    try:
        moved = move(
            record,
            action,
            actor,
            procedure=register.procedure,
            note=note,
            given=read(register.procedure.transition(action).asks, _answers(request, action), record),
            expected=request.POST.get("state") or None,
        )
    except StaleState as refusal:
        return _page(
            request,
            register,
            _record(request, register, pk),
            problem=str(refusal),
            note=note,
            status=CONFLICT,
        )
    except (MoveRefused, NotYourTurn) as refusal:
        return _page(request, register, record, problem=str(refusal), note=note, status=REFUSED)
    messages.success(request, f"已办：{_state(register, record.state)} → {_state(register, moved.state)}")  # type: ignore[attr-defined]
    return redirect("desk:record", code=register.code, pk=pk)


def _state(register: Register, state: str) -> str:
    return register.procedure.states.get(state, state) if register.procedure else state


def _facts(register: Register, record: Record) -> list[dict[str, Any]]:
    named = {column.path for column in register.columns}
    facts = [
        {"label": column.label, "text": text(record, column)}
        for column in register.columns
        if column.kind not in ("state", "name") and column.path != "number"
    ]
    for column in record._meta.concrete_fields:
        if (
            column.name in named
            or column.is_relation
            or column.primary_key
            or column.get_internal_type() == "TextField"
        ):
            continue
        if column.name in HIDDEN:
            continue
        value = getattr(record, column.name)
        if value not in (None, "", 0):
            facts.append({"label": str(column.verbose_name), "text": _shown(value)})
    return [fact for fact in facts if fact["text"]]


HIDDEN = frozenset({"state", "items", "counts_on", "content_hash"})


def _shown(value: Any) -> str:
    return f"{value.astimezone(clock.TZ):%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _long(record: Record) -> list[dict[str, str]]:
    """The long texts of a record, each under its name."""
    return [
        {"label": str(column.verbose_name), "text": value}
        for column in record._meta.concrete_fields
        if column.get_internal_type() == "TextField" and (value := getattr(record, column.name))
    ]


def _steps(register: Register, record: Record, moves: list[Move]) -> list[dict[str, Any]]:
    """The ordinary way: what is done with who and when, where it stands, what comes."""
    reached = {entry.after: entry for entry in moves}
    way = list(register.way)
    if record.state not in way and way:
        passed = [state for state in way if state in reached or state == way[0]]
        way = [*passed, record.state]
    here = way.index(record.state) if record.state in way else -1
    steps = []
    for at, state in enumerate(way):
        entry = reached.get(state)
        done = at < here
        steps.append(
            {
                "name": _state(register, state),
                "state": "now" if at == here else "done" if done else "",
                "who": entry.actor_name if entry and at <= here else "",
                "note": f"{entry.at.astimezone(clock.TZ):%m-%d %H:%M}" if entry and at <= here else "",
            }
        )
    return steps


def _act(transition: Transition, record: Record, typed: Mapping[str, str]) -> dict[str, Any]:
    """A step as the page draws it; answers are named ``action.name``, so that two steps may ask for the same."""
    return {
        "label": transition.label,
        "name": "action",
        "value": transition.action,
        "danger": transition.danger,
        "note": transition.note_required,
        "asks": [_field(transition, ask, record, typed) for ask in transition.asks],
    }


def _field(transition: Transition, ask: Ask, record: Record, typed: Mapping[str, str]) -> dict[str, Any]:
    name = f"{transition.action}.{ask.name}"
    text = typed.get(name, "")
    return {
        "name": name,
        "ask": ask,
        "text": text,
        "options": [
            {"value": value, "label": label, "on": value == text} for value, label in ask.options(record)
        ],
    }


def _answers(request: HttpRequest, action: str) -> dict[str, str]:
    """What was typed for one step."""
    start = f"{action}."
    return {
        name.removeprefix(start): text
        for name, text in request.POST.items()
        if name.startswith(start) and isinstance(text, str)
    }


def _turn(register: Register, record: Record, actor: Actor) -> str:
    capability = register.turns.get(record.state)
    if capability is None:
        return "办结"
    mine = register.procedure is not None and bool(register.procedure.possible(record, actor))
    return "轮到你" if mine and actor.can(capability) else f"等有“{capability.value}”权限的人办"


def _told(register: Register, entry: Move) -> dict[str, Any]:
    label = register.procedure.transition(entry.action).label if register.procedure else entry.action
    return {
        "who": entry.actor_name,
        "did": label,
        "note": entry.note,
        "moment": f"{entry.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
    }
