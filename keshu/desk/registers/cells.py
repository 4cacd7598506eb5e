"""A value of a record as a clerk reads it."""

from datetime import date
from decimal import Decimal
from typing import Any

from keshu.ledger.records import Record
from keshu.ledger.registers import Column, Register
from keshu.terms.quantity import column_money_unit, convert, plain, show_number

NUMERIC = frozenset({"money", "count", "number"})


def text(record: Record, column: Column) -> str:
    """The text of one column; money in 万元 with two decimals; nothing where nothing was entered."""
    value: Any = getattr(record, column.path)
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return show_number(convert(value, "元", "万元"), 2)
    if column.choices:
        return dict(column.choices).get(str(value), str(value))
    if column.kind in ("choice", "state"):
        display = getattr(record, f"get_{column.path}_display", None)
        return str(display() if display else value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return show_number(value, column.places) if column.places else plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


#: What stands for the sum of a column that nobody filled.
UNFILLED = "— 未填"


def total(value: Decimal | None, column: Column) -> tuple[str, str]:
    """The sum of a column as (text, unit): money in 万元, from one 亿 on in 亿元; other amounts in the column's unit.
    未填 where nobody filled the column: that is no zero."""
    if value is None:
        return UNFILLED, ""
    summed = Decimal(value)  # a count comes as a plain number
    if column.kind != "money":
        return show_number(summed, column.places), column.unit
    return money(summed)


def money(yuan: Decimal) -> tuple[str, str]:
    """An amount in 元 as (text, unit)."""
    unit = column_money_unit([yuan])
    return show_number(convert(yuan, "元", unit), 2), unit


def state_text(register: Register, record: Record) -> str:
    """The state of a record in words."""
    if register.procedure is not None and record.state in register.procedure.states:
        return register.procedure.states[record.state]
    return register.choices_of("state").get(record.state, record.state)


def batch_words(record: Record, *, tied: bool) -> str:
    """What a batch row says of itself; nothing for a single record. ``tied``: something was taken out of it."""
    return f"汇总 {record.items} 件，未逐条" if record.is_batch or tied else ""
