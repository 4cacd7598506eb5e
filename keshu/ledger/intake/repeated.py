"""Two rows for one key: both are refused, because nobody can tell which is meant, and both go back as they stood."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from django.db.models import Count, QuerySet, Window

from keshu.ledger.intake.batches import CHUNK, Verdict
from keshu.ledger.intake.kept import kept_cells
from keshu.ledger.intake.reading import Table

NAMED = 5


def refuse_repeated(taken: QuerySet[Any], key: tuple[str, ...], table: Table, said: str) -> int:
    """Refuse every staged row of ``taken`` whose key occurs twice in the file; returns how many.

    ``said``: what rows of one key have in common, for the reason. Reads the file again only when there are any.
    """
    if not taken.values_list(*key).annotate(times=Count("pk")).filter(times__gt=1).order_by().exists():
        return 0
    model = taken.model
    refused = list(_refused(taken, key, said))
    for at in range(0, len(refused), CHUNK):
        model.objects.bulk_update(
            [
                model(pk=pk, verdict=Verdict.REFUSED, column="整行", reason=reason)
                for pk, reason in refused[at : at + CHUNK]
            ],
            ["verdict", "column", "reason"],
        )
    _keep_cells(model, [pk for pk, _ in refused], table)
    return len(refused)


def _refused(taken: QuerySet[Any], key: tuple[str, ...], said: str) -> Iterator[tuple[int, str]]:
    """(primary key, reason) of every repeated row; rows of one key share their reason."""
    times: Any = Window(Count("pk"), partition_by=list(key))
    rows = taken.annotate(times=times).filter(times__gt=1).order_by(*key, "number")
    width = len(key)
    for _, same in groupby(
        rows.values_list(*key, "number", "pk").iterator(chunk_size=CHUNK), key=lambda row: row[:width]
    ):
        group = [(row[width], row[width + 1]) for row in same]
        listed = "、".join(str(number) for number, _ in group[:NAMED])
        lines = f"第 {listed} 等 {len(group)} 行" if len(group) > NAMED else f"第 {listed} 行"
        reason = f"{lines}{said}，不知道以哪一行为准。请只留一行。"
        yield from ((pk, reason) for _, pk in group)


def _keep_cells(model: Any, pks: list[int], table: Table) -> None:
    """Both the file and the rows without cells are in the order of lines: one pass over each."""
    numbers = sorted(
        (number, pk)
        for at in range(0, len(pks), CHUNK)
        for pk, number in model.objects.filter(pk__in=pks[at : at + CHUNK]).values_list("pk", "number")
    )
    lines = table.rows()
    waiting = iter(numbers)
    while pairs := list(islice(waiting, CHUNK)):
        found = []
        for number, pk in pairs:
            line = next(line for line in lines if line.number == number)
            found.append(model(pk=pk, cells=kept_cells(line)))
        model.objects.bulk_update(found, ["cells"])
