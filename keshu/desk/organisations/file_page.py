"""一企一档: what do we know about this organisation?"""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.diary.linking import href
from keshu.desk.guard import address, needs
from keshu.desk.registers.cells import total
from keshu.diary import organisation as known
from keshu.diary.days import Workdays, spoken
from keshu.diary.due import Dues
from keshu.diary.feed import AHEAD
from keshu.diary.outbox import received
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal import audit
from keshu.ledger.registers import Register
from keshu.terms import clock

PER_PAGE = 30
MESSAGES_SHOWN, OPEN_SHOWN, PROOFS_SHOWN = 10, 10, 20


@require_GET
@needs(Can.APPLY)
def own(request: HttpRequest) -> HttpResponse:
    """The file of the reader's own organisation."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.unit_id is None:
        raise Http404("现在这个岗位不在任何单位里。")
    return redirect("desk:organisation", pk=actor.unit_id)


def _unit(request: HttpRequest, pk: int) -> Unit:
    """The organisation, when this actor may open its file; otherwise it is not there, and the try is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    unit = Unit.objects.select_related("region__parent", "parent").filter(pk=pk).first()
    if unit is None or not known.opens_to(actor, unit):
        if unit is not None:
            audit.note(actor, "拒绝", f"一企一档 {unit.name}", outcome="拒绝", address=address(request))
        raise Http404("没有这个单位，或它不在现在这个岗位的范围里。")
    return unit


@require_GET
@needs(Can.SEE_REGISTERS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Facts, counts per register, time line, files, messages, open deadlines."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    unit = _unit(request, pk)
    register, year = request.GET.get("register", "")[:40], _year(request.GET.get("year", ""))
    held = known.counts(actor, unit)
    among = [one.register for one in held]
    line = known.TimeLine(actor, unit, register=register, year=year, among=among)
    found = Paginator(line, PER_PAGE).get_page(request.GET.get("page"))
    named = {one.register.code: one.register.name for one in held}
    context = {
        "unit": unit,
        "former": known.former_names(unit),
        "held": [_held(one) for one in held],
        "page": found,
        "page_href_prefix": _address(register, year) + "page=",
        "events": [_event(event) for event in found],
        "filters": _filters(named, line.years, register, year),
        "clear_href": "?" if register or year else "",
        "filtered": bool(register or year),
        **_open(actor, unit, among),
        "proofs": [_proof(one) for one in known.evidence_of_unit(actor, unit, PROOFS_SHOWN, among=among)],
        "messages_sent": [_message(row) for row in received(actor).filter(unit=unit)[:MESSAGES_SHOWN]],
        "writes": actor.can(Can.SEND_REMINDERS),
        "asof": [
            {"label": "代码", "value": unit.code},
            {"value": str(unit.region)},
            {"label": "记到", "value": f"{clock.now():%Y-%m-%d %H:%M}"},
        ],
        "crumbs": [{"label": "一企一档"}, {"label": unit.name}],
    }
    return render(request, "organisations/file.html", context)


def _year(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


def _address(register: str, year: int | None) -> str:
    """The address of a question to the time line, open for one more part."""
    pairs = {name: value for name, value in (("register", register), ("year", year)) if value}
    return "?" + (urlencode(pairs) + "&" if pairs else "")


def _held(one: known.Held) -> dict[str, Any]:
    register = one.register
    sums = []
    for column, (label, value) in zip(
        (column for column in register.columns if column.total), one.sums, strict=True
    ):
        if value is None:
            continue
        text, unit = total(value, column)
        sums.append({"label": label.split("（")[0], "text": text, "unit": unit})
    return {
        "name": register.name,
        "count": one.count,
        "struck": one.struck,
        "sums": sums,
        "code": register.code,
    }


def _event(event: known.Event) -> dict[str, Any]:
    return {
        "event": event,
        "href": reverse("desk:record", args=[event.register.code, event.pk]),
        "moment": f"{event.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if event.at else event.day.isoformat(),
    }


def _filters(names: dict[str, str], seen: set[int], register: str, year: int | None) -> list[dict[str, Any]]:
    kinds = [{"label": "全部", "href": _address("", year), "current": not register}]
    kinds += [
        {"label": name, "href": _address(code, year), "current": code == register}
        for code, name in names.items()
    ]
    years = [{"label": "全部", "href": _address(register, None), "current": year is None}]
    years += [
        {"label": f"{one} 年", "href": _address(register, one), "current": one == year}
        for one in sorted(seen | ({year} if year else set()), reverse=True)
    ]
    return [
        {
            "label": "台账",
            "value": names.get(register, register) or "全部",
            "on": bool(register),
            "options": kinds,
        },
        {"label": "年份", "value": f"{year} 年" if year else "全部", "on": bool(year), "options": years},
    ]


def _open(actor: Actor, unit: Unit, among: list[Register]) -> dict[str, Any]:
    """The nearest deadlines and how many more there are."""
    days, today = Workdays(), clock.today()
    dues = Dues(actor, None, today + AHEAD, everything=True, unit_id=unit.pk, among=among)
    found = []
    for item in dues[:OPEN_SHOWN]:
        left = days.left(today, item.day)
        found.append(
            {
                "item": item,
                "href": href(item, actor),
                "left": left.text,
                "tone": left.tone,
                "day": spoken(item.day),
            }
        )
    return {"open": found, "open_rest": len(dues) - len(found)}


def _proof(one: known.Proof) -> dict[str, Any]:
    added: date = one.evidence.added_at.astimezone(clock.TZ).date()
    return {
        "name": one.evidence.name,
        "about": f"{one.evidence.caption} · {one.register.name} · {added}",
        "href": reverse("desk:record", args=[one.register.code, one.pk]),
        "link": "看记录",
    }


def _message(row: Any) -> dict[str, Any]:
    read = f"{row.read_by} {row.read_at.astimezone(clock.TZ):%m-%d %H:%M} 看过" if row.read_at else "还没有看"
    return {"row": row, "read": read}
