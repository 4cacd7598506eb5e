"""A definition as a register: list, record page, search, export, sums, measures and import follow from it like from any other."""

from collections.abc import Mapping, Sequence
from typing import Any

from keshu.custom.columns import LONGEST, TITLE, Col, Count, condition_names
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.procedure import PROCEDURE, enters, enters_for
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import refuse_classified
from keshu.ledger.registers import Bringing, Column, Kind, Register, RegisterMeasure, provide
from keshu.terms import clock

S = CustomRecord.State
#: What conditions of measures call the state; users do not write it.
STATE = "状态"
#: Registers by the primary key of their definition, each with the digest it was made from.
_made: dict[int, tuple[str, Register]] = {}


@provide
def custom_registers() -> Sequence[Register]:
    """The registers of all definitions, in their order. One short query; what changed since the last time is read and made anew."""
    marks = dict(Definition._base_manager.order_by("pk").values_list("pk", "digest"))
    stale = [pk for pk, digest in marks.items() if pk not in _made or _made[pk][0] != digest]
    for definition in Definition._base_manager.filter(pk__in=stale) if stale else ():
        _made[definition.pk] = (definition.digest, register_of(definition))
    return [_made[pk][1] for pk in marks if pk in _made]


def register_of(definition: Definition) -> Register:
    """The register that a definition is."""
    names = {**condition_names(definition.cols), STATE: "state"}
    return Register(
        code=definition.code,
        name=definition.name,
        model=CustomRecord,
        columns=_listed(definition),
        search=(
            "number",
            *(col.slot for col in definition.used if col.searchable or col.slot == TITLE),
            *(("unit__name",) if definition.unit_use != Definition.Unit.NONE else ()),
        ),
        filters=(*(col.slot for col in definition.used if col.kind == "choice"), "state"),
        measures=tuple(measure_of(definition, count) for count in definition.counts),
        procedure=PROCEDURE,
        turns={str(S.REGISTERED): Can.KEEP_LEDGERS},
        struck=frozenset({str(S.VOID)}),
        way=(str(S.REGISTERED), str(S.VERIFIED)),
        title=TITLE,
        about=definition.about,
        only={"definition_id": definition.pk},
        names=names,
        bringing=_bringing(definition) if definition.active else None,
        release=definition.first_name,
    )


def column_of(col: Col) -> Column:
    """A column as pages, forms and files know it."""
    kind: Kind = "name" if col.slot == TITLE else col.kind  # type: ignore[assignment]
    return Column(
        col.slot,
        col.shown_label,
        kind,
        total=col.total and col.kind in ("money", "number", "count"),
        shown=col.shown and col.kind != "long",
        required=col.required,
        choices=tuple((choice, choice) for choice in col.choices),
        places=col.decimals,
        longest=LONGEST.get(col.kind, 200),
        unit="元" if col.kind == "money" else "",
        help=col.help,
        names=tuple(dict.fromkeys(name for name in (col.name, col.label) if name)),
    )


def _listed(definition: Definition) -> tuple[Column, ...]:
    columns = [column_of(col) for col in definition.used]
    with_unit = definition.unit_use != Definition.Unit.NONE
    return (
        Column("number", "编号"),
        *columns[:1],
        *([Column("unit", "单位", "unit")] if with_unit else []),
        Column("region", "地区", "region"),
        *columns[1:],
        *([Column("items", "件数", "count", total=True)] if definition.batch else []),
        Column("counts_on", "计入日期", "date", shown=False),
        Column("state", "状态", "state"),
    )


def measure_of(definition: Definition, count: Count) -> RegisterMeasure:
    """A measure of the definition: what is struck never counts, what waits for verification only where it may."""
    cols = {col.name: col for col in definition.cols}
    standing = f'{STATE} == "{S.VERIFIED}"' if count.verified else f'{STATE} != "{S.VOID}"'
    summed = cols[count.field] if count.field and count.field != "件数" else None
    return RegisterMeasure(
        code=count.code,
        name=count.name,
        unit="元" if summed is not None and summed.kind == "money" else count.unit,
        condition=f"{standing} and ({count.condition})" if count.condition else standing,
        field=summed.slot if summed else "",
        nature="stock" if count.nature == "stock" else "flow",
        date=cols[count.date].slot if count.date else "counts_on",
        until=cols[count.until].slot if count.until else "",
        decimals=summed.decimals if summed else 0,
        definition=count.definition or definition.about,
    )


# ---- files of records -----------------------------------------------------------------------------------------


def taken_columns(definition: Definition) -> tuple[Column, ...]:
    """What a form or a file asks of one record: the columns in use, region, organisation, how many it stands for."""
    columns = [column_of(col) for col in definition.used]
    unit = Column(
        "unit",
        "单位",
        "unit",
        required=definition.unit_use == Definition.Unit.REQUIRED,
        names=("单位名称", "统一社会信用代码"),
    )
    return (
        *columns[:1],
        *([unit] if definition.unit_use != Definition.Unit.NONE else []),
        Column("region", "地区", "region", help="空着用单位所在地区；没有单位的用自己的地区",
               names=("县（市、区）", "县区", "地区名称", "地区代码")),
        *columns[1:],
        *([Column("items", "件数", "count", help="汇总行代表多少件，逐条登记的空着")] if definition.batch else []),
    )  # fmt: skip


_EMPTY = [
    column.get_default() if column.has_default() or not column.null else None
    for column in CustomRecord._meta.concrete_fields
]


def _bringing(definition: Definition) -> Bringing:
    slots = {col.name: col.slot for col in definition.cols}
    own = {"地区": "region", "单位": "unit"}
    edition, counts_by, pk = definition.edition, slots.get(definition.counts_by, ""), definition.pk

    def check(values: Mapping[str, Any], actor: Actor) -> None:
        if not enters_for(definition, actor, values.get("region"), values.get("unit")):
            raise ValueError("这一条的地区或单位不在现在这个岗位登记的范围里")
        refuse_classified("\n".join([value for value in values.values() if type(value) is str]))

    def build(values: Mapping[str, Any], actor: Actor) -> CustomRecord:
        record = CustomRecord(*_EMPTY)  # all values in their order: several times faster than by name
        record.definition_id = pk
        change(record, values, actor)
        return record

    def change(record: CustomRecord, values: Mapping[str, Any], actor: Actor) -> None:
        check(values, actor)
        fill(record, values, edition=edition, counts_by=counts_by)

    return Bringing(
        columns=taken_columns(definition),
        build=build,
        change=change,
        check=check,
        may=lambda actor: enters(definition, actor),
        key=tuple(own.get(name) or slots[name] for name in definition.key),
        fixed=frozenset({str(S.VERIFIED)}),
        prefix=definition.prefix,
        note=definition.about,
    )


def fill(record: CustomRecord, values: Mapping[str, Any], *, edition: int, counts_by: str) -> None:
    """Bring values by path into a record."""
    for path, value in values.items():
        if path in ("region", "unit"):
            setattr(record, f"{path}_id", value)
        elif path == "items":
            record.items = 1 if value is None else int(value)
        else:
            setattr(record, path, value)
    record.edition = edition
    if counts_by:
        record.counts_on = getattr(record, counts_by)
    elif record.counts_on is None:
        record.counts_on = clock.today()
