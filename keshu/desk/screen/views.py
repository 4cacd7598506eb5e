"""大屏: the wall for those who sign in, the same wall under a link that can be withdrawn, and the page that keeps links and releases."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld
from keshu.desk.errors import too_many
from keshu.desk.guard import address, needs
from keshu.desk.limits import Limit, TooOften, use
from keshu.desk.screen.wall import context, out, wall, whole_out
from keshu.desk.typed import key
from keshu.directory.actors import Actor, Can
from keshu.figures.models import Indicator
from keshu.journal import audit
from keshu.procedure.moving import MoveRefused
from keshu.terms import clock
from keshu.terms.period import Period, UnreadablePeriod
from keshu.walls.clearing import clear, in_force, take_back
from keshu.walls.linking import NoSuchScreen, make_screen, screen_of, withdraw_screen
from keshu.walls.models import Screen

#: Our own configuration, no document fixes it: a wall asks once a minute; several may hang under one link.
LINKED = Limit("看大屏", 120, 600)
#: Addresses that open nothing, from one place.
MISSED = Limit("试大屏地址", 20, 600)
USUAL = timedelta(days=180)


@require_GET
@needs(Can.COMPOSE)
def screen(request: HttpRequest) -> HttpResponse:
    """The wall for those who report to the leadership and the leadership itself."""
    return _drawn(request, reverse("desk:screen"))


@require_GET
def linked(request: HttpRequest, token: str) -> HttpResponse:
    """The wall under a secret address: a screen has no user. Limited, never cached, gone with the link."""
    try:
        found = screen_of(token)
        use(LINKED, f"{found.pk}@{address(request)}")
    except NoSuchScreen as refusal:
        try:
            use(MISSED, f"screen@{address(request)}")
        except TooOften as often:
            return too_many(request, str(often), often.wait)
        raise Http404(str(refusal)) from refusal
    except TooOften as often:
        return too_many(request, str(often), often.wait)
    answer = _drawn(request, request.path, linked=True)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _drawn(request: HttpRequest, here: str, *, linked: bool = False) -> HttpResponse:
    try:
        shown = context(wall(), linked=linked)
    except (NothingHeld, *REFUSALS) as nothing:
        shown = {"nothing": str(nothing.args[0] if nothing.args else nothing), "linked": linked}
    answer = render(request, "screen/wall.html", shown | {"here": here})
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
@needs(Can.SET_TARGETS)
def settings_page(request: HttpRequest) -> HttpResponse:
    """Links of screens, and which columns of the wall are not released: made, withdrawn, let through and taken back by 规划科."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    made = problem = ""
    if request.method == "POST":
        try:
            made = _act(request, actor)
        except (MoveRefused, NoSuchScreen) as refusal:
            problem = str(refusal)
        if not made and not problem:
            return redirect("desk:screen_links")
    today = clock.today()
    shown = {
        "made": made,
        "problem": problem,
        "typed": request.POST if problem else {},
        "screens": [one for one in Screen.objects.all() if one.holds],
        "ended": [one for one in Screen.objects.all()[:20] if not one.holds],
        "usual": today + USUAL,
        "columns": _columns(),
        "cleared": in_force(),
        "crumbs": [{"label": "大屏", "href": reverse("desk:screen")}, {"label": "地址和放行"}],
    }
    answer = render(request, "screen/links.html", shown, status=400 if problem else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, actor: Actor) -> str:
    """Do what was asked; the new address where one was made, told this once."""
    sent, what = request.POST, request.POST.get("action", "")
    if what == "make":
        try:
            until = date.fromisoformat(sent.get("expires_on", ""))
        except ValueError as error:
            raise MoveRefused(
                f"有效期读到“{sent.get('expires_on', '')}”，不是日期。写成 2027-03-31。"
            ) from error
        screen_made, token = make_screen(actor=actor, place=sent.get("place", ""), expires_on=until)
        audit.note(actor, "大屏地址", f"生成 {screen_made.place}", address=address(request))
        return request.build_absolute_uri(reverse("desk:screen_linked", args=[token]))
    if what == "withdraw":
        ended = withdraw_screen(actor=actor, pk=key(sent.get("pk")))
        audit.note(actor, "大屏地址", f"停用 {ended.place}", address=address(request))
    elif what == "clear":
        indicator = Indicator.objects.filter(code=sent.get("indicator", "")[:60]).first()
        try:
            period = Period.parse(sent.get("until", ""))
        except UnreadablePeriod as error:
            raise MoveRefused(str(error)) from error
        if indicator is None:
            raise MoveRefused(f"没有指标“{sent.get('indicator', '')[:60]}”。从下面的表里选。")
        done = clear(actor=actor, indicator=indicator, until=period, basis=sent.get("basis", ""))
        audit.note(actor, "上屏放行", str(done), address=address(request), detail={"依据": done.basis})
    elif what == "take_back":
        back = take_back(actor=actor, pk=key(sent.get("pk")))
        audit.note(actor, "上屏放行", f"收回 {back}", address=address(request))
    else:
        raise MoveRefused(f"没有“{what[:20]}”这个动作。刷新这一页再点。")
    return ""


def _columns() -> list[dict[str, Any]]:
    """Every column of the wall: its data period and how many of its cells are not released."""
    try:
        made = wall()
    except (NothingHeld, *REFUSALS):
        return []
    found = []
    for face in (*made.columns, *made.leading):
        rows = [row for row in face.rows.values() if row.value is not None]
        hidden = sum(1 for row in rows if not out(made, row))
        whole = face.column.total_row
        if not hidden and whole is not None and whole.value is not None and not whole_out(made, face):
            hidden = 1
        found.append(
            {"indicator": face.indicator, "period": face.column.period, "hidden": hidden, "of": len(rows)}
        )
    return found
