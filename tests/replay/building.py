"""The data set of a document: people bring in every record by the procedure of its register, each step on its own day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from keshu.directory.actors import Role, system
from keshu.journal.writing import writing
from keshu.ledger.registers import by_code
from keshu.procedure.moving import Ask, move
from keshu.terms import clock
from tests.replay import beginnings
from tests.replay.people import Town
from tests.replay.stated import Document

WAN = Decimal(10000)


@dataclass(frozen=True)
class Event:
    """Something that happens at a moment; events of one moment in the order they were written down."""

    at: datetime
    order: int
    do: Callable[[], None]


def build(document: Document) -> Town:
    """Settle the places and let everything of the data set happen, in the order of time. Returns who lives there."""
    town = Town()
    data = document.data
    with clock.pretend(moment(data["document"]["begins"])), writing(system("复算"), "建地区和单位"):
        town.settle(data["places"])
    happens = sorted(_events(document, town), key=lambda event: (event.at, event.order))
    for event in happens:
        with clock.pretend(event.at):
            event.do()
    return town


def moment(day: date, minutes: int = 0) -> datetime:
    """A moment of a working morning."""
    return datetime.combine(day, time(9, 0), clock.TZ) + timedelta(minutes=minutes)


def _events(document: Document, town: Town) -> Iterator[Event]:
    order = 0
    for kind in ("calls", "rounds"):
        for row in document.data.get(kind, ()):
            order += 1
            yield Event(moment(row["opens"]), order, partial(beginnings.BEGIN[kind], row))
    batches = {row["what"]: Batch(row, town) for row in document.data["records"]}
    for batch in batches.values():
        for at, do in batch.happenings():
            order += 1
            yield Event(at, order, do)
    for row in document.data.get("lists", ()):
        order += 1
        named = {what: batches[what].records for what in row["granted"]}
        yield Event(moment(row["dated"]), order, partial(beginnings.bring_list, row, named, town))


class Batch:
    """Alike records of one register: written down on one day, then moved together step by step, as a clerk moves a list.

    What a batch says of a field or of an answer is one for all, or a list with one for each.
    """

    def __init__(self, row: dict[str, Any], town: Town) -> None:
        self.row, self.town = row, town
        self.place: str = row["place"]
        register = by_code(row["register"])
        assert register is not None and register.procedure is not None
        self.procedure = register.procedure
        self.takes = beginnings.TAKES[register.code]
        self.records: list[Any] = []

    def happenings(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """When what happens to the batch."""
        steps = self.row.get("steps", {})
        yield moment(self.row.get("written") or next(iter(steps.values()))), self.write
        for at, (action, day) in enumerate(steps.items()):
            yield moment(day, 10 + at), partial(self.take, action)

    def write(self) -> None:
        """The drafts of all of them, each by an organisation of the place."""
        write = beginnings.WRITE[self.row["register"]]
        with writing(self.town.actor(self.takes.get("", Role.APPLICANT), self.place), self.row["what"]):
            for number in range(self.row.get("count", 1)):
                fields = {name: _one(said, number) for name, said in self.row.get("fields", {}).items()}
                title = f"{self.row['what']}{number + 1}"
                self.records.append(
                    write(self.row, title, self.town, self.town.unit(self.place, number), fields)
                )

    def take(self, action: str) -> None:
        """One step of all of them, by whoever takes it; what it asks for beyond the batch's words is answered as its kind allows."""
        transition = self.procedure.transition(action)
        role = self.takes.get(action, Role.OFFICE)
        said = self.row.get("given", {}).get(action, {})
        today = clock.today()
        note = said.get("note", f"办文〔{today.year}〕{today.month}号")
        with writing(self.town.actor(role, self.place), f"{transition.label} {self.row['what']}"):
            for number, record in enumerate(self.records):
                whose = self.town.unit(self.place, number) if role == Role.APPLICANT else None
                desk = "home" if role in (Role.OFFICE, Role.LEADER) else self.place
                given = {
                    ask.name: _one(said[ask.name], number) if ask.name in said else _default(ask, record)
                    for ask in transition.asks
                    if ask.required or ask.name in said
                }
                if self.row["register"] == "programmes":
                    office = self.town.actor(Role.OFFICE, "home")
                    own = self.town.actor(Role.APPLICANT, self.place, self.town.unit(self.place, number))
                    beginnings.prepare(record, action, office, own)
                self.records[number] = move(
                    record,
                    action,
                    self.town.actor(role, desk, whose),
                    procedure=self.procedure,
                    note=note,
                    given={
                        ask.name: _answer(ask, given[ask.name])
                        for ask in transition.asks
                        if ask.name in given
                    },
                )


def _one(said: Any, number: int) -> Any:
    return said[number] if isinstance(said, list) else said


def _answer(ask: Ask, said: Any) -> Any:
    """Money is written in 万元."""
    return said if ask.kind != "money" or isinstance(said, Decimal) else Decimal(str(said)) * WAN


def _default(ask: Ask, record: Any) -> Any:
    match ask.kind:
        case "date":
            return clock.today()
        case "money":
            return Decimal(30) * WAN
        case "number":
            return 1
        case "choice":
            return ask.options(record)[0][0]
        case "flag":
            return True
    return f"{ask.label} {clock.today().year}-{clock.today().month}"
