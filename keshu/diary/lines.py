"""Lines of business switched on and off per year: what is off is absent for that year; its records and history stay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import Q

from keshu.diary.dating import within
from keshu.diary.models import Line
from keshu.directory.accounts import below
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.journal.models import HistoryRow
from keshu.journal.writing import writing
from keshu.ledger.records import Record
from keshu.ledger.registers import Register, by_code, by_label, registers
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

FIRST_YEAR, LAST_YEAR = 2000, 2099


class LineOff(MoveRefused):
    """A new record in a line of business that is switched off for its year."""


@dataclass(frozen=True)
class Off:
    """A stretch of years in which a register is not in use; ``regions`` is None for the whole house."""

    register: str
    first: int
    last: int | None
    regions: frozenset[int] | None
    line: Line

    def covers(self, year: int) -> bool:
        """Whether the year lies in the stretch."""
        return self.first <= year and (self.last is None or year <= self.last)

    def meets(self, actor: Actor | None) -> bool:
        """Whether it holds for all that an actor sees; without an actor only what holds for the whole house does."""
        if self.regions is None:
            return True
        if actor is None or actor.sees_all or actor.region_id is None:
            return False
        return actor.region_id in self.regions and actor.region_ids <= self.regions

    def dated(self, model: type[models.Model], field: str) -> Q:
        """The records whose date falls into it."""
        last = None if self.last is None else date(self.last, 12, 31)
        condition = within(model, field, date(self.first, 1, 1), last)
        if self.regions is not None:
            condition &= Q(region__in=self.regions)
        return condition


def offs() -> list[Off]:
    """Every stretch that stands. One query, one more where a region is named."""
    rows = Line.objects.filter(ended_at__isnull=True).select_related("region").order_by("pk")
    return [
        Off(
            row.register,
            row.first_year,
            row.last_year,
            below([row.region_id]) if row.region_id else None,
            row,
        )
        for row in rows
    ]


def off_in(year: int, actor: Actor | None = None) -> frozenset[str]:
    """Codes of the registers switched off in a year, for an actor also what is off in its region. One query."""
    return frozenset(one.register for one in offs() if one.covers(year) and one.meets(actor))


def in_use(year: int, actor: Actor | None = None) -> frozenset[str]:
    """Codes of the registers in use in a year."""
    off = off_in(year, actor)
    return frozenset(register.code for register in registers() if register.code not in off)


def registers_in_use(year: int, actor: Actor | None = None) -> tuple[Register, ...]:
    """The registers in use in a year, in their order."""
    codes = in_use(year, actor)
    return tuple(register for register in registers() if register.code in codes)


def switch_off(
    actor: Actor,
    register: str,
    *,
    first_year: int,
    last_year: int | None = None,
    region: Region | None = None,
    reason: str,
) -> Line:
    """Switch a register off for years. Raises NotYourTurn without 管台账, MoveRefused for what cannot be or already is."""
    _may(actor)
    known = by_code(register)
    if known is None:
        raise MoveRefused(f"没有台账“{register}”。请从列出的里面选。")
    if not reason.strip():
        raise MoveRefused("停用一项业务要写明原因，例如哪份文件取消的。")
    if not (
        FIRST_YEAR <= first_year <= LAST_YEAR and (last_year is None or first_year <= last_year <= LAST_YEAR)
    ):
        raise MoveRefused(
            f"年份 {first_year}—{last_year or ''} 不对：止年不早于起年，都写四位数。请改好再办。"
        )
    with writing(actor, f"停用 {known.name}"):
        standing = Line._base_manager.select_for_update().filter(
            register=register, region=region, ended_at=None
        )
        for row in standing:
            if _meet(row, first_year, last_year):
                raise MoveRefused(f"“{known.name}”{row.years}已经停用。请先启用那一条，或换一段年份。")
        line = Line(
            register=register,
            region=region,
            first_year=first_year,
            last_year=last_year,
            reason=reason.strip()[:200],
            switched_by=actor.name,
            switched_at=clock.now(),
        )
        line.save()
    return line


def switch_on(line: Line, actor: Actor, reason: str) -> Line:
    """End a switching off; that it was off stays in the history. Raises NotYourTurn, MoveRefused."""
    _may(actor)
    if not reason.strip():
        raise MoveRefused("启用一项业务要写明原因。")
    known = by_code(line.register)
    with writing(actor, f"启用 {known.name if known else line.register} {line.years}"):
        locked = Line._base_manager.select_for_update().get(pk=line.pk)
        if locked.ended_at is not None:
            raise MoveRefused(f"这一条已由 {locked.ended_by} 启用。请刷新后再看。")
        locked.ended_by, locked.ended_at, locked.ended_reason = (
            actor.name,
            clock.now(),
            reason.strip()[:200],
        )
        locked.save()
    return locked


def refuse_new(history: Sequence[HistoryRow], number: int) -> Iterable[models.Model]:
    """Asked at the end of every writing: raises LineOff when a new record belongs to a year in which its line is off."""
    made = [
        row for row in history if row.action == "create" and issubclass(apps.get_model(row.model), Record)
    ]
    standing = offs() if made else []
    labels = by_label() if standing else {}
    for row in made if standing else ():
        data = row.data or {}
        counted = str(data.get("counts_on") or "")[:4]
        year = int(counted) if counted else clock.today().year
        for register in labels.get(row.model, ()):
            for one in standing if register.holds(data) else ():
                if one.register == register.code and one.covers(year) and _held(one, data.get("region_id")):
                    raise LineOff(
                        f"“{register.name}”{one.line.years}停用（{one.line.reason}），不收新的记录，原来的照样能看、能办。"
                        "确要办的，请管台账的人在业务设置里启用后再办。"
                    )
    return ()


def _held(one: Off, region_id: int | None) -> bool:
    return one.regions is None or region_id in one.regions


def _meet(row: Line, first: int, last: int | None) -> bool:
    return (row.last_year is None or first <= row.last_year) and (last is None or row.first_year <= last)


def _may(actor: Actor) -> None:
    if not actor.can(Can.KEEP_LEDGERS):
        raise NotYourTurn(f"{actor.name} 不能停用或启用业务。请由有“{Can.KEEP_LEDGERS.value}”权限的人办理。")
