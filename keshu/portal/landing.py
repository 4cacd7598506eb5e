"""The first page of the house: the doors that work, what is open now, two official figures, and one search over all public lists."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from keshu.awards import public as awards
from keshu.figures.tracing import trace
from keshu.portal import nation as official
from keshu.portal.doors import doors
from keshu.portal.searching import LONGEST, searched
from keshu.programmes import public as projects
from keshu.reserves import public as reserves
from keshu.terms.period import Period

#: The open figures of the front page: the nation's own, as published.
OPEN_FIGURES = ("rd_intensity_reported", "output_amount")
SHOWN = 5
Entry = dict[str, Any]


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The doors that work, what is open now, and the way in."""
    bureau = {
        "label": "区域科技创新管控系统",
        "href": reverse("login") if request.user.is_anonymous else reverse("desk:landing"),
        "note": "科技局和县(市、区)局登录：调度、填报、给数",
    }
    open_doors = doors()
    data = open_data()
    # Two sides that fill by themselves, so that a short list leaves no hole above a long one.
    left = [_calls(), _documents()]
    right = [_noticed(), _needs(), data.get("column")]
    context: dict[str, Any] = {
        "heading": "找指南、报项目、查数据" if open_doors else "查数据、报数据",
        "search_url": reverse("portal:find") if open_doors else "",
        "doors": [*open_doors, bureau],
        "sides": [side for columns in (left, right) if (side := [column for column in columns if column])],
    }
    if "nation" in data:
        context["nation"] = data["nation"]
    return render(request, "portal/landing.html", context)


def _column(title: str, entries: list[Entry], href: str = "", link: str = "看全部") -> dict[str, Any] | None:
    return {"title": title, "entries": entries, "href": href, "link": link} if entries else None


def _calls() -> dict[str, Any] | None:
    """Calls that take applications, with the days left."""
    entries = [
        {
            "label": call.name,
            "href": reverse("portal:call", args=[call.pk]),
            "note": projects.left(call.apply_until),
        }
        for call in projects.calls()[:SHOWN]
    ]
    return _column("正在申报", entries, reverse("portal:calls"))


def _noticed() -> dict[str, Any] | None:
    """Projects, needs and nominations in public notice, with the last day to object."""
    entries: list[Entry] = [
        {
            "label": row.title,
            "href": reverse("portal:notices"),
            "note": f"异议截止 {row.notice_until:%m-%d}",
        }
        for row in projects.notices()[:SHOWN]
    ]
    entries += [
        {
            "label": f"揭榜结果 {row.title}",
            "href": reverse("portal:notices"),
            "note": f"异议截止 {row.notice_until:%m-%d}",
        }
        for row in reserves.noticed_needs()[:SHOWN]
    ]
    entries += [
        {
            "label": f"奖励 {row.title}",
            "href": reverse("portal:award_notices"),
            "note": f"异议截止 {row.until:%m-%d}",
        }
        for row in awards.notices()[:SHOWN]
    ]
    return _column("正在公示", entries[:SHOWN], reverse("portal:notices"))


def _documents() -> dict[str, Any] | None:
    """The newest public documents that still hold."""
    rows = reserves.publications(reserves.Search()).filter(gone=0).order_by("-published_on", "-pk")[:SHOWN]
    entries = [
        {
            "label": row.title,
            "href": reverse("portal:download", args=[row.pk]),
            "note": f"{row.get_category_display()} {row.published_on:%m-%d}",
        }
        for row in rows
    ]
    return _column("最新文件", entries, reverse("portal:downloads"))


def _needs() -> dict[str, Any] | None:
    """Needs that take answers, with the days left."""
    entries = [
        {
            "label": row.title,
            "href": reverse("portal:need", args=[row.pk]),
            "note": projects.left(row.answer_until) if row.answer_until else "",
        }
        for row in reserves.needs(reserves.Search(kind=reserves.OPEN))[:SHOWN]
    ]
    return _column("正在揭榜", entries, reverse("portal:needs"))


def open_data() -> dict[str, Any]:
    """The door to the official figures and two of them; nothing while there are none."""
    definitions = official.latest_book()
    try:
        found = official.years(definitions, official.open_scheme(definitions))
    except official.NothingPublic:
        return {}
    if not found:
        return {}
    nation = {
        "label": "全国—31省科技指标",
        "href": reverse("portal:nation"),
        "note": f"{found[-1]}—{found[0]} 年官方公布数，逐个写明来源，可以自己复算",
    }
    top = next(row for row in definitions.regions.values() if row.level == "nation")
    entries = []
    for code in OPEN_FIGURES:
        indicator = definitions.indicator(code)
        shown = trace(code, top.code, Period.year(found[0]))
        if shown.value is not None and all(leaf.measure.open_to_public for leaf in shown.leaves):
            unit = "亿元" if indicator.unit == "元" else indicator.unit
            text = official.shown_value(indicator, shown.value, unit)
            entries.append(
                {
                    "label": f"全国{indicator.name}",
                    "note": f"{unit} · {found[0]} 年",
                    "figure": {
                        "text": text,
                        "href": official.address("portal:trace", found[0], "latest", code, top.code),
                    },
                }
            )
    return {"nation": nation, "column": _column("公开数据", entries, nation["href"], "看各省")}


@require_safe
@searched
def find(request: HttpRequest) -> HttpResponse:
    """One search over the public lists: how many each holds, and the first of them."""
    text = request.GET.get("q", "").strip()[:LONGEST].replace("\x00", "")
    groups = [group for group in _groups(text) if group["count"]] if text else []
    return render(request, "portal/find.html", {"text": text, "groups": groups})


def _groups(text: str) -> list[dict[str, Any]]:
    search = reserves.Search(text=text)
    return [
        _calls_named(text),
        _group("政策与表格下载", "portal:downloads", text, reserves.publications(search), "portal:download"),
        _group("项目库", "portal:projects", text, projects.projects(projects.Search(text=text))),
        _group("需求榜", "portal:needs", text, reserves.needs(search), "portal:need"),
        _group("奖励榜", "portal:awards", text, awards.awards(awards.Search(text=text))),
        _group("成果库", "portal:achievements", text, reserves.achievements(search), "portal:achievement"),
    ]


def _calls_named(text: str) -> dict[str, Any]:
    """The published calls whose name, number or guide says it."""
    rows = [
        call
        for call in projects.every_call()
        if any(text in said for said in (call.name, call.doc_no, call.guide))
    ]
    entries = [
        {
            "label": call.name,
            "href": reverse("portal:call", args=[call.pk]),
            "note": projects.left(call.apply_until),
        }
        for call in rows[:SHOWN]
    ]
    return {"title": "申报通知", "count": len(rows), "href": reverse("portal:calls"), "entries": entries}


def _group(title: str, route: str, text: str, found: Any, one: str = "") -> dict[str, Any]:
    rows: Iterable[Any] = found[:SHOWN]
    href = f"{reverse(route)}?{urlencode({'q': text})}"
    return {
        "title": title,
        "count": found.count(),
        "href": href,
        "entries": [
            {
                "label": row.title,
                "href": reverse(one, args=[row.pk]) if one else href,
                "note": row.get_state_display(),
            }
            for row in rows
        ],
    }
