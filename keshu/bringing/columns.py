"""A register's columns as an import knows them: heads, template, how each value is told in JSON."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from keshu.directory.actors import Actor
from keshu.ledger.bringing.places import Places
from keshu.ledger.intake.heads import Column as FileColumn
from keshu.ledger.intake.heads import Holds
from keshu.ledger.intake.templates import write_template
from keshu.ledger.registers import Bringing, Column, Register
from keshu.terms.quantity import plain

_HOLDS = {"money": Holds.NUMBER, "number": Holds.NUMBER, "count": Holds.NUMBER, "date": Holds.DATE}
MOST_LISTED = 2000


def bringing_of(register: Register) -> Bringing:
    """How files come into the register. LookupError where they do not."""
    if register.bringing is None:
        raise LookupError(f"台账“{register.name}”不收文件导入。")
    return register.bringing


def file_columns(register: Register) -> tuple[FileColumn, ...]:
    """The columns that an import of the register knows, in the order of the template."""
    return tuple(
        FileColumn(
            column.path,
            tuple(dict.fromkeys((column.label, *column.names))),
            column.required,
            _HOLDS.get(column.kind, Holds.TEXT),
            column.help or _help(column),
        )
        for column in bringing_of(register).columns
    )


def _help(column: Column) -> str:
    if column.kind == "money":
        return "数；表头不写单位的按万元"
    if column.kind == "count":
        return "整数"
    if column.kind == "number":
        return f"数，最多 {column.places} 位小数" if column.places else "数，不带小数"
    if column.kind == "date":
        return "日期，如 2026-03-05、2026年3月5日"
    if column.kind == "flag":
        return "是或否"
    if column.kind == "unit":
        return "单位名称、代码或统一社会信用代码"
    if column.kind == "region":
        return "地区名称、简称或行政区划代码"
    return f"最多 {column.longest} 字"


def template(register: Register, actor: Actor, out: Path | BinaryIO) -> None:
    """Write the workbook to fill in: heads with units, lists to choose from, a sheet of explanations. Errors: DiskFull."""
    bringing = bringing_of(register)
    lists = {
        column.path: [label for _, label in column.choices] for column in bringing.columns if column.choices
    }
    lists |= {column.path: ["是", "否"] for column in bringing.columns if column.kind == "flag"}
    regions = [name for _, _, name, _ in Places(actor).known_regions()[:MOST_LISTED]]
    lists |= {column.path: regions for column in bringing.columns if column.kind == "region" and regions}
    key = [column.label for column in bringing.columns if column.path in bringing.key]
    same = f"{'、'.join(key)}都相同的认作同一条，再传就是改它" if key else "各列都相同的认作同一条"
    write_template(
        file_columns(register),
        out,
        title=register.name,
        notes=(
            *filter(None, (bringing.note,)),
            f"一行一条。{same}；一份表传几次都一样。",
            "金额的单位写在表头括号里，如 金额（元）；不写的按万元。没有的留空，不要填 0。",
            "单位先在系统里登记过才认得；地区空着用单位所在的地区。",
        ),
        dropdowns=lists,
    )


def to_json(column: Column, value: Any) -> Any:
    """A value as a staged row keeps it."""
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value


def from_json(column: Column, value: Any) -> Any:
    """The value of a staged row."""
    if value is None:
        return None
    if column.kind in ("money", "number", "count"):
        number = Decimal(value)
        return number
    return date.fromisoformat(value) if column.kind == "date" else value
