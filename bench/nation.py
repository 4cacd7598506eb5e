"""The nation: 2,844 counties × 5 indicators for one period, from Parquet, at 0.09, 0.7, 7 and 68 million cells.

Peers answer a smaller question (value, previous, change, rank and its move, mean, distance to the next, both effects; no targets, no
lamps, no reasons): PostgreSQL over one wide table, with one index per dimension and with the best composite index (index-only);
pandas in floating point, reading the same files and with the table already in memory. Peers go up to 7 million cells. The places that
each way finds are compared; a difference stops the bench.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import nation_peers
from bench.measuring import house, in_own_process, keep, median_ms, said, table
from keshu.terms import clock

HEAD = (
    "格数",
    "科枢 首次",
    "科枢",
    "其中取数",
    "含先行指标和全年预计",
    "PG 单列索引",
    "PG 组合索引",
    "pandas 读文件",
    "pandas 内存",
    "PG单/科枢",
    "PG组/科枢",
    "pandas读/科枢",
)
ALL, QUICK = (0, 1, 2, 3), (0, 1)
PEERS = (0, 1, 2)


def run(*, quick: bool = False) -> None:
    """Print ours against the peers at growing sizes."""
    rows = []
    for number in QUICK if quick else ALL:
        found = json.loads(in_own_process("bench.nation", str(number)))
        ours = found["again"]
        ratios = [_times(found.get(name), ours) for name in ("pg_single", "pg_composite", "pandas_files")]
        times = [
            _ms(found.get(name))
            for name in (
                "first",
                "again",
                "reading",
                "everything",
                "pg_single",
                "pg_composite",
                "pandas_files",
                "pandas_memory",
            )
        ]
        rows.append((f"{found['cells']:,}", *times, *ratios))
    table("全国 2,844 县 × 5 项，一个时期的调度（毫秒）", HEAD, rows)
    keep("nation", HEAD, rows)


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"


def _times(value: float | None, ours: float) -> str:
    return "—" if value is None else f"{value / ours:.2f}×"


def one(number: int) -> dict[str, Any]:
    """Measure one size."""
    home = house()
    try:
        return _measured(number, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measured(number: int, home: Path) -> dict[str, Any]:
    from bench import counties, nation_data
    from keshu.directory.actors import system
    from keshu.figures.lake.reading import Lake
    from keshu.figures.models import Release
    from keshu.journal import moments
    from keshu.journal.writing import writing
    from keshu.terms.period import Period

    begun = clock.monotonic()
    regions = counties.counties()
    scheme = counties.scheme_of_five()
    counties.targets(regions)
    with writing(system("测速"), "发布"):
        release = Release(source="测速", label="")
        release.save()
    folder = home / "lake"
    size = nation_data.SIZES_OF_LAKE[number]
    cells = nation_data.write_lake(folder, size, regions, moments.latest(), release.pk)
    said(
        begun,
        f"{cells:,} 格写成 Parquet，{sum(f.stat().st_size for f in folder.rglob('*.parquet')) / 1e6:.0f} MB",
    )
    asked = {"level": "county", "region": "000000"}
    september = Period.parse("2026-09")
    found: dict[str, Any] = {"cells": cells}

    first = clock.monotonic()
    lake = Lake(folder)
    made = lake.dispatch(scheme, september, forecasts=False, **asked)
    found["first"] = (clock.monotonic() - first) * 1000
    found["again"] = median_ms(lambda: lake.dispatch(scheme, september, forecasts=False, **asked), warm=0)
    found["reading"] = _reading_ms(lake, lambda: lake.dispatch(scheme, september, forecasts=False, **asked))
    found["everything"] = median_ms(lambda: lake.dispatch("strong-st-5", september, **asked), runs=2, warm=0)
    said(begun, "科枢")
    if number in PEERS:
        places = {(row.indicator.code, row.region.code): row.rank for row in made.rows}
        files = sorted(folder.glob("cells/*/*.parquet"))
        found |= nation_peers.postgres(files, places, begun)
        found |= nation_peers.pandas(files, places, begun)
    return found


def _reading_ms(lake: Any, ask: Callable[[], object]) -> float:
    """How much of one dispatch is the engine's answering and its rows becoming Python values."""
    from keshu.figures.lake.reading import LakeReader

    spent = 0.0

    class Timed(LakeReader):
        def fetch(self, *words: Any) -> Any:
            nonlocal spent
            begun = clock.monotonic()
            cells = super().fetch(*words)
            spent += clock.monotonic() - begun
            return cells

    lake.reader = lambda *words: Timed(lake, *words)
    try:
        ask()
    finally:
        del lake.reader
    return spent * 1000


if __name__ == "__main__":
    print(json.dumps(one(int(sys.argv[1]))))
