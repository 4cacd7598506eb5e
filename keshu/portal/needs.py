"""需求榜: what enterprises put up for anyone to solve, until when, for how much; and the results in public notice."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from keshu.directory.actors import Actor
from keshu.portal.searching import asked, choices, paged, searched
from keshu.programmes.models import Field
from keshu.reserves import public
from keshu.reserves.answering import answer_of, may_answer
from keshu.reserves.models import Need
from keshu.terms.quantity import wan


@require_safe
@searched
def needs(request: HttpRequest) -> HttpResponse:
    """The list, those that take answers first."""
    search = asked(request)
    found = paged(request, public.needs(search), search)
    context = {
        **found,
        "rows": [_line(row) for row in found["page"]],
        "kinds": choices([(public.OPEN, "正在揭榜")], search),
        "fields": Field.choices,
        "noticed": noticed(),
    }
    return render(request, "portal/needs.html", context)


def noticed() -> list[dict[str, object]]:
    """The results in public notice, with who put the need up and who is to take it."""
    return [{"row": row, "owner": public.owner(row), "taker": row.taker} for row in public.noticed_needs()]


def _line(row: Need) -> dict[str, object]:
    return {
        "row": row,
        "owner": public.owner(row),
        "open": public.takes_answers(row),
        "bounty": wan(row.bounty),
        "outcome": "等待开榜" if row.state == Need.State.PUBLISHED else row.get_state_display(),
    }


@require_safe
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """One need with its terms, and the way to answer it."""
    row = public.needs(public.Search()).filter(pk=pk).first()
    if row is None:
        raise Http404("没有这个需求，或它没有发榜。到“需求榜”里查一查。")
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    context = {
        **_line(row),
        "may": actor is not None and may_answer(actor, row),
        "mine": answer_of(actor, row) if actor is not None else None,
        "login": f"{reverse('login')}?next={request.path}",
    }
    return render(request, "portal/need.html", context)
