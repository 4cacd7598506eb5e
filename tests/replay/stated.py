"""What a document states, and with which measure and conditions it is recomputed: the fixtures, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from keshu.terms.period import Period

FIXTURES = Path(__file__).parent / "fixtures"
#: A condition may ask for none of these: they name one record and not a kind of records.
MARKERS = frozenset(
    {
        "number",
        "title",
        "source",
        "summary",
        "goals",
        "leader",
        "content_hash",
        "decided_doc",
        "forwarded_doc",
    }
)


@dataclass(frozen=True)
class Figure:
    """One published figure. Either a slice (measure and the names of conditions) or made from other figures.

    ``value`` in the measure's stored unit; ``literal`` what the file prints where that is damaged; ``covered`` is False for a
    figure of another row that a figure of ours is made from. ``falls_with``: the step that takes a record out of it again.
    """

    id: str
    what: str
    row: str
    value: Decimal
    unit: str
    period: Period
    measure: str = ""
    where: tuple[str, ...] = ()
    completes: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    literal: str = ""
    note: str = ""
    falls_with: str = ""
    covered: bool = True


@dataclass(frozen=True)
class Relation:
    """A sum that the document's figures form among themselves. ``total``: a figure, or the number where none is printed."""

    says: str
    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """One document: its figures, its named conditions, its relations and the data set in which all of them hold at once."""

    id: str
    title: str
    home: str
    figures: tuple[Figure, ...]
    conditions: Mapping[str, str]
    relations: tuple[Relation, ...]
    data: Mapping[str, Any] = field(repr=False)

    @cached_property
    def by_id(self) -> dict[str, Figure]:
        """Figures by their number."""
        return {figure.id: figure for figure in self.figures}

    def condition(self, names: tuple[str, ...]) -> str:
        """The named conditions as one text; empty when there are none."""
        return " and ".join(f"({self.conditions[name]})" for name in names)

    def with_derived(self, ids: set[str]) -> set[str]:
        """These figures and all that are made from them."""
        found = set(ids)
        while more := {f.id for f in self.figures if found & set(f.completes)} - found:
            found |= more
        return found


def documents() -> list[Document]:
    """The documents, in the order of their numbers."""
    return [_document(path) for path in sorted(FIXTURES.glob("*.yaml"))]


def _document(path: Path) -> Document:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Document(
        id=data["document"]["id"],
        title=data["document"]["title"],
        home=data["places"]["home"]["code"],
        figures=tuple(_figure(row) for row in data["figures"]),
        conditions=data["conditions"],
        relations=tuple(
            Relation(row["says"], row["total"], tuple(row["parts"])) for row in data.get("relations", ())
        ),
        data=data,
    )


def _figure(row: dict[str, Any]) -> Figure:
    made = row.get("completes", {})
    return Figure(
        id=row["id"],
        what=row["what"],
        row=row["row"],
        value=Decimal(row["value"]),
        unit=row["unit"],
        period=Period.parse(str(row["period"])),
        measure=row.get("measure", ""),
        where=tuple(row.get("where", ())),
        completes=tuple(made.get("parts", ())),
        low=Decimal(made["low"]) if "low" in made else None,
        high=Decimal(made["high"]) if "high" in made else None,
        literal=row.get("literal", ""),
        note=row.get("note", ""),
        falls_with=row.get("falls_with", ""),
        covered=row.get("covered", True),
    )
