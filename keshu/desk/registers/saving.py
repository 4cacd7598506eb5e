"""存成视图: a question kept under a name, renamed, deleted."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.guard import needs
from keshu.desk.registers.asking import Question
from keshu.desk.registers.listing import register_of
from keshu.directory.actors import Actor, Can
from keshu.ledger.models import SavedView
from keshu.ledger.registers import Register
from keshu.ledger.saved import ViewRefused, drop, keep, rename, views_of


@require_POST
@needs(Can.SEE_REGISTERS)
def keep_view(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the question of the list under a name; a refused name comes back in its field."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    question = Question.read(register, request.POST.get("question", "")[:4000]).query()
    name = request.POST.get("name", "")[:100]
    try:
        keep(actor, register.code, name, question, shared=request.POST.get("shared") == "1")
    except ViewRefused as refusal:
        messages.error(request, str(refusal))
        return _list(register, question, name)
    return _list(register, question)


@require_POST
@needs(Can.SEE_REGISTERS)
def change_view(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Rename a view, or delete it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    view = views_of(actor, register.code).filter(pk=pk).first()
    if view is None:
        raise Http404("没有这个视图，或它不是你的。")
    try:
        _change(request, view, actor)
    except ViewRefused as refusal:
        messages.error(request, str(refusal))
    return _list(register, Question.read(register, request.POST.get("question", "")[:4000]).query())


def _change(request: HttpRequest, view: SavedView, actor: Actor) -> None:
    if request.POST.get("action") == "drop":
        drop(view, actor)
    else:
        rename(view, actor, request.POST.get("name", ""))


def _list(register: Register, question: str, name: str = "") -> HttpResponse:
    more = ("&" if len(question) > 1 else "") + urlencode({"view_name": name}) if name else ""
    return redirect(reverse("desk:register", args=[register.code]) + question + more)
