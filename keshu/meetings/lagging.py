"""Who lags: computed from the dispatch at a revision, proposed to the clerk, never asked of an 已定 figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keshu.directory.actors import COUNTY_ROLES
from keshu.directory.models import Region, RoleGrant, Unit
from keshu.figures.dispatch import Dispatch, Row, dispatch
from keshu.figures.instead import rows_shown
from keshu.meetings.models import Meeting
from keshu.terms.period import Period
from keshu.terms.quantity import show_number

#: Lamps that ask for a cause, the worst first.
LAGGING = ("late", "slow")
#: What a bureau of science and technology is called, where no post of its tells.
BUREAU_NAMES = ("科学技术局", "科技局")


@dataclass(frozen=True)
class Lag:
    """One lagging row and the unit that has to say why; ``unit`` None where nobody is known for it."""

    row: Row
    leading: bool
    unit: Unit | None

    @property
    def key(self) -> str:
        """The row's key in a form: indicator and region by their codes."""
        return f"{self.row.indicator.code}:{self.row.region.code}"

    @property
    def behind(self) -> Decimal:
        """Completion over what should have been reached; the lower the worse."""
        return behind(self.row)

    @property
    def done(self) -> str:
        """The completion as it is written; empty where the item is watched by its growth."""
        return done_words(self.row)


def behind(row: Row) -> Decimal:
    """Completion over progress (over 1 where there is no progress); 1 where nothing was promised."""
    if row.completion is None:
        return Decimal(1)
    return row.completion / row.progress if row.progress else row.completion


def done_words(row: Row) -> str:
    """Completion with one decimal; empty where the item is watched by its growth."""
    if row.completion is None or row.indicator.change_as_growth:
        return ""
    return f"{show_number(row.completion * 100, 1)}%"


def table_of(meeting: Meeting, *, now: bool = False) -> Dispatch:
    """The dispatch of a meeting at the revision at which its figures were taken; ``now``, or before they were, the newest.

    Raises NoSuchDispatch, UnknownName.
    """
    as_of = None if now else meeting.code or None
    return dispatch(
        meeting.scheme.code,
        Period.parse(meeting.period),
        level=meeting.level,
        root=meeting.region,
        as_of=as_of,
        forecasts=False,
    )


def lags(row: Row) -> bool:
    """Whether a row asks for a cause: a lamp 滞后 or 偏慢 on a figure that still moves."""
    return not row.fixed and row.lamp is not None and row.lamp.level in LAGGING


def lagging(table: Dispatch) -> list[Lag]:
    """The lagging rows of a table, the worst lamp first, then the furthest behind; each with the unit that answers.

    当期 and 先行 rows of counties go to the county's bureau; those of 市本级, of zones and of the whole to the office that is
    responsible for the indicator. A constant number of queries.
    """
    leads = {row.indicator.pk for row in table.leading_rows}
    own = {column.indicator.pk for column in table.columns}
    found: dict[tuple[int, int], tuple[Row, bool]] = {}
    wholes = [column.total_row for column in (*table.columns, *table.leading) if column.total_row]
    for row in (*rows_shown(table), *table.leading_rows, *wholes):
        if lags(row):
            leading = row.indicator.pk in leads and row.indicator.pk not in own
            found.setdefault((row.indicator.pk, row.region.pk), (row, leading))
    bureaus = bureaus_of([region for region in table.regions if region.is_ranked])
    offices = offices_of(table.parent)
    made = [
        Lag(row, leading, bureaus.get(row.region.pk) or offices.get(row.indicator.office))
        for row, leading in found.values()
    ]
    return sorted(made, key=_worst_first)


def _worst_first(lag: Lag) -> tuple[int, Decimal, int, str]:
    level = lag.row.lamp.level if lag.row.lamp else ""
    return LAGGING.index(level), lag.behind, lag.row.region.order, lag.row.indicator.code


def bureaus_of(regions: Iterable[Region]) -> dict[int, Unit]:
    """The bureau of each region: the unit in which somebody holds a county's role, else the one that is called so. Two queries."""
    wanted = [region.pk for region in regions]
    grants = RoleGrant.objects.filter(
        role__in=[role.value for role in COUNTY_ROLES],
        employment__unit__region__in=wanted,
        withdrawn_on=None,
    )
    held = set(grants.values_list("employment__unit", flat=True))
    found: dict[int, Unit] = {}
    for unit in Unit.objects.filter(region__in=wanted, parent=None).order_by("code"):
        named = unit.name.endswith(BUREAU_NAMES)
        if unit.pk in held or named:
            before = found.get(unit.region_id)
            if before is None or (unit.pk in held and before.pk not in held):
                found[unit.region_id] = unit
    return found


def offices_of(region: Region) -> dict[str, Unit]:
    """The offices of a region's own bureau by name. One query."""
    rows = Unit.objects.filter(region=region, parent__isnull=False).order_by("code")
    return {unit.name: unit for unit in rows}


def speaking_order(units: Iterable[Unit], lags: Iterable[Lag]) -> list[Unit]:
    """The units worst first: by how many items are 滞后, then 偏慢, then by the one furthest behind; who has none comes last,
    in the order given."""
    counted: dict[int, list[Lag]] = {}
    for lag in lags:
        if lag.unit is not None:
            counted.setdefault(lag.unit.pk, []).append(lag)

    def place(unit: Unit) -> tuple[int, int, Decimal]:
        own = counted.get(unit.pk, [])
        levels = [lag.row.lamp.level for lag in own if lag.row.lamp]
        return (
            -levels.count("late"),
            -levels.count("slow"),
            min((lag.behind for lag in own), default=Decimal(1)),
        )

    return sorted(units, key=place)


def answer_until(held_on: date, days: int) -> date:
    """The last day of answers, ``days`` before the meeting."""
    return held_on.fromordinal(held_on.toordinal() - days)
