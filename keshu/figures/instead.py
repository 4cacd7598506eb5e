"""Months without a denominator: where no region's ratio can be computed, the leading amount stands in its column."""

from dataclasses import dataclass

from keshu.figures.models import Indicator
from keshu.figures.table import Column, Dispatch, Row


@dataclass(frozen=True)
class ShownColumn:
    """A column of the table as it is shown, counted and told.

    ``instead``: the ratio whose place ``column`` takes (已登记合同额 for 技术合同占比 in a month without GDP), None for a column of
    its own.
    """

    column: Column
    rows: tuple[Row, ...]
    instead: Indicator | None = None

    @property
    def named(self) -> Indicator:
        """The indicator of the scheme that the column is about."""
        return self.instead or self.column.indicator


def columns_shown(table: Dispatch) -> list[ShownColumn]:
    """The scheme's columns in order. A ratio of this year of which every ranked region lacks the value although numerators are
    held gives way to its first leading column, if that one holds anything: never a ratio over a stale denominator.

    Page, sentence, papers and the JSON's ``shown_instead`` all ask here, so they count the same figures.
    """
    leads: dict[int, Column] = {}
    for column in table.leading:
        if column.item.leads_id is not None:
            leads.setdefault(column.item.leads_id, column)
    own, leading = _by_indicator(table.rows), _by_indicator(table.leading_rows)
    found = []
    for column in table.columns:
        rows = own.get(column.indicator.pk, ())
        lead = leads.get(column.indicator.pk)
        stands = leading.get(lead.indicator.pk, ()) if lead is not None else ()
        if lead is not None and _lacks_denominators(rows) and any(row.value is not None for row in stands):
            found.append(ShownColumn(lead, stands, column.indicator))
        else:
            found.append(ShownColumn(column, rows))
    return found


def leading_columns(table: Dispatch) -> list[ShownColumn]:
    """The leading columns, as the table beside the main one shows them."""
    rows = _by_indicator(table.leading_rows)
    return [ShownColumn(column, rows.get(column.indicator.pk, ())) for column in table.leading]


def rows_shown(table: Dispatch) -> list[Row]:
    """The rows of the shown columns, column by column."""
    return [row for shown in columns_shown(table) for row in shown.rows]


def _by_indicator(rows: list[Row]) -> dict[int, tuple[Row, ...]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.indicator.pk, []).append(row)
    return {pk: tuple(group) for pk, group in found.items()}


def _lacks_denominators(rows: tuple[Row, ...]) -> bool:
    """Whether no ranked region has the ratio although numerators are held; a fixed figure waits for its year."""
    ranked = [row for row in rows if row.region.is_ranked]
    return (
        bool(ranked)
        and not ranked[0].fixed
        and all(row.figure.is_ratio and row.figure.value is None for row in ranked)
        and any(row.figure.numerator.value is not None for row in ranked)
    )
