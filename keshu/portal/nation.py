"""全国—31省: official figures restated with their source, every step of the arithmetic shown, so that anyone can check it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from keshu.directory.models import Region
from keshu.figures.arithmetic.change import change
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.canonical import number
from keshu.figures.dispatch import Column, Dispatch, Row, dispatch
from keshu.figures.evaluating import Figure, Side, measures_of
from keshu.figures.masking import seen
from keshu.figures.models import Indicator, Release, ReportedValue, Scheme
from keshu.journal import moments
from keshu.terms.period import Period
from keshu.terms.quantity import column_money_unit, show_change, show_money, show_number

SCHEME = "provinces"
LEVEL = "province"
VINTAGES = {"latest": "修订后", "first": "首次发布"}
#: A figure leaves the house only when somebody with authority has published it under a name.
PUBLIC_KINDS = frozenset({Release.Kind.AUTHORITY, Release.Kind.BULLETIN})
UNPUBLISHED = "未公开"
YI = Decimal(100_000_000)


@dataclass(frozen=True)
class Line:
    """A province in the opened indicator, as texts: what is shown, and everything it was computed from."""

    region: Region
    row: Row
    missing: str
    value: str
    exact: str
    numerator: str
    denominator: str
    previous: str
    change: str
    mixed: bool
    releases: tuple[str, ...]
    href: str
    sources: tuple[int, ...] = ()


class NothingPublic(LookupError):
    """There is no open scheme, or no value in it yet."""


def open_scheme(definitions: Book) -> Scheme:
    """The scheme of official figures; NothingPublic when the package was not loaded or the scheme is not open."""
    try:
        scheme = definitions.scheme(SCHEME)
    except UnknownName as error:
        raise NothingPublic("还没有公开的数。") from error
    if not scheme.open_to_public:
        raise NothingPublic("这张表没有公开。")
    return scheme


def indicators_of(definitions: Book, scheme: Scheme) -> list[Indicator]:
    """The indicators of the scheme in order."""
    return [definitions.indicators[item.indicator_id] for item in definitions.items_of(scheme)]


def years(definitions: Book, scheme: Scheme) -> list[int]:
    """Data years of which a province holds at least one value, newest first."""
    measures = {
        m.pk for indicator in indicators_of(definitions, scheme) for m in measures_of(definitions, indicator)
    }
    provinces = [row.pk for row in definitions.regions.values() if row.level == LEVEL]
    held = ReportedValue.objects.for_system("公开页的年份").filter(
        measure_id__in=measures, subject_id__in=provinces, scaled__isnull=False, estimated=False
    )
    found = {Period.parse(code).year for code in held.values_list("period", flat=True).distinct()}
    return sorted(found, reverse=True)


def table(year: int, vintage: str) -> Dispatch:
    """The dispatch of the provinces for a data year."""
    return dispatch(SCHEME, Period.year(year), level=LEVEL, vintage=vintage, sparks=False, forecasts=False)


def public_side(found: Dispatch, side: Side) -> bool:
    """Whether every value of a side is an open measure's and of a publication with authority."""
    assert found.reader is not None
    return all(measure.open_to_public for measure, _, value in side.parts if value.held) and all(
        found.reader.release(pk).kind in PUBLIC_KINDS for pk in side.releases
    )


def is_public(found: Dispatch, figure: Figure) -> bool:
    """Whether both sides of a figure may be shown outside."""
    sides = [figure.numerator, *([figure.denominator] if figure.denominator else [])]
    return all(public_side(found, side) for side in sides)


def mixes(row: Row) -> bool:
    """Whether the two ends of the change come from different publications, on either side of the ratio."""
    now, then = row.figure.denominator, row.previous.denominator
    if not (row.figure.held and row.previous.held):
        return False
    return row.mixes or (now is not None and then is not None and now.releases != then.releases)


def address(name: str, year: int, vintage: str, *args: object, **more: object) -> str:
    """The address of one of the pages here with its filters."""
    filters: dict[str, object] = {
        "year": year,
        **({"vintage": vintage} if vintage != "latest" else {}),
        **more,
    }
    return f"{reverse(name, args=args)}?{urlencode(filters)}"


def shown_unit(indicator: Indicator, rows: Iterable[Row]) -> str:
    """The unit of a column: amounts in 元 are shown in 万元 or 亿元, the rest as declared."""
    return column_money_unit(row.figure.value for row in rows) if indicator.unit == "元" else indicator.unit


def shown_value(indicator: Indicator, value: Decimal | None, unit: str) -> str:
    """A value rounded once, for the column's unit."""
    if value is None:
        return ""
    return show_money(value, unit)[0] if indicator.unit == "元" else show_number(value, indicator.decimals)


def exact_side(side: Side | None) -> str:
    """A numerator or denominator as it was published, unrounded; money in 亿元."""
    if side is None or side.value is None:
        return ""
    money = all(measure.unit == "元" for measure, _, _ in side.parts)
    value = side.value / YI if money else side.value
    return f"{number(value)}{' 亿元' if money else ''}"


def lines(found: Dispatch, column: Column, vintage: str) -> list[Line]:
    """The provinces of one indicator in the order of the table."""
    sight = seen(found, None)
    rows = [row for row in found.rows if row.indicator.pk == column.indicator.pk and sight.shows(row.region)]
    unit = shown_unit(column.indicator, rows)
    return [_line(found, row, unit, vintage) for row in rows]


def whole_line(found: Dispatch, column: Column, shown: list[Line], vintage: str) -> Line | None:
    """The nation's own published figure, else the sum of the provinces; the sum only when every part of it is open."""
    row = column.total_row
    if row is None or row.figure.value is None:
        return None
    summed = not row.figure.numerator.parts
    if summed and any(line.missing == UNPUBLISHED for line in shown):
        return None
    unit = shown_unit(column.indicator, [line.row for line in shown])
    line = _line(found, row, unit, vintage)
    if summed:
        names = dict.fromkeys(name for one in shown for name in one.releases)
        return replace(line, releases=tuple(names), href="", mixed=any(one.mixed for one in shown))
    return line


def numbered(shown: list[Line]) -> tuple[list[Line], list[str]]:
    """The lines with their publications as numbers, and the publications in the order of these numbers."""
    names = list(dict.fromkeys(name for line in shown for name in line.releases))
    place = {name: at for at, name in enumerate(names, 1)}
    return [replace(line, sources=tuple(place[name] for name in line.releases)) for line in shown], names


def _line(found: Dispatch, row: Row, unit: str, vintage: str) -> Line:
    indicator, figure = row.indicator, row.figure
    open_now, open_then = is_public(found, figure), is_public(found, row.previous)
    moved = row.change if open_now and open_then else change(None, None, figure.is_ratio)
    text = (
        show_change(moved.value, 1 if moved.unit == "%" else indicator.decimals)
        if moved.value is not None
        else ""
    )
    return Line(
        region=row.region,
        row=row,
        missing=row.missing or ("" if open_now else UNPUBLISHED),
        value=shown_value(indicator, figure.value, unit) if open_now else "",
        exact=number(figure.value) or "" if open_now else "",
        numerator=exact_side(figure.numerator) if public_side(found, figure.numerator) else "",
        denominator=exact_side(figure.denominator)
        if figure.denominator and public_side(found, figure.denominator)
        else "",
        previous=shown_value(indicator, row.previous.value, unit) if open_then else "",
        change=text,
        mixed=bool(text) and mixes(row),
        releases=releases(found, figure) if open_now else (),
        href=address("portal:trace", found.period.year, vintage, indicator.code, row.region.code),
    )


def releases(found: Dispatch, figure: Figure) -> tuple[str, ...]:
    """The publications a figure's values are of, by name."""
    assert found.reader is not None
    pks = figure.numerator.releases | (figure.denominator.releases if figure.denominator else frozenset())
    return tuple(sorted(str(found.reader.release(pk)) for pk in pks))


def csv_rows(found: Dispatch, vintage: str) -> list[list[str]]:
    """The whole table in long form with unrounded values, head first; money in 元."""
    rows = [
        [
            "指标代码",
            "指标",
            "数据期间",
            "地区代码",
            "地区",
            "值",
            "单位",
            "分子",
            "分母",
            "位次",
            "参加排位数",
            "上年值",
            "比上年",
            "比上年单位",
            "跨两次发布",
            "缺数原因",
            "来源",
        ]
    ]
    for column in found.columns:
        for line in lines(found, column, vintage):
            row, open_now = line.row, line.missing != UNPUBLISHED
            figure = row.figure
            under = number(figure.denominator.value) if figure.denominator and line.denominator else ""
            rows.append(
                [
                    row.indicator.code,
                    row.indicator.name,
                    figure.period.code,
                    line.region.code,
                    line.region.short_name,
                    line.exact,
                    row.indicator.unit,
                    (number(figure.numerator.value) or "") if line.numerator else "",
                    under or "",
                    str(row.rank) if row.rank is not None and open_now else "",
                    str(row.of),
                    (number(row.previous.value) or "") if line.previous else "",
                    (number(row.change.value) or "") if line.change else "",
                    row.change.unit if line.change else "",
                    "是" if line.mixed else "",
                    line.missing,
                    "；".join(line.releases),
                ]
            )
    return rows


def heads(found: Dispatch, opened: str, vintage: str, by_rank: bool) -> list[dict[str, Any]]:
    """The columns' heads: name, data year, how many are ranked, and the address that opens the column."""
    year = found.period.year
    order = {"sort": "rank"} if by_rank else {}
    return [
        {
            "indicator": column.indicator,
            "unit": shown_unit(
                column.indicator, [r for r in found.rows if r.indicator.pk == column.indicator.pk]
            ),
            "of": column.of,
            "missing": len(column.missing),
            "opened": column.indicator.code == opened,
            "href": address("portal:nation", year, vintage, open=column.indicator.code, **order),
        }
        for column in found.columns
    ]


def latest_book() -> Book:
    """The definitions as they stand now."""
    return book(moments.latest())
