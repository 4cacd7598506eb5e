"""Importing an Excel file: time at 1 k, 10 k and 100 k rows against openpyxl + pandas.to_sql, and peak memory up to a million rows.

The peer reads the file and appends the rows to a table; it checks nothing, keeps no history and no versions.
"""

import itertools
import os
import resource
import sys
import tempfile
import zipfile
from pathlib import Path

from bench.measuring import house, in_own_process, table
from keshu.terms import clock

SIZES = (1_000, 10_000, 100_000)
MEMORY = (10_000, 100_000, 1_000_000)
HEAD = ("period", "region_code", "region", "measure", "value", "unit", "vintage", "source")
MEASURES = (
    "地区生产总值",
    "一般公共预算支出",
    "财政科技支出",
    "技术合同成交额_输出",
    "技术合同成交额_吸纳",
    "全社会研发经费支出",
)


def run(*, quick: bool = False) -> None:
    """Print times and peaks."""
    rows = []
    for size in SIZES[:2] if quick else SIZES:
        ours, peer = in_own_process("bench.imports", "time", str(size)).split()
        rows.append(
            (f"{size:,}", f"{float(ours):.1f}", f"{float(peer):.1f}", f"{float(ours) / float(peer):.2f}×")
        )
    table("导入 xlsx（秒）", ("行", "科枢（核对、留痕、写入）", "pandas 只追加", "科枢 / pandas"), rows)
    peaks = []
    for size in MEMORY[:2] if quick else MEMORY:
        peaks.append((f"{size:,}", float(in_own_process("bench.imports", "memory", str(size)))))
    table(
        "导入 csv 峰值内存（MB）",
        ("行", "峰值", "比 10k"),
        [(n, f"{p:.0f}", f"{p / peaks[0][1]:.2f}×") for n, p in peaks],
    )


def lines(size: int):  # type: ignore[no-untyped-def]
    """Rows of a synthetic file, the same every time: distinct keys, plausible values."""
    from keshu.directory.models import Region

    regions = list(
        Region._base_manager.filter(level="province").order_by("code").values_list("code", "short_name")
    )
    kept = (
        (year, month, measure, code, name, publication)
        for year in range(1901, 2200)
        for publication in (f"年鉴{year}", f"公报{year}")
        for month in range(1, 13)
        for measure in MEASURES
        for code, name in regions
    )
    for count, (year, month, measure, code, name, publication) in enumerate(itertools.islice(kept, size), 1):
        value = 100 + (count * 7919 % 9000) / 100
        yield (f"{year}-{month:02d}", code, name, measure, f"{value:.2f}", "亿元", "", publication)


def write_xlsx(path: Path, size: int) -> None:
    """A minimal workbook, streamed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(
                b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            )
            sheet.write(_row(1, HEAD, set()))
            for number, line in enumerate(lines(size), 2):
                sheet.write(_row(number, line, {4}))
            sheet.write(b"</sheetData></worksheet>")


def _row(number: int, cells: tuple[str, ...], numeric: set[int]) -> bytes:
    made = []
    for at, cell in enumerate(cells):
        place = f"{'ABCDEFGH'[at]}{number}"
        if at in numeric:
            made.append(f'<c r="{place}"><v>{cell}</v></c>')
        else:
            made.append(f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>')
    return f'<row r="{number}">{"".join(made)}</row>'.encode()


def ours(path: Path) -> int:
    """Stage and apply; the number of values written."""
    from keshu.directory.actors import system
    from keshu.figures.imports.applying import apply
    from keshu.figures.imports.models import ImportBatch
    from keshu.figures.imports.staging import stage
    from keshu.ledger.intake.batches import open_batch

    actor = system("bench")
    batch = open_batch(ImportBatch, path.name, actor, size=path.stat().st_size)
    stage(batch, path, actor)
    return apply(batch, actor).new


def peer(path: Path, database: Path) -> int:
    """openpyxl reads, pandas appends to a table of its own."""
    import sqlite3

    import pandas

    frame = pandas.read_excel(path, engine="openpyxl", dtype=str)
    with sqlite3.connect(database) as connection:
        return int(frame.to_sql("values", connection, if_exists="append", index=False) or len(frame))


def one(kind: str, size: int) -> None:
    """Measure one size and print."""
    home = house()
    folder = Path(tempfile.mkdtemp(prefix="keshu-bench-"))
    if kind == "memory":
        path = folder / "figures.csv"
        with path.open("w", encoding="utf-8") as out:
            out.write(",".join(HEAD) + "\n")
            for line in lines(size):
                out.write(",".join(line) + "\n")
        # The peak is that of the import alone: a fresh process image would count the writing of the file too.
        pid = os.fork()
        if pid == 0:
            from django.db import connection

            connection.close()
            assert ours(path) == size
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        return
    path = folder / "figures.xlsx"
    write_xlsx(path, size)
    begun = clock.monotonic()
    assert ours(path) == size
    taken = clock.monotonic() - begun
    begun = clock.monotonic()
    peer(path, home / "peer.sqlite3")
    print(taken, clock.monotonic() - begun)


if __name__ == "__main__":
    one(sys.argv[1], int(sys.argv[2]))
