"""Counting registers: what every saved record adds to the cube, in the same transaction, and recounting it all.

A cell of a register's measure is a month of a region: flows as they happened, stocks as entries less exits. What a record
added before is known from its own deltas, so moving, correcting or removing it takes back exactly what it gave.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Sum

from keshu.figures.models import CubeDelta, Measure, RecordDelta, Release
from keshu.figures.values import DELTAS
from keshu.journal.models import HistoryRow
from keshu.journal.rows import Plain, Shape
from keshu.journal.writing import follow
from keshu.ledger.records import Record
from keshu.ledger.registers import Contribution, Register, by_label, registers
from keshu.terms.period import Period

CHUNK = 500
SOURCE = "本局台账"
ROWS = Shape(
    RecordDelta, "measure_id", "subject_id", "period", "model", "object_pk", "amount", "held", "revision"
)
Place = tuple[int, int, str]  # measure, subject, month
Amount = tuple[int, int]  # scaled amount, records


class NotDeclared(LookupError):
    """A register's measure has no definition in the database: the definitions were not loaded after an upgrade."""


@follow
def deltas(history: Sequence[HistoryRow], number: int) -> Iterator[Plain]:
    """The deltas that follow from the records saved in a block; nothing for other objects."""
    labels = {row.model for row in history}
    for label, sharing in by_label().items() if labels else ():
        if label not in labels:
            continue
        rows = [row for row in history if row.model == label]
        for register, own in _told_apart(sharing, rows):
            measures, release = _definitions(register)
            for at in range(0, len(own), CHUNK):
                yield from _of_chunk(register, own[at : at + CHUNK], measures, release, number)


def _told_apart(
    sharing: Sequence[Register], rows: list[HistoryRow]
) -> Iterator[tuple[Register, list[HistoryRow]]]:
    """The rows of one model by the register each belongs to; those of registers that count nothing are left out."""
    if len(sharing) == 1 and not sharing[0].only:
        if sharing[0].measures:
            yield sharing[0], rows
        return
    last = _last_states(rows)
    for register in sharing:
        own = [row for row in rows if register.holds(row.data or last.get(row.object_pk, {}))]
        if own and register.measures:
            yield register, own


def _last_states(rows: list[HistoryRow]) -> dict[int, dict[str, object]]:
    """What the removed objects among the rows said last: a row without content does not tell its register."""
    gone = [row.object_pk for row in rows if row.data is None]
    if not gone:
        return {}
    past = HistoryRow.objects.filter(model=rows[0].model, object_pk__in=gone, data__isnull=False)
    return dict(past.order_by("revision").values_list("object_pk", "data"))


def _of_chunk(
    register: Register, rows: list[HistoryRow], measures: Mapping[str, int], release: int, number: int
) -> Iterator[Plain]:
    now = {
        row.object_pk: register.contributions(row.of)  # type: ignore[attr-defined]
        if hasattr(row, "of")
        else contributions_of(register, row.data)
        for row in rows
    }
    stood = [row.object_pk for row in rows if row.action != "create"]
    yield from _differences(register, now, measures, release, number, stood)


def _differences(
    register: Register,
    now: Mapping[int, list[Contribution]],
    measures: Mapping[str, int],
    release: int,
    number: int,
    stood: list[int] | None = None,
) -> Iterator[Plain]:
    """Deltas between what records add now (by primary key) and what they have in the cube. ``stood``: those that stood before."""
    asked = list(now) if stood is None else stood
    before = _standing(register.label, asked) if asked else {}
    for pk, found in now.items():
        cells, then = _cells(found, measures), before.get(pk)
        if then is None:
            for place, (amount, held) in sorted(cells.items()):
                yield Plain(ROWS, (*place, register.label, pk, amount, held, number))
                yield Plain(DELTAS, (*place, release, amount, held, 0, number))
            continue
        for place in sorted(cells.keys() | then.keys()):
            amount = cells.get(place, (0, 0))[0] - then.get(place, (0, 0))[0]
            held = cells.get(place, (0, 0))[1] - then.get(place, (0, 0))[1]
            if amount or held:
                yield Plain(ROWS, (*place, register.label, pk, amount, held, number))
                yield Plain(DELTAS, (*place, release, amount, held, 0, number))


def reconciled(register: Register, number: int) -> Iterator[Plain]:
    """Deltas that bring the cube to a changed declaration of the register; nothing when it agrees already."""
    measures, release = _definitions(register)
    records = register.records.order_by("pk").iterator(chunk_size=2000)
    while chunk := list(islice(records, CHUNK)):
        now = {record.pk: register.contributions(record) for record in chunk}
        yield from _differences(register, now, measures, release, number)


def contributions_of(register: Register, data: dict[str, object] | None) -> list[Contribution]:
    """What a recorded state of a record adds; nothing when it was removed."""
    if data is None:
        return []
    record = register.model.from_recorded(data)
    assert isinstance(record, Record)
    return register.contributions(record)


def _cells(found: Iterable[Contribution], measures: Mapping[str, int]) -> dict[Place, Amount]:
    cells: dict[Place, Amount] = {}
    for one in found:
        place = (measures[one.measure], one.subject, one.period)
        amount, held = cells.get(place, (0, 0))
        cells[place] = (amount + one.amount, held + one.held)
    return {place: cell for place, cell in cells.items() if cell != (0, 0)}


def _standing(label: str, pks: list[int]) -> dict[int, dict[Place, Amount]]:
    """What each record has in the cube now."""
    rows = RecordDelta.objects.filter(model=label, object_pk__in=pks)
    found: dict[int, dict[Place, Amount]] = defaultdict(dict)
    summed = rows.values_list("object_pk", "measure_id", "subject_id", "period")
    for pk, measure, subject, period, amount, held in summed.annotate(Sum("amount"), Sum("held")).order_by():
        if amount or held:
            found[pk][measure, subject, period] = (int(amount), int(held))
    return found


def _definitions(register: Register) -> tuple[dict[str, int], int]:
    codes = [measure.code for measure in register.measures]
    pks = dict(Measure.objects.filter(code__in=codes).values_list("code", "pk"))
    release = Release.objects.filter(source=SOURCE, label=register.released_as).values_list("pk", flat=True)
    if len(pks) != len(codes) or not release:
        absent = "、".join(code for code in codes if code not in pks) or register.name
        raise NotDeclared(
            f"台账“{register.name}”的计量（{absent}）还没有载入。请重新启动一次，让系统补上定义。"
        )
    return pks, release[0]


@dataclass(frozen=True)
class Cell:
    """One month of one region: what it holds and how many records stand behind it."""

    period: str
    amount: int
    records: int


def read(
    measures: Iterable[int], subjects: Iterable[int], revision: int
) -> dict[tuple[int, int], list[Cell]]:
    """All months of register measures × subjects as of a revision, by (measure, subject). One query."""
    rows = CubeDelta.objects.filter(
        measure_id__in=set(measures), subject_id__in=set(subjects), revision__lte=revision
    )
    found: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    summed = rows.values_list("measure_id", "subject_id", "period").annotate(Sum("amount"), Sum("held"))
    for measure, subject, period, amount, held in summed.order_by():
        if amount or held:
            found[measure, subject].append(Cell(period, int(amount), int(held)))
    return found


def months_of(measure: Measure, period: Period) -> tuple[str, str]:
    """First and last month code that a figure of a period counts: of a stock everything up to its end (first is empty)."""
    last = Period.month(period.end.year, period.end.month).code
    if measure.nature == Measure.Nature.STOCK:
        return "", last
    return Period.month(period.start.year, period.start.month).code, last


def in_use(measures: Iterable[int], revision: int) -> set[int]:
    """Those of the register measures under which anything was ever counted. One query."""
    rows = CubeDelta.objects.filter(measure_id__in=set(measures), revision__lte=revision)
    return set(rows.order_by().values_list("measure_id", flat=True).distinct())


def records_behind(
    measure: int, subjects: Iterable[int], first: str, last: str, revision: int
) -> list[tuple[str, int, int]]:
    """(model label, primary key, scaled amount) of the records behind the months ``first``…``last``, as of a revision."""
    rows = RecordDelta.objects.filter(
        measure_id=measure,
        subject_id__in=set(subjects),
        period__gte=first,
        period__lte=last,
        revision__lte=revision,
    )
    summed = (
        rows.values_list("model", "object_pk").annotate(Sum("amount"), count=Sum("held")).exclude(count=0)
    )
    return [(model, pk, int(amount)) for model, pk, amount, _ in summed.order_by("model", "object_pk")]


def recounted(register: Register) -> dict[Place, Amount]:
    """Every cell of a register's measures, counted again from its records."""
    measures, _ = _definitions(register)
    cells: dict[Place, Amount] = {}
    for record in register.records.order_by("pk").iterator(chunk_size=2000):
        for place, (amount, held) in _cells(register.contributions(record), measures).items():
            have = cells.get(place, (0, 0))
            cells[place] = (have[0] + amount, have[1] + held)
    return {place: cell for place, cell in cells.items() if cell != (0, 0)}


def differing() -> tuple[int, list[tuple[str, Place]]]:
    """(number of cells, those whose records, record deltas and cube do not agree) over all registers."""
    count = 0
    wrong: list[tuple[str, Place]] = []
    for register in registers():
        if not register.measures:
            continue
        truth = recounted(register)
        measures = set(_definitions(register)[0].values())
        sums = [_sums(CubeDelta, measures), _sums(RecordDelta, measures)]
        places = truth.keys() | sums[0].keys() | sums[1].keys()
        count += len(places)
        wrong += [
            (register.code, place)
            for place in sorted(places)
            if not (truth.get(place) == sums[0].get(place) == sums[1].get(place))
        ]
    return count, wrong


def _sums(model: type[CubeDelta] | type[RecordDelta], measures: set[int]) -> dict[Place, Amount]:
    rows = model.objects.filter(measure_id__in=measures).values_list("measure_id", "subject_id", "period")
    return {
        (measure, subject, period): (int(amount), int(held))
        for measure, subject, period, amount, held in rows.annotate(Sum("amount"), Sum("held")).order_by()
        if amount or held
    }
