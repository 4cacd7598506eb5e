"""年度评奖: which rounds run, how many places are left, what waits."""

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.awards.models import Days, Grade, Level, Nomination, Objection, Prize, PrizeKind, Round, Track
from keshu.awards.moving import ROUND_PROCEDURE, advance_round
from keshu.awards.opening import (
    RoundRefused,
    asked_grades,
    keep_prize,
    keep_round,
    short_window,
    texts_of,
    texts_proposed,
)
from keshu.awards.steps.who import OPEN_OBJECTION
from keshu.awards.voting import places
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.rules.dated import NoRuleInForce
from keshu.terms import clock

REFUSED = 422
S = Nomination.State


def round_of(pk: int) -> Round:
    """The round of an address; 404 otherwise."""
    found = Round.objects.select_related("prize").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这一轮评奖。")
    return found


def crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "评奖", "href": reverse("desk:award_rounds")}, *more]


@require_GET
@needs(Can.HANDLE_AWARDS, Can.DECIDE_AWARDS)
def rounds(request: HttpRequest) -> HttpResponse:
    """Rounds, newest year first, and the prizes for which one can be opened."""
    return _rounds(request)


def _rounds(
    request: HttpRequest, *, problem: str = "", typed: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    counted = Nomination.objects.for_system("评奖一览").exclude(state=S.DRAFT).order_by()
    many = dict(counted.values_list("round").annotate(many=Count("pk")))
    rows = Round.objects.select_related("prize").order_by("-year", "prize__level", "prize__name")
    context = {
        "rows": [
            {"round": row, "href": reverse("desk:award_round", args=[row.pk]), "many": many.get(row.pk, 0)}
            for row in rows
        ],
        "prizes": Prize.objects.order_by("level", "name"),
        "may": actor.can(Can.HANDLE_AWARDS),
        "kinds": PrizeKind.choices,
        "levels": Level.choices,
        "tracks": Track.choices,
        "typed": typed or {},
        "problem": problem,
        "crumbs": [{"label": "评奖"}],
    }
    return render(request, "awarding/rounds.html", context, status=status)


@require_POST
@needs(Can.HANDLE_AWARDS)
def new_prize(request: HttpRequest) -> HttpResponse:
    """Register a prize."""
    try:
        prize = keep_prize(request.actor, _texts(request))  # type: ignore[attr-defined]
    except (RoundRefused, NotYourTurn, Classified) as refusal:
        return _rounds(request, problem=str(refusal), typed=_texts(request), status=REFUSED)
    return redirect("desk:award_round_new", pk=prize.pk)


def _texts(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}


@needs(Can.HANDLE_AWARDS)
def new_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a round of a prize: what the rules propose stands in the form."""
    prize = Prize.objects.filter(pk=pk).first()
    if prize is None:
        raise Http404("没有这个奖种。")
    try:
        return _round_form(request, prize, None)
    except NoRuleInForce as refusal:
        return _rounds(request, problem=str(refusal), status=REFUSED)


@needs(Can.HANDLE_AWARDS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a round that has not ended."""
    found = round_of(pk)
    if found.state == Round.State.FINISHED:
        raise Http404("这一轮已经结束，不能再改。")
    return _round_form(request, found.prize, found)


def _round_form(request: HttpRequest, prize: Prize, found: Round | None) -> HttpResponse:
    problems: dict[str, str] = {}
    problem = ""
    if request.method == "POST":
        texts = _texts(request)
        try:
            made = keep_round(request.actor, prize, texts, found)  # type: ignore[attr-defined]
        except RoundRefused as refusal:
            problems = refusal.problems
            problem = f"有 {len(problems)} 处要改，还没有存。"
        except (NotYourTurn, Classified) as refusal:
            problem = str(refusal)
        else:
            messages.success(request, f"已存 {clock.now():%H:%M:%S}")
            return redirect("desk:award_round", pk=made.pk)
    else:
        texts = texts_of(found) if found is not None else texts_proposed(prize, clock.today())
    context = {
        "prize": prize,
        "found": found,
        "texts": texts,
        "problem": problem,
        "problems": problems,
        "grades": [
            {
                "label": Grade(grade).label,
                "cells": [
                    {
                        "name": f"{name}.{grade}",
                        "label": f"{Grade(grade).label}{label}",
                        "text": texts.get(f"{name}.{grade}", ""),
                        "problem": problems.get(f"{name}.{grade}", ""),
                    }
                    for name, label in (("quota", "名额"), ("people", "人数上限"), ("units", "单位数上限"))
                ],
            }
            for grade in asked_grades(prize, found)
        ],
        "days": Days.choices,
        "crumbs": crumbs({"label": str(found) if found is not None else f"开一轮{prize}"}),
    }
    return render(request, "awarding/round_form.html", context, status=REFUSED if problem else 200)


@require_GET
@needs(Can.HANDLE_AWARDS, Can.DECIDE_AWARDS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One round: places used and allowed, how many stand where, what can be done."""
    return _page(request, round_of(pk))


def _page(request: HttpRequest, found: Round, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = Nomination.objects.for_system("评奖").filter(round=found).exclude(state=S.DRAFT)
    counts = Counter(rows.values_list("state", flat=True))
    open_objections = Objection.objects.for_system("评奖").filter(
        nomination__round=found, state__in=OPEN_OBJECTION
    )
    fields = rows.order_by().values_list("field").annotate(many=Count("pk"))
    may = actor.can(Can.HANDLE_AWARDS)
    context = {
        "round": found,
        "places": places(found),
        "stages": [
            {"label": label, "count": counts[state], "href": _list_href(found, state)}
            for state, label in S.choices
            if counts[state]
        ],
        "fields": [
            {"label": dict(Nomination._meta.get_field("field").flatchoices)[name], "count": many}
            for name, many in sorted(fields, key=lambda pair: -pair[1])
        ],
        "total": sum(counts.values()),
        "objections": list(open_objections.select_related("nomination").order_by("pk")[:20]),
        "warning": short_window(found),
        "acts": [
            {"label": t.label, "name": "action", "value": t.action, "primary": t.action == "open"}
            for t in ROUND_PROCEDURE.possible(found, actor)
        ],
        "to_score": counts[S.REVIEWING] if may else 0,
        "to_vote": counts[S.REVIEWED] if may else 0,
        "decided": counts[S.APPROVED] + counts[S.AWARDED] + counts[S.FINAL_NOTICE],
        "given": counts[S.AWARDED],
        "may": may,
        "changeable": may and found.state != Round.State.FINISHED,
        "problem": problem,
        "asof": [
            {"label": "状态", "value": found.get_state_display()},
            {
                "label": "提名",
                "value": f"{found.opens_at.astimezone(clock.TZ):%Y-%m-%d} — "
                f"{found.nominate_until.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            },
            {"label": "受理公示", "value": f"{found.accept_days} 个{found.get_accept_unit_display()}"},
            {"label": "拟奖公示", "value": f"{found.final_days} 个{found.get_final_unit_display()}"},
            {"label": "评委", "value": f"{found.committee} 人" if found.committee else "未定"},
        ],
        "crumbs": crumbs({"label": str(found)}),
    }
    return render(request, "awarding/round.html", context, status=status)


def _list_href(found: Round, state: str) -> str:
    """The register filtered to one state of the round's year, level and kind."""
    asked = {
        "year": found.year,
        "level": found.prize.level,
        "prize_kind": found.prize.kind,
        "state": state,
    }
    return f"{reverse('desk:register', args=['awards'])}?{urlencode(asked)}"


@require_POST
@needs(Can.HANDLE_AWARDS)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of the round itself."""
    found = round_of(pk)
    try:
        moved = advance_round(
            found,
            request.POST.get("action", "")[:40],
            request.actor,  # type: ignore[attr-defined]
            note=request.POST.get("note", "").strip()[:200],
        )
    except (MoveRefused, NotYourTurn) as refusal:
        return _page(request, found, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已办：{moved.get_state_display()}")
    return redirect("desk:award_round", pk=pk)
