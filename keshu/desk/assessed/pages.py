"""上级考核: the years, and one year: the sentence first, then the items, whose the losses are, what can still be regained."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.assessment.comparing import (
    Chance,
    Pair,
    Share,
    by_county,
    by_office,
    chances,
    items_of,
    paired,
    previous,
)
from keshu.assessment.keeping import (
    AssessmentRefused,
    NoRegionYet,
    assessed_region,
    keep_assessment,
    texts_of,
)
from keshu.assessment.models import Assessment, Item
from keshu.assessment.overtaking import place_words
from keshu.assessment.siblings import own_figures
from keshu.assessment.sums import flaws_of
from keshu.assessment.supposing import period_of
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.figures.evaluating import Figure
from keshu.ledger.classified import Classified
from keshu.terms import clock
from keshu.terms.quantity import plain, show_change, show_number

REFUSED = 422
ZERO = Decimal(0)
PLACES = 2


def seen_assessments(actor: Actor) -> Any:
    """The assessments an actor sees: the bureau all, a county those with an item it answers for."""
    rows = Assessment.objects.visible_to(actor).select_related("region", "score", "rank")
    return rows if actor.sees_all else rows.distinct()


def seen_one(actor: Actor, pk: int) -> Assessment:
    """One assessment; 404 where the actor has nothing in it."""
    found = seen_assessments(actor).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这次考核，或里面没有归现在这个岗位的考核项。")
    assert isinstance(found, Assessment)
    return found


def points(value: Decimal) -> str:
    """Points for a page."""
    return show_number(value, PLACES)


@require_GET
@needs(Can.SEE_DISPATCH)
def years(request: HttpRequest) -> HttpResponse:
    """The assessments, newest year first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = list(seen_assessments(actor).order_by("-year", "assessor", "pk"))
    mine: dict[int, list[Item]] = {}
    for item in Item.objects.visible_to(actor).filter(assessment__in=found).exclude(state=Item.State.STRUCK):
        mine.setdefault(item.assessment_id, []).append(item)
    today = clock.today()
    rows = []
    for one in found:
        items = mine.get(one.pk, [])
        rows.append(
            {
                "row": one,
                "href": reverse("desk:assessed_one", args=[one.pk]),
                "score": points(one.score.value) if one.score and actor.sees_all else "",
                "total": plain(one.total),
                "rank": place_words(one.rank) if one.rank and actor.sees_all else "",
                "lost": points(sum((item.lost for item in items), ZERO)) if items else "",
                "open": points(
                    sum((chance.points for chance in chances(items, today) if not chance.gone), ZERO)
                ),
                "many": len(items),
            }
        )
    context = {
        "rows": rows,
        "whole": actor.sees_all,
        "may": actor.can(Can.KEEP_ASSESSMENT),
        "crumbs": [{"label": "被考核"}],
        "asof": [] if actor.sees_all else [{"value": "只列归本单位落实的考核项"}],
    }
    return render(request, "assessed/years.html", context)


@needs(Can.KEEP_ASSESSMENT)
def new(request: HttpRequest) -> HttpResponse:
    """Write an assessment down as its document gives it."""
    try:
        assessed_region()
    except NoRegionYet as refusal:
        raise Http404(str(refusal)) from refusal
    return _form(request, None)


@needs(Can.KEEP_ASSESSMENT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what was written down wrongly; the history keeps what stood."""
    return _form(request, seen_one(request.actor, pk))  # type: ignore[attr-defined]


def _form(request: HttpRequest, found: Assessment | None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    title = f"更正 {found}" if found else "登记考核"
    problems: dict[str, str] = {}
    problem = ""
    if request.method == "POST":
        texts = {name: str(value) for name, value in request.POST.items()}
        try:
            made = keep_assessment(actor, texts, found)
            return redirect("desk:assessed_one", pk=made.pk)
        except AssessmentRefused as refusal:
            problems = refusal.problems
        except Classified as refusal:
            problem = str(refusal)
    else:
        texts = texts_of(found) if found else {"total": "100", "year": str(clock.today().year - 1)}
    context = {
        "title": title,
        "texts": texts,
        "problems": problems,
        "problem": problem,
        "back": reverse("desk:assessed_one", args=[found.pk]) if found else reverse("desk:assessed"),
        "crumbs": [{"label": "被考核", "href": reverse("desk:assessed")}, {"label": title}],
    }
    return render(request, "assessed/form.html", context, status=REFUSED if problems or problem else 200)


@require_GET
@needs(Can.SEE_DISPATCH)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One year's assessment."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = seen_one(actor, pk)
    items = items_of(found, actor)
    whole = actor.sees_all
    before = previous(found, actor)
    pairs = paired(items, items_of(before, actor)) if before is not None else []
    open_points = chances(items, clock.today())
    figures = _figures(found, items) if whole else {}
    context = {
        "found": found,
        "whole": whole,
        "lead": _lead(found, items, open_points, whole),
        "flaws": flaws_of(found, items) if whole else (),
        "rows": [_row(item, found, figures, whole) for item in items],
        "foot": {
            "full": points(sum((item.full for item in items), ZERO)),
            "score": points(sum((item.score for item in items), ZERO)),
            "lost": points(sum((item.lost for item in items), ZERO)),
        },
        "returned": _returned(items),
        "offices": [_share(share) for share in by_office(items)],
        "counties": [_share(share) for share in by_county(items, found.region_id) if share.who is not None],
        "chances": [_chance(chance) for chance in open_points],
        "before": before,
        "pairs": [_pair(pair) for pair in pairs],
        "may": actor.can(Can.KEEP_ASSESSMENT),
        "title": str(found),
        "crumbs": [{"label": "被考核", "href": reverse("desk:assessed")}, {"label": f"{found.year}年度"}],
        "asof": _asof(found, items, whole),
    }
    return render(request, "assessed/one.html", context)


def _asof(found: Assessment, items: list[Item], whole: bool) -> list[dict[str, Any]]:
    asof: list[dict[str, Any]] = [
        {"value": f"{found.year}年度"},
        {"label": "考核单位", "value": found.assessor},
    ]
    if found.doc_no:
        asof.append({"label": "文号", "value": found.doc_no})
    if found.released_on:
        asof.append({"label": "通报", "value": found.released_on.isoformat()})
    data_years = sorted({item.data_year for item in items if item.data_year})
    if data_years and data_years != [found.year]:
        asof.append({"label": "数据年", "value": "、".join(map(str, data_years)), "note": "和考核年度不同"})
    if not whole:
        asof.append({"value": f"只列归本单位落实的 {len(items)} 项"})
    return asof


def _lead(
    found: Assessment, items: list[Item], open_points: list[Chance], whole: bool
) -> list[dict[str, Any]]:
    """The sentence: what was scored and where it stands, what cost most, what can still be had back and by when."""
    parts: list[dict[str, Any]] = []
    if whole and found.score is not None:
        parts += [
            {"text": f"{found.year}年度得 "},
            {"text": points(found.score.value), "href": "#items"},
            {"text": f" 分（满分 {plain(found.total)}）"},
        ]
    if whole and found.rank is not None:
        parts.append({"text": "，" if parts else ""})
        parts.append({"text": place_words(found.rank), "strong": True})
    worst = max((item for item in items if item.lost), key=lambda item: item.lost, default=None)
    if worst is not None:
        parts.append({"text": "；" if parts else ""})
        parts.append({"text": f"扣分最多的是{worst.name}，扣 "})
        parts.append({"text": points(worst.lost), "href": _item_href(worst)})
        parts.append({"text": f" 分{f'，责任{worst.unit.name}' if worst.unit else '，还没有落实责任科室'}"})
    left = [chance for chance in open_points if not chance.gone]
    if left:
        total = sum((chance.points for chance in left), ZERO)
        days = [chance.item.regain_by for chance in left if chance.item.regain_by]
        parts.append({"text": "；" if parts else ""})
        parts.append({"text": "还能争取 "})
        parts.append({"text": points(total), "href": "#regain"})
        parts.append({"text": f" 分{f'，最近的 {min(days)} 到期' if days else ''}"})
    if parts:
        parts.append({"text": "。"})
    return parts


def _item_href(item: Item) -> str:
    return reverse("desk:record", args=["assessed", item.pk])


def _figures(found: Assessment, items: list[Item]) -> dict[tuple[int, str], Figure]:
    wanted = [
        (item.indicator, period_of(item.indicator, item.data_year or found.year))
        for item in items
        if item.indicator is not None
    ]
    return own_figures(wanted, found.region)


def moved_href(item: Item, region_code: str) -> str:
    """The page 位次为什么变 of an item's indicator for the year its data are of."""
    assert item.indicator is not None
    period = period_of(item.indicator, item.data_year or item.year)
    query = f"name={item.indicator.code}&subject={region_code}&period={period.code}"
    return f"{reverse('desk:rank_moved')}?{query}"


def figure_cell(figure: Figure, region_code: str) -> dict[str, str]:
    """The value of an indicator as a cell that opens, or why there is none."""
    indicator = figure.indicator
    if figure.value is None:
        return {"missing": figure.missing}
    query = f"name={indicator.code}&region={region_code}&period={figure.period.code}"
    return {
        "text": show_number(figure.value, indicator.decimals),
        "unit": indicator.unit,
        "href": f"{reverse('desk:trace')}?{query}",
        "card": f"{reverse('desk:trace_card')}?{query}",
    }


def _row(
    item: Item, found: Assessment, figures: dict[tuple[int, str], Figure], whole: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "item": item,
        "href": _item_href(item),
        "weight": plain(item.weight) if item.weight is not None else "",
        "full": "加减分" if item.adds else points(item.full),
        "score": points(item.score),
        "lost": points(item.lost) if item.lost else "",
        "year": item.data_year or "",
        "county": item.region.short_name if item.region_id != found.region_id else "",
    }
    if item.indicator is not None and whole:
        period = period_of(item.indicator, item.data_year or found.year)
        figure = figures.get((item.indicator_id, period.code))  # type: ignore[arg-type]
        row["value"] = figure_cell(figure, found.region.code) if figure is not None else None
        row["moved"] = moved_href(item, found.region.code)
    if item.rank is not None and whole:
        row["rank"] = plain(item.rank.value)
        row["rank_said"] = place_words(item.rank)
    return row


def _returned(items: list[Item]) -> str:
    """申诉加回 1.5 分，按此得 88 分, where an appeal was granted."""
    back = sum((item.returned or ZERO for item in items), ZERO)
    if not back:
        return ""
    now = sum((item.score for item in items), ZERO) + back
    return f"申诉加回 {plain(back)} 分，连同加回的各项合计 {plain(now)} 分；上面仍是通报的得分。"


def _share(share: Share) -> dict[str, Any]:
    return {
        "name": share.who.name if share.who is not None else "还没有落实",
        "lost": points(share.lost),
        "items": [{"name": item.name, "href": _item_href(item)} for item in share.items],
    }


def _chance(chance: Chance) -> dict[str, Any]:
    item = chance.item
    if chance.days is None:
        due = "没有定期限"
    elif chance.gone:
        due = f"已过 {-chance.days} 天"
    else:
        due = f"剩 {chance.days} 天" if chance.days else "今天到期"
    return {
        "item": item,
        "href": _item_href(item),
        "points": points(chance.points),
        "due": due,
        "gone": chance.gone,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    now, before = pair.now, pair.before
    moved = "新列" if before is None else "不再列" if now is None else ""
    if not moved:
        moved = show_change(pair.moved, PLACES) if pair.moved is not None else "满分不同，看得分率"
    return {
        "name": pair.name,
        "href": _item_href(now or before),  # type: ignore[arg-type]
        "now": _scored(now, pair.rate),
        "before": _scored(before, pair.rate_before),
        "moved": moved,
        "places": pair.places,
        "rank": plain(now.rank.value) if now is not None and now.rank is not None else "",
    }


def _scored(item: Item | None, rate: Decimal | None) -> str:
    if item is None:
        return ""
    of = "" if rate is None else f"（{show_number(rate, 1)}%）"
    return f"{points(item.score)}{of}"
