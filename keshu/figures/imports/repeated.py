"""Two rows for one key: both are refused, because nobody can tell which is meant, and both go back as they stood."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from django.db.models import Count, QuerySet, Window

from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.refused import kept_cells
from keshu.ledger.intake.reading import Table

KEY: tuple[str, ...] = ("measure_id", "subject_id", "period", "release")
CHUNK = 2000
NAMED = 5


def refuse_repeated(batch: ImportBatch, table: Table) -> int:
    """Refuse every row whose key occurs twice in the file; returns how many. Reads the file again only when there are any."""
    taken = StagedRow.objects.filter(
        batch=batch, verdict__in=[Verdict.NEW, Verdict.CHANGED, Verdict.IDENTICAL]
    )
    if not taken.values_list(*KEY).annotate(times=Count("pk")).filter(times__gt=1).order_by().exists():
        return 0
    refused = list(_refused(taken))
    for at in range(0, len(refused), CHUNK):
        StagedRow.objects.bulk_update(
            [
                StagedRow(pk=pk, verdict=Verdict.REFUSED, column="整行", reason=reason)
                for pk, reason in refused[at : at + CHUNK]
            ],
            ["verdict", "column", "reason"],
        )
    _keep_cells(batch, table)
    return len(refused)


def _refused(taken: QuerySet[StagedRow]) -> Iterator[tuple[int, str]]:
    """(primary key, reason) of every repeated row; rows of one key share their reason."""
    times: Any = Window(Count("pk"), partition_by=list(KEY))
    rows = taken.annotate(times=times).filter(times__gt=1).order_by(*KEY, "number")
    for _, same in groupby(
        rows.values_list(*KEY, "number", "pk").iterator(chunk_size=CHUNK), key=lambda row: row[:4]
    ):
        group = [(row[4], row[5]) for row in same]
        listed = "、".join(str(number) for number, _ in group[:NAMED])
        lines = f"第 {listed} 等 {len(group)} 行" if len(group) > NAMED else f"第 {listed} 行"
        reason = f"{lines}说的是同一个数，不知道以哪一行为准。请只留一行。"
        yield from ((pk, reason) for _, pk in group)


def _keep_cells(batch: ImportBatch, table: Table) -> None:
    """Both the file and the rows without cells are in the order of lines: one pass over each."""
    bare = StagedRow.objects.filter(batch=batch, verdict=Verdict.REFUSED, cells__isnull=True).order_by(
        "number"
    )
    lines = table.rows()
    waiting = iter(
        list(bare.values_list("pk", "number"))
    )  # read whole: the updates below change what is asked for
    while pairs := list(islice(waiting, CHUNK)):
        found = []
        for pk, number in pairs:
            line = next(line for line in lines if line.number == number)
            found.append(StagedRow(pk=pk, cells=kept_cells(line)))
        StagedRow.objects.bulk_update(found, ["cells"])
