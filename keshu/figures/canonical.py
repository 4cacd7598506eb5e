"""The canonical JSON of a dispatch: the same for the same revision, on every database, always."""

from decimal import Decimal
from typing import Any

from keshu.figures.arithmetic.forecast import Forecast
from keshu.figures.arithmetic.ratio import WIDE, Refused
from keshu.figures.dispatch import Column, Dispatch, Row
from keshu.figures.instead import columns_shown
from keshu.figures.models import Target
from keshu.terms.quantity import plain

PLACES = Decimal(1).scaleb(-20)


def number(value: Decimal | None) -> str | None:
    """A Decimal as a plain string with at most twenty decimals, without trailing zeros; None stays None."""
    if value is None:
        return None
    kept = value.quantize(PLACES, context=WIDE) if value.as_tuple().exponent < -20 else value  # type: ignore[operator]
    text = plain(kept)
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def target_text(target: Target | None) -> str | None:
    """A target in the form of its document: one number, or a range with —."""
    if target is None:
        return None
    low = number(target.low)
    return low if target.high is None else f"{low}—{number(target.high)}"


def row_json(row: Row) -> dict[str, Any]:
    """One row of the table; decimals are strings, completion and time progress are shares (1 = 100 %)."""
    figure = row.figure
    return {
        "indicator": row.indicator.code,
        "indicator_name": row.indicator.name,
        "region_code": row.region.code,
        "region": row.region.short_name,
        "period": figure.period.code,
        "value": number(row.value),
        "unit": row.indicator.unit,
        "numerator": number(figure.numerator.value),
        "denominator": number(figure.denominator.value) if figure.denominator else None,
        "target": target_text(row.target),
        "completion": number(row.completion),
        "time_progress": number(row.progress),
        "lamp": {"level": row.lamp.level, "word": row.lamp.word, "reason": row.lamp.reason}
        if row.lamp
        else None,
        "fixed": row.fixed,
        "met": row.met,
        "rank": row.rank,
        "tied": row.tied,
        "of": row.of,
        "rank_change": row.rank_change,
        "class_rank": row.class_rank,
        "class_of": row.class_of,
        "previous": number(row.previous.value),
        "previous_period": row.previous.period.code,
        "change": number(row.change.value),
        "change_unit": row.change.unit,
        "change_reason": row.change.reason,
        "mixes_releases": row.mixes,
        "numerator_effect": number(row.split.numerator_effect) if row.split else None,
        "denominator_effect": number(row.split.denominator_effect) if row.split else None,
        "mean": number(row.mean),
        "gap_to_mean": number(row.gap_to_mean),
        "gap_to_parent": number(row.gap_to_parent),
        "gap_to_next": number(row.gap_to_next),
        "next": row.next_up.code if row.next_up else None,
        "forecast": _forecast(row.forecast),
        "amount": number(row.amount),
        "missing": row.missing or None,
    }


def _forecast(value: Forecast | Refused | None) -> dict[str, Any] | None:
    if value is None:
        return None
    if isinstance(value, Refused):
        return {"refused": value.reason}
    return {"low": number(value.low), "high": number(value.high), "basis": value.basis_text}


def column_json(column: Column, instead: str | None = None) -> dict[str, Any]:
    """What belongs to an indicator as a whole: Σ/Σ of the parts, the parent's own value, the mean, who is missing.

    ``instead``: the leading indicator that is shown in this column's place in a period without denominators.
    """
    total = column.total
    return {
        "indicator": column.indicator.code,
        "period": column.period.code,
        "total": number(total.value) if total else None,
        "total_numerator": number(total.numerator) if total else None,
        "total_denominator": number(total.denominator) if total else None,
        "total_note": total.note if total else None,
        "parent": number(column.parent.value),
        "mean": number(column.mean),
        "of": column.of,
        "missing": list(column.missing),
        "time_progress": number(column.progress),
        "shown_instead": instead,
    }


def dispatch_json(table: Dispatch, *, shown: set[int] | None = None) -> dict[str, Any]:
    """The whole table. ``shown`` limits rows to these subjects (ranks stay those of the whole)."""

    def kept(rows: list[Row]) -> list[dict[str, Any]]:
        return [row_json(row) for row in rows if shown is None or row.region.pk in shown]

    instead = {
        shown.instead.pk: shown.column.indicator.code for shown in columns_shown(table) if shown.instead
    }
    return {
        "scheme": table.scheme.code,
        "scheme_name": table.scheme.name,
        "period": table.period.code,
        "level": table.level,
        "region": table.parent.code,
        "as_of": table.as_of.isoformat() if table.as_of else None,
        "revision": table.revision,
        "vintage": table.vintage,
        "lamp_rule": table.lamp_rule.code if table.lamp_rule else None,
        "rows": kept(table.rows),
        "leading": kept(table.leading_rows),
        "columns": [
            column_json(column, instead.get(column.indicator.pk))
            for column in (*table.columns, *table.leading)
        ],
    }
