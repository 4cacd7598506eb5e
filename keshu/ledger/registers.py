"""The declaration of a register: what its list shows, what can be asked of it, and what it counts.

A line of business costs a model, a procedure and a declaration like this; list, record page, search, export, sums and
measures come with it. The figures of floor 4 collect the measures from here (nothing here knows of them).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from django.db import models

from keshu.directory.actors import Actor, Can
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record
from keshu.procedure.moving import Procedure
from keshu.terms.formula import Expression, parse
from keshu.terms.period import Period
from keshu.terms.quantity import scale

Kind = Literal["name", "text", "money", "count", "date", "state", "choice", "region", "unit"]


class DeclarationBroken(ValueError):
    """A register declares something its model cannot answer; found when the application starts."""


@dataclass(frozen=True)
class Column:
    """One column of the list: a field path of the model and how it is shown. ``total``: its sum stands below the list."""

    path: str
    label: str
    kind: Kind = "text"
    total: bool = False
    shown: bool = True


@dataclass(frozen=True)
class RegisterMeasure:
    """A count or a sum over one register.

    ``condition`` uses only fields of the register (names of columns of the model). A flow counts in the month of ``date``;
    a stock enters with ``date`` and leaves the day after ``until`` (the last day something is valid) or on ``leaves`` (the day
    it ended), whichever comes first. ``field`` is summed; without it records are counted,
    a batch row as many as it stands for. ``unit`` is the unit stored (元 for money).
    """

    code: str
    name: str
    unit: str
    condition: str = ""
    field: str = ""
    nature: Literal["flow", "stock"] = "flow"
    date: str = "counts_on"
    until: str = ""
    leaves: str = ""
    decimals: int = 0
    definition: str = ""
    legal_ref: str = ""


@dataclass(frozen=True)
class Deadline:
    """Something due: the date field it stands in, the states in which it still matters, whose business it is.

    ``owner``: the record's own organisation is told too. Calendar, feed and reminders are made from these.
    """

    field: str
    label: str
    states: frozenset[str]
    whose: Can
    owner: bool = False


@dataclass(frozen=True)
class Contribution:
    """What one record adds to one cell: scaled amount, and records (+1, −1) for those who ask how many stand behind it."""

    measure: str
    subject: int
    period: str
    amount: int
    held: int


@dataclass(frozen=True)
class Register:
    """A register of one model, with its procedure and its measures.

    ``turns``: whose turn it is in a state, by capability. ``private``: states in which only the record's own organisation sees
    it (a draft is nobody else's business). ``struck``: states that take a record back, drawn through in the list. ``way``: the states of the ordinary way in order, for the flow on the record's page.
    ``deadlines``: what may fall due. ``title``: the field that names a record among others of its organisation (its number
    where empty). ``about``: one line of the counting rule.
    """

    code: str
    name: str
    model: type[Record]
    columns: tuple[Column, ...]
    search: tuple[str, ...] = ("number",)
    filters: tuple[str, ...] = ("state",)
    measures: tuple[RegisterMeasure, ...] = ()
    procedure: Procedure | None = None
    turns: Mapping[str, Can] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    struck: frozenset[str] = frozenset()
    way: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    title: str = ""
    about: str = ""
    order: tuple[str, ...] = ("-pk",)

    @property
    def label(self) -> str:
        """The label of the model, as the history writes it."""
        return self.model._meta.label

    @cached_property
    def conditions(self) -> dict[str, Expression | None]:
        """The checked condition of each measure; DeclarationBroken for a name that is no field or a text that is no condition."""
        return {measure.code: self._checked(measure) for measure in self.measures}

    def _checked(self, measure: RegisterMeasure) -> Expression | None:
        for name in filter(None, (measure.date, measure.until, measure.leaves, measure.field)):
            if name not in self.fields:
                raise DeclarationBroken(f"台账“{self.name}”的计量“{measure.name}”用了没有的字段 {name}。")
        if measure.field and not isinstance(self.model._meta.get_field(measure.field), ScaledField):
            raise DeclarationBroken(f"计量“{measure.name}”要加总的 {measure.field} 不是数值字段。")
        if not measure.condition:
            return None
        expression = parse(measure.condition, self.fields)
        if expression.type != "bool":
            raise DeclarationBroken(f"计量“{measure.name}”的条件“{measure.condition}”不是条件。")
        return expression

    @cached_property
    def fields(self) -> dict[str, str]:
        """Name → type of every column a condition may use."""
        return {f.name: kind for f in self.model._meta.concrete_fields if (kind := _type_of(f))}

    def rows(self, actor: Actor) -> models.QuerySet[Any]:
        """The records an actor may see: its scope, without what others are still drafting."""
        found = self.model.objects.visible_to(actor)
        if not self.private:
            return found
        if not actor.can(Can.APPLY):  # nobody else writes drafts: a condition that an index can answer
            return found.exclude(state__in=self.private)
        own = models.Q(unit__in=actor.unit_ids)
        return found.filter(own | ~models.Q(state__in=self.private))

    def waiting(self, actor: Actor) -> models.QuerySet[Any]:
        """The records whose turn is this actor's."""
        states = [state for state, capability in self.turns.items() if actor.can(capability)]
        return self.rows(actor).filter(state__in=states)

    def contributions(self, record: Record) -> list[Contribution]:
        """What the record adds to the register's measures. A record without the date or outside the condition adds nothing."""
        found: list[Contribution] = []
        for measure in self.measures:
            if self._counts(measure, record):
                found += _entries(measure, record, self.model)
        return found

    def _counts(self, measure: RegisterMeasure, record: Record) -> bool:
        expression = self.conditions[measure.code]
        return expression is None or expression.condition({n: getattr(record, n) for n in expression.names})


def _entries(measure: RegisterMeasure, record: Record, model: type[Record]) -> Iterator[Contribution]:
    begins: date | None = getattr(record, measure.date)
    if begins is None:
        return
    amount = _amount(measure, record)
    if amount is None:
        return
    yield Contribution(measure.code, record.region_id, _month(begins), amount, 1)
    exits = [
        getattr(record, name) + days for name, days in _exits(measure) if getattr(record, name) is not None
    ]
    if exits:
        yield Contribution(measure.code, record.region_id, _month(max(min(exits), begins)), -amount, -1)


def _exits(measure: RegisterMeasure) -> Iterator[tuple[str, timedelta]]:
    if measure.nature == "stock":
        if measure.until:
            yield measure.until, timedelta(days=1)
        if measure.leaves:
            yield measure.leaves, timedelta(0)


def _amount(measure: RegisterMeasure, record: Record) -> int | None:
    if not measure.field:
        return scale(Decimal(record.items), measure.decimals)
    value: Decimal | None = getattr(record, measure.field)
    return None if value is None else scale(value, measure.decimals)


def _month(day: date) -> str:
    return Period.month(day.year, day.month).code


def _type_of(column: Any) -> str:
    if column.primary_key or column.is_relation:
        return ""
    return _TYPES.get(column.get_internal_type(), "number" if isinstance(column, ScaledField) else "")


_TYPES = {
    "CharField": "text",
    "TextField": "text",
    "DateField": "date",
    "BooleanField": "bool",
    "IntegerField": "number",
    "PositiveIntegerField": "number",
    "PositiveSmallIntegerField": "number",
    "BigIntegerField": "number",
}

_registers: dict[str, Register] = {}


def enlist(register: Register) -> Register:
    """Declare a register; its conditions are checked at once. Called from the room's ``AppConfig.ready``."""
    for code in register.conditions:
        for other in _registers.values():
            if other.code != register.code and code in other.conditions:
                raise DeclarationBroken(f"计量代码 {code} 在“{other.name}”里已经有了。")
    _registers[register.code] = register
    return register


def registers() -> tuple[Register, ...]:
    """All registers in the order they were declared."""
    return tuple(_registers.values())


def by_label() -> dict[str, Register]:
    """Registers by the label of their model."""
    return {register.label: register for register in _registers.values()}
