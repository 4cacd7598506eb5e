"""一企一档: what the house knows of one organisation, over all registers, as far as the reader may see it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Count, F, Max, Min, Q, Sum

from keshu.directory.actors import Actor
from keshu.directory.models import Unit
from keshu.journal.models import HistoryRow, Revision
from keshu.ledger.models import Evidence
from keshu.ledger.registers import Register, registers
from keshu.procedure.models import Move
from keshu.terms import clock

#: Keys are asked for in portions: databases limit how many values one question may name.
PORTION = 500


def opens_to(actor: Actor, unit: Unit) -> bool:
    """Whether an actor may open the file of an organisation: itself, the region it lies in, the bureau."""
    return actor.sees_all or unit.pk in actor.unit_ids or unit.region_id in actor.region_ids


def units_open_to(actor: Actor) -> models.QuerySet[Unit]:
    """The organisations whose file an actor may open."""
    rows = Unit.objects.select_related("region")
    if actor.sees_all:
        return rows
    return rows.filter(Q(pk__in=actor.unit_ids) | Q(region__in=actor.region_ids))


@dataclass(frozen=True)
class FormerName:
    """A name the organisation bore until a day."""

    name: str
    until: date


def once_named(text: str) -> models.QuerySet[HistoryRow]:
    """Rows of the history of organisations whose name held a text, now or once."""
    return HistoryRow.objects.filter(model=Unit._meta.label, data__name__icontains=text)


def renamed_from(text: str) -> models.QuerySet[HistoryRow]:
    """Rows of ``once_named`` of organisations that were changed since they were entered: only those can have had another
    name, and only their contents are read, so that a list may ask this beside its search."""
    rows = HistoryRow.objects.filter(model=Unit._meta.label).values("object_pk")
    changed = rows.annotate(first=Min("revision"), last=Max("revision")).filter(first__lt=F("last"))
    return once_named(text).filter(object_pk__in=changed.values("object_pk"))


def former_names(unit: Unit) -> list[FormerName]:
    """Names from the history, the last one first. Two queries."""
    rows = list(
        HistoryRow.objects.filter(model=Unit._meta.label, object_pk=unit.pk)
        .order_by("revision")
        .values_list("revision", "data")
    )
    named = [(revision, str(data["name"])) for revision, data in rows if data]
    changes = [
        (old, revision) for (_, old), (revision, new) in pairwise(named) if old not in (new, unit.name)
    ]
    moments = dict(
        Revision.objects.filter(number__in=[revision for _, revision in changes]).values_list("number", "at")
    )
    return [FormerName(name, moments[at].astimezone(clock.TZ).date()) for name, at in reversed(changes)]


@dataclass(frozen=True)
class Held:
    """What one register holds of the organisation: how many records, how many of them taken back, sums of its summed columns
    without those (label, sum in the column's unit or None where nothing was entered)."""

    register: Register
    count: int
    struck: int
    sums: tuple[tuple[str, Decimal | None], ...]


def counts(actor: Actor, unit: Unit, among: Iterable[Register] | None = None) -> list[Held]:
    """Records and sums per register, without empty registers. One query per register."""
    found = []
    for register in registers() if among is None else among:
        valid = ~Q(state__in=register.struck)
        totals = [column for column in register.columns if column.total]
        summed = register.rows(actor).filter(unit=unit).order_by()
        row = summed.aggregate(
            count=Count("pk"),
            valid=Count("pk", filter=valid),
            **{f"sum_{n}": Sum(column.path, filter=valid) for n, column in enumerate(totals)},
        )
        if row["count"]:
            sums = tuple((column.label, row[f"sum_{n}"]) for n, column in enumerate(totals))
            found.append(Held(register, row["count"], row["count"] - row["valid"], sums))
    return found


@dataclass(frozen=True)
class Event:
    """One line of the time line: a step that was taken, or a date that a record names."""

    day: date
    at: datetime | None
    what: str
    who: str
    note: str
    register: Register
    pk: int
    title: str


class _Mark(NamedTuple):
    """An event before its words are read: only what puts it in order."""

    key: tuple[date, int, int]
    register: Register
    pk: int
    move: int | None = None
    label: str = ""


class TimeLine:
    """The time line of an organisation over all registers, newest first; a page of it reads only its own words.

    Up to today: what is still to come are its open deadlines. ``among``: the registers that hold anything, where that is known
    (``counts`` finds them). One query per register for the dates, one per 500 records for the
    steps, three for the words of a page.
    """

    def __init__(
        self,
        actor: Actor,
        unit: Unit,
        *,
        register: str = "",
        year: int | None = None,
        among: Iterable[Register] | None = None,
    ) -> None:
        self.actor, self.unit = actor, unit
        self.years: set[int] = set()
        self._marks: list[_Mark] = []
        for one in registers() if among is None else among:
            if register in ("", one.code):
                self._take(one, year)
        self._marks.sort(key=lambda mark: mark.key, reverse=True)

    def __len__(self) -> int:
        return len(self._marks)

    def count(self) -> int:
        """How many events there are (a paginator asks it like this)."""
        return len(self)

    def __iter__(self) -> Iterator[Event]:
        return _worded(self._marks)

    def __getitem__(self, part: slice) -> list[Event]:
        return list(_worded(self._marks[part]))

    def _take(self, register: Register, year: int | None) -> None:
        dates = [
            (f.name, str(f.verbose_name))
            for f in register.model._meta.concrete_fields
            if isinstance(f, models.DateField)
            and not isinstance(f, models.DateTimeField)
            and f.name != "counts_on"
        ]
        rows = list(
            register.rows(self.actor)
            .filter(unit=self.unit)
            .order_by("pk")
            .values_list("pk", *(name for name, _ in dates))
        )
        if not rows:
            return
        today, moved = clock.today(), set()
        pks = [row[0] for row in rows]
        for start in range(0, len(pks), PORTION):
            moves = Move.objects.filter(
                model=register.label, object_pk__in=pks[start : start + PORTION]
            ).values_list("pk", "object_pk", "at", "revision")
            for move, pk, at, revision in moves.iterator(chunk_size=2000):
                day = at.astimezone(clock.TZ).date()
                moved.add((pk, day))
                self._add(_Mark((day, revision, move), register, pk, move), year)
        for pk, *days in rows:
            for (_, label), day in zip(dates, days, strict=True):
                # A date on the day of a step only repeats the step.
                if day is not None and day <= today and (pk, day) not in moved:
                    self._add(_Mark((day, 0, pk), register, pk, label=label), year)

    def _add(self, mark: _Mark, year: int | None) -> None:
        self.years.add(mark.key[0].year)
        if year is None or mark.key[0].year == year:
            self._marks.append(mark)


def _worded(marks: list[_Mark]) -> Iterator[Event]:
    moves = Move.objects.in_bulk([mark.move for mark in marks if mark.move is not None])
    records: dict[tuple[str, int], Any] = {}
    for register in {mark.register.code: mark.register for mark in marks}.values():
        pks = {mark.pk for mark in marks if mark.register.code == register.code}
        for record in register.records.filter(pk__in=pks).defer(*long_columns(register)):
            records[register.code, record.pk] = record
    for mark in marks:
        title = str(records[mark.register.code, mark.pk])
        move = moves.get(mark.move or 0)
        if move is None:
            yield Event(mark.key[0], None, mark.label, "", "", mark.register, mark.pk, title)
        else:
            yield Event(
                mark.key[0],
                move.at,
                step_name(mark.register, move.action),
                move.actor_name,
                move.note,
                mark.register,
                mark.pk,
                title,
            )


def step_name(register: Register, action: str) -> str:
    """What a step is called; its code where the procedure no longer has it."""
    for transition in register.procedure.transitions if register.procedure else ():
        if transition.action == action:
            return transition.label
    return action


def long_columns(register: Register) -> list[str]:
    """The columns with long texts: a list does not read them."""
    return [f.name for f in register.model._meta.concrete_fields if f.get_internal_type() == "TextField"]


@dataclass(frozen=True)
class Proof:
    """A file behind one of the organisation's records."""

    evidence: Evidence
    register: Register
    pk: int


def evidence_of_unit(
    actor: Actor, unit: Unit, most: int = 50, *, among: Iterable[Register] | None = None
) -> list[Proof]:
    """The newest files behind the organisation's records that the actor may see. One query per register."""
    found: list[Proof] = []
    for register in registers() if among is None else among:
        rows = register.rows(actor).filter(unit=unit).order_by().values("pk")
        files = Evidence.objects.for_system("一企一档").filter(model=register.label, object_pk__in=rows)
        found += [Proof(row, register, row.object_pk) for row in files.order_by("-added_at", "-pk")[:most]]
    return sorted(found, key=lambda proof: proof.evidence.added_at, reverse=True)[:most]
