"""A saved value is in the next dispatch: how long from the commit to the table that holds it, at 10 k, 100 k and 1 M values.

Peer: the same table recomputed from the last version of every value with one aggregate over the values themselves, no cube.
"""

import sys
from decimal import Decimal

from bench.measuring import house, in_own_process, median_ms, table

SIZES = (10_000, 100_000, 1_000_000)


def run(*, quick: bool = False) -> None:
    """Print ours against the peer at growing sizes."""
    rows = []
    for size in SIZES[:2] if quick else SIZES:
        ours, peer = in_own_process("bench.fresh", str(size)).split()
        rows.append(
            (f"{size:,}", f"{float(ours):.1f}", f"{float(peer):.1f}", f"{float(peer) / float(ours):.1f}×")
        )
    table("存一个数到调度表里看见（毫秒，31 省 × 5 项）", ("值的个数", "科枢", "从值重算", "快"), rows)


def fill(size: int) -> None:
    """Values of many measures, regions and months, with their deltas, written plainly."""
    from keshu.directory.actors import system
    from keshu.directory.models import Region
    from keshu.figures.models import CubeDelta, Measure, Release, ReportedValue
    from keshu.journal.writing import writing

    regions = list(Region._base_manager.filter(level="province").values_list("pk", flat=True))
    measures = list(Measure._base_manager.values_list("pk", flat=True))
    with writing(system("bench"), "bench"):
        release = Release(source="bench", label="")
        release.save()
    years = size // (len(regions) * len(measures) * 12) + 1
    made, batch = 0, []
    for year in range(years):
        for measure in measures:
            for month in range(1, 13):
                for region in regions:
                    if made >= size:
                        break
                    key = {
                        "measure_id": measure,
                        "subject_id": region,
                        "period": f"{1900 + year}-{month:02d}",
                        "release_id": release.pk,
                    }
                    batch.append(
                        (
                            ReportedValue(**key, scaled=made * 7919 % 10**9, revision=1),
                            CubeDelta(**key, amount=made * 7919 % 10**9, held=1, revision=1),
                        )
                    )
                    made += 1
                    if len(batch) == 5000:
                        _write(batch)
                        batch = []
    _write(batch)


def _write(batch: list) -> None:
    from keshu.figures.models import CubeDelta, ReportedValue

    ReportedValue._base_manager.bulk_create([value for value, _ in batch])
    CubeDelta._base_manager.bulk_create([delta for _, delta in batch])


def one(size: int) -> None:
    """Measure one size and print two numbers."""
    house()
    from django.db.models import Max, OuterRef, Subquery

    from keshu.directory.actors import system
    from keshu.figures import cube
    from keshu.figures.book import book
    from keshu.figures.dispatch import dispatch
    from keshu.figures.models import Release, ReportedValue
    from keshu.figures.values import ValueChange, record_values
    from keshu.journal import moments
    from keshu.journal.writing import writing
    from keshu.terms.period import Period

    fill(size)
    actor = system("bench")
    definitions = book(moments.latest())
    measure, region = definitions.measure("contract_output"), definitions.region("110000")
    release = Release._base_manager.get(source="bench")
    amount = Decimal(1)

    def save() -> None:
        nonlocal amount
        amount += 1
        with writing(actor, "bench") as block:
            record_values(block, [ValueChange(measure.pk, region.pk, "2023", release.pk, int(amount * 100))])

    def show() -> None:
        found = dispatch("strong-st-5", Period.parse("2023"), level="province", forecasts=False)
        row = next(r for r in found.rows if r.indicator.code == "contract_gdp" and r.region.pk == region.pk)
        assert row.figure.numerator.value == amount

    read = cube.read

    def plainly(measures, subjects, periods, revision=None):  # type: ignore[no-untyped-def]
        """The peer: the last version under every key, straight from the values."""
        rows = ReportedValue.objects.for_system("bench").filter(
            measure_id__in=set(measures), period__in=set(periods), subject_id__in=set(subjects)
        )
        last = (
            ReportedValue.objects.for_system("bench")
            .filter(
                measure_id=OuterRef("measure_id"),
                subject_id=OuterRef("subject_id"),
                period=OuterRef("period"),
                release_id=OuterRef("release_id"),
            )
            .values("measure_id")
            .annotate(v=Max("version"))
            .values("v")
        )
        found: cube.Cells = {}
        for value in rows.filter(version=Subquery(last)):
            if value.scaled is not None:
                key = (value.measure_id, value.subject_id, value.period)
                found.setdefault(key, []).append(cube.Held(value.release_id, value.scaled, value.estimated))
        return found

    def saved_and_shown() -> None:
        save()
        show()

    ours = median_ms(saved_and_shown, runs=9)
    cube.read = plainly  # the peer takes the cube's place for this measurement only
    try:
        peer = median_ms(saved_and_shown, runs=5)
    finally:
        cube.read = read
    print(ours, peer)


if __name__ == "__main__":
    one(int(sys.argv[1]))
