"""台账: which records, and what must I do with them?"""

import io
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.registers.asking import MINE, Asked
from keshu.desk.registers.cells import NUMERIC, text, total
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.models import RegionShown
from keshu.journal import audit
from keshu.ledger.intake.writing import Kind, Value, write_table
from keshu.ledger.registers import Column, Register, registers
from keshu.reports.exports import MEDIA_TYPES
from keshu.terms import clock
from keshu.terms.quantity import convert

PER_PAGE = 50


def register_of(code: str) -> Register:
    """The declared register of an address; 404 otherwise."""
    for register in registers():
        if register.code == code:
            return register
    raise Http404(f"没有台账“{code}”。")


@require_GET
@needs(Can.SEE_REGISTERS)
def registers_page(request: HttpRequest) -> HttpResponse:
    """The registers there are; the only one opens at once."""
    found = registers()
    if len(found) == 1:
        return redirect("desk:register", code=found[0].code)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = [
        {
            "name": r.name,
            "about": r.about,
            "href": reverse("desk:register", args=[r.code]),
            "count": r.rows(actor).count(),
        }
        for r in found
    ]
    return render(request, "registers/registers.html", {"rows": rows, "crumbs": [{"label": "台账"}]})


@require_GET
@needs(Can.SEE_REGISTERS)
def listing(request: HttpRequest, code: str) -> HttpResponse:
    """The list with its conditions, sums of what is filtered, and a page of rows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    asked = Asked.of(register, request.GET)
    rows = asked.rows(actor)
    summed = _sums(register, rows)
    paginator = Paginator(rows.select_related("unit", "region"), PER_PAGE)
    paginator.count = summed["count"]  # type: ignore[misc]
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "register": register,
        "asked": asked,
        "page": page,
        "page_href_prefix": asked.query(page="1").removesuffix("1"),
        "heads": [_head(asked, column) for column in asked.shown],
        "lines": [_line(register, asked, record) for record in page],
        "totals": _totals(register, summed),
        "filters": _filters(asked, actor, register.rows(actor)),
        "views": _views(asked, actor),
        "choices": [{"path": c.path, "label": c.label, "on": c in asked.shown} for c in register.columns],
        "clear_href": "?" if asked.filtered else "",
        "export_href": reverse("desk:register_export", args=[register.code]) + asked.query(format="xlsx"),
        "crumbs": [{"label": "台账", "href": reverse("desk:registers")}, {"label": register.name}],
    }
    return render(request, "registers/list.html", context)


@require_GET
@needs(Can.SEE_REGISTERS)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """What is filtered, with the chosen columns, as Excel or CSV."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    asked = Asked.of(register, request.GET)
    kind: Kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    heads = [column.label for column in asked.shown]
    lines = (
        [_value(record, column) for column in asked.shown]
        for record in asked.rows(actor).select_related("unit", "region").iterator(chunk_size=2000)
    )
    out = io.BytesIO()
    write_table(heads, lines, out, kind=kind, sheet=register.name)
    detail = {"条件": asked.query(), "格式": kind}
    audit.note(actor, "导出", f"台账 {register.name}", address=address(request), detail=detail)
    return attachment(out.getvalue(), f"{register.name}_{clock.today()}.{kind}", MEDIA_TYPES[kind])


def _value(record: Any, column: Column) -> Value:
    value = getattr(record, column.path)
    if column.kind == "money" and value is not None:
        return convert(value, "元", "万元")
    return text(record, column)


def _sums(register: Register, rows: QuerySet[Any]) -> dict[str, Any]:
    sums = {column.path: Sum(column.path) for column in register.columns if column.total}
    return rows.order_by().aggregate(count=Count("pk"), **sums)


def _totals(register: Register, summed: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for column in register.columns:
        if column.total:
            shown, unit = total(summed[column.path])
            found.append({"label": column.label.split("（")[0], "text": shown, "unit": unit})
    return found


def _head(asked: Asked, column: Column) -> dict[str, Any]:
    on = asked.sort == column.path
    down = on and asked.descending
    return {
        "label": column.label,
        "number": column.kind in NUMERIC,
        "href": asked.query(sort=column.path, dir="" if down or not on else "desc"),
        "sort": ("descending" if down else "ascending") if on else "",
        "mark": ("▼" if down else "▲") if on else "",
    }


def _line(register: Register, asked: Asked, record: Any) -> dict[str, Any]:
    cells = [
        {
            "text": text(record, column),
            "number": column.kind in NUMERIC,
            "state": column.kind == "state",
            "name": column.kind == "name",
        }
        for column in asked.shown
    ]
    return {
        "href": reverse("desk:record", args=[register.code, record.pk]),
        "cells": cells,
        "title": str(record),
        "off": record.state in register.struck,
        "second": " · ".join(filter(None, (str(record.unit or ""), str(record.region)))),
        "state": record.get_state_display(),
    }


def _views(asked: Asked, actor: Actor) -> list[dict[str, Any]]:
    waiting = asked.register.waiting(actor).count()
    return [
        {"label": "全部", "href": asked.query(view="", page=""), "current": not asked.view},
        {
            "label": "等我办",
            "href": asked.query(view=MINE, page=""),
            "current": asked.view == MINE,
            "count": waiting,
        },
    ]


def _filters(asked: Asked, actor: Actor, rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """A menu per declared filter, and one of the regions the reader may see. No menu counts rows: a list must stay quick."""
    found = []
    for name in asked.register.filters:
        column: Any = asked.register.model._meta.get_field(name)
        labels = dict(column.flatchoices or ())
        values: list[Any] = list(labels) or _numbers(rows, name)
        on = asked.where.get(name, "")
        found.append(
            {
                "label": str(column.verbose_name),
                "value": str(labels.get(on, on)) or "全部",
                "on": bool(on),
                "options": [
                    {"label": "全部", "href": asked.query(**{name: "", "page": ""}), "current": not on}
                ]
                + [
                    {
                        "label": str(labels.get(value, value)),
                        "href": asked.query(**{name: value, "page": ""}),
                        "current": str(value) == on,
                    }
                    for value in values
                ],
            }
        )
    regions = _regions(actor)
    if len(regions) > 1 or asked.region:
        named = dict(regions)
        options = [{"label": "全部", "href": asked.query(region=""), "current": not asked.region}]
        options += [
            {"label": n, "href": asked.query(region=c), "current": c == asked.region} for c, n in regions
        ]
        value = named.get(asked.region, asked.region) or "全部"
        found.append({"label": "地区", "value": value, "on": bool(asked.region), "options": options})
    return found


def _numbers(rows: QuerySet[Any], name: str) -> list[int]:
    """From the highest to the lowest value of a number such as a year: two looks into an index."""
    ends = rows.order_by().aggregate(low=Min(name), high=Max(name))
    return [] if ends["low"] is None else list(range(ends["high"], ends["low"] - 1, -1))


def _regions(actor: Actor) -> list[tuple[str, str]]:
    """Code and name of the regions one level below the house that the reader may see."""
    shown = RegionShown.objects.first()
    rows = Region.objects.filter(parent=shown.region_id if shown else None, valid_to__isnull=True)
    if not actor.sees_all:
        rows = rows.filter(pk__in=actor.region_ids)
    return list(rows.order_by("order", "code").values_list("code", "name"))
