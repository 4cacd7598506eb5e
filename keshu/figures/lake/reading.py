"""Figures from the lake: the same reader as over the database, filled from Parquet. Ibis filters and groups, Decimal computes."""

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from keshu.figures import cube
from keshu.figures.book import Book
from keshu.figures.dispatch import Dispatch, dispatch
from keshu.figures.lake.engine import connect, needed, parquet
from keshu.figures.lake.layout import Manifest, read_manifest
from keshu.figures.lake.publishing import default_folder
from keshu.figures.models import Measure
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.terms.period import Period

FEW = 200  # so many names stand in a condition; more are joined


class LakeReader(Reader):
    """A reader whose cells come from a published lake; definitions and releases stay those of the database."""

    def __init__(
        self, lake: "Lake", definitions: Book, revision: int, vintage: str = "latest", on: date | None = None
    ) -> None:
        super().__init__(definitions, revision, vintage, on)
        self.lake = lake

    def fetch(self, measures: list[int], subjects: set[int], codes: frozenset[str]) -> cube.Cells:
        """The cells of measures × subjects × period codes."""
        by_code = {self.book.measures[pk].code: pk for pk in measures}
        regions = self._regions(subjects)
        asked = self.lake.cells(by_code, regions, codes)
        cells: cube.Cells = {}
        if asked is None:
            return cells
        found = asked.to_pyarrow()
        columns = [_plain(found.column(name)) for name in found.column_names]
        for measure, region, period, release, scaled, estimated in zip(*columns, strict=True):
            key = (by_code[measure], regions[region], period)
            held = cube.Held(release, scaled, estimated)
            if key in cells:
                cells[key].append(held)
            else:
                cells[key] = [held]
        return cells

    def held_periods(
        self, measures: Iterable[Measure], subjects: Iterable[int], year: int
    ) -> dict[int, list[Period]]:
        """The periods of a year under which anything is held, by measure: grouped by the engine."""
        by_code = {measure.code: measure.pk for measure in measures}
        asked = self.lake.periods(by_code, self._regions(subjects), year)
        found: dict[int, list[Period]] = {}
        if asked is not None:
            for row in asked.to_pyarrow().to_pylist():
                found.setdefault(by_code[row["measure"]], []).append(Period.parse(row["period"]))
        return found

    def _regions(self, subjects: Iterable[int]) -> dict[str, int]:
        """The codes of the subjects that are regions."""
        return {row.code: row.pk for pk in subjects if (row := self.book.regions.get(pk))}


class Lake:
    """A published lake opened with the configured engine."""

    def __init__(self, folder: Path | None = None) -> None:
        self.manifest: Manifest = read_manifest((folder or default_folder()).absolute())
        self.connection = connect()
        self._opened: dict[tuple[str, ...], Any] = {}

    def cells(self, measures: Collection[str], regions: Collection[str], periods: Collection[str]) -> Any:
        """The question for cells: measure, region, period, release, scaled, estimated. None when no file holds any."""
        rows = self._rows(measures)
        if rows is None:
            return None
        asked = _of_regions(rows.filter(rows.period.isin(sorted(periods))), regions)
        return asked.select("measure", "region", "period", "release", "scaled", "estimated")

    def periods(self, measures: Collection[str], regions: Collection[str], year: int) -> Any:
        """The question for the periods of a year under which measures hold anything: measure, period, cells."""
        rows = self._rows(measures)
        if rows is None:
            return None
        asked = _of_regions(rows.filter(rows.period.startswith(f"{year:04d}")), regions)
        return asked.group_by(["measure", "period"]).agg(cells=asked.count())

    def _rows(self, measures: Collection[str]) -> Any:
        """The Ibis table over the files of some measures; opened once."""
        key = tuple(sorted(measures))
        files = [path for code in key for path in self.manifest.cells_of(code)]
        if not files:
            return None
        if key not in self._opened:
            self._opened[key] = parquet(self.connection, files, f"cells_{len(self._opened)}")
        return self._opened[key]

    def reader(self, definitions: Book, revision: int, vintage: str, on: date) -> LakeReader:
        """A reader over this lake, as ``dispatch`` asks for one."""
        return LakeReader(self, definitions, revision, vintage, on)

    def dispatch(self, scheme: str, period: Period, **asked: Any) -> Dispatch:
        """The dispatch table from Parquet, as of the lake's revision; arguments and errors as those of ``dispatch``."""
        newest = self.manifest.revision == moments.latest()
        asked.setdefault("as_of", None if newest else f"r{self.manifest.revision}")
        with _uncollected():
            return dispatch(scheme, period, make_reader=self.reader, **asked)


@contextmanager
def _uncollected() -> Iterator[None]:
    """A table of all counties makes a hundred thousand small objects and no garbage: the search for it would take a quarter
    of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _of_regions(rows: Any, codes: Collection[str]) -> Any:
    if len(codes) <= FEW:
        return rows.filter(rows.region.isin(sorted(codes)))
    return rows.semi_join(needed("ibis").memtable({"region": sorted(codes)}), "region")


def _plain(column: Any) -> list[Any]:
    """A column as Python values; of few different texts each is made once."""
    column = column.combine_chunks()
    if not needed("pyarrow").types.is_string(column.type):
        return list(column.to_numpy(zero_copy_only=False).tolist())
    coded = column.dictionary_encode()
    words = coded.dictionary.to_pylist()
    return [words[at] for at in coded.indices.to_numpy().tolist()]
