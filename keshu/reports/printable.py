"""A dispatch as one HTML file that needs nothing else: opened by any browser, printed on A4 landscape."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from keshu.directory.models import Region
from keshu.figures.dispatch import Column, Dispatch, Row
from keshu.figures.instead import ShownColumn, columns_shown, leading_columns
from keshu.reports import heading
from keshu.reports.conclusions import conclusion, row_amount, spoken
from keshu.reports.wording import indicator_amount, is_money, measure_amount, reached, share
from keshu.terms.quantity import column_money_unit


@dataclass(frozen=True)
class PrintedCell:
    """What stands in one cell: value, place, completion and the lamp as shape + word."""

    text: str
    place: str = ""
    done: str = ""
    lamp: str = ""
    level: str = ""
    missing: bool = False


@dataclass(frozen=True)
class PrintedTable:
    """Heads and lines of one table."""

    heads: list[tuple[str, str]]
    lines: list[tuple[str, list[PrintedCell]]]
    foot: list[tuple[str, list[PrintedCell]]]


def printable(table: Dispatch, shown: set[int] | None = None, brief: Collection[int] = ()) -> str:
    """The whole page as text. ``shown`` and ``brief`` as in :func:`keshu.reports.exports.export_dispatch`."""
    context: dict[str, Any] = {
        "title": heading.title(table),
        "period": table.period.label,
        "lines": heading.lines(table),
        "lead": spoken(conclusion(table, shown)),
        "main": printed_table(table, columns_shown(table), shown, brief),
        "leading": printed_table(table, leading_columns(table), shown, brief) if table.leading else None,
        "definitions": heading.definitions(table),
        "absences": heading.absences(table, shown),
        "mixed": heading.mixed(table, shown),
        "inside": heading.inside_note(table),
        "code": heading.replay_code(table),
    }
    return render_to_string("reports/dispatch.html", context)


def printed_table(
    table: Dispatch,
    shown_columns: Sequence[ShownColumn],
    shown: set[int] | None,
    brief: Collection[int] = (),
) -> PrintedTable:
    """Regions × indicators as words, with the mean and the whole under them."""
    columns = [one.column for one in shown_columns]
    units, heads = {}, []
    by_key: dict[tuple[int, int], Row] = {}
    for one in shown_columns:
        column, unit = one.column, one.column.indicator.unit
        units[column.indicator.pk] = (
            column_money_unit([row.value for row in one.rows]) if is_money(unit) else unit
        )
        by_key.update({(column.indicator.pk, row.region.pk): row for row in one.rows})
        fixed = "已定" if column.indicator.period_rule == "annual" else ""
        when = column.period.short_label if column.period.kind == "day" else column.period.label
        note = "\n".join(
            filter(None, (units[column.indicator.pk], f"{when}{fixed}", heading.instead_words(one)))
        )
        heads.append((column.indicator.short_name, note))
    lines = []
    for region in table.regions:
        whole = shown is None or region.pk in shown
        if whole or region.pk in brief:
            cells = [
                _cell(by_key[(c.indicator.pk, region.pk)], units[c.indicator.pk], whole) for c in columns
            ]
            lines.append((region.short_name if table.level == Region.Level.PROVINCE else region.name, cells))
    means = [
        PrintedCell(
            "" if c.mean is None else indicator_amount(c.indicator, c.mean, units[c.indicator.pk]).text
        )
        for c in columns
    ]
    wholes = [_whole(c, units[c.indicator.pk]) for c in columns]
    city = table.parent.level == Region.Level.CITY
    foot = [
        ("县区均值" if table.level == "county" else "均值", means),
        ("全市" if city else table.parent.name, wholes),
    ]
    return PrintedTable(heads, lines, foot)


def _cell(row: Row, unit: str, whole: bool) -> PrintedCell:
    if row.value is None:
        lamp = f"{row.lamp.shape} " if row.lamp else ""
        return PrintedCell(
            f"{lamp}{row.missing.partition('（')[0]}", place=_amount_held(row), missing=True, level="none"
        )
    place = "" if not row.region.is_ranked else f"{'并列' if row.tied else ''}第{row.rank}"
    text = row_amount(row, unit if is_money(row.indicator.unit) else None).text
    if not whole:
        return PrintedCell(text, place or "不排位")
    lamp = f"{row.lamp.shape} {row.lamp.word}" if row.lamp else reached(row) if row.fixed else ""
    done = share(row.completion) if row.completion is not None and not row.fixed else ""
    return PrintedCell(text, place or "不排位", done, lamp, row.lamp.level if row.lamp else "")


def _amount_held(row: Row) -> str:
    """The amount of a ratio whose denominator is missing: 登记额 without a stale denominator."""
    side = row.figure.numerator
    if row.figure.denominator is None or side.value is None or len(side.parts) != 1:
        return ""
    return str(measure_amount(side.parts[0][0], side.value))


def _whole(column: Column, unit: str) -> PrintedCell:
    row = column.total_row
    if row is None:
        return PrintedCell("")
    if row.value is None:
        return PrintedCell(row.missing.partition("（")[0], missing=True, level="none")
    text = row_amount(row, unit if is_money(row.indicator.unit) else None).text
    return PrintedCell(text, place=heading.total_note(column))
