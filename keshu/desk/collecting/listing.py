"""合表: every collection with who is missing, and one collection: 未报名单 at the left, the merged table at the right."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.collecting.columns import Col
from keshu.collecting.differing import SinceLast, since_last
from keshu.collecting.merging import Standing, Total, amount_of, merged, standings, totals, unclaimed
from keshu.collecting.models import Collection, Reply, ReplyRow, Sender
from keshu.collecting.procedure import COLLECTING
from keshu.collecting.telling import contacts, group_text, reminded
from keshu.desk.collecting.finding import actor_of, collection_of, crumbs
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.directory.privacy import masked_phone
from keshu.terms import clock
from keshu.terms.quantity import show_number

PER_PAGE, MOST_NAMED = 50, 6
VIEWS = {"rows": "合表", "senders": "按单位", "wrong": "没有计入的行", "last": "和上一次比"}


@require_GET
@needs(Can.COLLECT)
def home(request: HttpRequest) -> HttpResponse:
    """The collections, the open ones first. A constant number of queries."""
    actor = actor_of(request)
    rows = Collection.objects.visible_to(actor).select_related("unit").order_by("-made_at", "-pk")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    counts = _counts([row.pk for row in page])
    lines = [
        {
            "row": row,
            "href": reverse("desk:collecting_page", args=[row.pk]),
            "asked": counts.get(row.pk, (0, 0))[0],
            "came": counts.get(row.pk, (0, 0))[1],
        }
        for row in page
    ]
    lines.sort(key=lambda line: line["row"].state != Collection.State.OPEN)
    return render(
        request,
        "collecting/home.html",
        {"lines": lines, "page": page, "page_href_prefix": "?page=", "crumbs": [{"label": "合表"}]},
    )


def _counts(pks: list[int]) -> dict[int, tuple[int, int]]:
    """Collection → (how many are asked, how many of them count). Two queries."""
    asked: dict[int, int] = {}
    for pk in (
        Sender.objects.for_system("收表列表").filter(collection__in=pks).values_list("collection", flat=True)
    ):
        asked[pk] = asked.get(pk, 0) + 1
    came: dict[int, int] = {}
    counted = Reply.objects.for_system("收表列表").filter(collection__in=pks, state=Reply.State.COUNTED)
    for pk in counted.values_list("collection", flat=True):
        came[pk] = came.get(pk, 0) + 1
    return {pk: (many, came.get(pk, 0)) for pk, many in asked.items()}


@require_GET
@needs(Can.COLLECT)
def collection(request: HttpRequest, pk: int) -> HttpResponse:
    """One collection."""
    found = collection_of(request, pk)
    return page_of(found, request)


def page_of(
    found: Collection, request: HttpRequest, *, arrivals: list[Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a collection, after a dropping with what became of each file."""
    actor = actor_of(request)
    stands = standings(found)
    cols = found.cols
    sums = totals(cols, stands)
    view = request.GET.get("view", "rows")
    view = view if view in VIEWS else "rows"
    missing = [one for one in stands if one.is_missing]
    due = found.due_at.astimezone(clock.TZ)
    where = request.build_absolute_uri(reverse("desk:collecting_asked"))
    waiting = unclaimed(found)
    context = {
        "collection": found,
        "cols": cols,
        "sums": [_shown(total) for total in sums],
        "senders": _senders(stands),
        "unclaimed": waiting,
        "rivals": [reply for one in stands for reply in one.rivals],
        "steps": _steps(found, actor),
        "editable": found.state == Collection.State.DRAFT,
        "can_drop": found.is_open,
        "arrivals": arrivals,
        "group_text": group_text(found, stands, where),
        "lead": _lead(found, stands, sums, waiting),
        "view": view,
        "tabs": _tabs(found, stands, view),
        "asof": [
            {"value": found.number},
            {"label": "截止", "value": f"{due:%Y-%m-%d %H:%M}"},
            {"label": "已报", "value": f"{len(stands) - len(missing)} / {len(stands)}"},
            {"label": "状态", "value": found.get_state_display()},
            *([{"label": "接着", "value": found.follows.number, "wide": True}] if found.follows else []),
        ],
        "crumbs": crumbs({"label": found.title}),
        **_viewed(request, found, stands, view),
    }
    return render(request, "collecting/collection.html", context, status=status)


def _shown(total: Total) -> dict[str, Any]:
    value = "没有数" if total.value is None else show_number(total.value, total.col.decimals)
    return {"col": total.col, "value": value, "said": total.said}


def _senders(stands: list[Standing]) -> list[dict[str, Any]]:
    reach = contacts(one.sender for one in stands)
    lines = []
    for one in sorted(stands, key=lambda s: (not s.is_missing, s.is_sound)):
        name, phone = reach[one.sender.pk]
        wrong = one.counted or next(iter([*one.returned, *one.refused][::-1]), None)
        lines.append(
            {
                "one": one,
                "contact": name,
                "phone": masked_phone(phone),
                "reminded": reminded(one.sender) if one.is_missing else "",
                "tone": "none" if one.is_missing else ("ok" if one.is_sound else "slow"),
                "href": reverse("desk:collecting_reply", args=[wrong.pk]) if wrong else "",
                "type_href": reverse("desk:collecting_type", args=[one.sender.pk]),
            }
        )
    return lines


def _steps(found: Collection, actor: Actor) -> list[dict[str, Any]]:
    return [
        {"step": step, "asks": step.asks, "plain": not step.asks and not step.note_required}
        for step in COLLECTING.possible(found, actor)
    ]


def _lead(
    found: Collection, stands: list[Standing], sums: list[Total], waiting: list[Reply]
) -> list[dict[str, Any]]:
    """How many have come, who is missing, what is wrong, the first sum with whom it leaves out."""
    if found.state == Collection.State.DRAFT or not stands:
        return []
    missing = [one.sender.name for one in stands if one.is_missing]
    parts: list[dict[str, Any]] = []
    if missing:
        more = f"等 {len(missing)} 家" if len(missing) > MOST_NAMED else ""
        parts.append({"text": f"{'、'.join(missing[:MOST_NAMED])}{more}还没有报", "strong": True})
    else:
        parts.append({"text": f"{len(stands)} 家都报了", "strong": True})
    wrong = [one for one in stands if one.counted is not None and one.counted.rows_wrong]
    if wrong:
        rows = sum(one.counted.rows_wrong for one in wrong if one.counted)
        parts.append(
            {"text": f"；{'、'.join(one.sender.name for one in wrong[:MOST_NAMED])}有 {rows} 行没有计入"}
        )
    rivals = [one.sender.name for one in stands if one.rivals]
    if rivals:
        parts.append({"text": f"；{'、'.join(rivals[:MOST_NAMED])}报来两份不同，要定算哪份"})
    if waiting:
        parts.append({"text": f"；{len(waiting)} 份认不出或没有收下"})
    if sums and sums[0].value is not None:
        total = sums[0]
        href = f"{_here(found)}?view=senders"
        parts.append({"text": f"。{total.col.name}合计 "})
        parts.append({"text": show_number(sums[0].value, total.col.decimals), "href": href})
        parts.append({"text": f"{total.col.unit}{f'，{total.said}' if total.said else ''}"})
    parts.append({"text": "。"})
    return parts


def _here(found: Collection) -> str:
    """The page's own address: what is shown after a dropping stands under another one."""
    return reverse("desk:collecting_page", args=[found.pk])


def _tabs(found: Collection, stands: list[Standing], view: str) -> list[dict[str, Any]]:
    wrong = sum(one.counted.rows_wrong for one in stands if one.counted)
    taken = sum(one.counted.rows_taken for one in stands if one.counted)
    counts = {"rows": taken, "senders": len(stands), "wrong": wrong, "last": None}
    return [
        {
            "label": label,
            "count": counts[name],
            "href": f"{_here(found)}?view={name}",
            "current": name == view,
        }
        for name, label in VIEWS.items()
        if (name != "last" or found.follows_id) and (name != "wrong" or wrong)
    ]


def _viewed(request: HttpRequest, found: Collection, stands: list[Standing], view: str) -> dict[str, Any]:
    cols = found.cols
    if view == "senders":
        numbers = [col for col in cols if col.is_number]
        return {
            "numbers": numbers,
            "by_sender": [{"one": one, "cells": [_amount(one, col) for col in numbers]} for one in stands],
        }
    if view == "last":
        return {"compared": _compared(since_last(found)), "earlier": found.follows}
    page = Paginator(merged(found, wrong=view == "wrong"), PER_PAGE).get_page(request.GET.get("page"))
    lines = [row_line(row, cols) for row in page]
    for line in lines:
        line["sender"] = line["row"].reply.sender.name
    return {"lines": lines, "page": page, "page_href_prefix": f"{_here(found)}?view={view}&page="}


def _amount(one: Standing, col: Col) -> str:
    held = amount_of(one.counted, col.key) if one.counted is not None else None
    return "" if held is None else show_number(held, col.decimals)


def row_line(row: ReplyRow, cols: Sequence[Col]) -> dict[str, Any]:
    """One row as cells: what is shown, whether it is a number, what is wrong with it, where it opens."""
    href = f"{reverse('desk:collecting_reply', args=[row.reply_id])}#r{row.at}"
    said = dict(row.problems)
    return {
        "row": row,
        "href": href,
        "reason": "；".join(words for _, words in row.problems),
        "cells": [
            {
                "text": _cell(row, col),
                "number": col.is_number,
                "problem": said.get(col.key, ""),
                "col": col,
            }
            for col in cols
        ],
    }


def _cell(row: ReplyRow, col: Col) -> str:
    """A number with the decimals of its column; what is not taken stands as it was written."""
    held = row.values.get(col.key)
    if held is None or not col.is_number:
        return held if held is not None else row.text(col.key)
    return show_number(Decimal(held), col.decimals)


def _compared(found: list[SinceLast]) -> list[dict[str, Any]]:
    kinds = {"added": "新增", "gone": "没有了", "changed": "变了"}
    return [
        {
            "sender": one.sender,
            "said": one.said or ("" if one.found else "没有不同"),
            "differences": [{"one": diff, "kind": kinds[diff.kind]} for diff in one.found],
        }
        for one in found
    ]
