"""今日: what must I do today, what is near, what moved?"""

from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import needs
from keshu.desk.shell import href
from keshu.desk.today.gathering import Todo, gather
from keshu.diary.days import WEEKDAYS, Workdays
from keshu.diary.due import due
from keshu.diary.outbox import unread_count
from keshu.directory.actors import Actor, Can
from keshu.figures.book import book
from keshu.figures.models import RegionShown
from keshu.figures.pace import Pace, paces
from keshu.journal import moments
from keshu.reports.wording import measure_amount
from keshu.terms import clock
from keshu.terms.quantity import show_growth

#: Everybody with business of their own; the three administrators have none.
EVERYBODY = (Can.SEE_REGISTERS, Can.SEE_DISPATCH, Can.APPLY)
WEEKS = 2


class Lamp(NamedTuple):
    """A deadline's lamp, as the templates draw lamps."""

    level: str
    shape: str
    colour: str
    word: str


LAMPS = {"late": Lamp("late", "■", "红", "超期"), "slow": Lamp("slow", "▲", "黄", "将到期")}


@require_GET
@needs(*EVERYBODY)
def page(request: HttpRequest) -> HttpResponse:
    """Counts, what waits by due day, two weeks of deadlines, and where the lines of business stand this month."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    today, days = clock.today(), Workdays()
    todos, more, count = gather(actor)
    monday = today - timedelta(days=today.weekday())
    near = due(actor, None, monday + timedelta(days=7 * WEEKS - 1))
    sunday = monday + timedelta(days=6)
    context = {
        "title": f"{today.month} 月 {today.day} 日 星期{WEEKDAYS[today.weekday()]}",
        "counts": _counts(actor, count, todos, near, today, sunday),
        "todos": [_row(todo, days, today) for todo in todos],
        "more": more,
        "weeks": _weeks(days, monday, near, today),
        "weekdays": WEEKDAYS,
        "calendar": href("desk:diary"),
        "lines": _lines(actor, today),
        "crumbs": [{"label": "今日"}],
    }
    return render(request, "today/today.html", context)


def _counts(
    actor: Actor, count: int, todos: list[Todo], near: list[Any], today: date, sunday: date
) -> list[dict[str, Any]]:
    late = sum(1 for item in near if item.day < today)
    pressing = sum(1 for todo in todos if todo.day is not None and todo.day <= today)
    found = [
        {"label": "等我办", "count": count, "note": f"{pressing} 件到期" if pressing else "", "late": True},
        {
            "label": "本周到期",
            "count": sum(1 for item in near if today <= item.day <= sunday),
            "note": "",
            "href": href("desk:diary"),
        },
        {"label": "已超期", "count": late, "note": "", "href": href("desk:diary"), "late": bool(late)},
    ]
    inbox = href("desk:messages")
    if inbox:
        found.append({"label": "未读消息", "count": unread_count(actor), "note": "", "href": inbox})
    return found


def _row(todo: Todo, days: Workdays, today: date) -> dict[str, Any]:
    left = days.left(today, todo.day) if todo.day else None
    return {"todo": todo, "when": left.text if left else "", "lamp": LAMPS.get(left.tone) if left else None}


def _weeks(days: Workdays, monday: date, near: list[Any], today: date) -> list[list[dict[str, Any]]]:
    sheet = [monday + timedelta(days=n) for n in range(7 * WEEKS)]
    cells = []
    for day in sheet:
        items = [item for item in near if item.day == day]
        cells.append(
            {
                "day": day,
                "now": day == today,
                "off": days.works(day) is False,
                "count": len(items),
                "first": items[0].label if items else "",
                "words": "；".join(f"{item.label} {item.title}" for item in items[:5]),
            }
        )
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _lines(actor: Actor, today: date) -> list[dict[str, Any]]:
    """The registers' measures of the house, or of the reader's own county."""
    if not actor.can(Can.SEE_TRACE):
        return []
    revision = moments.latest()
    held = book(revision)
    shown = RegionShown.objects.first()
    region = actor.region_id if actor.is_county else shown.region_id if shown else None
    if region is None or region not in held.regions:
        return []
    code = held.regions[region].code
    return [_line(pace, code, today) for pace in paces(held, revision, region, today)]


def _line(pace: Pace, region: str, today: date) -> dict[str, Any]:
    so_far = measure_amount(pace.measure, pace.so_far)
    month = measure_amount(pace.measure, pace.this_month, so_far.unit)
    query = urlencode({"name": pace.measure.code, "region": region, "period": str(today.year)})
    return {
        "name": pace.measure.name,
        "unit": so_far.unit,
        "so_far": so_far.text,
        "month": month.text,
        "growth": show_growth(pace.so_far, pace.before) if pace.before else "",
        "href": f"{reverse('desk:trace')}?{query}",
    }
