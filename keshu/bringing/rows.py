"""Reading rows of a register's file: each into the values of one record, or a refusal with its column and a sentence."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keshu.bringing.columns import bringing_of, to_json
from keshu.directory.actors import Actor
from keshu.journal.rows import canonical
from keshu.ledger.bringing.places import Places
from keshu.ledger.bringing.values import ValueRefused, read_value
from keshu.ledger.classified import Classified
from keshu.ledger.fields import ScaledField
from keshu.ledger.intake.cells import BLANK, Cell, Kind, Row
from keshu.ledger.intake.heads import HeadMap
from keshu.ledger.registers import Column, Register


class RowRefused(ValueError):
    """A row that cannot be taken: the column it fails in and a sentence that says what to do."""

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(reason)


@dataclass
class Read:
    """A row that was understood: its values by path (region and organisation as primary keys), its key."""

    row: Row
    values: dict[str, Any]
    key: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one file for one person; look-ups of a chunk are made together."""

    def __init__(self, register: Register, actor: Actor, head: HeadMap) -> None:
        self.register, self.actor, self.head = register, actor, head
        self.bringing = bringing_of(register)
        self.columns = self.bringing.columns
        self.keyed = self.bringing.key or tuple(column.path for column in self.columns)
        self.places = Places(actor)
        self.units = {
            column.path: head.unit_of(column.path) for column in self.columns if column.path in head.index
        }
        self._known: dict[tuple[str, str], Any] = {}

    def read(self, rows: Sequence[Row]) -> list[Read | RowRefused]:
        """The rows of a chunk in their order."""
        picked = [self.head.pick(row) for row in rows]
        self.places.load_units(
            cells[column.path].text.strip()
            for cells in picked
            for column in self.columns
            if column.kind == "unit" and column.path in cells
        )
        found: list[Read | RowRefused] = []
        for row, cells in zip(rows, picked, strict=True):
            try:
                found.append(self._read(row, cells))
            except RowRefused as refused:
                found.append(refused)
        return found

    def _read(self, row: Row, cells: Mapping[str, Cell]) -> Read:
        values: dict[str, Any] = {}
        for column in self.columns:
            cell = cells.get(column.path, BLANK)
            if cell.problem:
                raise RowRefused(self.name(column), cell.problem)
            if cell.kind is Kind.BLANK:
                values[column.path] = None
                continue
            try:
                values[column.path] = self._value(column, cell)
            except ValueRefused as refused:
                raise RowRefused(self.name(column), str(refused)) from refused
        self._place(values)
        for column in self.columns:
            if column.required and values.get(column.path) in (None, ""):
                raise RowRefused(self.name(column), f"{column.label}没有填，这一列每行都要有")
        content = {column.path: to_json(column, values[column.path]) for column in self.columns}
        return Read(row, values, digest([content[path] for path in self.keyed]), content, cells)

    def _value(self, column: Column, cell: Cell) -> Any:
        text = cell.text
        if column.kind in ("text", "name", "long"):
            return read_value(column, text)
        known = self._known.get((column.path, text), _UNKNOWN)
        if known is _UNKNOWN:
            if column.kind == "unit":
                known = self.places.unit(text.strip())
            elif column.kind == "region":
                known = self.places.region(text.strip())
            else:
                known = read_value(column, text, unit=self.units.get(column.path, ""))
            if len(self._known) < _REMEMBERED:
                self._known[column.path, text] = known
        return known

    def _place(self, values: dict[str, Any]) -> None:
        """The organisation's own region where the file names none; else the reader's."""
        for column in self.columns:
            if column.kind == "unit" and values[column.path] is not None:
                values[column.path], region = values[column.path]
                if "region" in values and values["region"] is None:
                    values["region"] = region
        if "region" in values and values["region"] is None:
            values["region"] = self.actor.region_id

    def name(self, column: Column) -> str:
        """The column's name as it stands in the file."""
        at = self.head.index.get(column.path)
        return self.head.names[at] if at is not None else column.label

    def check(self, read: Read) -> None:
        """RowRefused when the register says no to a row, or it belongs to others."""
        try:
            (self.bringing.check or self.bringing.build)(read.values, self.actor)
        except (ValueError, Classified) as refusal:
            raise RowRefused("整行", str(refusal)) from refusal
        region, unit = read.values.get("region"), read.values.get("unit")
        own = region in self.actor.region_ids or unit in self.actor.unit_ids
        if not (own or self.actor.sees_all):
            raise RowRefused("整行", "这一条的地区不在现在这个岗位的范围里，请由那个地区或市局导入")


_UNKNOWN = object()
_REMEMBERED = 20_000


def digest(values: Sequence[Any]) -> str:
    """A short digest of what tells one record from another."""
    return hashlib.blake2s(canonical(values).encode(), digest_size=16).hexdigest()


def attribute(column: Column) -> str:
    """The attribute of a record in which a column's value lies: relations by their key."""
    return f"{column.path}_id" if column.kind in ("region", "unit") else column.path


def said_by(register: Register, record: Any) -> dict[str, Any]:
    """What a record says in the columns of an import, as staged rows keep it."""
    found: dict[str, Any] = {}
    for column in bringing_of(register).columns:
        value = getattr(record, attribute(column))
        if column.path == "items" and value == 1:
            value = None
        if value == "":
            value = None
        model_field = record._meta.get_field(column.path)
        if (
            value is not None
            and column.kind in ("money", "number", "count")
            and not isinstance(model_field, ScaledField)
        ):
            value = str(value)
        found[column.path] = to_json(column, value)
    return found
