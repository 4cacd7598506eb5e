"""督办: what is not closed, and who holds it? Grouped by 超期, 本周, 以后 and 已销号; every condition stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import needs
from keshu.desk.orders.lines import href, lines
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.duties.lateness import Lighting, lighting, overdue_days, week_end
from keshu.duties.models import OPEN, PENDING, Order
from keshu.duties.register import CODE, ORDERS
from keshu.duties.tallying import BY_CODE, counted_orders
from keshu.terms import clock

S = Order.State
GROUPS = {"late": "超期", "week": "本周到期", "later": "以后到期", "closed": "已销号"}
VIEWS = {"": "全部", "turn": "等我办", "held": "本单位承办", "issued": "我下达"}
SHORT, PER_PAGE = 20, 50


@dataclass(frozen=True)
class Question:
    """Which orders: of one organisation, one kind of origin, whose; one group alone; the orders behind a count of the circular."""

    view: str = ""
    unit: str = ""
    kind: str = ""
    group: str = ""
    q: str = ""
    count: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Question":
        """From the address; a choice that does not exist counts as not made."""
        found = {name: str(query.get(name, "")).strip()[:60] for name in cls.__dataclass_fields__}
        for name, known in (
            ("view", VIEWS),
            ("group", GROUPS),
            ("kind", Order.Kind.values),
            ("count", BY_CODE),
        ):
            if found[name] not in known:
                found[name] = ""
        if not (found["unit"].isascii() and found["unit"].isdigit() and len(found["unit"]) < 10):
            found["unit"] = ""
        for name in ("since", "until"):
            if day_of(found[name]) is None:
                found[name] = ""
        return cls(**found)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the search keeps of the address."""
        return [(name, value) for name, value in self.__dict__.items() if value and name != "q"]

    def href(self, **changes: str) -> str:
        """The address of this question with some parts changed."""
        pairs = {name: value for name, value in replace(self, **changes).__dict__.items() if value}
        return reverse("desk:orders") + (f"?{urlencode(pairs)}" if pairs else "")


def day_of(text: str) -> date | None:
    """A day as an address writes it; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def rows_of(actor: Actor, asked: Question) -> QuerySet[Order]:
    """The orders of a question, in scope of the actor; those that were taken back are the register's business."""
    rows = counted_orders(actor)
    if asked.view == "turn":
        rows = rows.filter(pk__in=ORDERS.waiting(actor).values("pk"))
    elif asked.view == "held":
        rows = rows.filter(Q(unit__in=actor.unit_ids) | Q(helpers__unit__in=actor.unit_ids)).distinct()
    elif asked.view == "issued":
        rows = rows.filter(Q(issued_by=actor.account_id) | Q(issuing_unit__in=actor.unit_ids))
    if asked.unit:
        rows = rows.filter(unit=int(asked.unit))
    if asked.kind:
        rows = rows.filter(origin_kind=asked.kind)
    if asked.q:
        rows = rows.filter(
            Q(number__icontains=asked.q) | Q(what__icontains=asked.q) | Q(unit__name__icontains=asked.q)
        )
    if asked.count:
        since, until = day_of(asked.since) or date.min, day_of(asked.until) or date.max
        rows = rows.filter(BY_CODE[asked.count].where(since, until))
    return rows.select_related("unit", "region", "leader", "person")


def grouped(rows: QuerySet[Order], on: date) -> dict[str, QuerySet[Order]]:
    """The groups as conditions: late are those past their day that nobody has reported done, or whose report came late."""
    open_ = rows.filter(state__in=OPEN)
    late = Q(state__in=PENDING, due_on__lt=on) | Q(reported_on__gt=F("due_on"))
    week = Q(due_on__lte=week_end(on))
    by_day = ("due_on", "pk")
    return {
        "late": open_.filter(late).order_by(*by_day),
        "week": open_.exclude(late).filter(week).order_by(*by_day),
        "later": open_.exclude(late).exclude(week).order_by(*by_day),
        "closed": rows.filter(state=S.CLOSED).order_by("-closed_on", "-pk"),
    }


@require_GET
@needs(Can.HANDLE_ORDERS, Can.ISSUE_ORDERS, Can.VERIFY_ORDERS)
def page(request: HttpRequest) -> HttpResponse:
    """The list, and of one group all of it by pages."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked, today = Question.of(request.GET), clock.today()
    lights = lighting(today)
    groups = grouped(rows_of(actor, asked), today)
    counts = {code: found.count() for code, found in groups.items()}
    listed = None
    if asked.group:
        listed = Paginator(groups[asked.group], PER_PAGE).get_page(request.GET.get("page"))
        parts = [(asked.group, list(listed))]
    else:
        parts = [(code, list(found[:SHORT])) for code, found in groups.items() if counts[code]]
    drawn = {
        line["order"].pk: line for line in lines([order for _, found in parts for order in found], lights)
    }
    context = {
        "asked": asked,
        "groups": [
            {
                "code": code,
                "label": GROUPS[code],
                "count": counts[code],
                "lines": [drawn[order.pk] for order in found],
                "more": asked.href(group=code) if listed is None and counts[code] > len(found) else "",
            }
            for code, found in parts
        ],
        "page": listed,
        "page_href_prefix": _prefix(asked.href()) + "page=",
        "lead": _lead(asked, groups, counts, today),
        "asof": _asof(counts, lights),
        "filters": _filters(actor, asked),
        "counted": BY_CODE.get(asked.count),
        "clear_href": reverse("desk:orders") if asked != Question() else "",
        "may_issue": actor.can(Can.ISSUE_ORDERS),
        "register_href": reverse("desk:register", args=[CODE]),
        "crumbs": [{"label": "督办"}],
    }
    return render(request, "orders/board.html", context)


def _prefix(address: str) -> str:
    return address + ("&" if "?" in address else "?")


def _asof(counts: Mapping[str, int], lights: Lighting) -> list[dict[str, Any]]:
    return [
        {"label": "今天", "value": lights.on.isoformat()},
        {"label": "在办", "value": str(counts["late"] + counts["week"] + counts["later"]), "note": "件"},
        {"label": "亮灯规则", "value": lights.lamps.name, "wide": True},
        {"label": "升级前", "value": str(lights.announce), "note": "天预告", "wide": True},
    ]


def _lead(
    asked: Question, groups: Mapping[str, QuerySet[Order]], counts: Mapping[str, int], today: date
) -> list[dict[str, Any]]:
    """结论句: how many are late, which is latest and by how much, what comes this week; nothing where nothing is open."""
    said: list[dict[str, Any]] = []
    if counts["late"]:
        worst = groups["late"][0]
        late = overdue_days(worst, today)
        said += [
            {"text": "超期 "},
            {"text": str(counts["late"]), "href": asked.href(group="late")},
            {"text": f" 件，最久的是{worst.unit.name}“{worst.what}”，超期 "},
            {"text": f"{late} 天", "href": href(worst.pk)},
            {"text": "。"},
        ]
    if counts["week"]:
        said += [
            {"text": "本周到期 "},
            {"text": str(counts["week"]), "href": asked.href(group="week")},
            {"text": " 件。"},
        ]
    return said


def _filters(actor: Actor, asked: Question) -> list[dict[str, Any]]:
    held = counted_orders(actor).order_by().values("unit")
    units = [
        (str(unit.pk), unit.name) for unit in Unit.objects.filter(pk__in=held).order_by("region__order", "pk")
    ]
    found = [
        _filter("看", "view", list(VIEWS.items()), asked, ""),
        _filter("来源", "kind", [("", "全部"), *Order.Kind.choices], asked, ""),
    ]
    if len(units) > 1 or asked.unit:
        found.insert(1, _filter("承办单位", "unit", [("", "全部"), *units], asked, ""))
    if asked.group:
        found.append(
            {"label": "只看", "value": GROUPS[asked.group], "on": True, "remove_href": asked.href(group="")}
        )
    if asked.count:
        counted = BY_CODE[asked.count]
        span = "—".join(filter(None, (asked.since, asked.until)))
        found.append(
            {
                "label": "通报的",
                "value": f"{counted.label} {span}".strip(),
                "on": True,
                "remove_href": asked.href(count="", since="", until=""),
            }
        )
    if asked.q:
        found.append({"label": "查", "value": asked.q, "on": True, "remove_href": asked.href(q="")})
    return found


def _filter(
    label: str, name: str, choices: list[tuple[str, str]], asked: Question, none: str
) -> dict[str, Any]:
    now = getattr(asked, name)
    return {
        "label": label,
        "value": dict(choices).get(now, dict(choices)[none]),
        "on": bool(now),
        "options": [
            {"label": str(text), "href": asked.href(**{name: value}), "current": value == now}
            for value, text in choices
        ],
    }
