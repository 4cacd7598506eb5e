"""Cards on the page of an assessed item: what it is worth and where it stands, who regains it, and what if."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.assessment.comparing import items_of, paired, previous
from keshu.assessment.days import SOURCE
from keshu.assessment.keeping import AssessmentRefused, counties, keep_plan, may_plan, offices
from keshu.assessment.models import Assessment, Item
from keshu.assessment.moving import NotPoints, keeps, read_points
from keshu.assessment.overtaking import place_words
from keshu.assessment.register import ITEMS
from keshu.assessment.siblings import own_figures
from keshu.assessment.sums import flaw_of, line_of
from keshu.assessment.supposing import keep_method, methods, period_of, suppose_item
from keshu.desk.assessed.pages import figure_cell, moved_href, points
from keshu.desk.diary.linking import opens
from keshu.desk.guard import needs
from keshu.desk.registers.finding import seen_record
from keshu.desk.registers.panels import Panel, panel
from keshu.diary.sources import Due
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.records import Record
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms.quantity import plain, show_change, show_number


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _item(record: Record) -> Item:
    assert isinstance(record, Item)
    # The record page fetches office and region only; the assessment and what it points to are asked for once here.
    return Item.objects.for_system("考核项页").select_related(
        "assessment__region", "indicator", "rank", "unit", "region"
    ).get(pk=record.pk)  # fmt: skip


@panel("assessed")
def worth(request: HttpRequest, record: Record) -> Panel:
    """What the item is worth, the figure behind it, its reported rank, last year's."""
    item, actor = _item(record), _actor(request)
    assessment: Assessment = item.assessment
    context: dict[str, Any] = {
        "item": item,
        "assessment": assessment,
        "href": reverse("desk:assessed_one", args=[assessment.pk]),
        "full": "加减分项" if item.adds else points(item.full),
        "score": points(item.score),
        "lost": points(item.lost),
        "flaw": flaw_of(line_of(item)),
        "whole": actor.sees_all,
    }
    if actor.sees_all:
        if item.indicator is not None:
            period = period_of(item.indicator, item.data_year or item.year)
            found = own_figures([(item.indicator, period)], assessment.region)
            context["value"] = figure_cell(found[(item.indicator.pk, period.code)], assessment.region.code)
            context["moved"] = moved_href(item, assessment.region.code)
        if item.rank is not None:
            context["rank"] = place_words(item.rank)
        context |= _last_year(item, actor)
    return Panel("assessed/worth.html", context)


def _last_year(item: Item, actor: Actor) -> dict[str, Any]:
    before = previous(item.assessment, actor)
    if before is None:
        return {}
    pair = next((one for one in paired([item], items_of(before, actor)) if one.now is not None), None)
    if pair is None or pair.before is None:
        return {"before": f"{before.year}年度没有这一项"}
    rate = f"（得分率 {show_number(pair.rate_before, 1)}%）" if pair.rate_before is not None else ""
    moved = f"，比上年 {show_change(pair.moved, 2)} 分" if pair.moved is not None else "，满分不同，看得分率"
    return {"before": f"{before.year}年度 {points(pair.before.score)} 分{rate}{moved}"}


@panel("assessed")
def planned(request: HttpRequest, record: Record) -> Panel | None:
    """Who answers and how points are regained: the form for those who may, the text for others."""
    item, actor = _item(record), _actor(request)
    if not may_plan(actor, item) or item.state == Item.State.FILED:
        return None
    keeper = keeps(actor, item)
    context: dict[str, Any] = {
        "item": item,
        "keeper": keeper,
        "lost": plain(item.lost),
        "regainable": plain(item.regainable) if item.regainable is not None else "",
        "offices": offices(item) if keeper else [],
        "counties": counties(item.assessment) if keeper else [],
    }
    return Panel("assessed/plan.html", context)


@panel("assessed")
def whatif(request: HttpRequest, record: Record) -> Panel | None:
    """测算: the points and the place at a value that is typed into the address."""
    item, actor = _item(record), _actor(request)
    if item.indicator is None or not actor.sees_all:
        return None
    typed = request.GET.get("suppose", "")[:30].strip()
    context: dict[str, Any] = {
        "item": item,
        "typed": typed,
        "keeper": keeps(actor, item),
        "methods": methods(),
    }
    if typed:
        try:
            value = read_points(typed)
        except NotPoints:
            context["problem"] = f"“{typed}”不是数。写成 2.45，最多四位小数。"
        else:
            found = suppose_item(item, value)
            assert found is not None  # it has an indicator
            context["found"] = {
                "points": points(found.points) if found.points is not None else "",
                "why_no_points": found.why_no_points,
                "place": found.place,
                "of": found.of,
                "why_no_place": found.why_no_place,
                "value": plain(value),
            }
    return Panel("assessed/whatif.html", context, place="side")


@opens(SOURCE)
def opened_day(due: Due, actor: Actor) -> str:
    """A county's day opens its item."""
    return reverse("desk:record", args=["assessed", due.link[0]])


@require_POST
@needs(Can.KEEP_ASSESSMENT, Can.CHECK_ITEMS)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Write who answers for an item and how its points are regained."""
    item = _item(seen_record(request, ITEMS, pk))
    texts = {name: str(value) for name, value in request.POST.items()}
    try:
        keep_plan(_actor(request), item, texts)
    except (AssessmentRefused, NotYourTurn, Classified) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已存。")
    return redirect("desk:record", code="assessed", pk=pk)


@require_POST
@needs(Can.KEEP_ASSESSMENT)
def method(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the way of scoring of an item."""
    item = _item(seen_record(request, ITEMS, pk))
    try:
        keep_method(_actor(request), item, request.POST.get("method", "")[:60])
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:record", code="assessed", pk=pk)
