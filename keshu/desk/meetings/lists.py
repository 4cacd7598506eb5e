"""The meetings there are, and the form of one."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.dispatching.sheet import root_region
from keshu.desk.guard import needs
from keshu.desk.meetings.finding import holds, meeting_of
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.figures.models import Scheme
from keshu.ledger.classified import Classified
from keshu.meetings.models import Meeting, Request
from keshu.meetings.preparing import chairs, keep_meeting, last_before, texts_of
from keshu.meetings.who import OPEN_TO_CHANGE, MeetingRefused
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period

REFUSED = 422
PER_PAGE = 30
R = Request.State


def crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "会议", "href": reverse("desk:meetings")}, *more]


@require_GET
@needs(Can.SEE_DISPATCH)
def meetings(request: HttpRequest) -> HttpResponse:
    """Meetings, the newest first: the bureau all, a county those it is invited to."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = (
        Meeting.objects.visible_to(actor)
        .select_related("scheme", "chair")
        .annotate(
            asked=Count("requests", filter=~Q(requests__state__in=(R.DROPPED,)), distinct=True),
            answered=Count("requests", filter=Q(requests__state=R.ANSWERED), distinct=True),
            agreed_items=Count("agreed", distinct=True),
            ordered=Count("agreed", filter=Q(agreed__issued_as__isnull=False), distinct=True),
        )
        .order_by("-held_at", "-pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "page_href_prefix": "?page=",
        "rows": [
            {
                "meeting": row,
                "href": reverse("desk:meeting", args=[row.pk]),
                "period": Period.parse(row.period).label,
                "held": row.held_at.astimezone(clock.TZ),
            }
            for row in page
        ],
        "holds": holds(actor),
        "whole": actor.sees_all,
        "answers": actor.can(Can.HANDLE_ORDERS) or actor.can(Can.CHECK_ITEMS),
        "crumbs": [{"label": "会议"}],
    }
    return render(request, "meetings/list.html", context)


@needs(Can.HOLD_MEETINGS)
def new(request: HttpRequest) -> HttpResponse:
    """Prepare a meeting: the next quarter's scheme and period stand in the form."""
    return _form(request, None)


@needs(Can.HOLD_MEETINGS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a meeting that has not begun."""
    found = meeting_of(request, pk)
    if found.state not in OPEN_TO_CHANGE:
        raise Http404("这次会已经开过或不开了，不能再改。")
    return _form(request, found)


def _form(request: HttpRequest, found: Meeting | None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    problems: dict[str, str] = {}
    problem = ""
    if request.method == "POST":
        texts = {name: str(value) for name, value in request.POST.items()}
        region = root_region()
        unit = Unit.objects.filter(pk=actor.unit_id).first()
        try:
            if region is None:
                raise MoveRefused("还没有本级地区，不知道调度哪里。请先运行 keshu init。")
            made = keep_meeting(actor, texts, region=region, unit=unit, found=found)
        except MeetingRefused as refusal:
            problems = refusal.problems
            problem = f"有 {len(problems)} 处要改，还没有存。"
        except (MoveRefused, NotYourTurn, Classified) as refusal:
            problem = str(refusal)
        else:
            messages.success(request, f"已存 {clock.now():%H:%M:%S}")
            return redirect("desk:meeting", pk=made.pk)
    else:
        texts = texts_of(found) if found is not None else _proposed()
    context = {
        "found": found,
        "texts": texts,
        "problems": problems,
        "problem": problem,
        "schemes": _schemes(),
        "chairs": [{"value": str(one.pk), "label": one.name} for one in chairs()],
        "previous": _previous(found),
        "crumbs": crumbs({"label": str(found) if found is not None else "筹备一次会"}),
    }
    return render(request, "meetings/form.html", context, status=REFUSED if problem else 200)


def _schemes() -> list[Scheme]:
    return list(Scheme.objects.filter(annual=False).order_by("pk"))


def _previous(found: Meeting | None) -> Meeting | None:
    if found is not None:
        return found.previous
    schemes = _schemes()
    return last_before(schemes[0], root_region(), clock.today()) if schemes else None


def _proposed() -> Mapping[str, str]:
    """What a new form begins with: the scheme of the house, the quarter that ended last, the only leader there is."""
    today = clock.today()
    months = (today.month - 1) // 3 * 3
    year, month = (today.year, months) if months else (today.year - 1, 12)
    schemes, leaders = _schemes(), chairs()
    scheme = schemes[0] if schemes else None
    period = Period.ytd(year, month)
    quarter = {3: "一季度", 6: "二季度", 9: "三季度", 12: "四季度"}[month]
    found: dict[str, Any] = {
        "period": period.code,
        "scheme": scheme.code if scheme else "",
        "title": f"{year}年{quarter}{scheme.name if scheme else ''}调度会",
        "chair": str(leaders[0].pk) if len(leaders) == 1 else "",
    }
    return found
