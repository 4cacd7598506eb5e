"""补登: entries and achievements that stood before this house come in as a file, with the dates on which they count."""

from collections.abc import Mapping
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.ledger.registers import Bringing, Column
from keshu.reserves.models import Achievement, Reserve
from keshu.reserves.reserving import confirm_by
from keshu.terms import clock

R = Reserve.State
#: What an entry of before may be by now; one that has left says when.
STATES = tuple((str(state), str(R(state).label)) for state in (R.HELD, R.CONVERTED, R.WITHDRAWN, R.REMOVED))


def _choices(model: Any, name: str) -> tuple[tuple[str, str], ...]:
    field: Any = model._meta.get_field(name)
    return tuple((str(value), str(label)) for value, label in field.flatchoices)


def _year(values: Mapping[str, Any], day: Any) -> int:
    year = int(values["year"])
    if not 1980 <= year <= clock.today().year:
        raise ValueError(f"年度 {year} 不对，写 1980 到今年")
    if day > clock.today():
        raise ValueError(f"日期 {day} 还没有到，这里只补登已经有的")
    return year


def an_entry(values: Mapping[str, Any], actor: Actor) -> Reserve:
    """A reserve entry of one row. ValueError where the row contradicts itself."""
    entered, left = values["entered_on"], values.get("left_on")
    year = _year(values, entered)
    if (values["state"] == R.HELD) == (left is not None):
        raise ValueError("在库的不写出库日期，转立项、撤回、出库的要写，在库数才对得上")
    if left is not None and left < entered:
        raise ValueError("出库日期早于入库日期，请核对")
    items = int(values.get("items") or 1)
    if items < 1:
        raise ValueError("件数至少是 1")
    return Reserve(
        items=items,
        title=values["title"],
        kind=values["kind"],
        level=values["level"],
        target=values.get("target") or "",
        field=values["field"],
        year=year,
        unit_id=values.get("unit"),
        region_id=values["region"],
        investment=values.get("investment"),
        needed=values.get("needed"),
        entered_on=entered,
        counts_on=entered,
        confirmed_on=entered,
        confirm_by=confirm_by(entered),
        left_on=left,
        left_why=values.get("left_why") or "",
        state=values["state"],
    )


def an_achievement(values: Mapping[str, Any], actor: Actor) -> Achievement:
    """A registered achievement of one row. ValueError where the row contradicts itself."""
    registered = values["registered_on"]
    return Achievement(
        number=values["number"],
        title=values["title"],
        kind=values["kind"],
        stage=values.get("stage") or "",
        field=values["field"],
        year=_year(values, registered),
        unit_id=values["unit"],
        region_id=values["region"],
        people=values.get("people") or "",
        standing=values.get("standing") or "未评价",
        keywords=values.get("keywords") or "",
        project_number=values.get("project_number") or "",
        registered_on=registered,
        counts_on=registered,
        state=Achievement.State.REGISTERED,
    )


def _handles(actor: Actor) -> bool:
    return actor.can(Can.HANDLE_PROGRAMMES)


ENTRIES = Bringing(
    columns=(
        Column("title", "名称", "name", required=True, longest=120, names=("项目名称", "储备项目名称")),
        Column("kind", "储备类别", "choice", required=True, choices=_choices(Reserve, "kind")),
        Column("level", "拟报级别", "choice", required=True, choices=_choices(Reserve, "level")),
        Column("target", "拟报计划", longest=100),
        Column("field", "领域", "choice", required=True, choices=_choices(Reserve, "field"), names=("类别",)),
        Column("year", "年度", "count", required=True, names=("年份",)),
        Column("unit", "承担单位", "unit", names=("单位", "单位名称", "统一社会信用代码")),
        Column(
            "region",
            "地区",
            "region",
            help="空着用承担单位所在地区，单位也没有的计入本级",
            names=("县（市、区）", "县区"),
        ),
        Column("items", "件数", "count", help="没有逐条登记的，一行写几件；空着是 1"),
        Column("investment", "总投资（万元）", "money", places=2, names=("总投资",)),
        Column("needed", "资金需求（万元）", "money", places=2, names=("资金需求",)),
        Column("entered_on", "入库日期", "date", required=True, help="按它计入"),
        Column("state", "现在状态", "state", required=True, choices=STATES, names=("状态",)),
        Column("left_on", "出库日期", "date"),
        Column("left_why", "出库原因", longest=200),
    ),
    build=an_entry,
    may=_handles,
    key=("title", "unit", "entered_on"),
    prefix="CB",
    note="补登起用本系统以前入库的储备项目，按入库日期计入；编号由系统接着编。",
)

REGISTERED = Bringing(
    columns=(
        Column("number", "登记号", required=True, longest=40, names=("批准登记号", "编号")),
        Column("title", "成果名称", "name", required=True, longest=120),
        Column("kind", "类别", "choice", required=True, choices=_choices(Achievement, "kind")),
        Column("stage", "所处阶段", "choice", choices=_choices(Achievement, "stage")),
        Column("field", "领域", "choice", required=True, choices=_choices(Achievement, "field")),
        Column("year", "年度", "count", required=True, names=("年份",)),
        Column("unit", "第一完成单位", "unit", required=True, names=("完成单位", "单位名称")),
        Column("region", "地区", "region", help="空着用单位所在地区", names=("县（市、区）", "县区")),
        Column("people", "完成人", longest=200),
        Column("standing", "成果水平", longest=40, help="没有评价的写 未评价"),
        Column("keywords", "关键词", longest=60),
        Column("project_number", "项目编号", longest=40),
        Column("registered_on", "登记日期", "date", required=True, help="按它计入"),
    ),
    build=an_achievement,
    may=_handles,
    key=("number",),
    note="补登已经登记的科技成果，按登记日期计入；补登的先不公开，完成单位同意后再公开。",
)
