"""A form filled on a page: by the one that is asked (网上填), or by the clerk for it (代录), typed or pasted out of a spreadsheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keshu.collecting.differing import lines_of
from keshu.collecting.models import Reply, Sender
from keshu.collecting.receiving import EntryWrong, NothingSaid, NotOpen, Receiving
from keshu.collecting.telling import set_contact
from keshu.desk.collecting.finding import REFUSED, actor_of, crumbs, sender_of
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Can
from keshu.directory.privacy import masked_phone
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn

EMPTY_LINES, MOST_LINES = 5, 120
REFUSALS = (NotOpen, NothingSaid, NotYourTurn, MoveRefused, Classified, IntakeError)
Lines = list[dict[str, str]]


@require_http_methods(["GET", "POST"])
@needs(Can.COLLECT)
@limited(UPLOAD)
@bounded("desk:collecting_type")
def type_for(request: HttpRequest, pk: int) -> HttpResponse:
    """代录, with the received file or who said it."""
    return _filled(request, sender_of(request, pk, own=False), own=False)


@require_http_methods(["GET", "POST"])
@needs(Can.ANSWER_COLLECTION)
@limited(UPLOAD)
@bounded("desk:collecting_fill")
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """网上填."""
    return _filled(request, sender_of(request, pk, own=True), own=True)


@require_POST
@needs(Can.COLLECT)
def write_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to telephone at a sender; an empty telephone leaves the one that stands, an empty name takes both away."""
    sender = sender_of(request, pk, own=False)
    try:
        set_contact(
            sender,
            actor_of(request),
            name=request.POST.get("contact", ""),
            phone=request.POST.get("phone", ""),
        )
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:collecting_page", pk=sender.collection_id)


def _filled(request: HttpRequest, sender: Sender, *, own: bool) -> HttpResponse:
    if request.method == "GET":
        return _page(request, sender, _standing(sender), own=own)
    lines = _lines(request, sender)
    if request.POST.get("do") == "paste":
        lines += _pasted(request.POST.get("paste", ""), sender)
        return _page(request, sender, lines[:MOST_LINES], own=own)
    if request.POST.get("do") == "more":
        return _page(request, sender, lines, own=own, empty=2 * EMPTY_LINES)
    uploaded = request.FILES.get("file")
    nil = bool(request.POST.get("nil"))
    try:
        if nil and lines:
            raise MoveRefused(f"勾了零报告，可是填了 {len(lines)} 行。请去掉勾，或清空各行。")
        arrival = Receiving(sender.collection, actor_of(request)).enter(
            sender,
            lines,
            nil=nil,
            said_by=request.POST.get("said_by", ""),
            file=(uploaded.file, uploaded.name or "收到的文件")
            if uploaded is not None and uploaded.file
            else None,
        )
    except EntryWrong as refusal:
        return _page(
            request, sender, lines, own=own, problems=refusal.problems, problem=str(refusal), status=REFUSED
        )
    except REFUSALS as refusal:
        return _page(request, sender, lines, own=own, problem=str(refusal), status=REFUSED)
    level = messages.success if arrival.outcome == Reply.State.COUNTED else messages.warning
    level(request, f"{arrival.said}。")
    if own:
        return redirect("desk:collecting_answer", pk=sender.pk)
    return redirect("desk:collecting_page", pk=sender.collection_id)


def _standing(sender: Sender) -> Lines:
    """What counts now, to be corrected."""
    counted = Reply.objects.for_system("改已报的").filter(sender=sender, state=Reply.State.COUNTED).first()
    return [dict(line.values) for line in lines_of(counted)][:MOST_LINES] if counted is not None else []


def _lines(request: HttpRequest, sender: Sender) -> Lines:
    """The lines that hold anything; the rest closes up."""
    found = []
    for at in range(MOST_LINES):
        line = {col.key: request.POST.get(f"r{at}.{col.key}", "").strip() for col in sender.collection.cols}
        if any(line.values()):
            found.append(line)
    return found


def _pasted(text: str, sender: Sender) -> Lines:
    """Cells out of a spreadsheet: tabs between columns, in the order of the form; a head that was copied along is left out."""
    cols = sender.collection.cols
    found = []
    for row in text.splitlines()[: 2 * MOST_LINES]:
        cells = [cell.strip() for cell in row.split("\t")]
        heads = {name for col in cols for name in (col.name, col.label)}
        if any(cells) and not (len(cells) > 1 and set(filter(None, cells)) <= heads):
            found.append({col.key: cell for col, cell in zip(cols, cells, strict=False)})
    return found


def _page(
    request: HttpRequest,
    sender: Sender,
    lines: Sequence[Mapping[str, str]],
    *,
    own: bool,
    problems: Mapping[tuple[int, str], str] | None = None,
    problem: str = "",
    empty: int = EMPTY_LINES,
    status: int = 200,
) -> HttpResponse:
    said = problems or {}
    collection = sender.collection
    cols = collection.cols
    shown = [*lines, *({} for _ in range(min(empty, MOST_LINES - len(lines))))]
    context: dict[str, Any] = {
        "sender": sender,
        "collection": collection,
        "cols": cols,
        "own": own,
        "problem": problem,
        "problems": [f"第 {at} 行{words}" for (at, _), words in said.items()],
        "said_by": request.POST.get("said_by", ""),
        "phone": masked_phone(sender.phone),
        "lines": [
            {
                "at": at,
                "cells": [
                    {
                        "col": col,
                        "text": line.get(col.key, ""),
                        "problem": said.get((at + 1, col.key), ""),
                        "options": _options(col.choices, line.get(col.key, "")),
                    }
                    for col in cols
                ],
            }
            for at, line in enumerate(shown)
        ],
        "back": reverse("desk:collecting_answer", args=[sender.pk])
        if own
        else reverse("desk:collecting_page", args=[collection.pk]),
        "crumbs": [
            {"label": "交表", "href": reverse("desk:collecting_asked")},
            {"label": collection.title, "href": reverse("desk:collecting_answer", args=[sender.pk])},
            {"label": "网上填"},
        ]
        if own
        else crumbs(
            {"label": collection.title, "href": reverse("desk:collecting_page", args=[collection.pk])},
            {"label": f"代录 {sender.name}"},
        ),
    }
    return render(request, "collecting/fill.html", context, status=status)


def _options(choices: Sequence[str], text: str) -> list[dict[str, Any]]:
    found = [{"value": one, "chosen": one == text} for one in choices]
    if choices and text and text not in choices:
        found.append({"value": text, "chosen": True})
    return found
