"""The dispatch leaving the house: exports for keeping, and the briefing on official paper."""

from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.heading import kept
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, completed, compute
from keshu.desk.guard import address, needs
from keshu.desk.limits import GIVE, limited
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.figures.dispatch import Dispatch
from keshu.figures.masking import seen
from keshu.journal import audit
from keshu.reports import heading
from keshu.reports.briefing import compose
from keshu.reports.conclusions import conclusion, spoken
from keshu.reports.exports import MEDIA_TYPES, UnknownFormat, file_name
from keshu.reports.exports import export_dispatch as exported
from keshu.reports.issuing import MayNotGive, NobodyNamed, earlier_different, leaving_table, record_issue
from keshu.reports.keeping import FileLost, content_of, keep_briefing, pinned, region_served
from keshu.reports.models import Composed, Issued
from keshu.terms import clock
from keshu.terms.period import Period

KEPT_SHOWN = 10


def attachment(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A file to be saved under a Chinese name (RFC 6266, RFC 8187)."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
@needs(Can.SEE_DISPATCH)
@limited(GIVE, methods=("GET",))
def export_dispatch(request: HttpRequest) -> HttpResponse:
    """The table of the address as a file, as far as the actor sees it. Exports of the bureau go into the register as kept for
    own use; every export is an audit entry."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = request.GET.get("format", "xlsx")
    try:
        table = _table(request, actor)
        sight = seen(table, actor)
        whole = None if not sight.hidden and not sight.value_and_rank else set(sight.whole)
        content = exported(table, form, shown=whole, brief=sight.value_and_rank)
    except (*REFUSALS, NothingHeld, UnknownFormat) as refusal:
        return _refused(request, str(refusal))
    name = file_name(table, form)
    audit.note(actor, "导出", name, address=address(request), detail={"修订": table.revision, "格式": form})
    if not actor.is_county:
        record_issue(
            actor,
            leaving_table(table, whole),
            receiver=f"本人存用（{actor.name}）",
            purpose=f"导出{form.upper()}",
            channel=Issued.Channel.EXPORT,
            sentence=spoken(conclusion(table, whole)),
            revision=table.revision,
            region=region_served(table),
        )
    return attachment(content, name, MEDIA_TYPES[form])


def _table(request: HttpRequest, actor: Actor) -> Dispatch:
    asked, _, _, _, root = completed(Asked.of(request.GET), actor)
    return compute(asked, root, forecasts=True)


def _refused(request: HttpRequest, why: str, status: int = 422) -> HttpResponse:
    context = {
        "problem": why,
        "crumbs": [{"label": "调度", "href": reverse("desk:dispatch")}, {"label": "导出"}],
    }
    return render(request, "reporting/refused.html", context, status=status)


# ---- the briefing -------------------------------------------------------------------------------------------


@needs(Can.COMPOSE)
@limited(GIVE)
def briefing(request: HttpRequest) -> HttpResponse:
    """What the briefing will say and what differs from what left before; a POST composes, keeps and records it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    query = request.POST if request.method == "POST" else request.GET
    try:
        asked, _, schemes, held, _ = completed(Asked.of(query), actor)
        table = pinned(
            asked.scheme,
            Period.parse(asked.period),
            level=asked.level,
            region=asked.region or None,
            as_of=asked.asof or None,
            vintage=asked.vintage,
        )
    except NothingHeld as nothing:  # opened from the rail before there are data: nothing went wrong
        asked_for = request.method == "POST" or query.get("period")
        return _refused(request, str(nothing), 422 if asked_for else 200)
    except REFUSALS as refusal:
        return _refused(request, str(refusal))
    problem = ""
    if request.method == "POST":
        made, problem = _composed(request, actor, table)
        if made is not None:
            messages.success(request, f"已生成《{made.title}》，已记入报出数台账。")
            return redirect(f"{reverse('desk:briefing')}?{urlencode(kept(asked))}")
    context = _briefing_context(request, actor, table, asked)
    context |= {
        "problem": problem,
        "schemes": [
            {"label": s.name, "href": f"?{urlencode({'scheme': s.code})}", "current": s.code == asked.scheme}
            for s in schemes
        ],
        "periods": [
            {
                "label": period.label,
                "href": f"?{urlencode({**kept(asked), 'period': period.code})}",
                "current": period.code == asked.period,
            }
            for period in held[:12]
        ],
        "period": table.period.label,
        "scheme": table.scheme.name,
    }
    return render(request, "reporting/briefing.html", context, status=422 if problem else 200)


def _composed(request: HttpRequest, actor: Actor, table: Dispatch) -> tuple[Composed | None, str]:
    """Compose, keep and record; or the reason why not."""
    leaving = leaving_table(table)
    receiver = " ".join(request.POST.get("receiver", "").split())
    if not receiver:
        return None, str(NobodyNamed("还没写给谁。填上报送或印发的单位，再生成。"))
    if earlier_different(actor, leaving, explain=False) and request.POST.get("known") != "1":
        return None, "有数和以前给出的不一样。看过右边的原因，勾上“知道了”再生成。"
    made = keep_briefing(actor, table, request.POST.get("issuer", "").strip()[:100])
    try:
        record_issue(
            actor,
            leaving,
            receiver=receiver,
            purpose=request.POST.get("purpose", "") or made.title,
            channel=Issued.Channel.BRIEFING,
            sentence=spoken(conclusion(table)),
            revision=table.revision,
            region=region_served(table),
            composed=made,
        )
    except MayNotGive as refusal:
        return None, str(refusal)
    return made, ""


def _briefing_context(request: HttpRequest, actor: Actor, table: Dispatch, asked: Asked) -> dict[str, Any]:
    content = compose(table)
    made = (
        Composed.objects.visible_to(actor)
        .filter(kind=Composed.Kind.BRIEFING)
        .order_by("-made_at", "-pk")[:KEPT_SHOWN]
    )
    return {
        "content": content,
        "title": f"{content.title}{content.second_title}",
        "asof": [{"label": label, "value": value} for label, value in heading.lines(table)],
        "pairs": kept(asked).items(),
        "warnings": earlier_different(actor, leaving_table(table)),
        "count": len(leaving_table(table)),
        "issuer": request.POST.get("issuer", bureau_of(actor)),
        "receiver": request.POST.get("receiver", ""),
        "made": made,
        "crumbs": [{"label": "调度", "href": asked.address()}, {"label": "调度简报"}],
    }


def bureau_of(actor: Actor) -> str:
    """The organisation that the actor's post belongs to, as it stands under a paper."""
    unit = Unit.objects.select_related("parent").filter(pk=actor.unit_id).first()
    while unit is not None and unit.parent is not None:
        unit = unit.parent
    return unit.name if unit else ""


@require_GET
@needs(Can.COMPOSE, Can.SEE_ISSUED)
def composed_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes of a kept file, as they were composed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    made = Composed.objects.visible_to(actor).filter(pk=pk).first()
    if made is None:
        raise Http404
    try:
        content = content_of(made)
    except FileLost as refusal:
        return _refused(request, str(refusal), status=410)
    audit.note(
        actor,
        "导出",
        made.title,
        address=address(request),
        detail={"摘要": made.sha256, "修订": made.revision},
    )
    if made.file_name:
        return attachment(content, made.file_name, MEDIA_TYPES[made.file_name.rpartition(".")[2]])
    day = f"{made.made_at.astimezone(clock.TZ):%Y%m%d}"
    return attachment(content, f"{made.title}_{day}_r{made.revision}.docx", MEDIA_TYPES["docx"])
