"""From what a clerk typed to a value: in the row's unit for the checks, scaled in the measure's unit for the record."""

from dataclasses import dataclass
from decimal import Decimal

from keshu.figures.entry.models import FormRow
from keshu.terms.quantity import (
    IncompatibleUnits,
    TooManyDecimals,
    UnreadableNumber,
    convert,
    plain,
    read_quantity,
    scale,
    show_number,
    unit,
    unscale,
)
from keshu.terms.units import MONEY


@dataclass(frozen=True)
class Read:
    """A typed text as read: value in the row's unit and scaled in the measure's, or why it cannot be read."""

    value: Decimal | None = None
    scaled: int | None = None
    problem: str = ""
    meant: str | None = None


def read_cell(row: FormRow, text: str) -> Read:
    """Read a typed text. A unit written behind the number is converted; 3000万 in a money row means 万元. Blank reads as nothing."""
    text = text.strip()
    if not text:
        return Read()
    try:
        number, named = read_quantity(text)
        if named is None and unit(row.unit).dimension == MONEY and text[-1] in "万亿":
            named = "元"
        value = number if named is None else convert(number, named, row.unit)
        return Read(value, scale(convert(value, row.unit, row.measure.unit), row.measure.decimals))
    except UnreadableNumber as error:
        return Read(problem=_short(error, text), meant=error.proposal)
    except IncompatibleUnits:
        return Read(problem=f"“{text}”的单位和本行不同，本行填{row.unit}。改成以{row.unit}计的数。")
    except TooManyDecimals:
        most = row.measure.decimals + unit(row.unit).power - unit(row.measure.unit).power
        return Read(problem=f"“{text}”的小数太长，以{row.unit}计最多 {most} 位。按口径四舍五入后再填。")


def _short(error: UnreadableNumber, text: str) -> str:
    why = str(error).partition("：")[2].partition("。")[0]
    todo = f"是不是 {error.proposal}？" if error.proposal else "改成一个数；没有数就选原因。"
    return f"读到“{text[:20]}”，{why}。{todo}"


def in_unit(row: FormRow, scaled: int | None) -> Decimal | None:
    """A stored scaled value in the unit of the row."""
    return (
        None if scaled is None else convert(unscale(scaled, row.measure.decimals), row.measure.unit, row.unit)
    )


def shown_in(row: FormRow, value: Decimal | None, *, grouping: bool = True) -> str:
    """A value as the row shows it: at least the declared decimals, its own up to two; empty for None."""
    if value is None:
        return ""
    own = len(plain(value).partition(".")[2])
    return show_number(value, max(row.places, min(2, own)), grouping=grouping)
