"""The proof of one document: equality, near misses, and what changes when a condition or a record goes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models import ProtectedError

from keshu.directory.actors import Role, system
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.registers import by_label
from keshu.procedure.moving import move
from keshu.terms import clock
from keshu.terms.quantity import plain
from tests.replay.beginnings import TAKES
from tests.replay.building import moment
from tests.replay.people import Town
from tests.replay.recomputing import Found, Record, changed, recomputed, removals, touches
from tests.replay.stated import Document, Figure


@dataclass
class Proof:
    """What was found of one document; ``wrong`` is empty when everything holds."""

    document: Document
    found: dict[str, Found]
    misses: dict[str, dict[str, int]] = field(default_factory=dict)
    removed: int = 0
    deleted: int = 0
    taken_back: int = 0
    wrong: list[str] = field(default_factory=list)


def prove(document: Document, town: Town, *, every: bool) -> Proof:
    """All of it. ``every``: every counted record is deleted once; otherwise one of each kind (those in the same figures)."""
    proof = Proof(document, recomputed(document))
    proof.wrong += list(unequal(document, proof.found))
    proof.wrong += list(unrelated(document, proof.found))
    without_conditions(proof)
    without_records(proof, every=every)
    taken_back(proof, town)
    return proof


def unequal(document: Document, found: dict[str, Found]) -> Iterator[str]:
    """Figures that came out otherwise than stated."""
    for figure in document.figures:
        value = found[figure.id].value
        if value is None or value != figure.value:
            yield f"{figure.id} {figure.what}：文件 {plain(figure.value)}，复算 {value}"


def unrelated(document: Document, found: dict[str, Found]) -> Iterator[str]:
    """Relations that do not hold, among what is stated and among what was recomputed."""
    for relation in document.relations:
        stated = sum((document.by_id[part].value for part in relation.parts), Decimal(0))
        again = sum((found[part].value or Decimal(0) for part in relation.parts), Decimal(0))
        whole = document.by_id.get(relation.total)
        totals = (whole.value, found[whole.id].value) if whole else (Decimal(relation.total),) * 2
        if (stated, again) != totals:
            yield f"{relation.says} 不成立"


def without_conditions(proof: Proof) -> None:
    """Each condition taken away: exactly the figures that use it (and those made from them) become others; what comes in besides
    are the near misses around the figures."""
    document = proof.document
    for removal in removals(document):
        after = recomputed(document, removal)
        using = {figure.id for figure in document.figures if touches(figure, removal)}
        _compare(proof, f"去掉“{removal}”", changed(proof.found, after), document.with_derived(using))
        for figure in using:
            more = after[figure].records - proof.found[figure].records
            proof.misses.setdefault(figure, {})[str(removal)] = len(more)
        proof.removed += 1
    for figure in (one for one in document.figures if one.measure):
        around = proof.misses.get(figure.id, {})
        if len(around) < 3 or sum(around.values()) < 3:
            proof.wrong.append(f"{figure.id} 周围只有 {around}，近似而不该计的记录太少")


def without_records(proof: Proof, *, every: bool) -> None:
    """Each counted record deleted: exactly the figures that stand on it become others."""
    document = proof.document
    kinds: dict[frozenset[str], list[Record]] = {}
    for record in sorted({record for found in proof.found.values() for record in found.records}):
        holding = frozenset(
            f.id for f in document.figures if f.measure and record in proof.found[f.id].records
        )
        kinds.setdefault(holding, []).append(record)
    for holding, alike in kinds.items():
        for record in alike if every else alike[:1]:
            with undone():
                gone = delete(record)
                also = {f.id for f in document.figures if f.measure and gone & proof.found[f.id].records}
                expected = document.with_derived(set(holding) | also)
                _compare(proof, f"删去 {record}", changed(proof.found, recomputed(document)), expected)
            proof.deleted += 1


def taken_back(proof: Proof, town: Town) -> None:
    """A counted record taken back by the step that takes it back: the figures that say so become others, and only these. As of
    before, worked out on the history, everything is as it was."""
    document, before = proof.document, moments.latest()
    for figure in document.figures:
        if not figure.falls_with:
            continue
        record = min(proof.found[figure.id].records)
        expected = {
            one.id
            for one in document.figures
            if one.falls_with == figure.falls_with and one.measure and record in proof.found[one.id].records
        }
        with undone():
            revoke(record, figure, document, town)
            after = recomputed(document)
            _compare(
                proof,
                f"{figure.falls_with} {record}",
                changed(proof.found, after),
                document.with_derived(expected),
            )
            if recomputed(document, revision=before) != proof.found:
                proof.wrong.append(f"{figure.falls_with} {record}：按修订 {before} 复算，和当时不同")
        proof.taken_back += 1


def _compare(proof: Proof, what: str, got: set[str], expected: set[str]) -> None:
    if silent := expected - got:
        proof.wrong.append(f"{what}：{'、'.join(sorted(silent))} 没有变")
    if beyond := got - expected:
        proof.wrong.append(f"{what}：{'、'.join(sorted(beyond))} 不该变而变了")


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is taken back afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def delete(record: Record) -> frozenset[Record]:
    """Delete a record, and first the records that stand on it (payments of a project). Returns all that went."""
    label, pk = record
    gone: list[Record] = []
    with writing(system("复算"), "删去一条"):
        _delete(by_label()[label][0].model._base_manager.get(pk=pk), gone)
    return frozenset(gone)


def _delete(row, gone: list[Record]) -> None:
    for _ in range(50):
        try:
            with transaction.atomic():
                row.delete()
            gone.append((row._meta.label, row.pk))
            return
        except ProtectedError as protected:
            for other in protected.protected_objects:
                _delete(other, gone)
    raise AssertionError(f"{row} 删不掉")


def revoke(record: Record, figure: Figure, document: Document, town: Town) -> None:
    """Take the figure's step with a record, a year after the data set ends."""
    label, pk = record
    register = by_label()[label][0]
    row = register.model._base_manager.get(pk=pk)
    with clock.pretend(moment(document.data["document"]["ends"])):
        move(
            row,
            figure.falls_with,
            town.actor(TAKES[register.code].get(figure.falls_with, Role.OFFICE), "home"),
            procedure=register.procedure,
            note="撤销决定",
        )


def coverage(proofs: Iterable[Proof]) -> dict[str, tuple[int, int]]:
    """Row → (figures that came out as stated, figures)."""
    rows: dict[str, tuple[int, int]] = {}
    for proof in proofs:
        for figure in (one for one in proof.document.figures if one.covered):
            held, all_ = rows.get(figure.row, (0, 0))
            rows[figure.row] = (held + (proof.found[figure.id].value == figure.value), all_ + 1)
    return dict(sorted(rows.items()))
