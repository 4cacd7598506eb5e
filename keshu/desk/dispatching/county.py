"""一县一页: all figures of one region on one sheet of paper."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from keshu.desk.dispatching import heading
from keshu.desk.dispatching.asking import Asked, at
from keshu.desk.dispatching.faces import Face, amount_text, called, need_text, no_items, not_single, reason
from keshu.desk.dispatching.indicators import page
from keshu.desk.dispatching.lead import lead_of
from keshu.desk.dispatching.matrix import signed
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, root_region, sheet
from keshu.desk.guard import address, needs
from keshu.desk.orders.linking import issue_href
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.arithmetic.spark import spark
from keshu.figures.book import book
from keshu.figures.dispatch import Row
from keshu.figures.history import history, periods_of, read
from keshu.figures.supposing import needed_for_next
from keshu.journal import audit, moments
from keshu.reports.wording import share
from keshu.terms.quantity import show_number


@needs(Can.SEE_DISPATCH)
def county_page(request: HttpRequest) -> HttpResponse:
    """The page of one region in one scheme and period."""
    asked = Asked.of(request.GET)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        subject, parent = _subject(asked, actor)
        question = asked.changed(
            region=parent.code if parent else "",
            level=subject.level,
            lamp="",
            group="",
            view="table",
            open="",
            whatif="",
            diff="",
        )
        found = sheet(question, actor)
    except (*REFUSALS, NothingHeld) as refusal:
        raise Http404(str(refusal)) from refusal
    if not found.opens(subject.pk):
        audit.note(actor, "拒绝", f"一县一页 {subject.name}", outcome="拒绝", address=address(request))
        raise PermissionDenied(f"{subject.name}的一页归{subject.name}和市局看。请规划科代查。")
    return render(request, "dispatching/county.html", context(found, subject, actor))


def _subject(asked: Asked, actor: Actor) -> tuple[Region, Region | None]:
    """(the region, its parent); without a region the reader's own county."""
    definitions = book(moments.read_as_of(asked.asof or None))
    if asked.region:
        subject = definitions.region(asked.region)
    else:
        own = [definitions.regions[pk] for pk in actor.region_ids if pk in definitions.regions]
        own = [region for region in own if region.is_ranked]
        if not own:
            raise Http404("要看哪个地区？从调度表里点一个县（市、区）。")
        subject = min(own, key=lambda region: (region.level != Region.Level.COUNTY, region.code))
    parent = definitions.regions.get(subject.parent_id or 0)
    root = root_region()
    if parent is not None and root is not None and parent.pk == root.pk:
        parent = None
    return subject, parent


def context(found: Sheet, subject: Region, actor: Actor | None = None) -> dict[str, Any]:
    """What the page draws: figures, leading figures, places over time, what is missing; with an actor also where it may issue orders."""
    faces = [face for face in found.columns if subject.pk in face.rows]
    rows = [_row(found, face, face.rows[subject.pk], actor) for face in faces]
    leading = [face for face in found.leading if subject.pk in face.rows]
    leads = [_row(found, face, face.rows[subject.pk], actor) for face in leading]
    return {
        "sheet": found,
        "county": {"name": subject.name, "klass": subject.group, "holder": found.table.scheme.name},
        "asof": heading.asof(found),
        "crumbs": [
            {"label": "调度", "href": Asked().address()},
            {"label": found.table.scheme.name, "href": found.asked.address()},
            {"label": called(subject)},
        ],
        "actions": [
            {"label": "看调度表", "href": found.asked.address()},
            {"label": "打印一县一页", "icon": "print", "print": True, "primary": True},
        ],
        "others": _others(found, subject),
        "lead": lead_of(found, {subject.pk}),
        "rows": [row for row in rows if not row["single"]],
        "leads": [row for row in leads if not row["single"]],
        "places": _places(found, faces, subject),
        "missing": [row for row in (*rows, *leads) if row["lacks"]],
    }


def _others(found: Sheet, subject: Region) -> list[dict[str, Any]]:
    listed = [
        region
        for region in sorted(found.table.regions, key=lambda r: r.order)
        if region.is_ranked and found.opens(region.pk)
    ]
    options = [
        {
            "label": called(region),
            "href": at("desk:county", found.asked.query(region=region.code, open="", level="")),
            "current": region.pk == subject.pk,
        }
        for region in listed
    ]
    return [{"label": "看", "value": called(subject), "options": options}] if len(options) > 1 else []


def _row(found: Sheet, face: Face, row: Row, actor: Actor | None) -> dict[str, Any]:
    """One indicator of the region, in words."""
    figure, card = found.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
    amount = face.shows_amount(row)
    text = face.text(row.value) if row.value is not None else ""
    unit = face.unit
    if amount:
        text, unit = amount_text(row.figure.numerator.value, face.numerator)  # type: ignore[arg-type]
    word, detail = reason(row) if not text else ("", "")
    nothing_due = no_items(face, row)
    return {
        "name": face.named.short_name if not face.instead else face.indicator.short_name,
        "href": page(found, face.named.code, row.region.code),
        "period": face.column.item.reference or face.column.period.label,
        "fixed": face.fixed and not found.table.scheme.annual,
        "text": text,
        "unit": unit,
        "figure": figure,
        "card": card,
        "single": not_single(row),
        "missing": nothing_due or word,
        "lacks": bool(word) and not nothing_due,
        "detail": detail,
        "target": face.target(row),
        "completion": share(row.completion) if not face.fixed and not face.indicator.change_as_growth else "",
        "met": row.met if face.fixed else None,
        "lamp": row.lamp if not amount and row.value is not None else None,
        "rank": row.rank,
        "tied": row.tied,
        "of": row.of,
        "absent": len(face.column.missing),
        "move": row.rank_change,
        "class_rank": row.class_rank,
        "class_of": row.class_of,
        "ranked": row.region.is_ranked,
        "change": face.moved(row.change) if not face.indicator.change_as_growth else "",
        "change_unit": face.moved_unit if row.change.value is not None else "",
        "gap": signed(face, row.gap_to_mean),
        "next": _next(face, row),
        "order": issue_href(actor, found, face, row) if actor is not None and not _well(row) else "",
    }


def _well(row: Row) -> bool:
    return row.lamp is not None and row.lamp.level == "ok"


def _next(face: Face, row: Row) -> str:
    """距上一位: who stands there, what is missing."""
    if row.gap_to_next is None:
        return "居首" if row.rank == 1 else ""
    name = called(row.next_up) if row.next_up else ""
    missing = needed_for_next(row) if row.figure.is_ratio and not face.fixed else None
    if missing is None:
        gap = (
            show_number(row.gap_to_next, face.places)
            if face.indicator.change_as_growth
            else face.text(row.gap_to_next)
        )
        return f"{name}，差 {gap} {face.unit}"
    text, unit = need_text(missing, face.numerator)
    return f"{name}，差 {text} {unit}"


def _places(found: Sheet, faces: list[Face], subject: Region) -> list[dict[str, Any]]:
    """Places over eight quarters or five years, read for all indicators at once."""
    table = found.table
    assert table.reader is not None
    wanted = [(face.indicator, periods_of(face.indicator, face.column.period)) for face in faces]
    read(table.reader, wanted, [*(region.pk for region in table.regions), table.parent.pk])
    rows = []
    for face, (indicator, periods) in zip(faces, wanted, strict=True):
        past = history(table.reader, indicator, table.regions, table.parent, periods).held
        ranks = past.ranks(subject.pk)
        held = [rank for rank in ranks if rank is not None]
        if not held:
            continue
        rows.append(
            {
                "name": face.named.short_name,
                "spark": spark([None if rank is None else Decimal(-rank) for rank in ranks]),
                "ranks": "、".join(str(rank) if rank is not None else "缺" for rank in ranks),
                "from": past.points[0].period.label,
                "to": past.points[-1].period.label,
                "best": min(held),
                "worst": max(held),
                "now": ranks[-1],
            }
        )
    return rows
