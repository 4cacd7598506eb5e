"""日程: what is due, in the sheet of a month and as a list; every item opens its record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.diary.linking import href
from keshu.desk.guard import needs
from keshu.diary.days import SheetDay, Workdays, spoken, unpublished
from keshu.diary.due import MOST, Dues, Mark, urgent, worded
from keshu.diary.lines import registers_in_use
from keshu.diary.outbox import unread_count, waiting_count
from keshu.diary.sources import Due, sources
from keshu.directory.actors import Actor, Can
from keshu.ledger.registers import declared
from keshu.terms import clock

PER_PAGE = 20
PER_DAY = 3
PER_MONTH = 200  # of the month as a list, and of one day
ALL, MINE = "all", "mine"


@dataclass(frozen=True)
class Question:
    """Which month, of which register, of whom, and which day is opened."""

    year: int
    month: int
    register: str = ""
    everything: bool = False
    day: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], actor: Actor) -> "Question":
        """From the address; what cannot be read is left out, so that an old link still opens. Who has nothing to act on
        (a leader) begins with everything."""
        today = clock.today()
        day = _day(query.get("day", ""))
        month = _day(f"{query.get('month', '')}-01") or day or today
        view = query.get("view") or (MINE if acts(actor) else ALL)
        return cls(month.year, month.month, query.get("register", "")[:40], view == ALL, day)

    def href(self, **changes: Any) -> str:
        """The address of this question with some parts changed."""
        parts: dict[str, Any] = {
            "month": f"{self.year}-{self.month:02d}",
            "register": self.register,
            "view": ALL if self.everything else MINE,
            "day": "",
            **changes,
        }
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    def moved(self, months: int) -> str:
        """The address of a month before or after."""
        years, month = divmod(self.month - 1 + months, 12)
        return self.href(month=f"{self.year + years}-{month + 1:02d}")

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The last day of the month."""
        return (self.first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2099 else None


def acts(actor: Actor) -> bool:
    """Whether anything that falls due can be this actor's own."""
    if not actor.sees_all or actor.can(Can.VERIFY_MONTH):
        return True
    return any(actor.can(deadline.whose) for one in declared() for deadline in one.deadlines)


@require_GET
@needs(Can.SEE_REGISTERS)
def page(request: HttpRequest) -> HttpResponse:
    """The month with what is urgent above it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked, days, today = Question.of(request.GET, actor), Workdays(), clock.today()
    more = {"everything": asked.everything, "register": asked.register}
    near = urgent(actor, days, **more)
    sheet = days.sheet(asked.year, asked.month)
    shown = [day for week in sheet for day in week]
    month = Dues(actor, shown[0].day, shown[-1].day, **more)
    by_day, inside, count = _month(asked, month)
    listed = Paginator(near, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "today": today,
        "cut": sorted({one.name for one in (*near.cut, *month.cut)}),
        "most": MOST,
        "late": sum(mark.day < today for mark in near.marks),
        "near": len(near),
        "page": listed,
        "urgent": [_line(item, actor, days) for item in listed],
        "page_href_prefix": asked.href() + "&page=",
        "weeks": [
            [_cell(day, *by_day.get(day.day, ([], 0)), actor, asked, today) for day in week] for week in sheet
        ],
        "agenda": _agenda(inside, actor, days),
        "rest": max(0, count - len(inside)),
        "opened": _opened(asked, actor, days, more),
        "unpublished": unpublished(day for day in shown if day.inside),
        "title": f"{asked.year} 年 {asked.month} 月",
        "count": count,
        "before": asked.moved(-1),
        "after": asked.moved(1),
        "now": asked.href(month=f"{today:%Y-%m}"),
        "tabs": [
            {"label": "我的", "href": asked.href(view=MINE), "current": not asked.everything},
            {"label": "看得见的全部", "href": asked.href(view=ALL), "current": asked.everything},
        ],
        "filters": _filters(asked, actor),
        "actions": _actions(actor),
        "crumbs": [{"label": "日程"}],
    }
    return render(request, "diary/calendar.html", context)


def _month(asked: Question, dues: Dues) -> tuple[dict[date, tuple[list[Due], int]], list[Due], int]:
    """Of each day the first few and how many more; the month as a list, up to its most; how many there are in the month.

    Words are read only for what is shown.
    """
    days: dict[date, list[Mark]] = defaultdict(list)
    for mark in dues.marks:
        days[mark.day].append(mark)
    inside = [mark for mark in dues.marks if asked.first <= mark.day <= asked.last]
    wanted = {mark.key: mark for marks in days.values() for mark in marks[:PER_DAY]}
    wanted |= {mark.key: mark for mark in inside[:PER_MONTH]}
    items = dict(zip(wanted, worded(list(wanted.values())), strict=True))
    by_day = {
        day: ([items[mark.key] for mark in marks[:PER_DAY]], len(marks) - len(marks[:PER_DAY]))
        for day, marks in days.items()
    }
    return by_day, [items[mark.key] for mark in inside[:PER_MONTH]], len(inside)


def _line(item: Due, actor: Actor, days: Workdays) -> dict[str, Any]:
    left = days.left(clock.today(), item.day)
    return {
        "item": item,
        "href": href(item, actor),
        "left": left.short,
        "counted": left.why or left.counted,
        "tone": left.tone,
        "day": spoken(item.day),
        "opens_unit": bool(actor.sees_all or actor.region_ids or item.unit_id in actor.unit_ids),
    }


def _cell(
    day: SheetDay, items: list[Due], more: int, actor: Actor, asked: Question, today: date
) -> dict[str, Any]:
    return {
        "day": day,
        "today": day.day == today,
        "off": day.works is False,
        "items": [{"item": item, "href": href(item, actor), "late": item.day < today} for item in items],
        "more": more,
        "href": asked.href(day=day.day.isoformat()),
        "spoken": spoken(day.day),
    }


def _agenda(items: Iterable[Due], actor: Actor, days: Workdays) -> list[dict[str, Any]]:
    """The month as a list: for the telephone and for paper."""
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        found[item.day].append(_line(item, actor, days))
    return [{"day": spoken(day), "lines": lines} for day, lines in sorted(found.items())]


def _opened(asked: Question, actor: Actor, days: Workdays, more: Mapping[str, Any]) -> dict[str, Any] | None:
    if asked.day is None:
        return None
    found = Dues(actor, asked.day, asked.day, **more)
    lines = [_line(item, actor, days) for item in found[:PER_MONTH]]
    rest = len(found) - len(lines)
    return {"day": spoken(asked.day), "lines": lines, "rest": rest, "close": asked.href()}


def _filters(asked: Question, actor: Actor) -> list[dict[str, Any]]:
    named = {one.code: one.name for one in registers_in_use(asked.year, actor) if one.deadlines}
    named |= {one.code: one.name for one in sources()}
    options = [{"label": "全部", "href": asked.href(register=""), "current": not asked.register}]
    options += [
        {"label": name, "href": asked.href(register=code), "current": code == asked.register}
        for code, name in named.items()
    ]
    value = named.get(asked.register, asked.register) or "全部"
    return [{"label": "台账", "value": value, "on": bool(asked.register), "options": options}]


def _actions(actor: Actor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if actor.can(Can.SEND_REMINDERS):
        count = waiting_count(actor)
        found.append({"label": f"待发提醒 {count}" if count else "提醒", "href": reverse("desk:outbox")})
    elif actor.unit_ids and not actor.sees_all:
        count = unread_count(actor)
        found.append({"label": f"消息 {count}" if count else "消息", "href": reverse("desk:messages")})
    found.append({"label": "订阅", "href": reverse("desk:diary_subscription")})
    found.append({"label": "打印", "print": True, "wide": True, "icon": "print"})
    return found
