"""安排: what a line of a goal does not say yet: the leader, who helps, the time table with its nodes, the evidence to be shown."""

from typing import Any

from keshu.checking.assigning import AssignRefused, helpers_named, leader_of, settle, target_said
from keshu.checking.models import Item, ItemHelper, Timetable
from keshu.checking.timetable import PlanBroken, read_plan
from keshu.goals.adjusting import PROCEDURE as ADJUSTING
from keshu.goals.documents import after_correction
from keshu.goals.models import Goal
from keshu.procedure.moving import Ask, Step, following

ASKS = (
    Ask("leader", "责任领导", required=False, hint="空着的都不改"),
    Ask("helpers", "协办单位", required=False, hint="几个用顿号隔开；写了就替换原来的"),
    Ask("timetable", "时间表", "choice", required=False, choices=Timetable.choices),
    Ask("plan", "进度安排", required=False, hint="按季节、按节点的写，如 3月20%、6月50%、12月100%"),
    Ask("evidence", "佐证要求", required=False),
)


def arrange(record: Any, step: Step) -> None:
    """The effect of 安排: what was written replaces what stood. Raises AssignRefused with what contradicts itself."""
    item: Item = record
    given = {name: value for name, value in step.given.items() if value}
    if not given:
        raise AssignRefused("没有写要安排什么。责任领导、协办、时间表、佐证要求至少写一样。")
    assert item.unit is not None
    if leader := given.get("leader"):
        item.leader, item.leader_name = leader_of(item.unit, leader), leader[:60]
    if wanted := given.get("evidence"):
        item.evidence_wanted = wanted
    if {"timetable", "plan"} & given.keys():
        item.timetable = given.get("timetable", item.timetable)
        item.plan_said = given.get("plan", "")
    try:
        item.plan = read_plan(item.plan_said)
        settle(item)
    except PlanBroken as refusal:
        raise AssignRefused(str(refusal)) from refusal
    if named := given.get("helpers"):
        _help(item, named)


def _help(item: Item, named: str) -> None:
    assert item.unit is not None
    units = {unit.pk: unit for unit in helpers_named(named, item.unit)}
    for row in ItemHelper.objects.filter(item=item):
        if row.unit_id not in units:
            row.delete()
        units.pop(row.unit_id, None)
    for unit in units.values():
        ItemHelper(item=item, unit=unit).save()
    item.helper_names = named


@following(ADJUSTING.code, "agree")
def retell(adjustment: Any, step: Step) -> None:
    """An adjusted target stands on its items at once; months that were reviewed keep what was frozen."""
    _retell(Goal._base_manager.get(pk=adjustment.goal_id))


@after_correction
def _retell(goal: Goal) -> None:
    said = target_said(goal)
    rows = Item._base_manager.select_for_update().filter(goal_id=goal.pk, state=Item.State.ASSIGNED)
    for item in rows.order_by("pk"):
        if item.target_said != said:
            item.target_said = said
            item.save()
