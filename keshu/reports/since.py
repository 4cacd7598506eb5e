"""What was given out beside what the same figures are now, and why they differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from keshu.figures.book import Book, book
from keshu.figures.models import Indicator
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.reports.differing import reasons
from keshu.reports.giving import hold
from keshu.reports.issuing import Leaving
from keshu.reports.models import Issued, IssuedFigure
from keshu.reports.parsing import Thing
from keshu.terms import clock
from keshu.terms.period import Period

RETIRED = "口径已停用"
EXPLAINED_AT_MOST = 20


@dataclass(frozen=True)
class Since:
    """A given figure, what it is now in the same unit, whether a reader sees a difference, and why."""

    figure: IssuedFigure
    region: str
    region_code: str
    period: str
    now: str
    same: bool
    why: tuple[str, ...] = ()


def since(issued: Issued, figures: Sequence[IssuedFigure] | None = None) -> list[Since]:
    """The figures of a giving in their order (or these of them), each beside its newest value. Read together."""
    rows = figures
    if rows is None:
        rows = list(
            issued.figures.for_system("报出明细，已按范围取").select_related("subject").order_by("pk")
        )
    revision = moments.latest()
    definitions = book(revision)
    known = []
    for row in rows:
        thing, region = _thing(row, definitions), definitions.regions.get(row.subject_id)
        if thing is not None and region is not None:
            known.append((row.pk, thing, region, Period.parse(row.period)))
    held = (
        hold(Reader(definitions, revision, on=clock.today()), [(t, r, p) for _, t, r, p in known])
        if known
        else []
    )
    now = {
        pk: Leaving(thing, region.pk, region.name, period, value.value, value.missing, revision)
        for (pk, thing, region, period), value in zip(known, held, strict=True)
    }
    told: list[Since] = []
    explained = 0
    for row in rows:
        leaving = now.get(row.pk)
        period = Period.parse(row.period).label
        if row.kind == IssuedFigure.Kind.FORM:
            told.append(Since(row, row.subject.name, row.subject.code, period, row.said, same=True))
            continue
        if leaving is None:
            told.append(Since(row, row.subject.name, row.subject.code, period, RETIRED, same=False))
            continue
        text, unit = leaving.written(row.unit, row.places)
        same = (text, unit) == (row.text, row.unit)
        why: tuple[str, ...] = ()
        if not same and explained < EXPLAINED_AT_MOST:
            why = tuple(reasons(leaving.thing, row.subject_id, leaving.period, row.revision, revision))
            explained += 1
        shown = f"{text}{unit}" if text else leaving.missing
        told.append(Since(row, row.subject.name, row.subject.code, period, shown, same, why))
    return told


def _thing(figure: IssuedFigure, definitions: Book) -> Thing | None:
    if figure.kind == IssuedFigure.Kind.FORM:
        return None
    try:
        if figure.kind == IssuedFigure.Kind.INDICATOR:
            found: Indicator = definitions.indicator(figure.code)
            return found
        return definitions.measure(figure.code)
    except LookupError:
        return None
