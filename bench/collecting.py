"""Merging workbooks that came back: 10, 100 and 1,000 of 200 rows against openpyxl + pandas.concat in the same run.

The peer reads each file and puts the frames under each other: it does not know whose a file is, checks no cell, refuses no row, keeps no
history and finds nothing again that it has seen.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bench.measuring import house, in_own_process, keep, median_ms, table
from keshu.terms import clock

SIZES = (10, 100, 1_000)
ROWS = 200
HEAD = (
    "工作簿 × 200 行",
    "科枢收进来（秒）",
    "openpyxl + pandas（秒）",
    "科枢 / pandas",
    "同样再拖一次（秒）",
    "打开合表（毫秒）",
)
#: What one merge of a hundred may take, in seconds.
TARGET = 10


def run(*, quick: bool = False) -> None:
    """Print the seconds of both, of the same files again, and the milliseconds of the page."""
    rows = []
    for size in SIZES[:2] if quick else SIZES:
        ours, theirs, again, page = in_own_process("bench.collecting", str(size)).split()
        rows.append((f"{size:,}", ours, theirs, f"{float(ours) / float(theirs):.2f}×", again, page))
    table(f"合表：认出是谁的、逐格核对、合成一张（100 份要在 {TARGET} 秒以内）", HEAD, rows)
    keep("collecting", HEAD, rows)


def lines(sender: int) -> Iterator[tuple[str, str, float, int, str]]:
    """The rows of one workbook, the same every time."""
    kinds = ("技术开发", "技术转让", "技术咨询", "技术服务")
    for at in range(ROWS):
        serial = sender * ROWS + at
        yield (
            f"企业{serial:06d}",
            kinds[serial % 4],
            (serial * 7919 % 900_000) / 100,
            serial % 30,
            f"备注{at}",
        )


def peer(paths: list[Path]) -> tuple[int, float]:
    """(rows, sum) of the frames under each other."""
    import pandas

    frames = [
        pandas.read_excel(path, engine="openpyxl", header=2, dtype={"*企业名称": str}) for path in paths
    ]
    whole = pandas.concat(frames, ignore_index=True)
    return len(whole), float(whole["*成交额（万元）"].sum())


def one(size: int) -> None:
    """Measure one size and print: seconds of ours, of the peer, of the same files again; milliseconds of the page."""
    house()
    import openpyxl
    from django.test import Client

    from bench.registers import fill
    from keshu.collecting.columns import Col
    from keshu.collecting.defining import Wanted, define
    from keshu.collecting.merging import standings, totals
    from keshu.collecting.models import Collection, Sender
    from keshu.collecting.procedure import COLLECTING
    from keshu.collecting.receiving import Receiving
    from keshu.collecting.sending import write_workbook
    from keshu.directory.accounts import actor_of
    from keshu.directory.models import Unit
    from keshu.journal.writing import writing
    from keshu.procedure.moving import move

    account = fill(0)
    actor = actor_of(account)
    home = Unit.objects.get(pk=actor.unit_id)
    with writing(actor, "bench"):
        units = [
            Unit(code=f"BENCH-{n}", name=f"第{n:04d}科技所", region_id=home.region_id) for n in range(size)
        ]
        for unit in units:
            unit.save()
    cols = (
        Col("", "企业名称", is_key=True),
        Col("", "合同类型", "choice", choices=("技术开发", "技术转让", "技术咨询", "技术服务")),
        Col("", "成交额", "number", required=True, unit="万元", decimals=2),
        Col("", "合同数", "number", unit="项"),
        Col("", "备注"),
    )
    # More senders than one collection of a bureau has: they are asked in collections of 400 at most.
    made = []
    for at in range(0, size, 400):
        some = tuple(unit.pk for unit in units[at : at + 400])
        collection = define(Wanted(f"合表{at}", clock.now() + timedelta(days=9), cols, some), actor)
        made.append(move(collection, "open", actor, procedure=COLLECTING))
    folder = Path(tempfile.mkdtemp(prefix="keshu-bench-"))
    paths: dict[int, list[Path]] = {}
    for collection in made:
        for sender in Sender.objects.for_system("bench").filter(collection=collection.pk).order_by("order"):
            out = io.BytesIO()
            write_workbook(Collection._base_manager.get(pk=collection.pk), sender, out)
            book = openpyxl.load_workbook(out)
            for line in lines(sender.pk):
                book.worksheets[0].append(line)
            path = folder / f"{sender.pk}.xlsx"
            book.save(path)
            paths.setdefault(collection.pk, []).append(path)

    def merge() -> list[str]:
        outcomes = []
        for pk, files in paths.items():
            receiving = Receiving(Collection._base_manager.get(pk=pk), actor)
            for path in files:
                with path.open("rb") as stream:
                    outcomes.append(receiving.drop(stream, path.name).outcome)
        return outcomes

    begun = clock.monotonic()
    assert set(merge()) == {"counted"}
    ours = clock.monotonic() - begun
    begun = clock.monotonic()
    count, total = peer([path for files in paths.values() for path in files])
    theirs = clock.monotonic() - begun
    begun = clock.monotonic()
    assert set(merge()) == {"same"}
    again = clock.monotonic() - begun
    sums = [totals(c.cols, standings(c))[0] for c in Collection._base_manager.filter(pk__in=paths)]
    # Both read the same: the peer in binary floating point, so it may be off by less than a 分 per row.
    assert count == size * ROWS
    assert abs(sum((one.value or Decimal(0)) for one in sums) - Decimal(str(total))) < Decimal("0.01") * count
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/desk/collecting/{next(iter(paths))}/"
    assert client.get(address).status_code == 200
    page = median_ms(lambda: client.get(address))
    print(f"{ours:.2f} {theirs:.2f} {again:.2f} {page:.0f}")


if __name__ == "__main__":
    one(int(sys.argv[1]))
