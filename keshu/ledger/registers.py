"""The declaration of a register: what its list shows, what can be asked of it, and what it counts.

A line of business costs a model, a procedure and a declaration like this; list, record page, search, export, sums and
measures come with it. The figures of floor 4 collect the measures from here (nothing here knows of them).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from django.db import models

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import Writing
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record
from keshu.procedure.moving import Procedure
from keshu.terms.formula import Expression, parse
from keshu.terms.period import Period
from keshu.terms.quantity import scale

Kind = Literal[
    "name", "text", "long", "money", "count", "number", "date", "state", "choice", "flag", "region", "unit"
]


class DeclarationBroken(ValueError):
    """A register declares something its model cannot answer; found when the application starts."""


class ChangeRefused(ValueError):
    """A register may not be changed like this, because something above it still needs what would go."""


@dataclass(frozen=True)
class Column:
    """One column of the list: a field path of the model and how it is shown. ``total``: its sum stands below the list.

    ``unit`` stands behind a sum (元 is shown as 万元 or 亿元). What a form or an import asks of it: whether it is
    ``required``, the ``choices`` (value, label) where the model's field declares none, the ``places`` of a number, how many
    characters (``longest``), a word of ``help``, and ``names`` that heads of files may carry beside the label.
    """

    path: str
    label: str
    kind: Kind = "text"
    total: bool = False
    shown: bool = True
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    places: int = 0
    longest: int = 200
    unit: str = ""
    help: str = ""
    names: tuple[str, ...] = ()


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

    ``owner``: the record's own organisation is told too. ``lapses``: nothing can be done once the day is over, so nothing stays
    overdue. Calendar, feed and reminders are made from these.
    """

    field: str
    label: str
    states: frozenset[str]
    whose: Can
    owner: bool = False
    lapses: bool = False


@dataclass(frozen=True)
class Contribution:
    """What one record adds to one cell: scaled amount, and records (+1, −1) for those who ask how many stand behind it."""

    measure: str
    subject: int
    period: str
    amount: int
    held: int


@dataclass(frozen=True)
class Bringing:
    """How files of records come into a register (补登、批量导入).

    ``columns``: what a file may say; region and organisation are found by name or code. ``key``: the paths that tell one record
    from another (empty: all columns together). ``build`` makes an unsaved record of the values by path (all that must hold is
    checked there: ``ValueError`` with a sentence refuses the row); ``change`` brings new values into a record that stands already,
    and None means that a record is never changed by a file. ``may``: who brings. ``fixed``: states in which a file changes nothing.
    ``check`` says what ``build`` would refuse, where that can be had without a record.
    ``prepare`` is given the values of all new records inside the writing block (to make what they hang on) and gives back what
    finishes each of them. ``prefix``: the series of its numbers. ``note`` stands in the template.
    """

    columns: tuple[Column, ...]
    build: Callable[[Mapping[str, Any], Actor], Record]
    may: Callable[[Actor], bool]
    change: Callable[[Any, Mapping[str, Any], Actor], None] | None = None
    check: Callable[[Mapping[str, Any], Actor], object] | None = None
    key: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    prefix: str = ""
    prepare: Callable[[Iterable[Mapping[str, Any]]], Callable[[Any], None]] | None = None
    note: str = ""


@dataclass(frozen=True)
class Register:
    """A register of one model, with its procedure and its measures.

    ``turns``: whose turn it is in a state, by capability; ``narrowed``: in which of them not everybody with the capability takes a
    turn, as a condition on the records. ``private``: states in which only the record's own organisation sees
    it (a draft is nobody else's business). ``struck``: states that take a record back, drawn through in the list. ``way``: the states of the ordinary way in order, for the flow on the record's page.
    ``closed``: why a record takes no more papers from an actor (None: it does).
    ``deadlines``: what may fall due. ``title``: the field that names a record among others of its organisation (its number
    where empty). ``about``: one line of the counting rule. ``beside``: what
    its steps read of other rows (the call), fetched together with many records. ``only``: the values that tell its records from those of other registers
    over the same model. ``names``: what conditions call the columns (Chinese names of a custom ledger); the fields' own names where
    empty. ``bringing``: how files of records come in, where they may.
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
    narrowed: Mapping[str, Callable[[Actor], models.Q]] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    struck: frozenset[str] = frozenset()
    way: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    title: str = ""
    closed: Callable[[Any, Actor], str | None] | None = None
    about: str = ""
    order: tuple[str, ...] = ("-pk",)
    beside: tuple[str, ...] = ()
    only: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    bringing: Bringing | None = None
    release: str = ""

    @property
    def released_as(self) -> str:
        """The label of the release under which its figures stand; a ledger keeps it when it is renamed."""
        return self.release or self.name

    @property
    def importable(self) -> bool:
        """Whether files of records may come in."""
        return self.bringing is not None

    @property
    def records(self) -> models.QuerySet[Any]:
        """All records of the register, for counting; pages ask ``rows``."""
        return self.model._base_manager.filter(**self.only)

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether a recorded state of the model is one of this register."""
        return all(data.get(name) == value for name, value in self.only.items())

    def column(self, path: str) -> Column | None:
        """The declared column of a path."""
        return next((column for column in self.columns if column.path == path), None)

    def label_of(self, path: str) -> str:
        """What a path is called: by its column, else by the model."""
        column = self.column(path)
        return column.label if column else str(self.model._meta.get_field(path).verbose_name)  # type: ignore[union-attr]

    def choices_of(self, path: str) -> dict[str, str]:
        """Value → label of what may stand in a path; empty where anything may."""
        column = self.column(path)
        if column is not None and column.choices:
            return dict(column.choices)
        found: Any = self.model._meta.get_field(path)
        if isinstance(found, models.BooleanField):
            return {"True": "是", "False": "否"}
        return {str(value): str(label) for value, label in found.flatchoices or ()}

    @property
    def label(self) -> str:
        """The label of the model, as the history writes it."""
        return self.model._meta.label

    @cached_property
    def conditions(self) -> dict[str, Expression | None]:
        """The checked condition of each measure; DeclarationBroken for a name that is no field or a text that is no condition."""
        return {measure.code: self._checked(measure) for measure in self.measures}

    def _checked(self, measure: RegisterMeasure) -> Expression | None:
        held = {f.name for f in self.model._meta.concrete_fields}
        for name in filter(None, (measure.date, measure.until, measure.leaves, measure.field)):
            if name not in held:
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
        types = {f.name: kind for f in self.model._meta.concrete_fields if (kind := _type_of(f))}
        return {name: types[path] for name, path in self.names.items()} if self.names else types

    def rows(self, actor: Actor) -> models.QuerySet[Any]:
        """The records an actor may see: its scope, without what others are still drafting."""
        found = self.model.objects.visible_to(actor)
        if self.only:
            found = found.filter(**self.only)
        if not self.private:
            return found
        if not actor.can(Can.APPLY):  # nobody else writes drafts: a condition that an index can answer
            return found.exclude(state__in=self.private)
        own = models.Q(unit__in=actor.unit_ids)
        return found.filter(own | ~models.Q(state__in=self.private))

    def waiting(self, actor: Actor) -> models.QuerySet[Any]:
        """The records whose turn is this actor's."""
        states = [state for state, capability in self.turns.items() if actor.can(capability)]
        found = self.rows(actor).filter(state__in=states)
        for state, mine in self.narrowed.items():
            if state in states:
                found = found.filter(~models.Q(state=state) | mine(actor))
        return found

    def contributions(self, record: Record) -> list[Contribution]:
        """What the record adds to the register's measures. A record without the date or outside the condition adds nothing."""
        found: list[Contribution] = []
        for measure in self.measures:
            if self._counts(measure, record):
                found += _entries(measure, record, self.model)
        return found

    def _counts(self, measure: RegisterMeasure, record: Record) -> bool:
        expression = self.conditions[measure.code]
        if expression is None:
            return True
        path = self.names.get
        return expression.condition({name: getattr(record, path(name, name)) for name in expression.names})


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
Provider = Callable[[], Sequence[Register]]
Follower = Callable[[Register, Writing], None]
_providers: list[Provider] = []
_followers: list[Follower] = []


def enlist(register: Register) -> Register:
    """Declare a register; its conditions are checked at once. Called from the room's ``AppConfig.ready``."""
    for code in register.conditions:
        for other in _registers.values():
            if other.code != register.code and code in other.conditions:
                raise DeclarationBroken(f"计量代码 {code} 在“{other.name}”里已经有了。")
    _registers[register.code] = register
    return register


def provide(provider: Provider) -> Provider:
    """Declare where more registers come from (ledgers defined on a page). It is asked every time: it must be cheap and must see
    what another process has saved."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def declared() -> tuple[Register, ...]:
    """The registers that the rooms declare, in the order of their declaration; nothing is read from the database."""
    return tuple(_registers.values())


def registers() -> tuple[Register, ...]:
    """All registers: the declared ones in their order, then those that providers find."""
    return (*declared(), *(register for provider in _providers for register in provider()))


def by_code(code: str) -> Register | None:
    """The register of a code; providers are asked only when the rooms declare none of that code."""
    if code in _registers:
        return _registers[code]
    return next((register for register in registers() if register.code == code), None)


def by_label() -> dict[str, tuple[Register, ...]]:
    """Registers by the label of their model: several may share one."""
    found: dict[str, tuple[Register, ...]] = {}
    for register in registers():
        found[register.label] = (*found.get(register.label, ()), register)
    return found


def when_changed(follower: Follower) -> Follower:
    """Declare what a floor above must do when a register is defined or changed while the house runs: ``follower(register, block)``
    inside the writing block."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def changed(register: Register, block: Writing) -> None:
    """Tell that a register has been defined or changed in this block: its measures are loaded and its records counted again."""
    for follower in _followers:
        follower(register, block)
