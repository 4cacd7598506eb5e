"""Stages: the demonstration is loaded in the order in which it would have happened, each stage one revision at its own moment.

A stage that has left its revision is not run again, so an interrupted loading goes on where it stopped and a second
loading changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from keshu.directory.actors import system
from keshu.journal.models import Revision
from keshu.journal.writing import Writing, writing
from keshu.terms import clock

PREFIX = "演示："


@dataclass(frozen=True)
class Stage:
    """One thing that happened: when, what it is called in the history, and what it writes (returns how many values)."""

    at: datetime
    name: str
    run: Callable[[Writing], int]
    by: str = ""

    @property
    def reason(self) -> str:
        """The reason its revision carries."""
        return f"{PREFIX}{self.name}"


def moment(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    """A moment of the demonstration's year, in Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=clock.TZ)


def open_stages(stages: Iterable[Stage]) -> list[Stage]:
    """The stages that have not left a revision yet, oldest first. One query."""
    done = set(Revision.objects.filter(reason__startswith=PREFIX).values_list("reason", flat=True))
    return sorted((stage for stage in stages if stage.reason not in done), key=lambda stage: stage.at)


def run(stage: Stage) -> int:
    """Run one stage at its moment; the number of values it wrote."""
    with clock.pretend(stage.at), writing(system(stage.by or "演示数据"), stage.reason) as block:
        return stage.run(block)
