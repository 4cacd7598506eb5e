"""Publishing: every held cell of the cube as Parquet, streamed from the database, complete or not at all."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, Sum

from keshu.figures.book import Book, book
from keshu.figures.lake.engine import needed
from keshu.figures.lake.layout import (
    FORMAT,
    MANIFEST,
    MEASURES,
    REGIONS,
    RELEASES,
    ROW_GROUP,
    cells_file,
    cells_schema,
    measures_schema,
    regions_schema,
    releases_schema,
)
from keshu.figures.models import CubeDelta, Measure, Release
from keshu.journal import moments
from keshu.terms.period import Period


class LakeNotPublished(RuntimeError):
    """The files could not be written; what was published before stands unchanged."""


def default_folder() -> Path:
    """Where the lake lies unless another folder is named."""
    return Path(settings.HOME) / "lake"


def publish(out: Path | None = None) -> dict[str, Any]:
    """Write the lake as of the newest revision into ``out`` and return its manifest.

    The files are made beside ``out`` and take its place by renaming. Raises LakeNotInstalled, LakeNotPublished.
    """
    needed("pyarrow.parquet")
    folder = (out or default_folder()).absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise LakeNotPublished(f"“{folder}”里有别的文件，没有覆盖。请换一个空目录。")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            manifest = _write(Path(beside) / folder.name)
            _take_place(Path(beside) / folder.name, folder)
    except OSError as error:
        raise LakeNotPublished(
            f"列存文件没有写成（{error.strerror}）。请清理磁盘或核对目录权限后重试，原来发布的没有变。"
        ) from error
    return manifest


def _take_place(made: Path, folder: Path) -> None:
    """The new folder for the old one: two renames, the first taken back when the second fails."""
    made.chmod(0o755)
    if not folder.exists():
        made.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent)) / folder.name
    folder.rename(aside)
    try:
        made.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


def _write(folder: Path) -> dict[str, Any]:
    revision = moments.latest()
    definitions = book(revision)
    files: dict[str, dict[str, Any]] = {}
    cells: dict[str, list[str]] = {}
    for measure in sorted(definitions.measures.values(), key=lambda row: row.code):
        name = cells_file(measure.code)
        count = write_rows(folder / name, cells_schema(), _cells(definitions, measure, revision))
        if count:
            files[name] = described(folder / name, count)
            cells[measure.code] = [name]
    for name, schema, rows in (
        (REGIONS, regions_schema(), _regions(definitions)),
        (MEASURES, measures_schema(), _measures(definitions)),
        (RELEASES, releases_schema(), _releases(revision)),
    ):
        count = write_rows(folder / name, schema, rows, even_empty=True)
        files[name] = described(folder / name, count)
    moment = moments.moment_of(revision)
    manifest = {
        "format": FORMAT,
        "revision": revision,
        "as_of": moment.isoformat() if moment else None,
        "rows": sum(files[name]["rows"] for names in cells.values() for name in names),
        "cells": cells,
        "files": files,
    }
    (folder / MANIFEST).write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return manifest


def write_rows(path: Path, schema: Any, rows: Iterable[tuple[Any, ...]], *, even_empty: bool = False) -> int:
    """Write rows as one Parquet file, a row group at a time; the number of rows. No rows, no file unless ``even_empty``."""
    pa, pq = needed("pyarrow"), needed("pyarrow.parquet")
    iterator = iter(rows)
    chunk = list(islice(iterator, ROW_GROUP))
    if not chunk and not even_empty:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while chunk:
            columns = zip(*chunk, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), ROW_GROUP)
            count += len(chunk)
            chunk = list(islice(iterator, ROW_GROUP))
    return count


def described(path: Path, rows: int) -> dict[str, Any]:
    """What the manifest says of a file."""
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return {"rows": rows, "bytes": path.stat().st_size, "sha256": digest}


def _cells(definitions: Book, measure: Measure, revision: int) -> Iterator[tuple[Any, ...]]:
    """The held cells of one measure by period and region; the database hands them over in chunks."""
    summed = (
        CubeDelta.objects.filter(measure_id=measure.pk, revision__lte=revision)
        .values_list("period", "subject_id", "release_id")
        .annotate(Sum("amount"), Sum("held"), Sum("estimated"), Max("revision"))
        .order_by("period", "subject_id", "release_id")
    )
    regions = {
        row.pk: (
            row.code,
            parent.code if (parent := definitions.regions.get(row.parent_id or 0)) else None,
            row.level,
            row.part,
        )
        for row in definitions.regions.values()
    }
    ends: dict[str, Any] = {}
    for period, subject, release, amount, held, estimated, changed in summed.iterator(chunk_size=5000):
        place = regions.get(subject)
        if not held or place is None:
            continue
        end = ends.get(period)
        if end is None:
            end = ends[period] = Period.parse(period).end
        yield (
            measure.code,
            *place,
            period,
            end,
            int(amount),
            measure.decimals,
            bool(estimated),
            release,
            changed,
        )


def _regions(definitions: Book) -> Iterator[tuple[Any, ...]]:
    for row in sorted(definitions.regions.values(), key=lambda region: region.code):
        parent = definitions.regions.get(row.parent_id or 0)
        code = parent.code if parent else None
        yield row.code, row.name, row.short_name, row.level, row.part, row.group, code, row.order


def _measures(definitions: Book) -> Iterator[tuple[Any, ...]]:
    for row in sorted(definitions.measures.values(), key=lambda measure: measure.code):
        facts = row.nature, row.typed, row.authority, row.frequency, row.definition
        yield row.code, row.name, row.unit, row.shown_unit, *facts, row.decimals


def _releases(revision: int) -> Iterator[tuple[Any, ...]]:
    for row in Release.as_of(revision):
        yield row.pk, row.source, row.label, row.kind, row.released_on, row.revised
