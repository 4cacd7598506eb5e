"""The trace of a figure (出处): formula, sides, the values behind them, who gave them, in which release, at which revision."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from keshu.directory.models import Region
from keshu.figures import counting
from keshu.figures.arithmetic.ratio import WIDE
from keshu.figures.book import Book, book
from keshu.figures.canonical import number
from keshu.figures.evaluating import Figure, Side, evaluate, measures_of
from keshu.figures.models import Indicator, Measure, Release, ReportedValue
from keshu.figures.reading import Reader, Value, measure_period
from keshu.journal import moments
from keshu.journal.models import Revision
from keshu.ledger.registers import by_code
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import unscale


@dataclass(frozen=True)
class Source:
    """One release's value of a figure, with the people and the moment behind it."""

    value: ReportedValue
    release: Release
    amount: Decimal | None
    at: datetime | None
    written_by: str
    taken: bool


@dataclass(frozen=True)
class Behind:
    """A record that a register's figure counts, as it stood then: what it adds, in the measure's stored unit."""

    register: str
    pk: int
    number: str
    title: str
    items: int
    amount: Decimal


@dataclass(frozen=True)
class Leaf:
    """A measured value in a trace: what was taken, and what every release says of it, or which records were counted."""

    measure: Measure
    period: Period
    value: Value
    sources: tuple[Source, ...]
    records: tuple[Behind, ...] = ()


@dataclass(frozen=True)
class Trace:
    """Everything behind one figure."""

    title: str
    region: Region
    period: Period
    value: Decimal | None
    unit: str
    missing: str
    indicator: Indicator | None
    numerator: Decimal | None
    denominator: Decimal | None
    leaves: tuple[Leaf, ...]
    revision: int
    as_of: datetime | None
    definition: str
    doc_no: str
    history: tuple[Source, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The trace as JSON: decimals are strings."""
        return {
            "name": self.title,
            "region_code": self.region.code,
            "region": self.region.short_name,
            "period": self.period.code,
            "value": number(self.value),
            "unit": self.unit,
            "missing": self.missing or None,
            "numerator": number(self.numerator),
            "denominator": number(self.denominator),
            "formula": self.indicator.formula if self.indicator else None,
            "definition": self.definition,
            "revision": self.revision,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "values": [_leaf_json(leaf) for leaf in self.leaves],
        }


def _leaf_json(leaf: Leaf) -> dict[str, Any]:
    return {
        "measure": leaf.measure.code,
        "measure_name": leaf.measure.name,
        "period": leaf.value.period or leaf.period.code,
        "value": number(leaf.value.value),
        "unit": leaf.measure.unit,
        "missing": leaf.value.missing or None,
        "derived": leaf.value.derived or None,
        "sources": [
            {
                "release": str(source.release),
                "kind": Release.Kind(source.release.kind).label,
                "released_on": source.release.released_on.isoformat() if source.release.released_on else None,
                "value": number(source.amount),
                "period": source.value.period,
                "version": source.value.version,
                "estimated": source.value.estimated,
                "note": source.value.note,
                "entered_by": source.value.entered_by,
                "verified_by": source.value.verified_by,
                "revision": source.value.revision,
                "recorded_at": source.at.isoformat() if source.at else None,
                "taken": source.taken,
            }
            for source in leaf.sources
        ],
        "records": [
            {
                "register": one.register,
                "number": one.number,
                "title": one.title,
                "items": one.items,
                "amount": number(one.amount),
            }
            for one in leaf.records
        ],
    }


def trace(
    name: str, region_name: str, period: Period, *, as_of: str | None = None, vintage: str = "latest"
) -> Trace:
    """The trace of a measure or an indicator for a region and data period. Raises UnknownName."""
    revision = moments.read_as_of(as_of)
    definitions = book(revision)
    region = definitions.region(region_name)
    on = moments.judged_at(as_of, revision).date()
    reader = Reader(definitions, revision, vintage, on)
    try:
        indicator: Indicator | None = definitions.indicator(name)
    except LookupError:
        indicator = None
    if indicator is not None:
        return indicator_trace(reader, indicator, region, period)
    measure = definitions.measure(name)
    reader.load([measure], [region.pk], [period])
    value = reader.value(measure, region.pk, period)
    return Trace(
        title=measure.name,
        region=region,
        period=measure_period(measure, period),
        value=value.value,
        unit=measure.unit,
        missing=value.missing,
        indicator=None,
        numerator=None,
        denominator=None,
        leaves=(leaf(reader, measure, region.pk, period, value),),
        revision=revision,
        as_of=moments.moment_of(revision),
        definition=measure.definition,
        doc_no=measure.legal_ref,
    )


def indicator_trace(reader: Reader, indicator: Indicator, region: Region, period: Period) -> Trace:
    """The trace of an indicator's figure; loads what it needs into the reader."""
    definitions: Book = reader.book
    periods = {period, Period.month(period.year - 1, 12)}
    reader.load(measures_of(definitions, indicator), [region.pk], periods)
    figure: Figure = evaluate(reader, indicator, region.pk, period)
    sides: list[Side] = [figure.numerator, *([figure.denominator] if figure.denominator else [])]
    leaves = [leaf(reader, m, region.pk, p, v) for side in sides for m, p, v in side.parts]
    return Trace(
        title=indicator.name,
        region=region,
        period=period,
        value=figure.value,
        unit=indicator.unit,
        missing=figure.missing,
        indicator=indicator,
        numerator=figure.numerator.value,
        denominator=figure.denominator.value if figure.denominator else None,
        leaves=tuple(leaves),
        revision=reader.revision,
        as_of=moments.moment_of(reader.revision),
        definition=indicator.definition,
        doc_no=indicator.doc_no,
    )


def leaf(reader: Reader, measure: Measure, subject: int, period: Period, value: Value) -> Leaf:
    """A measured value with the rows behind it: of its own period, or of the periods it was derived from."""
    if measure.register:
        return Leaf(measure, period, value, (), behind(reader, measure, subject, period))
    codes = [measure_period(measure, period).code]
    if value.derived:
        codes = sorted(reader._codes(measure, [period]))
    rows = list(
        ReportedValue.objects.for_system("出处，随后按范围遮盖")
        .filter(measure_id=measure.pk, subject_id=subject, period__in=codes, revision__lte=reader.revision)
        .select_related("measure")
        .order_by("period", "release_id", "version")
    )
    last: dict[tuple[str, int], ReportedValue] = {(row.period, row.release_id): row for row in rows}
    return Leaf(measure, period, value, tuple(sources(reader, list(last.values()), value)))


def behind(reader: Reader, measure: Measure, subject: int, period: Period) -> tuple[Behind, ...]:
    """The records that a register's figure counts, with what they said at the reader's revision. Their amounts add up to it."""
    first, last = counting.months_of(measure, period)
    found = counting.records_behind(measure.pk, reader.book.below(subject), first, last, reader.revision)
    register = by_code(measure.register)
    rows: list[Behind] = []
    for label in dict.fromkeys(model for model, _, _ in found):
        if register is None or register.label != label:
            continue
        amounts = {pk: amount for model, pk, amount in found if model == label}
        for record in register.model.as_of(reader.revision, amounts):
            scaled = unscale(amounts[record.pk], measure.decimals)
            rows.append(Behind(register.code, record.pk, record.number, str(record), record.items, scaled))
    return tuple(rows)


def sources(reader: Reader, rows: list[ReportedValue], value: Value) -> list[Source]:
    """Rows with their release and revision, the taken ones first."""
    releases = {row.pk: row for row in Release.as_of(reader.revision, {row.release_id for row in rows})}
    revisions = Revision.objects.in_bulk([row.revision for row in rows])
    found = []
    for row in rows:
        revision = revisions.get(row.revision)
        found.append(
            Source(
                row,
                releases[row.release_id],
                row.value,
                revision.at.astimezone(clock.TZ) if revision else None,
                revision.actor_name if revision else "",
                row.release_id in value.releases and row.scaled is not None,
            )
        )
    return sorted(found, key=lambda source: (not source.taken, source.value.period, source.release.pk))


def versions(measure: Measure, subject: int, period: Period, revision: int) -> list[Source]:
    """Every version of a figure under every release, newest first: what it was, who changed it, when."""
    rows = list(
        ReportedValue.objects.for_system("历次版本，随后按范围遮盖")
        .filter(
            measure_id=measure.pk,
            subject_id=subject,
            period=measure_period(measure, period).code,
            revision__lte=revision,
        )
        .select_related("measure")
        .order_by("-revision", "-version")
    )
    reader = Reader(book(revision), revision)
    listed = sources(reader, rows, Value(None))
    return sorted(listed, key=lambda source: -source.value.revision)


def difference(new: Decimal | None, old: Decimal | None) -> Decimal | None:
    """New minus old; None when either is missing."""
    return None if new is None or old is None else WIDE.subtract(new, old)
