"""Whatever is due beside the records of registers: rooms above declare a source, the calendar asks them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time

from keshu.directory.actors import Actor, Can


@dataclass(frozen=True)
class Due:
    """One thing that is due on a day.

    ``source`` and ``link`` say what it opens (a register's code and the record's key, or what a declared source knows);
    ``key`` is stable as long as it is the same thing. ``whose`` has to act; ``unit`` is the organisation it concerns.
    """

    day: date
    label: str
    title: str
    source: str
    source_name: str
    link: tuple[str, ...]
    key: str
    whose: Can
    unit: str = ""
    unit_id: int | None = None
    at: time | None = None


#: Asked with an actor, the first and the last day (first None: what is open however old), and whether everything in scope is wanted.
Asked = Callable[[Actor, date | None, date, bool], Iterable[Due]]


@dataclass(frozen=True)
class Source:
    """A declared source. ``counted``: its items stand in the badge of the rail (others have a badge of their own).
    ``units``: its items concern single organisations, so it is asked for the file of one."""

    code: str
    name: str
    ask: Asked
    counted: bool
    units: bool


_sources: dict[str, Source] = {}


def source(code: str, name: str, *, counted: bool = True, units: bool = False) -> Callable[[Asked], Asked]:
    """Declare a function that gives further due things; a constant number of queries, in scope of the actor."""

    def declare(ask: Asked) -> Asked:
        _sources[code] = Source(code, name, ask, counted, units)
        return ask

    return declare


def sources() -> tuple[Source, ...]:
    """The declared sources in their order."""
    return tuple(_sources.values())
