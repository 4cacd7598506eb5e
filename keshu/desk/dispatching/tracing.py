"""出处: the fragment beside a figure, the full page that can be printed, and every version of a value."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keshu.desk.dispatching.asking import Asked, Doors, at
from keshu.desk.dispatching.faces import amount_text, called
from keshu.desk.dispatching.sheet import REFUSALS
from keshu.desk.guard import address, needs
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.entry.doubting import behind
from keshu.figures.masking import may_open
from keshu.figures.models import Indicator, Measure, Release
from keshu.figures.tracing import Leaf, Source, Trace, trace, versions
from keshu.figures.whole import Whole, whole_of
from keshu.journal import audit, moments
from keshu.ledger.batches import batches_among
from keshu.ledger.registers import by_code
from keshu.reports.heading import VINTAGES, formula_words
from keshu.reports.wording import indicator_amount, minute_words
from keshu.terms.period import Period
from keshu.terms.quantity import plain, round_half_up

UNROUNDED_PLACES = 12
MOST_RECORDS = 200  # records listed behind one figure; all of them stand in the register


class Question:
    """Whose figure, of which period, as of when; refuses what the reader may not open and says so in the audit."""

    def __init__(self, request: HttpRequest) -> None:
        self.asked = Asked.of(request.GET)
        self.actor: Actor = request.actor  # type: ignore[attr-defined]
        try:
            self.period = Period.parse(self.asked.period)
            revision = moments.read_as_of(self.asked.asof or None)
            self.book: Book = book(revision)
            self.region: Region = self.book.region(self.asked.region)
            self.indicator, self.measure = named(self.book, self.asked.name)
        except REFUSALS as refusal:
            raise Http404(str(refusal)) from refusal
        if not may_open(
            self.actor, self.region.pk, public=public(self.book, self.region, self.indicator, self.measure)
        ):
            audit.note(
                self.actor,
                "拒绝",
                f"出处 {self.asked.name} {self.region.name} {self.period.code}",
                outcome="拒绝",
                address=address(request),
            )
            raise PermissionDenied(
                f"这个数归{self.region.name}管，现在的岗位看不到它的出处。请{self.region.name}授权，或请规划科代查。"
            )
        self.revision = revision
        self.doors = Doors(self.asked)

    def trace(self) -> Trace:
        """The trace itself."""
        asked = self.asked
        return trace(asked.name, asked.region, self.period, as_of=asked.asof or None, vintage=asked.vintage)

    def whole(self) -> Whole | None:
        """The parts, where the figure of a region is the sum of them."""
        if self.indicator is None:
            return None
        return whole_of(
            self.book,
            self.revision,
            self.indicator,
            self.region,
            self.period,
            self.asked.level,
            self.asked.vintage,
        )


def named(definitions: Book, name: str) -> tuple[Indicator | None, Measure | None]:
    """The indicator of a name, or the measure. Raises UnknownName."""
    try:
        return definitions.indicator(name), None
    except UnknownName:
        return None, definitions.measure(name)


def public(definitions: Book, region: Region, indicator: Indicator | None, measure: Measure | None) -> bool:
    """Whether everybody may open it: official figures of provinces in a scheme that is open."""
    if region.level not in (Region.Level.NATION, Region.Level.PROVINCE):
        return False
    opened = {scheme.pk for scheme in definitions.schemes.values() if scheme.open_to_public}
    shown = {item.indicator_id for item in definitions.items if item.scheme_id in opened}
    if indicator is not None:
        return indicator.pk in shown
    assert measure is not None
    used = {name for pk in shown for name in definitions.ratio(definitions.indicators[pk]).whole.names}
    return any(definitions.symbols[name].pk == measure.pk for name in used)


@needs(Can.SEE_TRACE)
def trace_card(request: HttpRequest) -> HttpResponse:
    """The fragment for the popover beside a figure."""
    question = Question(request)
    answer = render(
        request, "parts/trace.html", {"trace": card(question, question.trace(), question.whole())}
    )
    answer["X-Keshu-Fragment"] = "1"
    return answer


@needs(Can.SEE_TRACE)
def trace_page(request: HttpRequest) -> HttpResponse:
    """The whole trace: formula, sides, sources by release, people and moments, versions, definition."""
    question = Question(request)
    found, whole = question.trace(), question.whole()
    shown = card(question, found, whole)
    shown["links"] = []
    return render(
        request,
        "dispatching/trace.html",
        {
            "trace": shown,
            "found": found,
            "value": shown["value"],
            "whole": _parts(question, whole) if whole else None,
            "leaves": [_leaf(question, one) for one in found.leaves],
            "crumbs": [{"label": "调度", "href": Asked().address()}, {"label": "出处"}],
            "asof": _asof(question, found),
            "indicator_href": _indicator_href(question),
            "definition": found.definition,
            "formula": formula_words(found.indicator) if found.indicator else "",
            "code_formula": found.indicator.formula if found.indicator else "",
        },
    )


@needs(Can.SEE_TRACE)
def versions_page(request: HttpRequest) -> HttpResponse:
    """Every version of the values behind a figure, newest first; of an indicator, of each measure in it."""
    question = Question(request)
    found = question.trace()
    groups = []
    for leaf in found.leaves:
        listed = versions(leaf.measure, question.region.pk, leaf.period, question.revision)
        groups.append(
            {"measure": leaf.measure, "period": leaf.period, "rows": _history(leaf.measure, listed)}
        )
    return render(
        request,
        "dispatching/versions.html",
        {
            "title": f"{called(question.region)} {found.title}",
            "groups": groups,
            "asof": _asof(question, found),
            "crumbs": [{"label": "调度", "href": Asked().address()}, {"label": "历次版本"}],
            "back": question.doors.figure(
                question.asked.name, question.region.code, question.period.code, question.asked.level
            )[0],
        },
    )


# ---- composing --------------------------------------------------------------------------------------------


def card(question: Question, found: Trace, whole: Whole | None) -> dict[str, Any]:
    """A trace as the popover writes it."""
    indicator = found.indicator
    value, missing = (found.value, found.missing)
    numerator, denominator = found.numerator, found.denominator
    if whole is not None:
        value, missing, numerator, denominator = (
            whole.value,
            "" if whole.value is not None else missing,
            whole.numerator,
            whole.denominator,
        )
    text = shown_value(found, value) or missing
    rows: list[dict[str, Any]] = []
    if whole is not None:
        rows.append(
            {
                "label": "怎么来",
                "text": f"{len(whole.total.included)} 个地区相加，再相除"
                if denominator is not None
                else f"{len(whole.total.included)} 个地区相加",
                "note": whole.total.note,
            }
        )
    elif missing:
        rows.append({"label": "缺数", "text": missing})
    if whole is None:
        rows += [_source_row(question, found, leaf, number) for number, leaf in enumerate(found.leaves)]
    label = indicator.definition_label if indicator else ""
    rows.append({"label": "口径", "text": " · ".join(part for part in (label, found.definition) if part)})
    if found.doc_no:
        rows.append({"label": "依据", "text": found.doc_no})
    if value is not None:
        rows.append({"label": "未取整值", "text": unrounded(value, found.unit)})
    query = question.doors.query(
        question.asked.name, question.region.code, question.period.code, question.asked.level
    )
    links = [{"label": "打开完整出处", "href": at("desk:trace", query)}]
    if whole is None:
        links.append({"label": "看历次版本", "href": at("desk:versions", query)})
    href = _indicator_href(question)
    if href:
        links.append({"label": "看走势", "href": href, "end": True})
    return {
        "title": f"{called(question.region)} · {indicator.short_name if indicator else found.title} {text}",
        "value": text,
        "as_of": minute_words(found.as_of) if found.as_of else "",
        "numerator": _side(question, found, numerator, above=True, opens=whole is None)
        if indicator and denominator is not None
        else None,
        "denominator": _side(question, found, denominator, above=False, opens=whole is None)
        if indicator and denominator is not None
        else None,
        "rows": rows,
        "links": links,
    }


def shown_value(found: Trace, value: Decimal | None) -> str:
    """A value with its unit, rounded once."""
    if value is None:
        return ""
    if found.indicator is not None:
        if found.indicator.change_as_growth:
            measure = found.leaves[0].measure if found.leaves else None
            return " ".join(amount_text(value, measure)) if measure else plain(value)
        return indicator_amount(found.indicator, value).spaced
    text, unit = amount_text(value, found.leaves[0].measure)
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def unrounded(value: Decimal, unit: str) -> str:
    """The value as computed, cut for reading where it does not end."""
    short = round_half_up(value, UNROUNDED_PLACES)
    dots = "…" if short != value else ""
    return f"{plain(short)}{dots}{unit if unit == '%' else ' ' + unit}"


def _side(
    question: Question, found: Trace, value: Decimal | None, *, above: bool, opens: bool
) -> dict[str, Any]:
    """Numerator or denominator, opening to its own trace."""
    indicator = found.indicator
    assert indicator is not None
    ratio = question.book.ratio(indicator)
    expression = ratio.numerator if above or ratio.denominator is None else ratio.denominator
    measures = [question.book.symbols[name] for name in expression.names]
    leaf = next((one for one in found.leaves if one.measure.pk == measures[0].pk), None)
    text, unit = amount_text(value, measures[0]) if value is not None else ("缺数", "")
    href = None
    if len(measures) == 1 and leaf is not None and value is not None and opens:
        href, _ = question.doors.figure(measures[0].code, question.region.code, leaf.period.code)
    label = (indicator.numerator_label if above else indicator.denominator_label) or measures[0].name
    return {"label": label, "text": text, "unit": unit, "href": href}


def _source_row(question: Question, found: Trace, leaf: Leaf, number: int) -> dict[str, Any]:
    """Where a side was taken from, who entered and verified it, when."""
    label = leaf.measure.name if len(found.leaves) != 2 else ("分子", "分母")[number]
    if leaf.measure.register and leaf.value.held:
        return {"label": label, "text": f"台账记录 {len(leaf.records)} 条", "note": leaf.period.label}
    taken = [source for source in leaf.sources if source.taken]
    if not taken:
        return {"label": label, "text": leaf.value.missing or "没有数", "note": leaf.period.label}
    first = taken[0]
    released = f" {first.release.released_on:%m-%d}发布" if first.release.released_on else ""
    derived = f"，{leaf.value.derived}" if leaf.value.derived else ""
    estimated = "，推算" if leaf.value.estimated else ""
    return {
        "label": label,
        "text": f"{first.release}{released}，{Release.Kind(first.release.kind).label}{derived}{estimated}",
        "note": people(first),
        **_doubt_door(question, leaf, first),
    }


def _doubt_door(question: Question, leaf: Leaf, source: Source) -> dict[str, str]:
    """填报有误: a note to the other side, where the figure came from a sheet that this reader may write on."""
    value = source.value
    found = behind(question.actor, value.origin, value.origin_pk, leaf.measure.pk)
    if found is None:
        return {}
    sheet, row = found
    address = reverse("desk:sheet", args=[sheet.form.code, sheet.region.code, sheet.period])
    return {"href": f"{address}?wrong={row.pk}#doubts", "link": "填报有误"}


def people(source: Source) -> str:
    """郑澜 填报 · 何叙 核实 10-10 16:22 · 修订 12"""
    parts = []
    if source.value.entered_by:
        parts.append(f"{source.value.entered_by} 填报")
    if source.value.verified_by:
        parts.append(f"{source.value.verified_by} 核实")
    if not parts and source.written_by:
        parts.append(source.written_by)
    if source.at:
        parts.append(minute_words(source.at))
    parts.append(f"修订 {source.value.revision}")
    return " · ".join(parts)


def _leaf(question: Question, leaf: Leaf) -> dict[str, Any]:
    """A measured value on the full page: every release's figure side by side."""
    text, unit = amount_text(leaf.value.value, leaf.measure) if leaf.value.value is not None else ("", "")
    rows = []
    for source in leaf.sources:
        shown = (
            " ".join(amount_text(source.amount, leaf.measure))
            if source.amount is not None
            else source.value.missing or "已撤回"
        )
        rows.append(
            {
                "taken": source.taken,
                "release": str(source.release),
                "kind": Release.Kind(source.release.kind).label,
                "released_on": source.release.released_on,
                "revised": source.release.revised,
                "period": Period.parse(source.value.period).label,
                "value": shown,
                "version": source.value.version,
                "estimated": source.value.estimated,
                "note": source.value.note,
                "people": people(source),
            }
        )
    query = question.doors.query(leaf.measure.code, question.region.code, leaf.period.code)
    tied = _tied(leaf)
    return {
        "measure": leaf.measure,
        "period": leaf.period.label,
        "text": text,
        "unit": unit,
        "missing": leaf.value.missing,
        "derived": leaf.value.derived,
        "rows": rows,
        "records": [
            {
                "href": reverse("desk:record", args=[one.register, one.pk]),
                "title": one.title,
                "number": one.number,
                "batch": f"汇总 {one.items} 件，未逐条"
                if one.items != 1 or (one.register, one.pk) in tied
                else "",
                "text": " ".join(amount_text(one.amount, leaf.measure)),
            }
            for one in leaf.records[:MOST_RECORDS]
        ],
        "records_all": len(leaf.records),
        "href": at("desk:trace", query) if question.indicator is not None else None,
        "versions": at("desk:versions", query),
    }


def _tied(leaf: Leaf) -> set[tuple[str, int]]:
    """The batch rows among the listed records by what was taken out of them: what is left of one may be a single thing."""
    listed = leaf.records[:MOST_RECORDS]
    found = by_code(listed[0].register) if listed else None
    if found is None:
        return set()
    return {(found.code, pk) for pk in batches_among(found.model, [one.pk for one in listed])}


def _parts(question: Question, whole: Whole) -> list[dict[str, Any]]:
    """The parts of a whole, each opening to its own trace; who is left out, and why."""
    out = {left.key: left.reason for left in whole.total.left_out}
    assert question.indicator is not None
    measure = question.book.symbols[question.book.ratio(question.indicator).numerator.names[0]]
    found = []
    for region, figure in whole.parts:
        allowed = may_open(
            question.actor, region.pk, public=public(question.book, region, question.indicator, None)
        )
        under = figure.denominator
        found.append(
            {
                "name": region.name,
                "href": question.doors.figure(question.indicator.code, region.code, question.period.code)[0]
                if allowed
                else None,
                "numerator": " ".join(amount_text(figure.numerator.value, measure))
                if figure.numerator.value is not None
                else "",
                "denominator": " ".join(amount_text(under.value, under.parts[0][0]))
                if under and under.value is not None and under.parts
                else "",
                "out": out.get(region.code, ""),
            }
        )
    return found


def _history(measure: Measure, listed: list[Source]) -> list[dict[str, Any]]:
    """Versions newest first, each beside the one it replaced under the same release."""
    before: dict[int, Source] = {}
    found = []
    for source in reversed(listed):
        old = before.get(source.release.pk)
        found.append(
            {
                "release": str(source.release),
                "version": source.value.version,
                "old": " ".join(amount_text(old.amount, measure)) if old and old.amount is not None else "",
                "new": " ".join(amount_text(source.amount, measure)) if source.amount is not None else "撤回",
                "people": people(source),
                "note": source.value.note,
            }
        )
        before[source.release.pk] = source
    return found[::-1]


def _asof(question: Question, found: Trace) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = [
        {"value": found.region.name},
        {"value": found.period.label},
        {"label": "数据截至", "value": minute_words(found.as_of)},
        {"label": "修订号", "value": str(found.revision)},
    ]
    if question.asked.vintage != "latest":
        items.append({"label": "取数", "value": VINTAGES[question.asked.vintage]})
    return items


def _indicator_href(question: Question) -> str | None:
    """The page of the indicator with this region as its subject; None for a measure or a whole."""
    if question.indicator is None or question.asked.level:
        return None
    schemes = {
        item.scheme_id
        for item in question.book.items
        if item.indicator_id == question.indicator.pk and item.leads_id is None
    }
    scheme = next(
        (s for s in sorted(question.book.schemes.values(), key=lambda s: s.pk) if s.pk in schemes), None
    )
    if scheme is None:
        return None
    pairs = {
        "scheme": scheme.code,
        "name": question.indicator.code,
        "subject": question.region.code,
        "period": question.period.code,
    }
    if question.region.level == Region.Level.PROVINCE:
        annual = next((s for s in question.book.schemes.values() if s.pk in schemes and s.annual), scheme)
        pairs |= {"scheme": annual.code, "level": "province"}
    return at(
        "desk:indicator",
        urlencode({**pairs, **({"asof": question.asked.asof} if question.asked.asof else {})}),
    )
