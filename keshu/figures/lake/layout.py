"""What lies where in a published lake, and the types of its columns.

::

    manifest.json                     revision, moment, and for every file its rows, bytes and sha256
    cells/measure=<code>/part-0.parquet   one row for each cell of a measure under one release, ordered by period and region
    regions.parquet  measures.parquet  releases.parquet

A cell's value is ``scaled`` / 10^``decimals`` in the measure's unit: whole numbers of 64 bits, never floating point.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keshu.figures.lake.engine import needed

FORMAT = 1
MANIFEST = "manifest.json"
CELLS = "cells"
REGIONS, MEASURES, RELEASES = "regions.parquet", "measures.parquet", "releases.parquet"
# A month of all counties is some 3,000 rows: a reader of a few months opens a few groups of each measure's file.
ROW_GROUP = 32_768


class NoLake(LookupError):
    """There is no published lake in the folder, or it is of another format."""


@dataclass(frozen=True)
class Manifest:
    """What a lake says of itself."""

    folder: Path
    revision: int
    data: dict[str, Any]

    def cells_of(self, measure: str) -> list[Path]:
        """The files that hold a measure's cells; none when the measure has no value."""
        return [self.folder / name for name in self.data["cells"].get(measure, [])]


def cells_file(measure: str) -> str:
    """The path of a measure's cells inside the lake."""
    return f"{CELLS}/measure={measure}/part-0.parquet"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a published lake. Raises NoLake."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoLake(
            f"“{folder}”里没有发布好的列存文件。请先运行 keshu lake publish --out {folder}。"
        ) from error
    if data.get("format") != FORMAT:
        raise NoLake(
            f"“{folder}”是另一版本发布的（格式 {data.get('format')}，现在用 {FORMAT}）。请重新发布。"
        )
    return Manifest(folder, data["revision"], data)


def cells_schema() -> Any:
    """The columns of cells."""
    pa = needed("pyarrow")
    return pa.schema(
        [
            ("measure", pa.string()),
            ("region", pa.string()),
            ("parent", pa.string()),
            ("level", pa.string()),
            ("part", pa.string()),
            ("period", pa.string()),
            ("period_end", pa.date32()),
            ("scaled", pa.int64()),
            ("decimals", pa.int16()),
            ("estimated", pa.bool_()),
            ("release", pa.int64()),
            ("revision", pa.int64()),
        ]
    )


def regions_schema() -> Any:
    """The columns of regions."""
    pa = needed("pyarrow")
    text = ("code", "name", "short_name", "level", "part", "class", "parent")
    return pa.schema([*((name, pa.string()) for name in text), ("order", pa.int32())])


def measures_schema() -> Any:
    """The columns of measures."""
    pa = needed("pyarrow")
    text = ("code", "name", "unit", "shown_unit", "nature", "typed", "authority", "frequency", "definition")
    return pa.schema([*((name, pa.string()) for name in text), ("decimals", pa.int16())])


def releases_schema() -> Any:
    """The columns of releases; ``id`` is what a cell's ``release`` names."""
    pa = needed("pyarrow")
    return pa.schema(
        [
            ("id", pa.int64()),
            ("source", pa.string()),
            ("label", pa.string()),
            ("kind", pa.string()),
            ("released_on", pa.date32()),
            ("revised", pa.bool_()),
        ]
    )
