"""位次为什么变: what we did, what the others did, who passed whom; for a reported rank only what was reported."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.assessment.overtaking import Moved, Overtaking, place_words, why_moved
from keshu.assessment.siblings import ranked_with
from keshu.desk.dispatching.asking import Asked, Doors, at
from keshu.desk.dispatching.indicators import in_scheme
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, root_region, sheet
from keshu.desk.guard import address, needs
from keshu.directory.actors import Actor, Can
from keshu.figures.arithmetic.change import sentence
from keshu.figures.arithmetic.ranking import NextUp, rank
from keshu.figures.book import book
from keshu.figures.models import Indicator
from keshu.journal import audit, moments
from keshu.reports.wording import change_figure, change_unit, indicator_amount, is_money
from keshu.terms.period import Period, UnreadablePeriod
from keshu.terms.quantity import column_money_unit, show_change


@require_GET
@needs(Can.SEE_DISPATCH)
def rank_moved(request: HttpRequest) -> HttpResponse:
    """Why the rank of one region moved between two periods (``from`` defaults to a year before ``period``)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = Asked.of(request.GET)
    try:
        return render(request, "assessed/moved.html", _context(request, asked, actor))
    except (*REFUSALS, NothingHeld) as refusal:
        raise Http404(str(refusal)) from refusal


def _context(request: HttpRequest, asked: Asked, actor: Actor) -> dict[str, Any]:
    revision = moments.read_as_of(asked.asof or None)
    definitions = book(revision)
    asked = in_scheme(asked)
    indicator = definitions.indicator(asked.name)
    root = root_region()
    region = definitions.region(asked.subject) if asked.subject else root
    if region is None:
        raise Http404("没有写看哪个地区。请从指标页打开。")
    region = definitions.regions[region.pk]
    found: Sheet | None = None
    if root is not None and region.pk == root.pk:
        # Not a row of the house's own tables: the bureau's own region among its siblings.
        later, peers = Period.parse(asked.period or _year(indicator)), [region]
        if actor.sees_all:
            peers = ranked_with(definitions, region)
    else:
        found = sheet(asked.changed(open=asked.name, view="table", sort="value"), actor)
        if region.pk not in {one.pk for one in found.table.regions}:
            raise NothingHeld(f"这张调度表里没有{region.name}。请从指标页打开。")
        if not found.opens(region.pk):
            audit.note(
                actor, "拒绝", f"位次 {asked.name} {region.name}", outcome="拒绝", address=address(request)
            )
            raise PermissionDenied(f"{region.name}的位次变化不归现在的岗位看。请规划科代查。")
        later = _period(found, indicator)
        peers = [one for one in found.table.regions if one.is_ranked and found.sight.shows(one)]
    earlier = _earlier(request, later)
    moved = why_moved(indicator, region, peers, earlier, later, revision=revision, vintage=asked.vintage)
    return _drawn(moved, asked, actor, found)


def _year(indicator: Indicator) -> str:
    raise NothingHeld(f"没有写看{indicator.short_name}的哪个期间。请从指标页或考核页打开。")


def _period(found: Sheet, indicator: Indicator) -> Period:
    """The data period of the indicator in the table that was asked for."""
    for face in (*found.columns, *found.leading):
        if indicator.pk in (face.named.pk, face.indicator.pk):
            return face.column.period
    raise NothingHeld(f"这张调度表里没有{indicator.short_name}。")


def _earlier(request: HttpRequest, later: Period) -> Period:
    text = request.GET.get("from", "").strip()
    if not text:
        return later.previous_year()
    earlier = Period.parse(text)
    if earlier.end >= later.end:
        raise UnreadablePeriod(text, f"要比的期间应早于{later.label}")
    return earlier


# ---- what is drawn --------------------------------------------------------------------------------------------


class _Words:
    """Values, names and links of one page."""

    def __init__(self, moved: Moved, asked: Asked, actor: Actor, found: Sheet | None) -> None:
        self.moved, self.actor, self.found = moved, actor, found
        self.doors = Doors(asked)
        self.regions = {region.pk: region for region in moved.ground.regions}
        self.unit = moved.indicator.unit
        if is_money(self.unit):
            self.unit = column_money_unit(moved.ground.values.values())

    def opens(self, pk: int) -> bool:
        if self.found is not None:
            return self.found.opens(pk)
        return self.actor.sees_all

    def name(self, pk: Any) -> str:
        return self.regions[pk].short_name

    def names(self, pks: tuple[Any, ...]) -> str:
        return "、".join(self.name(pk) for pk in pks)

    def value(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        return indicator_amount(self.moved.indicator, value, self.unit).text

    @property
    def gap_unit(self) -> str:
        return "个百分点" if self.unit == "%" else self.unit

    def figure(self, pk: int, period: Period, value: Decimal | None, missing: str) -> dict[str, str]:
        if value is None:
            return {"missing": missing or "缺数"}
        cell = {"text": self.value(value)}
        if self.opens(pk):
            cell["href"], cell["card"] = self.doors.figure(
                self.moved.indicator.code, self.regions[pk].code, period.code
            )
        return cell


def _drawn(moved: Moved, asked: Asked, actor: Actor, found: Sheet | None) -> dict[str, Any]:
    words = _Words(moved, asked, actor, found)
    ground, indicator = moved.ground, moved.indicator
    back = ""
    if found is not None:
        back = at(
            "desk:indicator",
            found.asked.query(name=asked.name, subject=moved.region.code, open="", sort="value"),
        )
    return {
        "title": "位次为什么变",
        "small": f"{moved.region.name} · {indicator.short_name}",
        "crumbs": [
            {"label": "调度", "href": reverse("desk:dispatch")},
            {"label": indicator.short_name, "href": back} if back else {"label": indicator.short_name},
            {"label": "位次为什么变"},
        ],
        "asof": [
            {"value": ground.later.label},
            {"label": "比", "value": ground.earlier.label},
            *([{"value": found.sight.said}] if found is not None and found.sight.said else []),
        ],
        "lead": _lead(moved, words),
        "own": _own(moved, words),
        "ranks": _ranks(moved, words) if moved.ranks is not None else None,
        "why": moved.why,
        "table": _table(moved, words) if moved.ranks is not None else [],
        "unit": words.unit,
        # The rule of the assessment's page: what was reported of a region is for who may open its figures.
        "reported": _reported(moved) if words.opens(moved.region.pk) else None,
        "indicator": indicator,
        "later": ground.later,
        "earlier": ground.earlier,
    }


def _lead(moved: Moved, words: _Words) -> list[dict[str, Any]]:
    """The sentence: from which place to which, who passed us, whom we passed, how far the next is."""
    ranks = moved.ranks
    if ranks is None:
        return []
    ground = moved.ground
    name = moved.region.short_name
    if ranks.after == ranks.before:
        said = f"{name}{ground.later.label}和{ground.earlier.label}都是第 {ranks.after} 位"
    else:
        word = "升到" if ranks.after < ranks.before else "降到"
        said = f"{name}由第 {ranks.before} 位{word}第 {ranks.after} 位"
    parts: list[dict[str, Any]] = [{"text": said, "strong": True}, {"text": f"（共 {ranks.of} 个）"}]
    if ranks.passed_us:
        parts.append({"text": f"，被{words.names(ranks.passed_us)}超过"})
    if ranks.we_passed:
        parts.append({"text": f"，超过了{words.names(ranks.we_passed)}"})
    if not ranks.passed_us and not ranks.we_passed:
        parts.append({"text": "，没有谁超过谁"})
    if ranks.ahead is not None:
        parts.append({"text": f"；离第 {ranks.ahead.place} 位{words.names(ranks.ahead.keys)}差 "})
        parts.append({"text": words.value(ranks.ahead.gap), "strong": True})
        parts.append({"text": f" {words.gap_unit}"})
    parts.append({"text": "。"})
    return parts


def _own(moved: Moved, words: _Words) -> dict[str, Any]:
    """Our own change, and its numerator and denominator."""
    ground, indicator = moved.ground, moved.indicator
    pk = moved.region.pk
    now, then = ground.figures[pk], ground.figures_before[pk]
    places = indicator.decimals
    context: dict[str, Any] = {
        "now": words.figure(pk, ground.later, now.value, now.missing),
        "then": words.figure(pk, ground.earlier, then.value, then.missing),
        "moved": change_figure(moved.own, indicator.unit, places),
        "unit": change_unit(indicator.unit, moved.own) if moved.own.value is not None else "",
        "mixes": moved.mixes,
        "summed": ground.summed,
    }
    parts = moved.split
    if parts is not None and now.denominator is not None and then.denominator is not None:
        context["said"] = sentence(
            then.numerator.value,
            then.denominator.value,
            now.numerator.value,
            now.denominator.value,
            now.factor,
            numerator=indicator.numerator_label or "分子",
            denominator=indicator.denominator_label or "分母",
            name=indicator.short_name,
            unit="百分点" if indicator.unit == "%" else indicator.unit,
            places=places,
        )
        if parts.numerator_effect is not None and parts.denominator_effect is not None:
            context["effects"] = [
                {
                    "name": indicator.numerator_label or "分子",
                    "text": show_change(parts.numerator_effect, places + 1),
                },
                {
                    "name": indicator.denominator_label or "分母",
                    "text": show_change(parts.denominator_effect, places + 1),
                },
            ]
    return context


def _ranks(moved: Moved, words: _Words) -> dict[str, Any]:
    ranks: Overtaking = moved.ranks  # type: ignore[assignment]
    return {
        "ranks": ranks,
        "passed_us": words.names(ranks.passed_us),
        "we_passed": words.names(ranks.we_passed),
        "left_out": words.names(ranks.left_out),
        "ahead": _near(words, ranks.ahead),
        "behind": _near(words, ranks.behind),
        "unit": words.gap_unit,
        "places": ranks.before - ranks.after,
    }


def _near(words: _Words, near: NextUp | None) -> dict[str, str] | None:
    if near is None:
        return None
    return {
        "who": words.names(near.keys),
        "gap": words.value(near.gap),
        "value": words.value(near.value),
    }


def _table(moved: Moved, words: _Words) -> list[dict[str, Any]]:
    """Everybody held at both periods, best first now: both values, both places."""
    ground, ranks = moved.ground, moved.ranks
    assert ranks is not None
    both = [one.pk for one in ground.regions if one.is_ranked and one.pk not in ranks.left_out]
    now = rank({pk: ground.values[pk] for pk in both}, moved.indicator.direction)  # type: ignore[arg-type]
    then = rank({pk: ground.before[pk] for pk in both}, moved.indicator.direction)  # type: ignore[arg-type]
    rows = []
    for key in now.order:
        pk: int = key  # type: ignore[assignment]
        rows.append(
            {
                "name": words.name(pk),
                "own": pk == moved.region.pk,
                "now": words.figure(pk, ground.later, ground.values[pk], ""),
                "then": words.figure(pk, ground.earlier, ground.before[pk], ""),
                "place": {
                    "place": now.place[pk],
                    "tied": now.tied[pk],
                    "move": then.place[pk] - now.place[pk],
                },
                "place_then": then.place[pk],
                "did": "超过了我们"
                if pk in ranks.passed_us
                else "被我们超过"
                if pk in ranks.we_passed
                else "",
            }
        )
    return rows


def _reported(moved: Moved) -> dict[str, Any] | None:
    """The two reported ranks and what does not compare; None where none was reported."""
    both = moved.reported
    if both.before is None and both.after is None:
        return None
    rows = [
        {
            "period": period.label,
            "text": place_words(one) if one is not None else "没有登记",
            "assessor": one.assessor if one is not None else "",
            "doc_no": one.doc_no if one is not None else "",
            "released_on": one.released_on if one is not None else None,
        }
        for period, one in ((moved.ground.later, both.after), (moved.ground.earlier, both.before))
    ]
    return {"rows": rows, "places": both.places, "differences": both.differences}
