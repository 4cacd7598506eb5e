"""One function decides what of a dispatch an actor may see; page, command line, export, trace and search all use it."""

from dataclasses import dataclass

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.dispatch import Dispatch, Row


@dataclass(frozen=True)
class Seen:
    """What of a table an actor sees: whole rows, rows of which only value and rank show, and how many are hidden."""

    whole: frozenset[int]
    value_and_rank: frozenset[int]
    hidden: int
    of: int

    @property
    def said(self) -> str:
        """共 8 个，您可看 1 个；empty when nothing is hidden."""
        return f"共 {self.of} 个，可看 {self.of - self.hidden} 个" if self.hidden else ""

    def shows(self, region: Region) -> bool:
        """Whether the region has a row at all."""
        return region.pk in self.whole or region.pk in self.value_and_rank

    def opens(self, region_id: int) -> bool:
        """Whether figures of the region open to their trace."""
        return region_id in self.whole


def seen(table: Dispatch, actor: Actor | None) -> Seen:
    """What an actor sees of a table. Without an actor (the public): everything of an open scheme, nothing of others.

    Ranks stay those of the whole: they are computed unscoped and masked here.
    """
    everyone = frozenset(region.pk for region in table.regions)
    of = len(everyone)
    if actor is None:
        shown = everyone if table.scheme.open_to_public else frozenset()
        return Seen(shown, frozenset(), of - len(shown), of)
    if table.scheme.open_to_public or (actor.sees_all and actor.can(Can.SEE_DISPATCH)):
        return Seen(everyone | {table.parent.pk}, frozenset(), 0, of)
    own = everyone & actor.region_ids
    others = everyone - own if table.scheme.published and actor.can(Can.SEE_DISPATCH) else frozenset()
    return Seen(own, others, of - len(own) - len(others), of)


def may_open(actor: Actor | None, region_id: int, *, public: bool) -> bool:
    """Whether an actor may open the trace of a region's figure."""
    if public:
        return True
    return (
        actor is not None and actor.can(Can.SEE_TRACE) and (actor.sees_all or region_id in actor.region_ids)
    )


def masked_rows(rows: list[Row], sight: Seen) -> list[Row]:
    """The rows that are shown at all."""
    return [row for row in rows if sight.shows(row.region)]
