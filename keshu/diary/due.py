"""What is due, for whom, when: the deadlines of all registers and of the declared sources, in scope of one actor."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, Q, QuerySet
from django.db.models.functions import Cast

from keshu.diary.dating import day_of, time_of, within
from keshu.diary.days import Workdays
from keshu.diary.lines import Off, offs
from keshu.diary.sources import Due, sources
from keshu.directory.actors import Actor
from keshu.ledger.registers import Deadline, Register, declared, registers
from keshu.terms import clock

#: No more records of one register are listed at once, and no more are counted for a badge.
MOST, MOST_COUNTED = 5000, 100
PORTION = 500


class Mark(NamedTuple):
    """One due thing before its words are read: only what puts it in order."""

    day: date
    source: str
    key: str
    register: Register | None = None
    pk: int = 0
    deadline: Deadline | None = None
    at: time | None = None
    item: Due | None = None


class Dues:
    """What is due from ``first`` (None: however old) to ``last``, by day; a part of it reads only its own words.

    Only what is this actor's: what its capability has to act on, and its own organisation's. ``everything``: whatever it may
    see. ``register``: the code of one register or source; ``unit_id``: one organisation; ``among``: the registers that
    hold anything of it, where that is known. Others' drafts never. One query per register with deadlines, one for the lines
    switched off, and what each source asks; for the words one per register and 500 records.
    A paginator takes it as it is.
    """

    def __init__(
        self,
        actor: Actor,
        first: date | None,
        last: date,
        *,
        everything: bool = False,
        register: str = "",
        unit_id: int | None = None,
        among: Iterable[Register] | None = None,
    ) -> None:
        standing = offs()
        self.marks: list[Mark] = []
        #: Registers of which more falls due than is read; the page says so.
        self.cut: list[Register] = []
        for one in registers() if among is None else among:
            if one.deadlines and register in ("", one.code):
                self.marks += _of_register(one, actor, first, last, everything, unit_id, standing, self.cut)
        for other in sources():
            if register in ("", other.code) and (unit_id is None or other.units):
                self.marks += [
                    Mark(item.day, item.source, item.key, item=item)
                    for item in other.ask(actor, first, last, everything)
                    if unit_id is None or item.unit_id == unit_id
                ]
        self.marks.sort(key=lambda mark: (mark.day, mark.source, mark.pk, mark.key))

    def __len__(self) -> int:
        return len(self.marks)

    def count(self) -> int:
        """How many there are (a paginator asks it like this)."""
        return len(self.marks)

    def __iter__(self) -> Iterator[Due]:
        return iter(worded(self.marks))

    def __getitem__(self, part: slice) -> list[Due]:
        return worded(self.marks[part])


def due(
    actor: Actor,
    first: date | None,
    last: date,
    *,
    everything: bool = False,
    register: str = "",
    unit_id: int | None = None,
) -> list[Due]:
    """Everything due in a stretch with its words; ``Dues`` says what and how. Long lists page through ``Dues`` instead."""
    return Dues(actor, first, last, everything=everything, register=register, unit_id=unit_id)[:]


def urgent(actor: Actor, days: Workdays, *, everything: bool = False, register: str = "") -> Dues:
    """What is overdue or due within five working days."""
    return Dues(actor, None, days.near(clock.today()), everything=everything, register=register)


def urgent_count(actor: Actor) -> int:
    """How many things of this person are overdue or due within five working days, up to ``MOST_COUNTED`` per kind: the badge.

    One query over all registers, one for the calendar, one for the lines, and the sources that count.
    """
    until = Workdays().near(clock.today())
    standing = offs()
    parts = [
        rows.values(one=Cast(F("pk"), BigIntegerField())).order_by()
        for register in declared()
        for deadline in register.deadlines
        if (rows := _rows(register, (deadline,), actor, None, until, False, None, standing)) is not None
    ]
    count = 0
    if parts:
        # The database stops at the most: a badge is no statistic.
        found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        count = found[:MOST_COUNTED].count()
    return count + sum(
        len(list(other.ask(actor, None, until, False))) for other in sources() if other.counted
    )


def worded(marks: Sequence[Mark]) -> list[Due]:
    """The due things of marks with their titles, in the same order. One query per register and 500 records."""
    wanted: dict[str, tuple[Register, set[int]]] = {}
    for mark in marks:
        if mark.register is not None:
            wanted.setdefault(mark.source, (mark.register, set()))[1].add(mark.pk)
    records: dict[tuple[str, int], Any] = {}
    for code, (register, pks) in wanted.items():
        long = [f.name for f in register.model._meta.concrete_fields if f.get_internal_type() == "TextField"]
        keys = sorted(pks)
        for start in range(0, len(keys), PORTION):
            rows = register.records.filter(pk__in=keys[start : start + PORTION])
            for record in rows.select_related("unit").defer(*long):
                records[code, record.pk] = record
    return [mark.item or _due(mark, records[mark.source, mark.pk]) for mark in marks]


def _due(mark: Mark, record: Any) -> Due:
    assert mark.register is not None and mark.deadline is not None
    return Due(
        day=mark.day,
        label=mark.deadline.label,
        title=str(record),
        source=mark.source,
        source_name=mark.register.name,
        link=(str(mark.pk),),
        key=mark.key,
        whose=mark.deadline.whose,
        unit=record.unit.name if record.unit_id else "",
        unit_id=record.unit_id,
        at=mark.at,
    )


def _of_register(
    register: Register,
    actor: Actor,
    first: date | None,
    last: date,
    everything: bool,
    unit_id: int | None,
    standing: Sequence[Off],
    cut: list[Register],
) -> Iterator[Mark]:
    rows = _rows(register, register.deadlines, actor, first, last, everything, unit_id, standing)
    if rows is None:
        return
    offed = [off for off in standing if off.register == register.code]
    fields = [deadline.field for deadline in register.deadlines]
    light = rows.order_by("-pk").values_list("pk", "state", "unit_id", "region_id", *fields)[: MOST + 1]
    for number, (pk, state, unit, region, *values) in enumerate(light):
        if number == MOST:
            cut.append(register)
            break
        for deadline, value in zip(register.deadlines, values, strict=True):
            day = day_of(value)
            since = _since(deadline, first)
            if day is None or (since is not None and day < since) or day > last:
                continue
            if state not in deadline.states or not _theirs(deadline, unit, actor, everything):
                continue
            if any(off.covers(day.year) and (off.regions is None or region in off.regions) for off in offed):
                continue
            key = f"{register.code}-{pk}-{deadline.field}"
            yield Mark(day, register.code, key, register, pk, deadline, time_of(value))


def _rows(
    register: Register,
    deadlines: Iterable[Deadline],
    actor: Actor,
    first: date | None,
    last: date,
    everything: bool,
    unit_id: int | None,
    standing: Iterable[Off],
) -> QuerySet[Any] | None:
    """The records with something due; None where nothing of the register can be this actor's."""
    condition: Q | None = None
    for deadline in deadlines:
        whose = _whose(deadline, actor, everything)
        if whose is None:
            continue
        one = within(register.model, deadline.field, _since(deadline, first), last) & whose
        one &= Q(state__in=sorted(deadline.states))
        for off in standing:
            if off.register == register.code:
                one &= ~off.dated(register.model, deadline.field)
        condition = one if condition is None else condition | one
    if condition is None:
        return None
    rows = register.rows(actor).filter(condition)
    return rows if unit_id is None else rows.filter(unit_id=unit_id)


def _since(deadline: Deadline, first: date | None) -> date | None:
    """The first day that counts where everything open is asked for: what lapses is open until its day is over."""
    return clock.today() if deadline.lapses and first is None else first


def _whose(deadline: Deadline, actor: Actor, everything: bool) -> Q | None:
    if everything or actor.can(deadline.whose):
        return Q()
    if deadline.owner and actor.unit_ids:
        return Q(unit__in=actor.unit_ids)
    return None


def _theirs(deadline: Deadline, unit_id: int | None, actor: Actor, everything: bool) -> bool:
    if everything or actor.can(deadline.whose):
        return True
    return deadline.owner and unit_id in actor.unit_ids
