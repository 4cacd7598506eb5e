"""出处 of what was reached of a goal: part by part, down to the records that were counted."""

from dataclasses import dataclass
from datetime import date

from keshu.directory.actors import Actor
from keshu.figures import slicing
from keshu.figures.book import book
from keshu.figures.tracing import Behind
from keshu.goals.actuals import Actual, Part, actual
from keshu.goals.models import Goal
from keshu.journal import moments
from keshu.ledger.registers import by_code

MOST = 500


@dataclass(frozen=True)
class PartBehind:
    """A part with the records it counts (at most ``MOST`` of them; ``held`` how many there are). Of a reported value none."""

    part: Part
    records: tuple[Behind, ...]
    held: int


def behind(goal: Goal, *, until: date, revision: int | None = None) -> tuple[Actual, tuple[PartBehind, ...]]:
    """What was reached of a goal, and for each part the records as they stood at the revision. Their amounts add up to the part."""
    found = actual(goal, until=until, revision=revision)
    return found, parts_behind(found, revision=revision)


def parts_behind(found: Actual, *, revision: int | None = None) -> tuple[PartBehind, ...]:
    """The parts of what was reached, each with the records that it counts as they stood at the revision (default now)."""
    definitions = book(moments.latest() if revision is None else revision)
    region = definitions.regions.get(found.region_id or 0)
    listed: list[PartBehind] = []
    for part in found.parts:
        measure = definitions.measure_names.get(part.measure_code) if part.measure_code else None
        if measure is None or not measure.register or region is None or part.value is None:
            listed.append(PartBehind(part, (), 0))
            continue
        cut = slicing.slice_of(
            part.measure_code, part.where, region=region.code, period=found.period, revision=revision
        )
        listed.append(PartBehind(part, slicing.behind(cut)[:MOST], len(cut.records)))
    return tuple(listed)


def seen_by(actor: Actor, one: PartBehind) -> list[Behind]:
    """The records of a part as far as a reader may see them. One query, none where there are no records."""
    register = by_code(one.records[0].register) if one.records else None
    if register is None:
        return []
    keys = [row.pk for row in one.records]
    seen = set(register.rows(actor).filter(pk__in=keys).values_list("pk", flat=True))
    return [row for row in one.records if row.pk in seen]
