"""全国—31省: published figures as facts, one small table per measure under ``facts/``, each naming its publication.

A table begins with lines ``# key: value`` (publication, label, released, revised, note, and what all rows share of
measure, unit and region); then rows with what they do not share and one column per period. ``{year}`` in the label makes
one release per data year.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from keshu.demo.stages import Stage, moment
from keshu.directory.models import Region
from keshu.figures.models import Measure, Release
from keshu.figures.packages import put
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import Writing
from keshu.terms.period import Period
from keshu.terms.quantity import convert, scale

FACTS = Path(__file__).resolve().parent / "facts"


class FactsBroken(ValueError):
    """A table of facts without a publication, a measure or a unit."""


@dataclass(frozen=True)
class Fact:
    """One published number in the unit of its publication."""

    measure: str
    unit: str
    region: str
    period: Period
    value: Decimal


@dataclass(frozen=True)
class Table:
    """One table of facts and what its head says."""

    head: dict[str, str]
    facts: tuple[Fact, ...]

    def label(self, period: Period) -> str:
        """The release label of a data year."""
        return self.head.get("label", "").replace("{year}", str(period.year))

    def released_on(self, period: Period) -> date | None:
        """When the data year was first published; None where the day is not known."""
        days = dict(re.findall(r"(\S+)=(\d{4}-\d\d-\d\d)", self.head.get("released", "")))
        found = days.get(str(period.year))
        return date.fromisoformat(found) if found else None


def read_table(path: Path) -> Table:
    """Read one table of facts; blank cells are not published. Raises FactsBroken."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    facts = []
    for row in rows:
        named = {**head, **row}
        absent = [key for key in ("publication", "measure", "unit", "region") if not named.get(key)]
        if absent:
            raise FactsBroken(f"事实表 {path.name} 缺 {'、'.join(absent)}。请写在表头（# 名: 值）或列里。")
        for column, cell in row.items():
            if cell and column not in ("measure", "unit", "region"):
                where = (named["measure"], named["unit"], named["region"])
                facts.append(Fact(*where, Period.parse(column), Decimal(cell)))
    return Table(head, tuple(facts))


def tables() -> list[Table]:
    """All tables of facts, by file name."""
    return [read_table(path) for path in sorted(FACTS.glob("*.csv"))]


def _changes(table: Table, measures: dict[str, Measure], regions: dict[str, int]) -> Iterator[ValueChange]:
    releases: dict[str, Release] = {}
    note = table.head.get("note", "")
    for fact in table.facts:
        label = table.label(fact.period)
        if label not in releases:
            releases[label] = put(
                Release,
                {"source": table.head["publication"], "label": label},
                {
                    "kind": Release.Kind.AUTHORITY,
                    "released_on": table.released_on(fact.period),
                    "revised": table.head.get("revised") == "yes",
                },
            )
        measure = measures[fact.measure]
        yield ValueChange(
            measure.pk,
            regions[fact.region],
            measure_period(measure, fact.period).code,
            releases[label].pk,
            scale(convert(fact.value, fact.unit, measure.unit), measure.decimals),
            note=note,
            origin="官方公布数",
        )


def _load(block: Writing) -> int:
    regions = dict(Region._base_manager.values_list("code", "pk"))
    measures = {measure.code: measure for measure in Measure._base_manager.all()}
    changes = [change for table in tables() for change in _changes(table, measures, regions)]
    record_values(block, changes)
    return len(changes)


def stages() -> list[Stage]:
    """One revision for all published facts."""
    return [Stage(moment(1, 4, 10), "全国—31省官方公布数", _load)]
