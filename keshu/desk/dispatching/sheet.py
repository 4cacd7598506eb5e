"""What stands on a dispatch page: the computed table, what the reader may see of it, and in which order."""

from dataclasses import dataclass, field
from decimal import Decimal

from keshu.desk.dispatching.asking import Asked, Doors
from keshu.desk.dispatching.faces import Face, not_single, split_regions, table_faces
from keshu.directory.actors import Actor
from keshu.directory.models import Region
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.dispatch import Dispatch, NoSuchDispatch, Row, anchor, dispatch, parent_of
from keshu.figures.history import periods_held, sparks
from keshu.figures.masking import Seen, seen
from keshu.figures.models import RegionShown, Scheme
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.moments import UnknownRevision
from keshu.terms import clock
from keshu.terms.clock import UnreadableMoment
from keshu.terms.period import Period, UnreadablePeriod

#: What an address may get wrong: each message says what to do.
REFUSALS = (UnknownName, NoSuchDispatch, UnreadablePeriod, UnreadableMoment, UnknownRevision)

CHILD = {"nation": "province", "province": "city", "city": "county", "county": "town"}


class NothingHeld(LookupError):
    """No period of the scheme has data; ``newest`` is the last one that has, if there is any."""

    def __init__(self, message: str, newest: Period | None = None) -> None:
        self.newest = newest
        super().__init__(message)


@dataclass
class Sheet:
    """A table for one reader. ``asked`` has its defaults filled in."""

    asked: Asked
    table: Dispatch
    sight: Seen
    doors: Doors
    columns: list[Face]
    leading: list[Face]
    opened: int
    ranked: list[Region]
    beside: list[Region]
    periods: list[Period]
    schemes: list[Scheme]
    curves: dict[int, tuple[Decimal | None, ...]] = field(default_factory=dict)
    hidden_by_lamp: int = 0

    @property
    def face(self) -> Face:
        """The column that is open."""
        return self.columns[self.opened]

    def opens(self, region_id: int) -> bool:
        """Whether the reader may open figures of a region."""
        return self.sight.opens(region_id)

    @property
    def lit(self) -> bool:
        """Whether lamps mean anything here: some current figure has a target."""
        return any(row.target is not None and row.lamp is not None for row in self.current)

    def rows_of(self, region: Region) -> list[Row]:
        """The rows of the current (当期) columns of a region."""
        return [face.rows[region.pk] for face in self.columns if not face.fixed and region.pk in face.rows]

    @property
    def current(self) -> list[Row]:
        """All 当期项次: current indicators × ranked regions."""
        return [
            row
            for face in self.columns
            if not face.fixed
            for row in face.rows.values()
            if row.region.is_ranked
        ]


def root_region() -> Region | None:
    """The region this installation serves."""
    shown = RegionShown.objects.select_related("region").first()
    return shown.region if shown else None


def schemes_for(definitions: Book, actor: Actor) -> list[Scheme]:
    """The schemes an actor may open: the bureau all, a county those published to it."""
    listed = sorted(definitions.schemes.values(), key=lambda scheme: scheme.pk)
    return [scheme for scheme in listed if actor.sees_all or scheme.published or scheme.open_to_public]


def level_of(scheme: Scheme, asked: Asked, root: Region | None) -> str:
    """The level that is dispatched: as asked, provinces for a scheme by year, else what lies below the installation's region."""
    if asked.level in CHILD.values():
        return asked.level
    if scheme.annual or root is None:
        return "province"
    return CHILD.get(root.level, "county")


def completed(asked: Asked, actor: Actor) -> tuple[Asked, Book, list[Scheme], list[Period], Region | None]:
    """The question with scheme, level and period filled in, and what it was filled from."""
    revision = moments.read_as_of(asked.asof or None)
    definitions = book(revision)
    root = root_region()
    schemes = schemes_for(definitions, actor)
    if not schemes:
        raise NoSuchDispatch(
            "还没有调度方案。请规划科载入指标包。" if not asked.asof else "那个时点还没有调度方案。"
        )
    scheme = definitions.scheme(asked.scheme) if asked.scheme else _first(schemes, root)
    if scheme not in schemes:
        raise UnknownName(f"方案“{scheme.name}”没有公开给县（市、区）。")
    level = level_of(scheme, asked, root)
    parent = parent_of(definitions, level, asked.region or None, root)
    regions = definitions.under(parent, level)
    items = definitions.items_of(scheme)
    reader = Reader(definitions, revision)
    indicators = [definitions.indicators[item.indicator_id] for item in items]
    held = periods_held(
        reader, indicators, [r.pk for r in regions], annual=scheme.annual or level == "province"
    )
    today = clock.today()
    held = [period for period in held if period.start <= today] or held
    if not asked.period and not held:
        raise NothingHeld(f"“{scheme.name}”还没有数。等第一份数据导入或报送后，这里就有表。")
    period = anchor(scheme, Period.parse(asked.period) if asked.period else held[0])
    return (
        asked.changed(scheme=scheme.code, level=level, period=period.code),
        definitions,
        schemes,
        held,
        root,
    )


def _first(schemes: list[Scheme], root: Region | None) -> Scheme:
    """The scheme a reader lands on: the house's own, or official figures where no region is served."""
    own = [scheme for scheme in schemes if scheme.annual == (root is None)]
    return (own or schemes)[0]


def compute(asked: Asked, root: Region | None, *, forecasts: bool = False) -> Dispatch:
    """The table of a completed question."""
    return dispatch(
        asked.scheme,
        Period.parse(asked.period),
        level=asked.level,
        region=asked.region or None,
        as_of=asked.asof or None,
        vintage=asked.vintage,
        root=root,
        forecasts=forecasts,
    )


def sheet(asked: Asked, actor: Actor, *, forecasts: bool = False) -> Sheet:
    """Everything a dispatch page draws. Raises one of ``REFUSALS`` or NothingHeld."""
    asked, _, schemes, held, root = completed(asked, actor)
    table = compute(asked, root, forecasts=forecasts or bool(asked.whatif))
    if not any(row.figure.held or row.figure.numerator.value is not None for row in table.rows):
        newest = held[0] if held else None
        raise NothingHeld(f"{table.period.label}还没有数。", newest)
    columns, leading = table_faces(table)
    opened = next((n for n, face in enumerate(columns) if face.named.code == asked.open), _worst(columns))
    asked = asked.changed(open=columns[opened].named.code)
    sight = seen(table, actor)
    visible = [region for region in table.regions if sight.shows(region)]
    ranked, beside = split_regions(visible)
    beside = [region for region in beside if _has_own_figures(columns, region)]
    made = Sheet(asked, table, sight, Doors(asked), columns, leading, opened, ranked, beside, held, schemes)
    if asked.lamp:
        made.ranked = [
            r for r in ranked if any(row.lamp and row.lamp.level == asked.lamp for row in made.rows_of(r))
        ]
        made.beside = [
            r for r in beside if any(row.lamp and row.lamp.level == asked.lamp for row in made.rows_of(r))
        ]
        made.hidden_by_lamp = len(visible) - len(made.ranked) - len(made.beside)
    made.ranked = ordered(made, made.ranked)
    made.curves = sparks(table, made.face.column)
    return made


def _has_own_figures(columns: list[Face], region: Region) -> bool:
    """Whether a part beside the counties has a figure of its own in some column; a row of 不单列 alone says nothing."""
    return any(not not_single(face.rows[region.pk]) for face in columns if region.pk in face.rows)


def _worst(columns: list[Face]) -> int:
    """The column that opens by itself: the one with the row furthest behind what is due, else the first of this year, else the
    first: the same row that the 结论句 names.
    """
    behind = [
        (row.completion / row.progress if row.progress else row.completion, number)
        for number, face in enumerate(columns)
        if not face.fixed
        for row in face.rows.values()
        if row.region.is_ranked and row.lamp is not None and row.completion is not None
    ]
    if behind:
        return min(behind)[1]
    if all(face.column.period.kind == "year" for face in columns):
        return 0
    return next((number for number, face in enumerate(columns) if not face.fixed), 0)


def ordered(made: Sheet, regions: list[Region]) -> list[Region]:
    """Regions by what was asked, those without a value last; in groups of their class where the table is grouped."""
    asked, face = made.asked, made.face
    falls = direction(made) == "desc"

    def key(region: Region) -> tuple[bool, Decimal | int]:
        row = face.rows[region.pk]
        whole = made.opens(region.pk)
        found: Decimal | int | None = {
            "value": row.value,
            "rank": row.rank,
            "completion": row.completion if whole else None,
            "change": row.change.value if whole else None,
            "region": region.order,
        }[asked.sort]
        if found is None:
            return True, 0
        return False, -found if falls else found

    listed = sorted(regions, key=key)
    return sorted(listed, key=lambda region: region.group or "~") if asked.group else listed


def direction(made: Sheet) -> str:
    """asc or desc: as asked, else the best first (and the first place, the first region)."""
    if made.asked.dir:
        return made.asked.dir
    if made.asked.sort in ("rank", "region"):
        return "asc"
    return "desc" if made.face.indicator.direction == "up" else "asc"
