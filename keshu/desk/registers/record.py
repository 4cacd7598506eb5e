"""记录: what is true, whose turn, by when, and what an action changes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, TooOften, use, who
from keshu.desk.organisations.finding import file_href
from keshu.desk.registers.cards import batch_card, papers_of
from keshu.desk.registers.cells import batch_words, state_text, text
from keshu.desk.registers.fields import answers, field
from keshu.desk.registers.finding import seen_record
from keshu.desk.registers.listing import register_of
from keshu.desk.registers.panels import panels_of
from keshu.directory.actors import Actor, Can
from keshu.ledger.bulk import Paper, take
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import may_attach
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.records import Record
from keshu.ledger.registers import Register
from keshu.procedure.asking import read
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, Transition, moves_of
from keshu.terms import clock
from keshu.terms.quantity import wan

CONFLICT, REFUSED, TOO_OFTEN = 409, 422, 429


@require_GET
@needs(Can.SEE_REGISTERS)
def page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One record: flow, facts, whose turn, papers, history."""
    register = register_of(code)
    return record_page(register, seen_record(request, register, pk), request)


def record_page(
    register: Register,
    record: Record,
    request: HttpRequest,
    *,
    problem: str = "",
    note: str = "",
    caption: str = "",
    number: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a record; what was typed into a refused form stands in it again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    moves = list(moves_of(record))
    possible = register.procedure.possible(record, actor) if register.procedure else []
    panels = panels_of(register.code, request, record)
    batch = batch_card(register, record, actor)
    now = clock.now().astimezone(clock.TZ)
    context = {
        "register": register,
        "record": record,
        "state": state_text(register, record),
        "batch": batch,
        "batch_words": batch_words(record, tied=bool(batch and "items" in batch)),
        "unit_href": file_href(actor, record.unit),
        "facts": _facts(register, record),
        "long": _long(register, record),
        "steps": _steps(register, record, moves),
        "acts": _acts(possible, record, request.POST),
        "seen": len(moves),
        "panels": [card for card in panels if card.place == "main"],
        "side_panels": [card for card in panels if card.place == "side"],
        "papers": papers_of(register, record, actor),
        "turn": _turn(register, record, actor),
        "problem": problem,
        "note": note,
        "caption": caption,
        "number": number,
        "history": [_told(register, entry) for entry in reversed(moves)],
        "related": _related(register, record, actor),
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": register.name, "href": reverse("desk:register", args=[register.code])},
            {"label": record.number or str(record)},
        ],
        "asof": [
            {"label": "编号", "value": record.number or "提交后编"},
            {"value": str(record.region)},
            {"value": state_text(register, record)},
        ],
        "as_of_print": f"{register.name} {record.number} · 数据截至 {now:%Y-%m-%d %H:%M} · {actor.name}",
    }
    return render(request, "registers/record.html", context, status=status)


def _related(register: Register, record: Record, actor: Actor) -> list[dict[str, Any]]:
    """Records of the same organisation that this reader sees too."""
    if not record.unit_id:
        return []
    rows = register.rows(actor).filter(unit=record.unit_id).exclude(pk=record.pk).order_by("-pk")[:10]
    return [
        {
            "title": str(row),
            "state": state_text(register, row),
            "href": reverse("desk:record", args=[register.code, row.pk]),
        }
        for row in rows
    ]


@require_POST
@needs(Can.SEE_REGISTERS)
@bounded("desk:record")
def act(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One step, with a paper if one was chosen. What was typed comes back when it is refused; the second of two people is told
    what changed and by whom."""
    register = register_of(code)
    record = seen_record(request, register, pk)
    if register.procedure is None:
        raise Http404("这个台账没有流程。")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    note = request.POST.get("note", "").strip()[:2000]
    action = request.POST.get("action", "")[:40]
    seen = request.POST.get("seen", "")

    def refuse(problem: str, status: int, now: Record = record) -> HttpResponse:
        caption = request.POST.get("paper_caption", "")
        return record_page(register, now, request, problem=problem, note=note, caption=caption, status=status)

    try:
        moved = take(
            record,
            action,
            actor,
            procedure=register.procedure,
            note=note,
            given=read(register.procedure.transition(action).asks, answers(request, action), record),
            expected=request.POST.get("state") or None,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else None,
            paper=_paper(request, register, record, actor),
        )
    except StaleState as refusal:
        return refuse(f"{refusal}{_by_whom(register, record)}", CONFLICT, seen_record(request, register, pk))
    except (MoveRefused, NotYourTurn) as refusal:
        return refuse(str(refusal), REFUSED)
    except (IntakeError, Classified) as refusal:
        return refuse(f"{refusal}这一步还没有办，写的都在。", REFUSED)
    except TooOften as refusal:
        return refuse(f"{refusal}这一步还没有办，写的都在。", TOO_OFTEN)
    messages.success(request, f"已办：{state_text(register, record)} → {state_text(register, moved)}")
    # Where a step ends the actor's view of the record, the list is the next page.
    if not register.rows(actor).filter(pk=pk).exists():
        return redirect("desk:register", code=register.code)
    return redirect("desk:record", code=register.code, pk=pk)


def _paper(request: HttpRequest, register: Register, record: Record, actor: Actor) -> Paper | None:
    """The file that goes with the step, counted as an upload."""
    uploaded = request.FILES.get("paper")
    if uploaded is None:
        return None
    if not may_attach(register, record, actor):
        raise NotYourTurn(f"{actor.name} 不能给这一份添材料。去掉文件再办。")
    use(UPLOAD, who(request))
    caption = request.POST.get("paper_caption", "").strip()
    if len(caption) > 200:
        raise MoveRefused(f"材料说明写了 {len(caption)} 字，最多 200 字。请删短再办。")
    return Paper(uploaded.file, uploaded.name or "", caption)


def _by_whom(register: Register, record: Record) -> str:
    last = moves_of(record).last()
    if last is None:
        return ""
    told = _told(register, last)
    return f"{told['moment']} {told['who']} 办了“{told['did']}”。"


def _state(register: Register, state: str) -> str:
    return register.procedure.states.get(state, state) if register.procedure else state


def _facts(register: Register, record: Record) -> list[dict[str, Any]]:
    named = {column.path for column in register.columns}
    facts = [
        {"label": column.label, "text": text(record, column), "unit": column.kind == "unit"}
        for column in register.columns
        if column.kind not in ("state", "name", "long") and column.path != "number"
    ]
    # A ledger that calls its columns itself says all there is; other fields of its table are not its own.
    for column in () if register.names else record._meta.concrete_fields:
        if (
            column.name in named
            or column.is_relation
            or column.primary_key
            or column.get_internal_type() == "TextField"
        ):
            continue
        if column.name in HIDDEN | record.untold or getattr(column, "personal", False):
            continue
        value = getattr(record, column.name)
        if value not in (None, "", 0):
            chosen = dict(column.flatchoices).get(value, value)
            facts.append(_fact(str(column.verbose_name), chosen))
    return [fact for fact in facts if fact["text"]]


HIDDEN = frozenset({"state", "items", "counts_on", "content_hash"})


def _fact(label: str, value: Any) -> dict[str, str]:
    """A field that no column declares, as a clerk reads it: money in 万元, moments in the bureau's own time."""
    if isinstance(value, Decimal) and label.endswith("（元）"):
        return {"label": label.replace("（元）", "（万元）"), "text": wan(value)}
    if isinstance(value, datetime):
        return {"label": label, "text": f"{value.astimezone(clock.TZ):%Y-%m-%d %H:%M:%S}"}
    return {"label": label, "text": "是" if value is True else str(value)}


def _long(register: Register, record: Record) -> list[dict[str, str]]:
    """The long texts of a record, each under its name."""
    if register.names:
        return [
            {"label": column.label, "text": said}
            for column in register.columns
            if column.kind == "long" and (said := text(record, column))
        ]
    declared = {column.path for column in register.columns if column.kind == "long"}
    return [
        {"label": str(column.verbose_name), "text": value}
        for column in record._meta.concrete_fields
        if (column.name in declared or column.get_internal_type() == "TextField")
        and (value := getattr(record, column.name))
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


def _acts(possible: list[Transition], record: Record, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """The steps as the page draws them: the first that leads on and ends nothing is the primary one; what a step asks for
    unfolds under its name, and stands open where something was typed or where there is no other step."""
    first = next((t for t in possible if not t.danger and t.after != record.state), None)
    found = []
    for transition in possible:
        asks = [field(transition, ask, record, typed) for ask in transition.asks]
        found.append(
            {
                "label": transition.label,
                "name": "action",
                "value": transition.action,
                "danger": transition.danger,
                "primary": transition is first,
                "key": "a" if transition is first and not asks else "",
                "note": transition.note_required,
                "asks": asks,
                "open": len(possible) == 1
                or typed.get("action") == transition.action
                or any(one["text"] for one in asks),
            }
        )
    return found


def _turn(register: Register, record: Record, actor: Actor) -> str:
    capability = register.turns.get(record.state)
    if capability is None:
        return "办结"
    mine = register.procedure is not None and bool(register.procedure.possible(record, actor))
    if mine and record.state in register.narrowed:  # not everybody with the capability
        mine = register.waiting(actor).filter(pk=record.pk).exists()
    return "轮到你" if mine and actor.can(capability) else f"等有“{capability.value}”权限的人办"


def _told(register: Register, entry: Move) -> dict[str, Any]:
    label = register.procedure.transition(entry.action).label if register.procedure else entry.action
    return {
        "who": entry.actor_name,
        "did": label,
        "note": entry.note,
        "files": len(entry.evidence),
        "moment": f"{entry.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
    }
