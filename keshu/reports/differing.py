"""Why a figure is another one than at an earlier revision: its definition, the values behind it, or the publication taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.book import Book, book
from keshu.figures.evaluating import evaluate, measures_of
from keshu.figures.models import Indicator, Measure
from keshu.figures.reading import Reader, Value
from keshu.figures.tracing import Behind, Source, leaf
from keshu.journal import moments
from keshu.journal.models import HistoryRow, Revision
from keshu.ledger.registers import by_code
from keshu.reports.giving import hold, sides
from keshu.reports.parsing import Thing
from keshu.reports.wording import measure_amount, short_day
from keshu.terms import clock
from keshu.terms.period import Period

#: Changed values that are told one by one; the rest are counted.
TOLD_AT_MOST = 3
#: Where a value came from, by the mark that the writing left.
ORIGINS = {"sheet": "月报", "": ""}
DEFINING = {
    "formula": "公式",
    "definition": "口径",
    "definition_label": "口径版本",
    "unit": "单位",
    "decimals": "小数位",
    "own_numerator_counts": "市本级分子是否计入",
    "denominator_annual": "分母取数",
}

LeafKey = tuple[int, int, str]


@dataclass(frozen=True)
class _Leaf:
    measure: Measure
    region: Region
    period: Period
    value: Value


def reasons(thing: Thing, subject_id: int, period: Period, old: int, new: int) -> list[str]:
    """Chinese clauses that say why the figure differs between two revisions, the definition first; [] when nothing is found."""
    before, after = _reader(old), _reader(new)
    found = _redefined(before.book, after.book, thing)
    found += _rules(before, after)
    thing_then = _in_book(before.book, thing)
    region_then, region_now = before.book.regions.get(subject_id), after.book.regions.get(subject_id)
    if thing_then is None or region_then is None or region_now is None:
        return found
    then = _leaves(before, thing_then, region_then, period)
    now = _leaves(after, thing, region_now, period)
    changed = [
        key for key in (*now, *(k for k in then if k not in now)) if _moved(then.get(key), now.get(key))
    ]
    told = [_told(before, after, then.get(key), now.get(key)) for key in changed]
    sentences = list(dict.fromkeys(filter(None, told)))
    if len(sentences) > TOLD_AT_MOST:
        sentences = [*sentences[:TOLD_AT_MOST], f"另有 {len(sentences) - TOLD_AT_MOST} 处改动"]
    return found + sentences


def _reader(revision: int) -> Reader:
    moment = moments.moment_of(revision)
    return Reader(book(revision), revision, on=moment.date() if moment else clock.today())


def _in_book(definitions: Book, thing: Thing) -> Thing | None:
    rows = definitions.indicators if isinstance(thing, Indicator) else definitions.measures
    return rows.get(thing.pk)


def _redefined(then: Book, now: Book, thing: Thing) -> list[str]:
    """What of the definition changed, of the figure itself and of the measures it is made of."""
    old, new = _in_book(then, thing), _in_book(now, thing)
    if old is None or new is None:
        return []
    found = []
    for name, word in DEFINING.items():
        if hasattr(new, name) and getattr(old, name) != getattr(new, name):
            found.append(f"{word}由“{_plainly(getattr(old, name))}”改为“{_plainly(getattr(new, name))}”")
    if isinstance(new, Indicator):
        for measure in measures_of(now, new):
            before = then.measures.get(measure.pk)
            if before is not None and before.definition != measure.definition:
                found.append(f"{measure.name}口径由“{before.definition}”改为“{measure.definition}”")
    return found


def _plainly(value: object) -> str:
    return {True: "是", False: "否"}.get(value, str(value)) if isinstance(value, bool) else str(value) or "空"


def _rules(before: Reader, after: Reader) -> list[str]:
    if before.preference == after.preference:
        return []
    return ["数据来源取用顺序改过"]


# ---- the values behind it -----------------------------------------------------------------------------------


def _leaves(reader: Reader, thing: Thing, region: Region, period: Period) -> dict[LeafKey, _Leaf]:
    """The measured values a figure is made of: the region's own, or those of its children where it is their sum."""
    held = hold(reader, [(thing, region, period)])[0]
    children = reader.book.children.get(region.pk, [])
    regions = children if held.note and children else [region]
    found: dict[LeafKey, _Leaf] = {}
    for one in regions:
        for measure, at, value in _parts(reader, thing, one, period):
            found[(measure.pk, one.pk, at.code)] = _Leaf(measure, one, at, value)
    return found


def _parts(
    reader: Reader, thing: Thing, region: Region, period: Period
) -> Iterable[tuple[Measure, Period, Value]]:
    if isinstance(thing, Measure):
        yield thing, period, reader.value(thing, region.pk, period)
        return
    for at in (period, period.previous_year()) if thing.change_as_growth else (period,):
        for side in sides(evaluate(reader, thing, region.pk, at)):
            yield from side.parts


def _moved(then: _Leaf | None, now: _Leaf | None) -> bool:
    if then is None or now is None:
        return (then or now) is not None and bool((then or now).value.held)  # type: ignore[union-attr]
    return (then.value.value, then.value.releases) != (now.value.value, now.value.releases)


def _told(before: Reader, after: Reader, then: _Leaf | None, now: _Leaf | None) -> str:
    """One changed value: from what to what, by whom, when, from which publication."""
    told = now or then
    assert told is not None
    name = f"{told.region.name}{told.measure.name}（{told.period.label}）"
    if then is None or now is None:
        return f"{'新计入' if then is None else '不再计入'}{name}"
    if told.measure.register:
        return _counted(name, before, after, then, now)
    old = {
        _key(source): source
        for source in leaf(before, then.measure, then.region.pk, then.period, then.value).sources
    }
    new = {
        _key(source): source
        for source in leaf(after, now.measure, now.region.pk, now.period, now.value).sources
    }
    taken = [source for source in new.values() if source.taken]
    if then.value.held and now.value.held and then.value.releases != now.value.releases and taken:
        was = next((source for source in old.values() if source.taken), None)
        if was is not None:
            return (
                f"{name}改取{taken[0].release}的 {_amount(told.measure, taken[0].amount)}{_by(taken[0])}，"
                f"原取{was.release}的 {_amount(told.measure, was.amount)}"
            )
    edits = [
        _edit(name, told.measure, old.get(key), source)
        for key, source in new.items()
        if key not in old or old[key].value.version != source.value.version
    ]
    return "；".join(filter(None, edits))


def _counted(name: str, before: Reader, after: Reader, then: _Leaf, now: _Leaf) -> str:
    """Of a register's figure: which records are counted no longer, newly or with another amount, and what was done to them."""
    old, new = (
        {
            (one.register, one.pk): one
            for one in leaf(reader, at.measure, at.region.pk, at.period, at.value).records
        }
        for reader, at in ((before, then), (after, now))
    )
    moved = [key for key in sorted(old.keys() | new.keys()) if _adds(old.get(key)) != _adds(new.get(key))]
    done = _done_to(moved, before.revision, after.revision)
    told = []
    for key in moved[:TOLD_AT_MOST]:
        one = new.get(key) or old[key]
        called = " ".join(filter(None, (one.number, one.title)))
        if key in old and key in new:
            what = (
                f"{called}由 {_amount(now.measure, old[key].amount)}改为 {_amount(now.measure, one.amount)}"
            )
        else:
            what = f"{'新计入' if key in new else '不再计入'} {called}"
        told.append(f"{what}{done.get(key, '')}")
    more = f"，另有 {len(moved) - TOLD_AT_MOST} 条" if len(moved) > TOLD_AT_MOST else ""
    return f"{name}{'，'.join(told)}{more}" if told else ""


def _adds(one: Behind | None) -> Decimal | None:
    return None if one is None else one.amount


def _done_to(records: Iterable[tuple[str, int]], old: int, new: int) -> dict[tuple[str, int], str]:
    """Register and record → （林守一 6-02 撤销 …） of its last writing after ``old`` up to ``new``."""
    found: dict[tuple[str, int], str] = {}
    for code, pk in list(records)[:TOLD_AT_MOST]:
        register = by_code(code)
        if register is None:
            continue
        written = HistoryRow.objects.filter(
            model=register.label, object_pk=pk, revision__gt=old, revision__lte=new
        )
        last = written.order_by("-revision").values_list("revision", flat=True).first()
        revision = Revision.objects.filter(number=last).first()
        if revision is not None:
            day = short_day(revision.at, clock.today())
            found[code, pk] = f"（{revision.actor_name} {day} {revision.reason}）"
    return found


def _key(source: Source) -> tuple[str, int]:
    return source.value.period, source.release.pk


def _edit(name: str, measure: Measure, was: Source | None, source: Source) -> str:
    if was is not None and was.amount is not None and source.amount is not None:
        if was.amount == source.amount:
            return ""
        return f"{name}由 {_amount(measure, was.amount)}改为 {_amount(measure, source.amount)}{_by(source)}"
    if source.amount is None:
        return f"{name}撤回{f'，{source.value.missing}' if source.value.missing else ''}{_by(source)}"
    return f"{name}补报 {_amount(measure, source.amount)}{_by(source)}"


def _amount(measure: Measure, value: Decimal | None) -> str:
    return "空" if value is None else str(measure_amount(measure, value))


def _by(source: Source) -> str:
    """（秦霁 7-02 月报，说明：…）"""
    who = source.value.entered_by or source.written_by
    day = f" {short_day(source.at, clock.today())}" if source.at else ""
    origin = source.value.origin
    how = ORIGINS.get(origin, origin)
    note = f"，说明：{source.value.note}" if source.value.note else ""
    inside = f"{who}{day}{f' {how}' if how else ''}{note}".strip()
    return f"（{inside}）" if inside else ""
