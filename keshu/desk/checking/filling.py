"""填报对照: the lines of the reader's own office, one form each; what was typed stays when it is refused."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.checking.models import Check
from keshu.checking.monthly import Line, month_sheet
from keshu.checking.register import CHECKS
from keshu.checking.steps import CHECKING, FILLING, OPEN
from keshu.desk.checking.asking import Asked
from keshu.desk.checking.lines import Doors, row_of
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, TooOften, use, who
from keshu.directory.actors import Actor, Can
from keshu.ledger.bulk import Paper, take
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.models import Evidence
from keshu.procedure.asking import Ask, read
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState

REFUSED, CONFLICT, TOO_OFTEN = 422, 409, 429


@require_GET
@needs(Can.CHECK_ITEMS)
def fill_page(request: HttpRequest) -> HttpResponse:
    """The lines of a month that the reader's own office fills."""
    return _page(request, Asked.of(request))


def _page(
    request: HttpRequest, asked: Asked, *, pk: int = 0, problem: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sheet = month_sheet(actor, asked.month, units=sorted(actor.unit_ids))
    papers = _papers([line.check.pk for line in sheet.lines if line.check is not None])
    doors = Doors.of(asked, actor)
    lines = [
        _drawn(line, line.check, doors, request.POST if line.check.pk == pk else {}, problem, papers)
        for line in sheet.lines
        if line.check is not None
    ]
    days = [line["check"].fill_by for line in lines if line["check"].fill_by]
    context = {
        "asked": asked,
        "month": sheet.month,
        "lines": lines,
        "bare": sum(line.check is None for line in sheet.lines),
        "open": sum(line["open"] for line in lines),
        "asof": [
            {"value": sheet.month.label},
            {"label": "填报期限", "value": min(days).isoformat() if days else "还没有生成"},
            {"label": "亮灯", "value": sheet.usual.rule.name, "wide": True},
        ],
        "actions": [{"label": "看全部对照", "href": asked.href(unit="")}],
        "crumbs": [{"label": "对照", "href": asked.href(unit="")}, {"label": "填报"}],
    }
    return render(request, "checking/fill.html", context, status=status)


def _papers(pks: list[int]) -> dict[int, list[Evidence]]:
    """The papers of the lines. One query."""
    rows = Evidence.objects.for_system("对照的佐证").filter(model=Check._meta.label, object_pk__in=pks)
    found: dict[int, list[Evidence]] = {}
    for row in rows.order_by("added_at", "pk"):
        found.setdefault(row.object_pk, []).append(row)
    return found


def _drawn(
    line: Line,
    check: Check,
    doors: Doors,
    typed: Mapping[str, str],
    problem: str,
    papers: Mapping[int, list[Evidence]],
) -> dict[str, Any]:
    return row_of(line, doors) | {
        "open": check.state in OPEN,
        "problem": problem if typed else "",
        "fields": [_field(ask, check, typed) for ask in FILLING],
        "papers": papers.get(check.pk, []),
        "action": reverse("desk:checking_line", args=[check.pk]),
        "caption": typed.get("paper_caption", ""),
    }


def _field(ask: Ask, check: Check, typed: Mapping[str, str]) -> dict[str, Any]:
    """One question with what was typed, else with what the check says already."""
    held = getattr(check, ask.name, "")
    text = typed.get(ask.name, "" if held is None else str(held))
    options = [{"value": value, "label": label, "on": value == text} for value, label in ask.options(check)]
    return {"name": ask.name, "ask": ask, "text": text, "options": options}


@needs(Can.CHECK_ITEMS)
@bounded("desk:checking_line")
def fill_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand one line in, with its paper if one was chosen. Asked for without a form, it shows the page of its month."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check: Check | None = CHECKS.rows(actor).filter(pk=pk, unit__in=actor.unit_ids).first()
    if check is None:
        raise Http404("没有这一项对照，或它不归现在这个岗位填。")
    asked = Asked(check.month)
    back = f"{asked.href('desk:checking_fill')}#item-{check.item_id}"
    if request.method != "POST":
        return redirect(back)
    texts = {ask.name: request.POST.get(ask.name, "") for ask in FILLING}
    try:
        take(
            check,
            "submit",
            actor,
            procedure=CHECKING,
            given=read(FILLING, texts, check),
            expected=request.POST.get("state", "")[:30] or None,
            paper=_paper(request),
        )
    except StaleState as refusal:
        return _page(request, asked, pk=pk, problem=str(refusal), status=CONFLICT)
    except (MoveRefused, NotYourTurn, Classified) as refusal:
        return _page(request, asked, pk=pk, problem=str(refusal), status=REFUSED)
    except IntakeError as refusal:
        said = f"{refusal}这一项还没有送审，写的都在。"
        return _page(request, asked, pk=pk, problem=said, status=REFUSED)
    except TooOften as refusal:
        return _page(request, asked, pk=pk, problem=str(refusal), status=TOO_OFTEN)
    messages.success(request, f"“{check.name}”已送审。")
    return redirect(back)


def _paper(request: HttpRequest) -> Paper | None:
    uploaded = request.FILES.get("paper")
    if uploaded is None:
        return None
    use(UPLOAD, who(request))
    caption = request.POST.get("paper_caption", "").strip()
    if len(caption) > 200:
        raise MoveRefused(f"材料说明写了 {len(caption)} 字，最多 200 字。请删短再送。")
    return Paper(uploaded.file, uploaded.name or "", caption or "对照检查佐证")
