"""给数: the page that answers, and the note to whom it was given."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.dispatching.asking import door
from keshu.desk.dispatching.sheet import root_region
from keshu.desk.guard import needs
from keshu.desk.limits import GIVE, limited
from keshu.desk.reporting.asking import Typed, question
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.book import Book, book
from keshu.journal import moments
from keshu.reports.giving import Answer, Given, answer
from keshu.reports.issuing import (
    MayNotGive,
    NobodyNamed,
    Warning,
    earlier_different,
    leaving_answer,
    record_issue,
)
from keshu.reports.keeping import region_served
from keshu.reports.parsing import LAST_PERIOD, LAST_YEAR, Question
from keshu.reports.pictures import picture
from keshu.reports.saying import heads, line, sentence
from keshu.terms import clock
from keshu.terms.clock import UnreadableMoment

COMPARISONS = (("", "不比"), (LAST_YEAR, "去年同期"), (LAST_PERIOD, "上期"))
REFUSALS = (UnreadableMoment, moments.UnknownRevision)
EXAMPLES = ("高企 技术合同 望岭 岚川 上半年", "全市 9月 高企数 同比", "各县区 财政科技占比")


@require_GET
@needs(Can.GIVE_FIGURES)
@limited(GIVE, methods=("GET",))
def give(request: HttpRequest) -> HttpResponse:
    """Ask and answer. Nothing is written; the address holds the question."""
    return _page(request, Typed.of(request.GET))


@require_POST
@needs(Can.GIVE_FIGURES)
@limited(GIVE)
def give_record(request: HttpRequest) -> HttpResponse:
    """Keep what was given. It is computed again, and refused when it is no longer what the giver saw or when a difference to
    what left before was not acknowledged."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = Typed.of(request.POST)
    try:
        made, _ = answered(typed)
    except REFUSALS as refusal:
        return _page(request, typed, problem=str(refusal), status=422)
    if made is None or not made.figures:
        return _page(request, typed, problem="没有可以记下的数。先问出一个数，再记给了谁。", status=422)
    said = sentence(made)
    if request.POST.get("seen") != fingerprint(made):
        return _page(request, typed, problem="您看着的时候有数更新了，下面是新的。核对后再记。", status=409)
    warnings = earlier_different(actor, leaving_answer(made), explain=False)
    if warnings and request.POST.get("known") != "1":
        return _page(
            request, typed, problem="有数和以前给出的不一样。看过下面的原因，勾上“知道了”再记。", status=409
        )
    try:
        issued = record_issue(
            actor,
            leaving_answer(made),
            receiver=request.POST.get("receiver", ""),
            purpose=request.POST.get("purpose", ""),
            sentence=said,
            revision=made.revision,
            region=region_served(),
        )
    except (NobodyNamed, MayNotGive) as refusal:
        return _page(request, typed, problem=str(refusal), status=422)
    messages.success(
        request,
        f"已记下：{issued.given_at.astimezone(clock.TZ):%H:%M} 给{issued.receiver}，{len(made.figures)} 个数。",
    )
    return redirect(f"{reverse('desk:give')}?{typed.query}")


def answered(typed: Typed) -> tuple[Answer | None, Question]:
    """The answer to what was typed, None where there is nothing to look up. Raises one of ``REFUSALS``."""
    definitions, root = _definitions(typed)
    asked = question(typed, definitions, root, clock.today())
    if not asked.answerable:
        return None, asked
    return answer(asked, as_of=typed.asof or None), asked


def _definitions(typed: Typed) -> tuple[Book, Region | None]:
    definitions = book(moments.read_as_of(typed.asof or None))
    root = root_region()
    return definitions, definitions.regions.get(root.pk, root) if root else None


def fingerprint(made: Answer) -> str:
    """What the giver saw: the sentence and every value of the answer."""
    values = [
        f"{given.thing.code} {given.region.code} {given.period.code} {given.value}" for given in made.figures
    ]
    return hashlib.sha256("\n".join([sentence(made), *values]).encode()).hexdigest()[:16]


# ---- the page -----------------------------------------------------------------------------------------------


def _page(request: HttpRequest, typed: Typed, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    made: Answer | None = None
    asked = Question()
    if typed.asks:
        try:
            made, asked = answered(typed)
        except REFUSALS as refusal:
            problem, status = str(refusal), 422
    context: dict[str, Any] = {
        "typed": typed,
        "asked": asked,
        "problem": problem,
        "comparisons": COMPARISONS,
        "examples": [{"words": words, "href": f"?{urlencode({'q': words})}"} for words in EXAMPLES],
        "crumbs": [{"label": "给数"}],
        "asof": [{"label": "数据截至", "value": f"{clock.today()}"}] if made is None else _asof(made),
        "receiver": request.POST.get("receiver", ""),
        "purpose": request.POST.get("purpose", ""),
        "ambiguous": [_choices(typed, item.text, item.choices) for item in asked.ambiguous],
        "guesses": [_others(typed, guess) for guess in asked.guesses],
        **_choosing(typed),
    }
    if made is not None:
        context |= _answer_context(actor, made, typed)
    return render(request, "reporting/give.html", context, status=status)


def _answer_context(actor: Actor, made: Answer, typed: Typed) -> dict[str, Any]:
    warnings: list[Warning] = earlier_different(actor, leaving_answer(made))
    drawing = picture(made)
    return {
        "made": made,
        "sentence": sentence(made),
        "heads": heads(made),
        "rows": [_row(made, given, typed) for given in made.figures],
        "picture": _safe(drawing),
        "picture_name": "、".join(dict.fromkeys(given.thing.name for given in made.figures))[:60],
        "warnings": warnings,
        "definitions": [
            {"name": thing.name, "text": thing.definition, "label": figures[0].label}
            for thing, figures in made.by_thing
        ],
        "seen": fingerprint(made),
    }


def _safe(drawing: str) -> SafeString:
    # Every text in it went through html.escape when it was drawn.
    return mark_safe(drawing)


def _asof(made: Answer) -> list[dict[str, Any]]:
    return [
        {"label": "数据截至", "value": f"{made.day}"},
        {"label": "复现码", "value": f"r{made.revision}"},
        {"label": "来源", "value": "、".join(made.sources[:3]) or "本系统", "wide": True},
    ]


def _row(made: Answer, given: Given, typed: Typed) -> list[dict[str, Any]]:
    """The cells of a line; the value opens to its trace."""
    texts = line(made, given)
    cells: list[dict[str, Any]] = [{"text": text} for text in texts]
    pairs = {
        "name": given.thing.code,
        "region": given.region.code,
        "period": given.period.code,
        "asof": typed.asof,
    }
    query = urlencode({key: value for key, value in pairs.items() if value})
    if given.value is not None:
        cells[3] |= {"href": door("desk:trace", query), "trace": door("desk:trace_card", query)}
    else:
        cells[3]["missing"] = True
    return cells


def _choices(typed: Typed, text: str, choices: tuple[Region, ...]) -> dict[str, Any]:
    """A name that several regions carry, each offered with its parent's name."""
    options = []
    for region in choices:
        words = typed.words.replace(text, " ").strip()
        pairs = [pair for pair in typed.pairs if pair[0] != "q"]
        parent = f"（{region.parent.name}）" if region.parent_id and region.parent else ""
        options.append(
            {
                "label": f"{region.name}{parent}",
                "href": "?" + urlencode([("q", words), ("region", region.code), *pairs]),
            }
        )
    return {"text": text, "options": options}


def _others(typed: Typed, guess: Any) -> dict[str, Any]:
    """What a short word was taken for, and what else it may mean."""
    options = []
    for thing in guess.others:
        words = (
            typed.words.replace(guess.text, thing.name)
            if guess.text in typed.words
            else f"{typed.words} {thing.name}"
        )
        options.append({"label": thing.name, "href": f"?{typed.without(words)}"})
    return {"text": guess.text, "taken": guess.taken.name, "options": options}


def _choosing(typed: Typed) -> dict[str, Any]:
    """The choices of those who would rather tick than type."""
    definitions = book(moments.latest())
    root = root_region()
    main = {item.indicator_id for item in definitions.items if item.leads_id is None}
    indicators = sorted(definitions.indicators.values(), key=lambda row: (row.pk not in main, row.pk))
    regions = (
        [definitions.regions[root.pk], *definitions.children.get(root.pk, [])]
        if root and root.pk in definitions.regions
        else []
    )
    return {
        "indicator_choices": [(row.code, row.short_name, row.code in typed.things) for row in indicators],
        "measure_choices": [
            (m.code, m.name, m.code in typed.things) for m in definitions.measures.values() if not m.estimated
        ],
        "region_choices": [(r.code, r.name, r.code in typed.regions) for r in regions],
        "chosen": bool(typed.things or typed.regions),
    }
