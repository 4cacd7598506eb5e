"""A value of a record as a clerk reads it."""

from datetime import date
from decimal import Decimal
from typing import Any

from keshu.ledger.records import Record
from keshu.ledger.registers import Column
from keshu.terms.quantity import column_money_unit, convert, show_number

NUMERIC = frozenset({"money", "count"})


def text(record: Record, column: Column) -> str:
    """The text of one column; money in 万元 with two decimals; nothing where nothing was entered."""
    value: Any = getattr(record, column.path)
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return show_number(convert(value, "元", "万元"), 2)
    if column.kind in ("choice", "state"):
        return str(getattr(record, f"get_{column.path}_display")())
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def total(value: Decimal | None) -> tuple[str, str]:
    """A sum of money as (text, unit): 亿元 from one 亿 on."""
    yuan = value or Decimal(0)
    unit = column_money_unit([yuan])
    return show_number(convert(yuan, "元", unit), 2), unit
