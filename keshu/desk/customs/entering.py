"""登记: the form of one record, new or to be corrected, with a sentence beside each field that cannot be taken."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keshu.custom.entering import EntryRefused, EntryStale, enter, form_of, stamp_of
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.procedure import enters, may_correct
from keshu.desk.customs.defining import CONFLICT, REFUSED, definition_of
from keshu.desk.guard import address, needs
from keshu.desk.registers.doors import Door, door
from keshu.desk.registers.finding import seen_record
from keshu.desk.registers.listing import register_of
from keshu.desk.registers.panels import Panel, panel
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.journal import audit
from keshu.journal.models import Revision
from keshu.ledger.records import Record
from keshu.ledger.registers import Column, Register
from keshu.terms import clock

MOST_REGIONS = 300


@door
def enter_door(request: HttpRequest, register: Register) -> Door | None:
    """登记一条, for those whom the definition lets in."""
    if register.model is not CustomRecord:
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    definition = definition_of(register.code)
    if not enters(definition, actor):
        return None
    return Door("登记一条", reverse("desk:custom_enter", args=[register.code]), primary=True)


@door
def definition_door(request: HttpRequest, register: Register) -> Door | None:
    """改定义, for those who keep ledgers for the house."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if register.model is not CustomRecord or not actor.can(Can.KEEP_LEDGERS) or not actor.sees_all:
        return None
    return Door("改定义", reverse("desk:custom", args=[register.code]))


@panel("")
def correct_panel(request: HttpRequest, record: Record) -> Panel | None:
    """更正, on the record page of a custom ledger, and the edition it was written with."""
    if not isinstance(record, CustomRecord):
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    href = reverse("desk:custom_correct", args=[record.definition.code, record.pk])
    context = {
        "record": record,
        "href": href if may_correct(actor, record) else "",
        "written": _written(record),
    }
    return Panel("customs/correct.html", context, "side")


def _written(record: CustomRecord) -> list[dict[str, str]]:
    """Who registered and corrected the record, and when; steps of the procedure stand in its history. Two queries."""
    numbers = list(record.history().values_list("revision", flat=True))
    found = Revision.objects.filter(number__in=numbers).order_by("number")
    words = ("登记", "更正", "导入")
    return [
        {
            "did": next(word for word in words if revision.reason.startswith(word)),
            "who": revision.actor_name,
            "moment": f"{revision.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        }
        for revision in found
        if revision.reason.startswith(words)
    ]


@require_http_methods(["GET", "POST"])
@needs(Can.SEE_REGISTERS)
def enter_page(request: HttpRequest, code: str) -> HttpResponse:
    """One new record."""
    definition = definition_of(code)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not enters(definition, actor):
        audit.note(actor, "拒绝", f"登记 {definition.name}", outcome="拒绝", address=address(request))
        why = "已经停用，不再登记" if not definition.active else "不由现在这个岗位登记"
        raise PermissionDenied(f"“{definition.name}”{why}。请问本局管台账的科室。")
    if request.method == "GET":
        return _page(request, definition, form_of(definition, actor).texts)
    try:
        row = enter(definition, actor, _texts(request))
    except EntryRefused as refusal:
        return _page(request, definition, _texts(request), problems=refusal.problems, status=REFUSED)
    messages.success(request, f"已登记 {row.number}。")
    if request.POST.get("again"):
        return redirect("desk:custom_enter", code=code)
    return redirect("desk:record", code=code, pk=row.pk)


@require_http_methods(["GET", "POST"])
@needs(Can.SEE_REGISTERS)
def correct_page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A record that has not been verified yet, to be corrected."""
    register = register_of(code)
    record = seen_record(request, register, pk)
    definition = definition_of(code)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert isinstance(record, CustomRecord)
    if not may_correct(actor, record):
        messages.error(request, f"{record.number}现在不能在这里改。要改请先退回更正，或由登记的岗位来改。")
        return redirect("desk:record", code=code, pk=pk)
    if request.method == "GET":
        texts = form_of(definition, actor, record).texts
        return _page(request, definition, texts, record=record, seen=stamp_of(record))
    seen = request.POST.get("seen", "")
    try:
        enter(definition, actor, _texts(request), record=record, seen=int(seen) if seen.isdigit() else None)
    except EntryStale as stale:
        return _page(
            request,
            definition,
            _texts(request),
            record=record,
            seen=stamp_of(record),
            problems=stale.problems,
            status=CONFLICT,
        )
    except EntryRefused as refusal:
        return _page(
            request,
            definition,
            _texts(request),
            record=record,
            seen=int(seen) if seen.isdigit() else 0,
            problems=refusal.problems,
            status=REFUSED,
        )
    messages.success(request, f"已更正 {record.number}。")
    return redirect("desk:record", code=code, pk=pk)


def _texts(request: HttpRequest) -> dict[str, str]:
    return {name: text for name, text in request.POST.items() if isinstance(text, str)}


def _page(
    request: HttpRequest,
    definition: Definition,
    texts: Mapping[str, str],
    *,
    record: CustomRecord | None = None,
    seen: int = 0,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    said = problems or {}
    columns = form_of(definition, actor).columns
    context: dict[str, Any] = {
        "definition": definition,
        "record": record,
        "seen": seen,
        "problem": said.get("", ""),
        "many": len([path for path in said if path]),
        "fields": [
            _field(column, texts.get(column.path, ""), said.get(column.path, "")) for column in columns
        ],
        "regions": _regions(actor),
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": definition.name, "href": reverse("desk:register", args=[definition.code])},
            {"label": f"更正 {record.number}" if record else "登记一条"},
        ],
    }
    return render(request, "customs/enter.html", context, status=status)


def _field(column: Column, text: str, problem: str) -> dict[str, Any]:
    options = [
        {"value": value, "label": label, "chosen": text in (value, label)} for value, label in column.choices
    ]
    if column.kind == "flag":
        options = [{"value": word, "label": word, "chosen": text == word} for word in ("是", "否")]
    if text and options and not any(option["chosen"] for option in options):
        options.append({"value": text, "label": f"{text}（已不在选项里）", "chosen": True})
    return {"column": column, "text": text, "problem": problem, "options": options}


def _regions(actor: Actor) -> list[str]:
    """Names to choose from while typing a region."""
    rows = Region.objects.filter(valid_to__isnull=True, level__in=("city", "county", "town"))
    if not actor.sees_all:
        rows = rows.filter(pk__in=actor.region_ids)
    return list(rows.order_by("code").values_list("name", flat=True)[:MOST_REGIONS])
