"""领导手机页: the sentence, who is behind, what is overdue, what wants coordination, the next meeting, the city's places, 给数."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.checking.lighting import SAID
from keshu.checking.models import Check
from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.faces import called, need_text
from keshu.desk.dispatching.lead import lead_of
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, sheet
from keshu.desk.guard import needs
from keshu.desk.screen.standing import places_of
from keshu.desk.shell import href
from keshu.diary.days import WEEKDAYS
from keshu.diary.lines import off_in
from keshu.directory.actors import Actor, Can
from keshu.duties.models import PENDING, Order
from keshu.figures.arithmetic.ratio import WIDE
from keshu.figures.dispatch import Row
from keshu.meetings.lagging import behind, done_words, lags
from keshu.meetings.models import Meeting
from keshu.terms import clock

WORST, MOST = 3, 5


@require_GET
@needs(Can.COMPOSE)
def phone_page(request: HttpRequest) -> HttpResponse:
    """One hand, one minute: everything opens with one touch. Constant queries."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    today = clock.today()
    off = off_in(today.year, actor)
    found = nothing = None
    try:
        found = sheet(Asked(), actor)
    except (NothingHeld, *REFUSALS) as refusal:
        nothing = str(refusal.args[0] if refusal.args else refusal)
    context = {
        "title": f"{today.month} 月 {today.day} 日 星期{WEEKDAYS[today.weekday()]}",
        "nothing": nothing,
        "sheet": found,
        "lead": lead_of(found) if found else [],
        "worst": _worst(found) if found else [],
        "places": _places(found) if found else [],
        "orders": None if "orders" in off else _orders(actor),
        "coordination": None if "items" in off else _coordination(actor),
        "meeting": None if "meetings" in off else _meeting(actor),
        "give": href("desk:give"),
        "dispatch": href("desk:dispatch"),
        "crumbs": [{"label": "手机页"}],
    }
    return render(request, "screen/phone.html", context)


def _worst(found: Sheet) -> list[dict[str, Any]]:
    """The counties furthest behind, each with its worst row and what closes the gap."""
    late: dict[int, tuple[Any, Row]] = {}
    for face in found.columns:
        for row in face.rows.values():
            if row.region.is_ranked and lags(row):
                held = late.get(row.region.pk)
                if held is None or behind(row) < behind(held[1]):
                    late[row.region.pk] = (face, row)
    listed = sorted(late.values(), key=lambda pair: (behind(pair[1]), pair[1].region.order))[:WORST]
    return [
        {
            "name": called(row.region),
            "indicator": face.named.short_name,
            "lamp": row.lamp,
            "text": f"{face.text(row.value)}{face.unit if face.unit == '%' else f' {face.unit}'}",
            "done": done_words(row),
            "gap": _gap(face, row),
            "href": found.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)[0],
            "county": f"{reverse('desk:county')}?{found.asked.query(region=row.region.code, open='')}",
        }
        for face, row in listed
    ]


def _gap(face: Any, row: Row) -> str:
    """还差 599 万元 to what is due now; empty where no amount closes it."""
    if row.target is None or row.progress is None:
        return ""
    due = WIDE.multiply(row.target.low, row.progress)
    figure = row.figure
    if figure.denominator is not None:
        if not figure.denominator.value or figure.numerator.value is None:
            return ""
        due = WIDE.multiply(WIDE.divide(due, figure.factor), figure.denominator.value)
        missing = due - figure.numerator.value
    elif row.indicator.change_as_growth or figure.value is None:
        return ""
    else:
        missing = due - figure.value
    if missing <= 0:
        return ""
    text, unit = need_text(missing, face.numerator)
    return f"到应有进度还差 {text} {unit}"


def _places(found: Sheet) -> list[dict[str, Any]]:
    held = places_of(found.table.parent)
    return [
        {
            "name": face.named.short_name,
            "place": held[face.named.pk].place,
            "of": held[face.named.pk].standing.population,
            "period": held[face.named.pk].period.label,
            "move": held[face.named.pk].move,
            "href": f"{reverse('desk:indicator')}?name={face.named.code}",
        }
        for face in found.columns
        if face.named.pk in held
    ]


def _orders(actor: Actor) -> dict[str, Any]:
    """What is overdue, the oldest first."""
    today = clock.today()
    late = Order.objects.visible_to(actor).filter(state__in=PENDING, due_on__lt=today)
    listed = [
        {
            "what": order.what,
            "holder": order.unit.name if order.unit else "",
            "days": (today - order.due_on).days,
            "state": order.get_state_display(),
            "href": reverse("desk:record", args=["orders", order.pk]),
        }
        for order in late.select_related("unit").order_by("due_on", "pk")[:MOST]
    ]
    return {"count": late.count(), "listed": listed, "href": href("desk:orders")}


def _coordination(actor: Actor) -> list[dict[str, Any]]:
    """What the offices asked to be coordinated in the newest month that any of them handed in."""
    rows = Check.objects.visible_to(actor).filter(state__in=SAID).exclude(needs_coordination="")
    newest = rows.order_by("-period").values("period")[:1]
    return [
        {
            "name": check.name,
            "wanted": check.needs_coordination,
            "unit": check.unit.name if check.unit else "",
            "month": check.month.label,
            "href": reverse("desk:record", args=["items", check.item_id]),
        }
        for check in rows.filter(period=newest).select_related("unit").order_by("pk")[:MOST]
    ]


def _meeting(actor: Actor) -> dict[str, Any] | None:
    """The next meeting that has not sat."""
    state = Meeting.State
    found = (
        Meeting.objects.visible_to(actor)
        .filter(
            state__in=(state.PREPARING, state.NOTIFIED, state.SITTING),
            held_at__gte=clock.now().replace(hour=0, minute=0),
        )
        .order_by("held_at", "pk")
        .first()
    )
    if found is None:
        return None
    at = found.held_at.astimezone(clock.TZ)
    return {
        "title": found.title,
        "when": f"{at.month} 月 {at.day} 日 {at:%H:%M}",
        "place": found.place,
        "state": found.get_state_display(),
        "href": reverse("desk:meeting", args=[found.pk]) if href("desk:meeting", found.pk) else "",
    }
