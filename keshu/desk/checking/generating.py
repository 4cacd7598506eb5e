"""由目标生成责任事项: the goals that have no item yet, what each would become, one button for all of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.checking.assigning import from_goals, goals_without_items, proposals
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import EARLIEST_YEAR, LATEST_YEAR


def _year(text: str) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    return year if EARLIEST_YEAR <= year <= LATEST_YEAR else clock.today().year


@require_GET
@needs(Can.REVIEW_CHECKS)
def goals_page(request: HttpRequest) -> HttpResponse:
    """Each goal of a year without an item: the office it would go to, or why it cannot yet."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    year = _year(request.GET.get("year", ""))
    found = proposals(goals_without_items(actor, year), actor)
    ready = sum(one.item is not None for one in found)
    context = {
        "year": year,
        "rows": found,
        "ready": ready,
        "import_href": reverse("desk:register_import", args=["items"]),
        "asof": [{"value": f"{year}年"}, {"label": "能生成", "value": f"{ready} / {len(found)}"}],
        "crumbs": [{"label": "对照", "href": reverse("desk:checking")}, {"label": "生成责任事项"}],
    }
    return render(request, "checking/goals.html", context)


@require_POST
@needs(Can.REVIEW_CHECKS)
def make_items(request: HttpRequest) -> HttpResponse:
    """Make them all, in one revision."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    year = _year(request.POST.get("year", ""))
    here = f"{reverse('desk:checking_goals')}?year={year}"
    try:
        made, left = from_goals(goals_without_items(actor, year), actor)
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
        return redirect(here)
    if not made:
        messages.info(request, "没有能生成的目标：都已经有事项，或还没有写到责任科室。")
        return redirect(here)
    rest = f"；还有 {len(left)} 个没有写到责任科室" if left else ""
    messages.success(request, f"已生成责任事项 {len(made)} 项{rest}。")
    return redirect(f"{reverse('desk:register', args=['items'])}?year={year}")
