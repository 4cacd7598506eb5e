"""任务分解表: a workbook of items comes in, each row with its office, people, deadline and time table; a row that contradicts itself stays out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from keshu.checking.assigning import (
    PREFIX,
    assigns,
    colleague,
    goal_named,
    helpers_named,
    leader_of,
    settle,
)
from keshu.checking.models import Item, ItemHelper, Timetable
from keshu.checking.timetable import read_plan
from keshu.directory.actors import Actor
from keshu.directory.models import Unit
from keshu.journal.writing import current
from keshu.ledger.registers import Bringing, Column

TIMETABLES = tuple((str(value), str(label)) for value, label in Timetable.choices)


def an_item(values: Mapping[str, Any], actor: Actor) -> Item:
    """An item of one row. ValueError where the row contradicts itself or names nobody."""
    unit = Unit.objects.select_related("region", "parent").get(pk=values["unit"])
    leader, person = values.get("leader_name") or "", values.get("person_name") or ""
    goal, region = values.get("goal_name") or "", values.get("region") or unit.region_id
    year = int(values["year"])
    helpers_named(values.get("helper_names") or "", unit)
    item = Item(
        year=year,
        order=None if values.get("order") is None else int(values["order"]),
        name=values["name"],
        origin=values.get("origin") or "",
        unit=unit,
        region_id=region,
        goal=goal_named(goal, year, unit, region) if goal else None,
        goal_name=goal,
        leader=leader_of(unit, leader) if leader else None,
        leader_name=leader,
        person=colleague(unit, person) if person else None,
        person_name=person,
        helper_names=values.get("helper_names") or "",
        requirement=values.get("requirement") or "",
        evidence_wanted=values.get("evidence_wanted") or "",
        begins_on=values["begins_on"],
        due_on=values["due_on"],
        timetable=values["timetable"],
        plan=read_plan(values.get("plan_said") or ""),
        plan_said=values.get("plan_said") or "",
    )
    return settle(item)


def with_helpers(values: Iterable[Mapping[str, Any]]) -> Callable[[Any], None]:
    """The organisations that help are tied to the items once these are saved, in the same revision."""
    block = current()
    waiting: list[Item] = []

    def rows() -> Iterator[ItemHelper]:
        for item in waiting:
            assert item.unit is not None
            for unit in helpers_named(item.helper_names, item.unit):
                yield ItemHelper(item=item, unit=unit)

    def finish(item: Item) -> None:
        if item.helper_names and not waiting:
            block.bring(rows)  # consumed after the items, which come first
        if item.helper_names:
            waiting.append(item)

    return finish


TASKS = Bringing(
    columns=(
        Column("order", "项号", "count", names=("序号", "编号")),
        Column("year", "年度", "count", required=True, names=("年份",)),
        Column(
            "name",
            "任务",
            "name",
            required=True,
            longest=200,
            names=("工作任务", "责任事项", "目标任务", "任务名称"),
        ),
        Column("origin", "任务来源", longest=200, names=("来源",), help="如 政府工作报告牵头"),
        Column("goal_name", "对应目标", longest=200, names=("目标",), help="目标页里的名称；没有目标的空着"),
        Column("unit", "牵头单位", "unit", required=True, names=("责任科室", "责任单位", "牵头科室")),
        Column("region", "地区", "region", help="空着用牵头单位所在地区", names=("县（市、区）", "县区")),
        Column("helper_names", "协办单位", longest=200, names=("协办", "配合单位"), help="几个用顿号隔开"),
        Column("leader_name", "责任领导", longest=60, names=("分管领导", "包抓领导")),
        Column("person_name", "责任人", longest=60, names=("具体责任人", "经办人"), help="要是牵头单位的人"),
        Column("requirement", "工作要求", "long", longest=2000, names=("要求", "工作要求和标准")),
        Column("evidence_wanted", "佐证要求", longest=200, names=("佐证", "佐证材料")),
        Column("begins_on", "开始日期", "date", required=True, names=("开始时间", "起始日期")),
        Column("due_on", "完成时限", "date", required=True, names=("时限", "完成时间", "办结时限")),
        Column("timetable", "时间表", "choice", required=True, choices=TIMETABLES),
        Column(
            "plan_said",
            "进度安排",
            longest=200,
            names=("节点", "时间节点"),
            help="按季节写各月占多少，合计 100%；按节点写累计到多少。如 3月20%、6月50%、12月100%",
        ),
    ),
    build=an_item,
    may=assigns,
    key=("year", "name", "unit"),
    prefix=PREFIX,
    prepare=with_helpers,
    note="一行一项责任事项。导入以后换责任人、改时限到事项页上办，要写明依据，文件不改已有的事项。",
)
