"""The nation's cells, made up with a fixed seed and written in the layout of a published lake."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.counties import COUNTIES, month_codes
from keshu.figures.lake.layout import (
    FORMAT,
    MANIFEST,
    ROW_GROUP,
    cells_file,
    cells_schema,
)
from keshu.figures.lake.publishing import described

SEED = 2844
ASKED = ("progress_index", "rd_expenditure", "gdp", "fiscal_st", "budget_expenditure", "contract_output",
         "hitech_valid", "legal_entities")  # fmt: skip
# About how large each measure's figures are in a county, in its stored unit: lower and upper end.
SIZES = {
    "progress_index": (30, 90),
    "rd_expenditure": (5e7, 5e9),
    "gdp": (5e9, 2e11),
    "fiscal_st": (1e7, 1e9),
    "budget_expenditure": (1e9, 2e10),
    "contract_output": (1e7, 5e9),
    "hitech_valid": (5, 900),
    "legal_entities": (2000, 60000),
}


@dataclass(frozen=True)
class Size:
    """How much there is: counties × measures × months."""

    measures: int
    months: int

    @property
    def cells(self) -> int:
        """The number of cells."""
        return COUNTIES * self.measures * self.months


# The question needs eight measures and four month-ends, so the smallest lake has them, and every larger one ten times more.
SIZES_OF_LAKE = (Size(8, 4), Size(20, 12), Size(20, 120), Size(200, 120))


def months(size: Size) -> list[tuple[int, int]]:
    """The months held: those the question needs first, then backwards from the newest."""
    needed = [(2026, 9), (2025, 12), (2025, 9), (2024, 12)]
    back = [(2026 - (n + 3) // 12, 12 - (n + 3) % 12) for n in range(200)]
    return sorted((needed + [month for month in back if month not in needed])[: size.months])


def write_lake(folder: Path, size: Size, regions: list[Any], revision: int, release: int) -> int:
    """Write a lake of that size; the number of cells."""
    from keshu.figures.models import Measure

    known = {row.code: row for row in Measure._base_manager.all()}
    codes = list(ASKED) + [f"bench_{number:03d}" for number in range(size.measures - len(ASKED))]
    parents = {row.pk: row for row in type(regions[0])._base_manager.filter(level="province")}
    schema = cells_schema()
    wanted = months(size)
    cells, files, total = {}, {}, 0
    for number, code in enumerate(codes):
        like = known.get(code, known["gdp"])
        periods = sorted(zip(month_codes(like, wanted), wanted, strict=True))
        count = len(regions) * len(periods)
        chance = np.random.default_rng([SEED, number])
        low, high = SIZES.get(code, (1e6, 1e9))
        base = np.exp(chance.uniform(np.log(low), np.log(high), len(regions))) * 10.0**like.decimals
        years = np.array([(year - 2017) + month / 12 for _, (year, month) in periods])
        drift = np.exp(0.06 * years)[:, None] * chance.uniform(0.9, 1.1, (len(periods), len(regions)))
        scaled = np.rint(base[None, :] * drift).astype(np.int64).reshape(count)
        ends = np.array([np.datetime64(f"{y + m // 12}-{m % 12 + 1:02d}-01") - 1 for _, (y, m) in periods])

        def each(values: list[Any], type_: Any = None, times: int = len(periods)) -> pa.Array:
            """One value per region, repeated for every period."""
            index = np.tile(np.arange(len(values), dtype=np.int32), times)
            return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(values, type_ or pa.string()))

        def same(value: Any, type_: Any, length: int = count) -> pa.Array:
            return pa.repeat(pa.scalar(value, type_), length)

        index = np.repeat(np.arange(len(periods), dtype=np.int32), len(regions))
        arrays = [
            same(code, pa.string()),
            each([row.code for row in regions]),
            each([parents[row.parent_id].code for row in regions]),
            same("county", pa.string()),
            same("area", pa.string()),
            pa.DictionaryArray.from_arrays(pa.array(index), pa.array([code for code, _ in periods])),
            pa.array(np.repeat(ends, len(regions))),
            pa.array(scaled),
            same(like.decimals, pa.int16()),
            same(False, pa.bool_()),
            same(release, pa.int64()),
            same(revision, pa.int64()),
        ]
        made = pa.Table.from_arrays(
            [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)], schema=schema
        )
        name = cells_file(code)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(made, folder / name, row_group_size=ROW_GROUP, compression="zstd")
        files[name] = described(folder / name, count)
        cells[code] = [name]
        total += count
    manifest = {
        "format": FORMAT,
        "revision": revision,
        "as_of": None,
        "rows": total,
        "cells": cells,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
    return total


def digest(rows: list[tuple[Any, ...]]) -> str:
    """A short mark of an answer, to see that two ways answer alike."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]
