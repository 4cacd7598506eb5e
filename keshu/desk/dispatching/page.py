"""The 调度 page: thin views over a sheet."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from keshu.desk.dispatching import beside, earlier, heading, heads, matrix, pictures
from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.lead import lead_of
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, sheet
from keshu.desk.dispatching.whatif import drawer
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.terms.clock import UnreadableMoment
from keshu.terms.period import UnreadablePeriod


@needs(Can.SEE_DISPATCH)
def dispatch_page(request: HttpRequest) -> HttpResponse:
    """The whole page, or what htmx swaps of it when a column is opened, sorted or filtered."""
    asked = Asked.of(request.GET)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = sheet(asked, actor)
    except NothingHeld as nothing:
        return _nothing(request, asked, nothing)
    except REFUSALS as refusal:
        return _refused(request, asked, refusal)
    swapped = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    template = "dispatching/swapped.html" if swapped else "dispatching/dispatch.html"
    answer = render(request, template, context(found, actor, whole=not swapped))
    answer["Vary"] = "HX-Request, Cookie"
    return answer


def context(found: Sheet, actor: Actor, *, whole: bool = True) -> dict[str, Any]:
    """What the templates of the page need."""
    asked = found.asked
    changed = earlier.differences(found) if whole else None
    shown: dict[str, Any] = {
        "sheet": found,
        "asked": asked,
        "title": found.table.scheme.name,
        "crumbs": [{"label": "调度", "href": Asked().address()}, {"label": found.table.scheme.name}],
        "asof": heading.asof(found),
        "then": earlier.strip(found, changed),
        "differences": changed if asked.diff else None,
        "lead": lead_of(found) if whole else [],
        "filters": heading.filters(found),
        "filters_on": bool(asked.lamp),
        "clear_href": asked.address(lamp="") if asked.lamp else "",
        "views": heading.views(found),
        "suppose": heading.suppose_address(found),
        "exports": heading.exports(found),
        "briefing": heading.briefing(found, actor),
        "announce": announced(found),
        "pick": picked(found),
        "legend": beside.legend(found),
        "place_word": heads.PLACE[found.table.level],
    }
    if asked.view == "chart":
        shown["chart"] = pictures.bar_chart(found)
    elif asked.view == "map":
        shown["tiles"] = pictures.tiles(found)
        shown["scale"] = pictures.scale_of(found)
        shown["tile_note"] = pictures.tile_note(found)
        shown["beside"] = pictures.table_beside(found)
    else:
        shown["matrix"] = matrix.render(found)
        shown["places"] = beside.places(found)
    shown["leading"] = beside.leading_table(found)
    if whole and asked.whatif:
        shown["drawer"] = drawer(found, asked)
    return shown


def picked(found: Sheet) -> list[dict[str, Any]]:
    """The indicators as chips for a phone, the open one first."""
    listed = sorted(found.columns, key=lambda face: face is not found.face)
    return [
        {
            "label": face.named.short_name,
            "href": found.asked.address(open=face.named.code, sort="value", dir=""),
            "current": face is found.face,
        }
        for face in listed
    ]


def announced(found: Sheet) -> str:
    """What a screen reader hears after a swap: 已按完成率排序，8 行."""
    count = len(found.ranked) + len(found.beside)
    if found.asked.lamp:
        return f"筛出 {count} 行，收起 {found.hidden_by_lamp} 行"
    return f"已展开{found.face.indicator.short_name}，按{heading.SORTS[found.asked.sort]}排序，{count} 行"


def _nothing(request: HttpRequest, asked: Asked, nothing: NothingHeld) -> HttpResponse:
    acts = []
    if nothing.newest is not None:
        acts.append(
            {
                "label": f"看{nothing.newest.label}",
                "href": asked.address(period=nothing.newest.code),
                "primary": True,
            }
        )
    elif asked.asof:
        acts.append({"label": "回到现在", "href": asked.address(asof="", diff=""), "primary": True})
    why = (
        f"最近有数的是{nothing.newest.label}。" if nothing.newest else "导入数据或县区报送之后，这里就有表。"
    )
    state = {"kind": "empty", "title": str(nothing), "why": why, "acts": acts}
    return _stated(request, state, 200)


def _refused(request: HttpRequest, asked: Asked, refusal: Exception) -> HttpResponse:
    """A question that cannot be answered, in the words of what refused it."""
    acts = [{"label": "回到调度", "href": Asked().address(), "primary": True}]
    if asked.asof:
        acts.insert(0, {"label": "回到现在", "href": asked.address(asof="", diff="")})
    title, _, rest = str(refusal.args[0] if refusal.args else refusal).partition("。")
    state = {"kind": "error", "title": f"{title}。", "why": rest, "acts": acts}
    return _stated(request, state, 400 if isinstance(refusal, UnreadablePeriod | UnreadableMoment) else 404)


def _stated(request: HttpRequest, state: dict[str, Any], status: int) -> HttpResponse:
    crumbs = [{"label": "调度", "href": Asked().address()}]
    return render(request, "dispatching/nothing.html", {"state": state, "crumbs": crumbs}, status=status)
