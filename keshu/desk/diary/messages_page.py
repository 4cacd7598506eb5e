"""消息: what the bureau sent to the reader's own organisation."""

from contextlib import suppress

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import needs
from keshu.diary import outbox
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import MoveRefused, NotYourTurn

PER_PAGE = 20


@require_GET
@needs(Can.SEE_REGISTERS)
def page(request: HttpRequest) -> HttpResponse:
    """Messages, newest first; a look at the page marks nothing as read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = Paginator(outbox.inbox(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": found,
        "page_href_prefix": "?page=",
        "lines": [
            {
                "row": row,
                "record": reverse("desk:record", args=[row.register, row.object_pk]) if row.register else "",
            }
            for row in found
        ],
        "unread": outbox.unread_count(actor),
        "crumbs": [{"label": "消息"}],
    }
    return render(request, "diary/messages.html", context)


@require_POST
@needs(Can.SEE_REGISTERS)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """知道了: somebody of the organisation has read it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = outbox.inbox(actor).filter(pk=pk).first()
    if row is None:
        raise Http404("没有这条消息，或它不是发给现在这个岗位所在单位的。")
    with suppress(MoveRefused, NotYourTurn):  # a colleague was quicker: the page says who
        outbox.step(row, "read", actor)
    return redirect("desk:messages")
