"""Records coming into a ledger defined on a page (xlsx of 1 k, 10 k, 100 k rows), and the file of one organisation beside them."""

import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from bench.imports import peer
from bench.measuring import house, in_own_process, keep, median_ms, table
from keshu.terms import clock

SIZES = (1_000, 10_000, 100_000)
HEAD = ("行", "科枢（秒）", "pandas 只追加（秒）", "科枢 / pandas", "一企一档（毫秒）", "其中这家的记录")
COUNTIES = 8
UNITS = 400


def run(*, quick: bool = False) -> None:
    """Print seconds of the import and milliseconds of the organisation's page."""
    rows = []
    for size in SIZES[:2] if quick else SIZES:
        ours, theirs, page, held = in_own_process("bench.records", str(size)).split()
        rows.append(
            (f"{size:,}", ours, theirs, f"{float(ours) / float(theirs):.2f}×", page, f"{int(held):,}")
        )
    table("往自定义台账里导入；随后打开一家单位的一企一档", HEAD, rows)
    keep("records", HEAD, rows)


def one(size: int) -> None:
    """Measure one size and print: seconds of ours and of the peer, milliseconds of the page, records of the organisation."""
    house()
    from django.test import Client

    from bench.registers import fill
    from keshu.bringing.applying import apply
    from keshu.bringing.models import Batch
    from keshu.bringing.staging import stage
    from keshu.custom.columns import Col, Count
    from keshu.custom.defining import define
    from keshu.custom.models import CustomRecord
    from keshu.custom.wanted import Wanted
    from keshu.directory.accounts import actor_of
    from keshu.directory.models import Unit
    from keshu.ledger.intake.batches import open_batch
    from keshu.ledger.registers import by_code

    account = fill(0)
    actor = actor_of(account)
    define(
        Wanted(
            code="visits", name="走访登记", prefix="ZF", who=("bureau",), counts_by="走访日期",
            key=("事项编号",),
            columns=(
                Col("事项编号", searchable=True), Col("走访日期", "date", required=True),
                Col("方式", "choice", choices=("现场", "电话")), Col("意向金额", "money", total=True),
            ),
            measures=(Count("走访次数", "次"),),
        ),
        actor,
    )  # fmt: skip
    register = by_code("visits")
    assert register is not None
    folder = Path(tempfile.mkdtemp(prefix="keshu-bench-"))
    path = folder / "visits.xlsx"
    write(path, size)
    begun = clock.monotonic()
    batch = open_batch(Batch, path.name, actor, size=path.stat().st_size, register=register.code)
    stage(batch, path, actor, register)
    assert apply(batch, actor, register) == size
    ours = clock.monotonic() - begun
    begun = clock.monotonic()
    assert peer(path, folder / "peer.sqlite3") == size
    theirs = clock.monotonic() - begun
    unit = Unit.objects.get(code="U7")
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/desk/organisations/{unit.pk}/"
    assert client.get(address).status_code == 200
    held = CustomRecord.objects.for_system("bench").filter(unit=unit).count()
    print(f"{ours:.1f} {theirs:.1f} {median_ms(lambda: client.get(address)):.0f} {held}")


def write(path: Path, size: int) -> None:
    """A workbook as a clerk would have it: a row a visit."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("走访")
    sheet.append(["事项编号", "走访日期", "方式", "意向金额（万元）", "地区", "单位"])
    first = date(2026, 1, 1)
    for n in range(size):
        unit = n % UNITS
        sheet.append(
            [
                f"S{n:06d}",
                (first + timedelta(days=n % 300)).isoformat(),
                "现场" if n % 3 else "电话",
                n % 1000,
                f"试{unit % COUNTIES}县",
                f"试验企业{unit}有限公司",
            ]
        )
    book.save(path)


if __name__ == "__main__":
    one(int(sys.argv[1]))
