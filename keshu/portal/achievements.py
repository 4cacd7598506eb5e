"""成果库: registered achievements that their holders released."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keshu.portal.searching import asked, choices, paged, searched
from keshu.programmes.models import Field
from keshu.reserves import public
from keshu.reserves.models import Achievement


@require_safe
@searched
def achievements(request: HttpRequest) -> HttpResponse:
    """The list, newest registration first."""
    search = asked(request)
    kinds = [(str(value), str(label)) for value, label in Achievement.Kind.choices]
    context = {
        **paged(request, public.achievements(search), search),
        "kinds": choices(kinds, search),
        "fields": Field.choices,
        "years": [str(year) for year in public.years(public.achievements(public.Search()))],
    }
    return render(request, "portal/achievements.html", context)


@require_safe
def achievement(request: HttpRequest, pk: int) -> HttpResponse:
    """One achievement, without persons."""
    row = public.achievements(public.Search()).filter(pk=pk).first()
    if row is None:
        raise Http404("没有这项成果，或它没有公开。到“成果库”里查一查。")
    return render(request, "portal/achievement.html", {"row": row})
