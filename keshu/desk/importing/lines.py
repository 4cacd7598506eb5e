"""Staged rows as lines of a page: names instead of keys, values in the units people type."""

from dataclasses import dataclass

from keshu.figures.book import book
from keshu.figures.imports.models import StagedRow
from keshu.figures.models import Measure
from keshu.journal import moments
from keshu.terms.period import Period
from keshu.terms.quantity import convert, plain, unscale


@dataclass(frozen=True)
class Line:
    """One row of the preview."""

    row: StagedRow
    measure: str
    region: str
    period: str
    unit: str
    before: str
    after: str


def changed_lines(rows: list[StagedRow]) -> list[Line]:
    """Lines for a page of staged rows; the book of definitions is the only look-up."""
    definitions = book(moments.latest())
    lines = []
    for row in rows:
        measure = definitions.measures.get(row.measure_id) if row.measure_id else None
        region = definitions.regions.get(row.subject_id) if row.subject_id else None
        lines.append(
            Line(
                row,
                measure.name if measure else "",
                region.short_name if region else "",
                Period.parse(row.period).label if row.period else "",
                measure.shown_unit if measure else "",
                _shown(measure, row.before),
                _shown(measure, row.scaled),
            )
        )
    return lines


def _shown(measure: Measure | None, scaled: int | None) -> str:
    if measure is None or scaled is None:
        return ""
    return plain(convert(unscale(scaled, measure.decimals), measure.unit, measure.shown_unit))
