"""台账: which records, and what must I do with them?"""

import io
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.kept import once_a_revision
from keshu.desk.registers.asking import MINE, Question
from keshu.desk.registers.cells import NUMERIC, batch_words, money, state_text, text, total
from keshu.desk.registers.doors import doors_of
from keshu.desk.reporting.papers import attachment
from keshu.diary.lines import registers_in_use
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.models import RegionShown
from keshu.journal import audit
from keshu.ledger.batches import batches_among
from keshu.ledger.intake.writing import Kind, Value, write_table
from keshu.ledger.models import SavedView
from keshu.ledger.registers import Column, Register, by_code
from keshu.ledger.saved import may_change, views_of
from keshu.ledger.standing import Standing, standing
from keshu.reports.exports import MEDIA_TYPES
from keshu.terms import clock
from keshu.terms.quantity import convert, plain

PER_PAGE = 50
#: Up to so many rows what a register holds is summed with the list; above it the browser asks for it afterwards.
AT_ONCE = 5000
#: A search that finds no more than this is made once, and everything else on the page comes from what it gave.
FEW = 2000
#: A menu of numbers never grows longer than this.
MOST_VALUES = 60


def register_of(code: str) -> Register:
    """The declared register of an address; 404 otherwise."""
    found = by_code(code)
    if found is None:
        raise Http404(f"没有台账“{code}”。")
    return found


def moves_here(register: Register, actor: Actor) -> bool:
    """Whether this actor ever takes a step in the register: only then rows can be ticked."""
    return register.procedure is not None and any(actor.can(turn) for turn in register.turns.values())


@require_GET
@needs(Can.SEE_REGISTERS)
def registers_page(request: HttpRequest) -> HttpResponse:
    """The registers there are; the only one opens at once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = registers_in_use(clock.today().year, actor)
    if len(found) == 1:
        return redirect("desk:register", code=found[0].code)
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
    question = Question.of(register, request.GET)
    page, summed = _page_of(question, actor, request.GET.get("page"))
    here = reverse("desk:register", args=[register.code])
    held = at_once(question, actor, summed["count"])
    context = {
        "register": register,
        "doors": doors_of(request, register),
        "asked": question,
        "page": page,
        "page_href_prefix": question.query(page="1").removesuffix("1"),
        "heads": [_head(question, column) for column in question.shown],
        "lines": lines_of(register, question, list(page)),
        "totals": totals_of(register, summed),
        "filters": [*_filters(question, actor), *_chips(question)],
        "views": _tabs(question, actor, kept := list(views_of(actor, register.code))),
        "kept": [view for view in kept if may_change(view, actor)],
        "search_words": _search_words(register),
        "may_share": actor.can(Can.KEEP_LEDGERS),
        "choices": [{"path": c.path, "label": c.label, "on": c in question.shown} for c in register.columns],
        "clear_href": here if question.filtered else "",
        "standing": held,
        "standing_href": _part("desk:register_standing", question)
        if register.measures and held is None
        else "",
        "ticks": moves_here(register, actor),
        "export_href": _part("desk:register_export", question, format="xlsx"),
        "print_href": _part("desk:register_print", question),
        "typed_name": request.GET.get("view_name", "")[:100],
        "crumbs": [{"label": "台账", "href": reverse("desk:registers")}, {"label": register.name}],
    }
    return render(request, "registers/list.html", context)


def _search_words(register: Register) -> str:
    """What the search looks into, in the words of the columns."""
    named = (register.label_of(path.split("__")[0]) for path in register.search)
    return "、".join(dict.fromkeys(named))


def _page_of(question: Question, actor: Actor, wanted: str | None) -> tuple[Page, dict[str, Any]]:
    """The page of rows wanted, and the sums of all rows asked for.

    A text is looked for in every row of the register: where it finds few, their sums and the page are made of what that one search
    gives. Otherwise the sums are kept until something is written.
    """
    register, rows = question.register, question.rows(actor)
    if question.text:
        sums = [column.path for column in register.columns if column.total]
        few = list(rows.values_list("pk", *sums)[: FEW + 1])
        if len(few) <= FEW:
            page = Paginator([pk for pk, *_ in few], PER_PAGE).get_page(wanted)
            shown = register.model.objects.for_system("已按范围查过").filter(pk__in=list(page))
            page.object_list = shown.select_related("unit", "region").order_by(*rows.query.order_by)
            summed = {path: _sum(row[at] for row in few) for at, path in enumerate(sums, 1)}
            return page, {"count": len(few), **summed}
    key = replace(question, sort="", descending=False, columns=()).query()
    summed = once_a_revision(lambda: sums_of(register, rows), "sums", register.code, actor, key)
    paginator = Paginator(rows.select_related("unit", "region"), PER_PAGE)
    paginator.count = summed["count"]  # type: ignore[misc]
    return paginator.get_page(wanted), summed


def _sum(values: Iterable[Any]) -> Any:
    """As a database sums: what is missing adds nothing, and nothing at all has no sum."""
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def _part(route: str, question: Question, **more: str) -> str:
    return reverse(route, args=[question.register.code]) + question.query(**more)


def at_once(question: Question, actor: Actor, count: int) -> list[dict[str, Any]] | None:
    """Stock and flow of a short list; None where they are asked for afterwards: summing must not make a list slow."""
    if question.counted or question.text or count > AT_ONCE:
        return None
    return standing_lines(question, actor)


@require_GET
@needs(Can.SEE_REGISTERS)
def standing_part(request: HttpRequest, code: str) -> HttpResponse:
    """现有多少，其中今年新增多少: the line above a long list."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    question = Question.of(register_of(code), request.GET)
    return render(request, "registers/standing.html", {"standing": standing_lines(question, actor)})


def standing_lines(question: Question, actor: Actor) -> list[dict[str, Any]]:
    """What each measure holds over the records of the question, with the addresses that list exactly those. One query."""
    base = question.uncounted
    today = clock.today()
    first = today.replace(month=1, day=1)
    here = reverse("desk:register", args=[question.register.code])

    def line(one: Standing) -> dict[str, Any]:
        stock = one.measure.nature == "stock"
        within = {"counted": one.measure.code, "until": today.isoformat()}
        held, unit = _amount(one.held, one)
        new, new_unit = _amount(one.new, one)
        new_href = here + base.query(**within, **{"from": first.isoformat()})
        return {
            "name": one.measure.name,
            "stock": stock,
            "text": held,
            "unit": unit,
            "href": here + base.query(**within) if stock else new_href,
            "new": new,
            "new_unit": new_unit,
            "new_href": new_href,
        }

    return [line(one) for one in standing(question.register, base.rows(actor), today)]


def _amount(value: Any, one: Standing) -> tuple[str, str]:
    return money(value) if one.measure.unit == "元" else (plain(value), one.measure.unit)


@require_GET
@needs(Can.SEE_REGISTERS)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """What is filtered, with the chosen columns, as Excel or CSV."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    question = Question.of(register, request.GET)
    kind: Kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    heads = [column.label for column in question.shown]
    lines = (
        [_value(record, column) for column in question.shown]
        for record in question.rows(actor).select_related("unit", "region").iterator(chunk_size=2000)
    )
    out = io.BytesIO()
    write_table(heads, lines, out, kind=kind, sheet=register.name)
    detail = {"条件": question.query(), "格式": kind}
    audit.note(actor, "导出", f"台账 {register.name}", address=address(request), detail=detail)
    return attachment(out.getvalue(), f"{register.name}_{clock.today()}.{kind}", MEDIA_TYPES[kind])


def _value(record: Any, column: Column) -> Value:
    value = getattr(record, column.path)
    if column.kind == "money" and value is not None:
        return convert(value, "元", "万元")
    return text(record, column)


def sums_of(register: Register, rows: QuerySet[Any]) -> dict[str, Any]:
    """How many rows there are, and the sums of the columns that have one. One query."""
    sums = {column.path: Sum(column.path) for column in register.columns if column.total}
    return rows.order_by().aggregate(count=Count("pk"), **sums)


def totals_of(register: Register, summed: dict[str, Any]) -> list[dict[str, str]]:
    """The sums below a list."""
    found = []
    for column in register.columns:
        if column.total:
            shown, unit = total(summed[column.path], column)
            found.append({"label": column.label.split("（")[0], "text": shown, "unit": unit})
    return found


def _head(question: Question, column: Column) -> dict[str, Any]:
    on = question.sort == column.path
    down = on and question.descending
    return {
        "label": column.label,
        "number": column.kind in NUMERIC,
        "href": question.query(sort=column.path, dir="" if down or not on else "desc"),
        "sort": ("descending" if down else "ascending") if on else "",
        "mark": ("▼" if down else "▲") if on else "",
    }


def lines_of(register: Register, question: Question, records: list[Any]) -> list[dict[str, Any]]:
    """Rows as the list draws them. A row always has a link: in the name, else in its first column."""
    columns = question.shown
    link = next((at for at, column in enumerate(columns) if column.kind == "name"), 0)
    tied = batches_among(register.model, [record.pk for record in records]) if records else set()
    return [
        {
            "pk": record.pk,
            "href": reverse("desk:record", args=[register.code, record.pk]),
            "cells": [
                {
                    "text": text(record, column),
                    "number": column.kind in NUMERIC,
                    "state": column.kind == "state",
                    "name": at == link,
                }
                for at, column in enumerate(columns)
            ],
            "title": str(record),
            "batch": batch_words(record, tied=record.pk in tied),
            "off": record.state in register.struck,
            "second": " · ".join(filter(None, (str(record.unit or ""), str(record.region)))),
            "state": state_text(register, record),
        }
        for record in records
    ]


def _tabs(question: Question, actor: Actor, kept: list[SavedView]) -> list[dict[str, Any]]:
    """全部, 等我办, then what was kept: a view is current when the address asks exactly its question."""
    here = question.query().removeprefix("?")
    saved = [
        {
            "label": view.name,
            "href": f"?{view.question}",
            "current": view.question == here,
            "shared": view.shared_with_id is not None,
        }
        for view in kept
    ]
    on = any(tab["current"] for tab in saved)
    return [
        {
            "label": "全部",
            "href": question.query(view="", page=""),
            "current": not question.view and not on,
        },
        {
            "label": "等我办",
            "href": question.query(view=MINE, page=""),
            "current": question.view == MINE and not on,
            "count": once_a_revision(
                question.register.waiting(actor).count, "waiting", question.register.code, actor
            ),
        },
        *saved,
    ]


def _chips(question: Question) -> list[dict[str, Any]]:
    return [
        {"label": label, "value": value, "on": True, "remove_href": href}
        for label, value, href in question.counting()
    ]


def _filters(question: Question, actor: Actor) -> list[dict[str, Any]]:
    """A menu per declared filter, and one of the regions the reader may see. No menu counts rows: a list must stay quick."""
    register = question.register
    found = []
    for name in register.filters:
        labels = register.choices_of(name)
        values: list[Any] = list(labels) or _numbers(register, name)
        on = question.where.get(name, "")
        found.append(
            {
                "label": register.label_of(name),
                "value": str(labels.get(on, on)) or "全部",
                "on": bool(on),
                "options": [
                    {"label": "全部", "href": question.query(**{name: "", "page": ""}), "current": not on}
                ]
                + [
                    {
                        "label": str(labels.get(value, value)),
                        "href": question.query(**{name: value, "page": ""}),
                        "current": str(value) == on,
                    }
                    for value in values
                ],
            }
        )
    regions = _regions(actor)
    if len(regions) > 1 or question.region:
        named = dict(regions)
        options = [{"label": "全部", "href": question.query(region=""), "current": not question.region}]
        options += [
            {"label": n, "href": question.query(region=c), "current": c == question.region}
            for c, n in regions
        ]
        value = named.get(question.region, question.region) or "全部"
        found.append({"label": "地区", "value": value, "on": bool(question.region), "options": options})
    return found


def _numbers(register: Register, name: str) -> list[int]:
    """From the highest to the lowest value of a number such as a year: two looks into an index, and nothing for a text.

    Of the whole register, not of what the reader sees: which years there are tells nothing, and a scope cannot be looked up in
    the index of a year.
    """
    column: Any = register.model._meta.get_field(name)
    if not column.get_internal_type().endswith("IntegerField"):
        return []
    held = register.records.filter(**{f"{name}__isnull": False}).values_list(name, flat=True)
    high = held.order_by(f"-{name}").first()
    low = held.order_by(name).first()
    if high is None or low is None:
        return []
    return list(range(high, max(low, high - MOST_VALUES) - 1, -1))


def _regions(actor: Actor) -> list[tuple[str, str]]:
    """Code and name of the regions one level below the house that the reader may see."""
    shown = RegionShown.objects.first()
    rows = Region.objects.filter(parent=shown.region_id if shown else None, valid_to__isnull=True)
    if not actor.sees_all:
        rows = rows.filter(pk__in=actor.region_ids)
    return list(rows.order_by("order", "code").values_list("code", "name"))
