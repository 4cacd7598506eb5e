"""出处 of what was reached of a goal: part by part, down to the records that were counted."""

from dataclasses import dataclass
from datetime import date

from keshu.figures import slicing
from keshu.figures.book import book
from keshu.figures.tracing import Behind
from keshu.goals.actuals import Actual, Part, actual
from keshu.goals.models import Goal
from keshu.journal import moments

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
    at = moments.latest() if revision is None else revision
    definitions = book(at)
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
    return found, tuple(listed)
