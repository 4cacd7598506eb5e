"""Public pages. Nothing here needs a login and nothing unreleased is shown."""

import csv
import io
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from keshu import __version__
from keshu.figures.book import UnknownName
from keshu.figures.canonical import number
from keshu.figures.masking import may_open
from keshu.figures.tracing import Leaf, Source, trace
from keshu.journal import moments
from keshu.portal import nation as official
from keshu.terms.period import Period
from keshu.terms.quantity import show_number, show_percent
from keshu.terms.text import guard_cell


@require_safe
def nation(request: HttpRequest) -> HttpResponse:
    """全国—31省: one indicator opened with its arithmetic, the others with value and rank."""
    year, vintage, found_years = _asked(request)
    found = official.table(year, vintage)
    codes = [column.indicator.code for column in found.columns]
    default = next((c.indicator.code for c in found.columns if c.of), codes[0])
    opened = request.GET.get("open", default)
    if opened not in codes:
        raise Http404
    by_rank = request.GET.get("sort") == "rank"
    by_column = {column.indicator.code: official.lines(found, column, vintage) for column in found.columns}
    wholes = {
        column.indicator.code: official.whole_line(found, column, by_column[column.indicator.code], vintage)
        for column in found.columns
    }
    whole = wholes[opened]
    numbered, sources = official.numbered([*by_column[opened], *([whole] if whole else [])])
    by_column[opened] = numbered[: len(found.regions)]
    wholes[opened] = numbered[-1] if whole else None
    column = found.columns[codes.index(opened)]
    compared = any(line.previous for line in numbered)
    ratio = any(line.row.figure.is_ratio for line in by_column[opened])
    order = list(range(len(found.regions)))
    if by_rank:
        order.sort(
            key=lambda at: (by_column[opened][at].row.rank is None, by_column[opened][at].row.rank or 0)
        )
    plain = {"open": opened}
    ranked = {**plain, "sort": "rank"}
    context = {
        "found": found,
        "column": column,
        "indicator": column.indicator,
        "heads": official.heads(found, opened, vintage, by_rank),
        "unit": official.shown_unit(column.indicator, [line.row for line in by_column[opened]]),
        "rows": [
            {"region": found.regions[at], "lines": [by_column[code][at] for code in codes]} for at in order
        ],
        "opened": opened,
        "sources": sources,
        "wholes": [{"code": code, "line": wholes[code]} for code in codes],
        "has_whole": any(wholes.values()),
        "compared": compared,
        "year_before": column.period.year - 1,
        "ratio": ratio,
        "span": 4 + 2 * compared + 2 * ratio,
        "factor": number(next(line.row.figure.factor for line in by_column[opened])),
        "change_unit": next((line.row.change.unit for line in by_column[opened]), ""),
        "mixed": sum(line.mixed for line in numbered),
        "by_rank": by_rank,
        "sort_region": official.address("portal:nation", year, vintage, **plain),
        "sort_rank": official.address("portal:nation", year, vintage, **ranked),
        "csv_href": official.address("portal:nation_csv", year, vintage),
        "filters": _filters(year, vintage, found_years, ranked if by_rank else plain),
        "asof": _asof(year, vintage, found.as_of, found.revision),
    }
    return render(request, "portal/nation.html", context)


@require_GET
def nation_csv(request: HttpRequest) -> HttpResponse:
    """The same table in long form with unrounded values."""
    year, vintage, _ = _asked(request)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in official.csv_rows(official.table(year, vintage), vintage):
        writer.writerow([guard_cell(cell) for cell in row])
    answer = HttpResponse(
        b"\xef\xbb\xbf" + buffer.getvalue().encode(), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="provinces-{year}-{vintage}.csv"'
    return answer


@require_safe
def nation_trace(request: HttpRequest, indicator: str, region: str) -> HttpResponse:
    """出处: the arithmetic of one figure and what every publication says of its sides. No names of persons."""
    year, vintage, _ = _asked(request)
    definitions = official.latest_book()
    scheme = official.open_scheme(definitions)
    try:
        shown = definitions.indicator(indicator)
        place = definitions.region(region)
    except UnknownName as error:
        raise Http404 from error
    if shown.pk not in {row.pk for row in official.indicators_of(definitions, scheme)}:
        raise Http404
    if place.level not in ("nation", official.LEVEL):
        raise Http404
    if not may_open(None, place.pk, public=scheme.open_to_public):
        raise Http404
    found = trace(shown.code, place.code, Period.year(year), vintage=vintage)
    leaves = [_leaf(leaf) for leaf in found.leaves]
    whole = all(leaf["open"] for leaf in leaves)
    context = {
        "trace": found,
        "place": place,
        "indicator": shown,
        "leaves": leaves,
        "whole": whole,
        "value": _rounded(shown, found.value) if whole else "",
        "exact": number(found.value) if whole else "",
        "numerator": number(found.numerator) if whole else "",
        "denominator": number(found.denominator) if whole else "",
        "back": official.address("portal:nation", year, vintage, open=shown.code),
        "asof": _asof(year, vintage, found.as_of, found.revision),
    }
    return render(request, "portal/trace.html", context)


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """For operators: whether the database answers, and the newest revision; 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        revision = moments.latest()
    except DatabaseError:
        return JsonResponse({"database": "unreachable", "version": __version__}, status=503)
    return JsonResponse({"database": "ok", "revision": revision, "version": __version__})


def _asked(request: HttpRequest) -> tuple[int, str, list[int]]:
    """Year, vintage and the years there are; 404 for what does not exist."""
    definitions = official.latest_book()
    try:
        found = official.years(definitions, official.open_scheme(definitions))
    except official.NothingPublic as error:
        raise Http404 from error
    wanted = request.GET.get("year", "")
    vintage = request.GET.get("vintage", "latest")
    if not found or vintage not in official.VINTAGES:
        raise Http404
    if not wanted:
        return found[0], vintage, found
    year = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 else 0
    if year not in found:
        raise Http404
    return year, vintage, found


def _asof(year: int, vintage: str, at: datetime | None, revision: int) -> list[dict[str, str]]:
    """What stands in the line of dates over an official table."""
    return [
        {"label": "数据年", "value": str(year)},
        {"label": "版次", "value": official.VINTAGES[vintage]},
        {"label": "数据截至", "value": at.strftime("%Y-%m-%d %H:%M") if at else "还没有"},
        {"label": "修订", "value": f"r{revision}"},
    ]


def _filters(year: int, vintage: str, found: list[int], kept: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": "年份",
            "value": str(year),
            "options": [
                {
                    "label": f"{option} 年",
                    "href": official.address("portal:nation", option, vintage, **kept),
                    "current": option == year,
                }
                for option in found
            ],
        },
        {
            "label": "版次",
            "value": official.VINTAGES[vintage],
            "on": vintage != "latest",
            "options": [
                {
                    "label": words,
                    "href": official.address("portal:nation", year, code, **kept),
                    "current": code == vintage,
                }
                for code, words in official.VINTAGES.items()
            ],
        },
    ]


def _leaf(leaf: Leaf) -> dict[str, Any]:
    """A measured value with its publications; what is not open or not published is not shown."""
    shown = [source for source in leaf.sources if source.release.kind in official.PUBLIC_KINDS]
    taken = [source for source in leaf.sources if source.taken]
    opened = leaf.measure.open_to_public and all(source in shown for source in taken)
    return {
        "measure": leaf.measure,
        "period": leaf.value.period or leaf.period.code,
        "value": number(leaf.value.value) if opened else "",
        "missing": leaf.value.missing if opened else (leaf.value.missing or official.UNPUBLISHED),
        "derived": leaf.value.derived,
        "open": opened or not leaf.value.held,
        "sources": [_source(source) for source in shown] if leaf.measure.open_to_public else [],
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "release": str(source.release),
        "released_on": source.release.released_on,
        "revised": source.release.revised,
        "period": source.value.period,
        "value": number(source.amount) or "",
        "estimated": source.value.estimated,
        "note": source.value.note,
        "taken": source.taken,
        "revision": source.value.revision,
    }


def _rounded(indicator: Any, value: Any) -> str:
    if value is None:
        return ""
    if indicator.unit == "%":
        return show_percent(value, indicator.decimals)
    if indicator.unit == "元":
        return f"{official.shown_value(indicator, value, '亿元')} 亿元"
    return f"{show_number(value, indicator.decimals)} {indicator.unit}"
