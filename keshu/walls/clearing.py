"""What may hang on a wall: what an authority has published, what the house counts itself, and what somebody let through by name.

An unreleased statistic (未公开) is a value of another authority that stands in a release without a day of publication, or in a
report of a county, a feedback or an estimate. One such value in a figure keeps the whole figure off the wall, with its lamp, its
place and its completion, until a named release covers the figure's data period.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from keshu.directory.actors import Actor, Can
from keshu.figures.evaluating import Figure, Side
from keshu.figures.models import Indicator, Measure, Release, Standing
from keshu.figures.reading import Reader, Value
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.walls.models import Clearance

#: Kinds of release that publish; a county's report, a feedback and an estimate do not.
PUBLISHING = frozenset({Release.Kind.AUTHORITY, Release.Kind.BULLETIN})
#: Values of the bureau itself are its own to show.
OWN = frozenset({"本局"})
UNRELEASED = "未公开"


class ClearanceRefused(MoveRefused):
    """A named release that cannot be given or taken back so."""


@dataclass(frozen=True)
class Gate:
    """Decides for one wall, on one day. ``cleared``: the last day let through, by indicator."""

    reader: Reader
    on: date
    cleared: dict[int, date]

    def passes(self, figure: Figure, *more: Figure) -> bool:
        """Whether a figure may be shown; ``more`` are what it was computed from besides (last year's for a growth)."""
        return all(self._passes(one, figure.indicator) for one in (figure, *more))

    def passes_whole(self, whole: Figure, parts: Iterable[Figure]) -> bool:
        """Whether the figure of a whole may be shown: where it was added up from the parts, every part must be out."""
        added = not any(side.parts for side in _sides(whole))
        return all(self.passes(part) for part in parts) if added else self.passes(whole)

    def passes_standing(self, standing: Standing) -> bool:
        """Whether a published place may be shown: its day of publication has come, or its period was let through."""
        out = standing.released_on is not None and standing.released_on <= self.on
        return out or self.cleared.get(standing.indicator_id, date.min) >= Period.parse(standing.period).end

    def passes_values(self, indicator: Indicator, parts: Iterable[tuple[Measure, Period, Value]]) -> bool:
        """Whether bare values of an indicator's measures may be shown."""
        return all(
            self.published(measure, value) or self._cleared(indicator, period)
            for measure, period, value in parts
        )

    def _passes(self, figure: Figure, shown: Indicator) -> bool:
        if self._cleared(shown, figure.period):
            return True
        return all(self.published(measure, value) for measure, _, value in _parts(figure))

    def _cleared(self, indicator: Indicator, period: Period) -> bool:
        until = self.cleared.get(indicator.pk)
        return until is not None and period.end <= until

    def published(self, measure: Measure, value: Value) -> bool:
        """Whether a value is out already, or the house's own; one that is missing gives nothing away."""
        if not value.held or measure.register or measure.authority in OWN:
            return True
        return (
            measure.open_to_public
            and not value.estimated
            and bool(value.releases)
            and all(self._out(self.reader.release(pk)) for pk in value.releases)
        )

    def _out(self, release: Release) -> bool:
        return (
            release.kind in PUBLISHING and release.released_on is not None and release.released_on <= self.on
        )


def _sides(figure: Figure) -> list[Side]:
    return [figure.numerator, *([figure.denominator] if figure.denominator else [])]


def _parts(figure: Figure) -> Iterator[tuple[Measure, Period, Value]]:
    for side in _sides(figure):
        yield from side.parts


def gate(reader: Reader) -> Gate:
    """The gate of today's wall over a reader's values. One query; the releases come with the first value that is looked at."""
    found: dict[int, date] = {}
    for row in in_force():
        found[row.indicator_id] = max(row.period.end, found.get(row.indicator_id, date.min))
    return Gate(reader, clock.today(), found)


def in_force() -> list[Clearance]:
    """The named releases that hold, oldest first. One query."""
    return list(Clearance.objects.filter(withdrawn_at__isnull=True).select_related("indicator"))


def clear(*, actor: Actor, indicator: Indicator, until: Period, basis: str) -> Clearance:
    """Let an indicator's figures up to a period through, by name. Raises NotYourTurn, ClearanceRefused."""
    if not actor.can(Can.SET_TARGETS):
        raise NotYourTurn("没有公布的数上屏，由规划科放行。请找规划科。")
    basis = basis.strip()
    if not basis:
        raise ClearanceRefused(
            "没有写放行的依据。写上文件、批示或统计局的答复，例如 统计局10月12日函复可在局内大屏使用。"
        )
    if len(basis) > 200:
        raise ClearanceRefused(f"依据写了 {len(basis)} 字，最多 200 字。写短一些。")
    with writing(actor, f"放行上屏：{indicator} {until.label}"):
        held = Clearance._base_manager.select_for_update().filter(
            indicator=indicator, until=until.code, withdrawn_at__isnull=True
        )
        if first := held.first():
            raise ClearanceRefused(
                f"{indicator.name} {until.label}已由{first.cleared_by}放行，不用再放。要改依据，先收回再放行。"
            )
        made = Clearance(
            indicator=indicator,
            until=until.code,
            basis=basis,
            cleared_by=actor.name,
            cleared_at=clock.now(),
        )
        made.save()
    return made


def take_back(*, actor: Actor, pk: int) -> Clearance:
    """End a named release: its figures leave the wall with the next refreshing. Raises NotYourTurn, ClearanceRefused."""
    if not actor.can(Can.SET_TARGETS):
        raise NotYourTurn("放行由规划科收回。请找规划科。")
    with writing(actor, "收回上屏放行"):
        found = Clearance._base_manager.select_for_update().filter(pk=pk, withdrawn_at__isnull=True).first()
        if found is None:
            raise ClearanceRefused("这一条放行已经收回。刷新这一页再看。")
        found.withdrawn_by, found.withdrawn_at = actor.name, clock.now()
        found.save()
    return found
