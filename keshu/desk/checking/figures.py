"""出处 of one item's figure: its counters added up, each opening to the records behind it; or the office's own report with its papers."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.checking.lighting import ItemStanding, percent, standing
from keshu.checking.models import Check, Item
from keshu.checking.opening import last_month
from keshu.checking.register import ITEMS
from keshu.desk.checking.asking import month_of
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.figures.book import book
from keshu.goals.tracing import PartBehind, parts_behind, seen_by
from keshu.journal import moments
from keshu.ledger.evidence import evidence_of
from keshu.terms.period import Period
from keshu.terms.quantity import plain


@require_GET
@needs(Can.SEE_DISPATCH)
def figure_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the figure of an item comes from, at the end of a month; frozen beside present."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = ITEMS.rows(actor).select_related("goal", "unit", "region")
    item: Item | None = rows.filter(pk=pk).first()
    if item is None:
        raise Http404("没有这一项责任事项，或它不在现在这个岗位的范围里。")
    month = month_of(request.GET.get("month", "")[:20], default=last_month())
    now = standing([item], until=month.end)[0]
    seen = Check.objects.for_system("事项的对照，随事项一起看")
    check = seen.filter(item=item, period=month.code).first()
    here = reverse("desk:record", args=["items", item.pk])
    context = {
        "item": item,
        "month": month,
        "now": now,
        "target": now.target,
        "value": "" if now.value is None else f"{plain(now.value)} {now.unit}".strip(),
        "completion": "" if now.completion is None else percent(now.completion),
        "planned": percent(now.planned_share),
        "missing": now.missing or "缺数",
        "parts": _parts(now, actor),
        "check": check,
        "frozen": check.frozen if check is not None and check.frozen else None,
        "frozen_at": _kept(check),
        "papers": evidence_of(check) if check is not None and now.own else [],
        "check_href": reverse("desk:record", args=["checks", check.pk]) if check else "",
        "item_href": here,
        "asof": [{"value": month.label}, {"label": "目标", "value": now.target or "定性"}],
        "crumbs": [
            {"label": "对照", "href": f"{reverse('desk:checking')}?month={month.code}"},
            {"label": item.name, "href": here},
            {"label": "出处"},
        ],
    }
    return render(request, "checking/figure.html", context)


def _kept(check: Check | None) -> str:
    """The completion that was frozen, as people read it."""
    if check is None or not check.frozen:
        return ""
    kept = check.frozen.get("completion")
    return "缺数" if kept is None else percent(Decimal(kept))


def _parts(now: ItemStanding, actor: Actor) -> list[dict[str, Any]]:
    actual = now.actual
    if actual is None or not actual.parts:
        return []
    region = book(moments.latest()).regions.get(actual.region_id or 0)
    code = region.code if region else ""
    return [_part(one, code, actual.period, actor) for one in parts_behind(actual)]


def _part(one: PartBehind, region: str, period: Period, actor: Actor) -> dict[str, Any]:
    """One counter with the records that it counts, as far as the reader may see them."""
    part, rows = one.part, seen_by(actor, one)
    trace = ""
    if part.measure_code and region and not part.where and actor.can(Can.SEE_TRACE):
        trace = f"{reverse('desk:trace')}?name={part.measure_code}&region={region}&period={period.code}"
    return {
        "label": part.label,
        "said": part.said,
        "value": "" if part.value is None else f"{plain(part.value)} {part.unit}",
        "missing": part.missing or "缺数",
        "trace": trace,
        "rows": [
            {
                "href": reverse("desk:record", args=[row.register, row.pk]),
                "number": row.number,
                "title": row.title,
                "amount": f"{plain(row.amount)} {part.unit}",
            }
            for row in rows
        ],
        "count": one.held,
        "left": one.held - len(rows),
        "list": reverse("desk:register", args=[one.records[0].register]) if one.records else "",
    }
