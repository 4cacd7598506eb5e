"""The publications that one file speaks of: told apart by source and label, numbered, compared with those that are held."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from keshu.figures.imports.rows import ReleaseKey, RowReader, RowRefused
from keshu.figures.models import Release
from keshu.ledger.intake.hazards import IntakeError

MOST = 2000


class TooManyReleases(IntakeError):
    """A file that names a publication per row: the column was misread."""


@dataclass
class Publication:
    """One publication: what its rows say of it together, and the release that is held under this name."""

    number: int
    source: str
    label: str
    held: Release | None
    self_reported: bool
    released_on: date | None = None
    revised: bool = False
    estimated: bool = True  # until a row of it is a published figure

    def to_json(self) -> dict[str, Any]:
        """What the batch keeps of it."""
        return {
            "source": self.source,
            "label": self.label,
            "released_on": self.released_on.isoformat() if self.released_on else None,
            "revised": self.revised,
            "kind": self._kind(),
            "new": self.held is None,
        }

    def _kind(self) -> str:
        if self.self_reported:
            return str(Release.Kind.COUNTY)
        return str(Release.Kind.ESTIMATE if self.estimated else Release.Kind.AUTHORITY)


class Publications:
    """All publications of one file, in the order in which they turn up."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._found: dict[tuple[str, str], Publication] = {}

    def take(self, key: ReleaseKey) -> Publication:
        """The publication of a row. RowRefused when it contradicts itself or what is held; TooManyReleases."""
        name = (key.source, key.label)
        found = self._found.get(name)
        if found is None:
            if len(self._found) >= MOST:
                raise TooManyReleases(f"文件里写了 {MOST} 种以上的来源或版次，多半是列对错了。请按模板核对。")
            held = Release.objects.filter(source=key.source, label=key.label).first()
            found = Publication(len(self._found), key.source, key.label, held, key.self_reported)
            if held is not None:
                found.released_on = held.released_on
            self._found[name] = found
        if found.held is not None and found.held.kind == Release.Kind.COUNTY and not key.self_reported:
            raise RowRefused(
                self._reader.name("source"),
                f"“{found.held}”是县里报的数，不能用导入改。要改请在填报页代录或追溯调整。",
            )
        if key.released_on is not None:
            if found.released_on not in (None, key.released_on):
                raise RowRefused(
                    self._reader.name("released_on"),
                    f"“{f'{key.source} {key.label}'.strip()}”的发布日期已是 {found.released_on}，这里写 {key.released_on}。"
                    "请改成一致；不是同一次发布的，在发布列另写名称。",
                )
            found.released_on = key.released_on
        found.revised |= key.revised
        found.estimated &= key.estimated
        return found

    def to_json(self) -> list[dict[str, Any]]:
        """The list that a batch keeps; a publication's number is its place."""
        return [publication.to_json() for publication in self._found.values()]
