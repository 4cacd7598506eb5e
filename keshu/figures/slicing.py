"""Slices: a register's measure under further conditions (国家级, 农业类 …), now or as it stood at an earlier revision.

The cube holds a measure by month and region only; what a report breaks down further is asked of the records, under the
measure's own date, field, nature and condition. As of now the conditions are a filter of the database, of an earlier
revision they are worked out on the history; both find the same records.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from keshu.directory.models import Region
from keshu.figures import counting
from keshu.figures.arithmetic import change as changes
from keshu.figures.arithmetic.completion import completion
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE, ratio
from keshu.figures.book import book
from keshu.figures.models import Measure, RecordDelta
from keshu.figures.reading import NOT_KEPT
from keshu.figures.tracing import Behind
from keshu.journal import moments
from keshu.ledger import standing
from keshu.ledger.conditions import condition_q
from keshu.ledger.records import Record
from keshu.ledger.registers import Register, RegisterMeasure, by_code
from keshu.terms import formula
from keshu.terms.formula_tree import Compare, Constant, Member, Name, write
from keshu.terms.period import Period
from keshu.terms.quantity import scale, unscale
from keshu.terms.text import nearest

WHY = "切片；给人看的地方按范围遮盖"


class NoRegisterBehind(LookupError):
    """A measure that is reported or imported: there are no records to cut."""


class NoSuchChoice(ValueError):
    """A condition names a choice that its field does not have; it would count nothing and look like a zero."""


class UnitsDiffer(ValueError):
    """A share or a growth between amounts of different units."""


@dataclass(frozen=True)
class Slice:
    """A measure under conditions, for a region and a period, as of a revision.

    ``value`` in the measure's stored unit (元 for money), None with ``missing`` while the register holds nothing at all under
    the measure; ``records`` the primary keys that were counted; ``where`` the conditions as the fields hold them.
    """

    register: Register
    measure: RegisterMeasure
    where: str
    said: str
    region: Region
    period: Period
    revision: int
    value: Decimal | None
    records: tuple[int, ...]
    missing: str = ""

    @property
    def unit(self) -> str:
        """The unit the value is held in."""
        return self.measure.unit

    @property
    def definition(self) -> str:
        """口径: the measure's own, then the conditions in the words of the pages."""
        own = self.measure.definition or self.measure.name
        return f"{own}；只计 {self.said}" if self.said else own


@dataclass(frozen=True)
class Rate:
    """A quotient of two amounts in %, unrounded; None with a reason. Rounded once, where it is shown."""

    value: Decimal | None
    above: Decimal | None
    below: Decimal | None
    missing: str = ""
    unit: str = "%"


# ---- asking -----------------------------------------------------------------------------------------------


def slice_of(
    measure: str, where: str = "", *, region: str, period: Period, revision: int | None = None
) -> Slice:
    """The slice of a register's measure (code, name or alias) for a region (code or name) with all below it.

    ``where`` is a condition over the fields of the register, by column or by the name the pages show (``级别 == "国家级"``);
    choices may be written as they are shown. A flow counts records dated within the period, a stock those that stand at its
    end. ``revision``: default now. Raises UnknownName, NoRegisterBehind, NoSuchChoice, FormulaError, NotAFilter.
    """
    latest = moments.latest()
    at = latest if revision is None else revision
    definitions = book(at)
    found = definitions.measure(measure)
    register, declared = _declared(found)
    place = definitions.region(region)
    condition = condition_of(register, where) if where.strip() else None
    said = _in_words(register, condition) if condition else ""
    written = condition.source if condition else ""
    if not counting.in_use([found.pk], at):
        return Slice(register, declared, written, said, place, period, at, None, (), NOT_KEPT)
    regions = definitions.below(place.pk)
    if at == latest:
        rows = counted(register, declared, condition, regions, period.start, period.end)
    else:
        rows = counted_then(register, declared, condition, regions, period.start, period.end, at, found.pk)
    value = unscale(sum(amount for _, amount in rows), declared.decimals)
    records = tuple(pk for pk, _ in rows)
    return Slice(register, declared, written, said, place, period, at, value, records)


@dataclass(frozen=True)
class Spread:
    """A slice of everywhere, by the region its records stand in (scaled as the measure is); ``missing`` where nothing is kept."""

    measure: RegisterMeasure
    said: str
    amounts: dict[int, int]
    missing: str = ""


def by_region(measure: str, where: str = "", *, period: Period, revision: int | None = None) -> Spread:
    """What :func:`slice_of` gives for every region at once: one query over the records, however many regions are asked for.

    Raises UnknownName, NoRegisterBehind, NoSuchChoice, FormulaError, NotAFilter.
    """
    latest = moments.latest()
    at = latest if revision is None else revision
    definitions = book(at)
    found = definitions.measure(measure)
    register, declared = _declared(found)
    condition = condition_of(register, where) if where.strip() else None
    said = _in_words(register, condition) if condition else ""
    if not counting.in_use([found.pk], at):
        return Spread(declared, said, {}, NOT_KEPT)
    amounts: dict[int, int] = {}
    if at == latest:
        rows = _records_now(register, declared, condition, None, period.start, period.end)
        summed = rows.order_by().values_list("region_id").annotate(Sum(declared.field or "items"))
        # What is summed comes back as the column speaks it, in Decimal or as a whole number.
        amounts = {region: scale(Decimal(amount), declared.decimals) for region, amount in summed}
    else:
        everywhere = definitions.regions.keys()
        for record in _records_then(
            register, declared, condition, everywhere, period.start, period.end, at, found.pk
        ):
            amounts[record.region_id] = amounts.get(record.region_id, 0) + _amount(declared, record)
    return Spread(declared, said, amounts)


def _declared(measure: Measure) -> tuple[Register, RegisterMeasure]:
    register = by_code(measure.register) if measure.register else None
    for declared in register.measures if register else ():
        if declared.code == measure.code:
            return register, declared  # type: ignore[return-value]
    raise NoRegisterBehind(
        f"“{measure.name}”是填报或导入的数，后面没有逐条的记录，不能再加条件。请换一个取自台账的计量。"
    )


def share(part: Slice, whole: Slice) -> Rate:
    """One slice in % of another of the same unit (农业 4 of 67 → 5.97…). Raises UnitsDiffer."""
    _same_unit(part, whole)
    value = ratio(part.value, whole.value)
    return Rate(value, part.value, whole.value, _why(value, part.missing or whole.missing, "分母为零"))


def growth(now: Slice, before: Slice) -> Rate:
    """Growth of one slice over another in %. A base that is missing or not positive gives a reason. Raises UnitsDiffer."""
    _same_unit(now, before)
    found = changes.change(now.value, before.value, is_ratio=False)
    return Rate(found.value, now.value, before.value, found.reason or "")


def completed(parts: Collection[Slice], low: Decimal | None, high: Decimal | None = None) -> Rate:
    """Completion in % of a target that several slices fulfil together; a range divides by its upper bound. Raises UnitsDiffer."""
    first = next(iter(parts))
    done: Decimal | None = Decimal(0)
    for one in parts:
        _same_unit(one, first)
        done = None if done is None or one.value is None else WIDE.add(done, one.value)
    found = completion(done, low, high)
    value = None if found is None else WIDE.multiply(found, HUNDRED)
    missing = next((one.missing for one in parts if one.missing), "")
    return Rate(value, done, high if high is not None else low, _why(value, missing, "没有可比的目标"))


def _same_unit(one: Slice, other: Slice) -> None:
    if one.unit != other.unit:
        raise UnitsDiffer(
            f"“{one.measure.name}”以{one.unit}计，“{other.measure.name}”以{other.unit}计，不能相比或相加。请换成同一单位的计量。"
        )


def _why(value: Decimal | None, missing: str, otherwise: str) -> str:
    return "" if value is not None else missing or otherwise


def behind(found: Slice) -> tuple[Behind, ...]:
    """The records of a slice as they stood at its revision: number, title, what each adds. Their amounts add up to it."""
    register, measure = found.register, found.measure
    return tuple(
        Behind(
            register.code,
            record.pk,
            record.number,
            str(record),
            record.items,
            unscale(_amount(measure, record), measure.decimals),
        )
        for record in register.model.as_of(found.revision, found.records)
    )


# ---- conditions -------------------------------------------------------------------------------------------


def condition_of(register: Register, where: str) -> formula.Expression:
    """A condition over a register's fields, checked, with names and choices as the columns hold them.

    Raises FormulaError, NoSuchChoice.
    """
    labels = _labels(register)
    columns = {label: column for column, label in labels.items()}
    types = {label: register.fields[column] for label, column in columns.items()}
    read = formula.parse(where, {**register.fields, **types})
    if read.type != "bool":
        raise formula.FormulaError("这里需要条件（真或假）", where, 0)

    def stored(name: str, constant: Constant) -> Constant:
        choices = register.choices_of(_path(register, columns.get(name, name)))
        if not choices or not isinstance(constant.value, str) or constant.value in choices:
            return constant
        for value, label in choices.items():
            if label == constant.value:
                return Constant(value)
        close = "、".join(nearest(str(constant.value), list(choices.values()), 3) or choices.values())
        raise NoSuchChoice(
            f"“{labels.get(columns.get(name, name), name)}”没有“{constant.value}”这一项。可以写：{close}。"
        )

    tree = _mapped(read.tree, lambda name: columns.get(name, name), stored)
    return formula.Expression(write(tree), tree, "bool")


def _in_words(register: Register, condition: formula.Expression) -> str:
    """A condition with the names and choices that the pages show."""
    labels = _labels(register)

    def shown(name: str, constant: Constant) -> Constant:
        if not isinstance(constant.value, str):
            return constant
        return Constant(register.choices_of(_path(register, name)).get(constant.value, constant.value))

    return write(_mapped(condition.tree, lambda name: labels.get(name, name), shown))


def _labels(register: Register) -> dict[str, str]:
    """Name of a column → the name the pages show, where that can be a name in a formula and stands for one column only."""
    shown = {name: register.label_of(_path(register, name)) for name in register.fields}
    every = list(shown.values())
    return {
        name: label
        for name, label in shown.items()
        if formula.is_name(label) and every.count(label) == 1 and label not in shown
    }


def _mapped(
    part: Any, rename: Callable[[str], str], choose: Callable[[str, Constant], Constant], beside: str = ""
) -> Any:
    """A tree with its names renamed, and the constants compared with a name chosen anew for that name."""
    match part:
        case Name(name, kind):
            return Name(rename(name), kind)
        case Constant():
            return choose(beside, part) if beside else part
        case Compare(left, _, right):
            beside = next((side.name for side in (left, right) if isinstance(side, Name)), "")
        case Member(operand, _, _):
            beside = operand.name if isinstance(operand, Name) else ""
        case tuple():
            return tuple(_mapped(one, rename, choose, beside) for one in part)
    if not is_dataclass(part):
        return part
    return type(part)(*(_mapped(getattr(part, f.name), rename, choose, beside) for f in fields(part)))  # type: ignore[misc]


# ---- counting ---------------------------------------------------------------------------------------------

Counted = list[tuple[int, int]]  # primary key, scaled amount; by primary key


def counted(
    register: Register,
    measure: RegisterMeasure,
    condition: formula.Expression | None,
    regions: Collection[int] | None,
    start: date | None,
    end: date | None,
) -> Counted:
    """What the records add now. ``regions`` None: everywhere; ``start`` and ``end`` None: at any time (of a stock: ever)."""
    rows = _records_now(register, measure, condition, regions, start, end)
    found = rows.order_by("pk").values_list("pk", measure.field or "items")
    return [(pk, scale(Decimal(amount), measure.decimals)) for pk, amount in found]


def _records_now(
    register: Register,
    measure: RegisterMeasure,
    condition: formula.Expression | None,
    regions: Collection[int] | None,
    start: date | None,
    end: date | None,
) -> Any:
    since = start if measure.nature == "flow" else None
    rows = register.records.filter(standing.counted(register, measure, since=since, until=end))
    if condition is not None:
        paths = {name: _path(register, name) for name in condition.names}
        rows = rows.filter(condition_q(condition, paths, register.model))
    return rows if regions is None else rows.filter(region_id__in=regions)


def counted_then(
    register: Register,
    measure: RegisterMeasure,
    condition: formula.Expression | None,
    regions: Collection[int],
    start: date,
    end: date,
    revision: int,
    measure_pk: int,
) -> Counted:
    """What the records added as they stood after a revision, worked out on the history of those the measure ever counted there."""
    found = _records_then(register, measure, condition, regions, start, end, revision, measure_pk)
    return [(record.pk, _amount(measure, record)) for record in found]


def _records_then(
    register: Register,
    measure: RegisterMeasure,
    condition: formula.Expression | None,
    regions: Collection[int],
    start: date,
    end: date,
    revision: int,
    measure_pk: int,
) -> list[Record]:
    last = Period.month(end.year, end.month).code
    ever = RecordDelta.objects.filter(
        measure_id=measure_pk, subject_id__in=regions, period__lte=last, revision__lte=revision
    )
    pks = set(ever.order_by().values_list("object_pk", flat=True).distinct())
    conditions = [one for one in (register.conditions[measure.code], condition) if one is not None]
    return [
        record
        for record in register.model.as_of(revision, pks)
        if record.region_id in regions
        and _dated(measure, record, start, end)
        and all(_holds(register, one, record) for one in conditions)
    ]


def _holds(register: Register, condition: formula.Expression, record: Record) -> bool:
    return condition.condition({name: getattr(record, _path(register, name)) for name in condition.names})


def _path(register: Register, name: str) -> str:
    """The column that a name of a condition stands for: a ledger defined on a page has names of its own."""
    return register.names.get(name, name)


def _dated(measure: RegisterMeasure, record: Record, start: date, end: date) -> bool:
    begins: date | None = getattr(record, measure.date)
    if begins is None or begins > end or (measure.field and getattr(record, measure.field) is None):
        return False
    if measure.nature == "flow":
        return begins >= start
    until = getattr(record, measure.until) if measure.until else None
    left = getattr(record, measure.leaves) if measure.leaves else None
    return (until is None or until >= end) and (left is None or left > end)


def _amount(measure: RegisterMeasure, record: Record) -> int:
    value = getattr(record, measure.field) if measure.field else record.items
    return scale(Decimal(value), measure.decimals)
