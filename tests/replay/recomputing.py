"""The figures of a document recomputed from the records, with or without one of the conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from keshu.figures import slicing
from keshu.figures.book import book
from keshu.figures.slicing import Slice, completed, counted, slice_of
from keshu.journal import moments
from keshu.ledger import registers
from keshu.ledger.registers import Register, RegisterMeasure
from keshu.terms.quantity import unscale
from tests.replay.stated import Document, Figure

REGION, PERIOD, OWN, LEFT = "地区", "期间", "计量自己的条件", "离开的日期"
Record = tuple[str, int]  # label of the model, primary key


@dataclass(frozen=True)
class Found:
    """A recomputed figure and the records it stands on."""

    value: Decimal | None
    records: frozenset[Record]


@dataclass(frozen=True)
class Removal:
    """One condition taken away: a named one, the region, the period, or of one measure its own condition or its end."""

    what: str
    measure: str = ""

    def __str__(self) -> str:
        return f"{self.what}（{self.measure}）" if self.measure else self.what


def recomputed(
    document: Document, without: Removal | None = None, revision: int | None = None
) -> dict[str, Found]:
    """Every figure of the document, now or as it stood at a revision. Slices first, then what is made from them."""
    found: dict[str, Found] = {}
    slices: dict[str, Slice] = {}
    for figure in document.figures:
        if figure.measure:
            slices[figure.id] = cut = _cut(document, figure, without, revision)
            label = cut.register.label
            found[figure.id] = Found(cut.value, frozenset((label, pk) for pk in cut.records))
    for figure in document.figures:
        if figure.completes:
            rate = completed([slices[one] for one in figure.completes], figure.low, figure.high)
            records = frozenset().union(*(found[one].records for one in figure.completes))
            found[figure.id] = Found(rate.value, records)
    return found


def _cut(document: Document, figure: Figure, without: Removal | None, revision: int | None) -> Slice:
    if without is None or not touches(figure, without):
        where = document.condition(figure.where)
        asked = {"region": document.home, "period": figure.period, "revision": revision}
        return slice_of(figure.measure, where, **asked)
    return _looser(document, figure, without)


def touches(figure: Figure, removal: Removal) -> bool:
    """Whether the figure itself (not what it is made from) uses what is removed."""
    if not figure.measure:
        return False
    if removal.measure:
        return removal.measure == figure.measure
    return removal.what in (REGION, PERIOD) or removal.what in figure.where


def _looser(document: Document, figure: Figure, without: Removal) -> Slice:
    register, measure = declared(figure.measure)
    names = tuple(name for name in figure.where if name != without.what)
    where = document.condition(names)
    condition = slicing.condition_of(register, where) if where else None
    if without.what == OWN:
        measure = replace(measure, condition="")
    if without.what == LEFT:
        measure = replace(measure, until="", leaves="")
    register = replace(register, measures=(measure,))
    definitions = book(moments.latest())
    region = definitions.region(document.home)
    everywhere, always = without.what == REGION, without.what == PERIOD
    rows = counted(
        register,
        measure,
        condition,
        None if everywhere else definitions.below(region.pk),
        None if always else figure.period.start,
        None if always else figure.period.end,
    )
    value = unscale(sum(amount for _, amount in rows), measure.decimals)
    pks = tuple(pk for pk, _ in rows)
    return Slice(register, measure, where, "", region, figure.period, definitions.revision, value, pks)


def declared(code: str) -> tuple[Register, RegisterMeasure]:
    """The register and the declaration of a measure."""
    return next((r, m) for r in registers.declared() for m in r.measures if m.code == code)


def removals(document: Document) -> list[Removal]:
    """Everything that can be taken away from the document's figures, one at a time."""
    found = [Removal(name) for name in document.conditions]
    found += [Removal(REGION), Removal(PERIOD)]
    for code in dict.fromkeys(figure.measure for figure in document.figures if figure.measure):
        measure = declared(code)[1]
        if measure.condition:
            found.append(Removal(OWN, code))
        if measure.until or measure.leaves:
            found.append(Removal(LEFT, code))
    return found


def changed(before: Mapping[str, Found], after: Mapping[str, Found]) -> set[str]:
    """The figures whose value is another one."""
    return {figure for figure, found in before.items() if found.value != after[figure].value}
