"""The registers of this room: the items of responsibility with the columns of a supervision ledger, and their monthly checks."""

from django.db.models import Q

from keshu.checking.bringing import TASKS
from keshu.checking.closing import ITEMS as ITEM_PROCEDURE
from keshu.checking.models import Check, Item
from keshu.checking.steps import CHECKING
from keshu.directory.actors import Actor, Can
from keshu.ledger.registers import Column, Deadline, Register

I_, C = Item.State, Check.State


def _finished(actor: Actor) -> Q:
    """Items whose last review found them complete wait to be closed."""
    return Q(last_completion__gte=100)


def _own(actor: Actor) -> Q:
    return Q(unit__in=actor.unit_ids)


def _by_others(actor: Actor) -> Q:
    return ~Q(filled_by_id=actor.account_id) | Q(filled_by_id__isnull=True)


ITEMS = Register(
    code="items",
    name="责任事项",
    model=Item,
    columns=(
        Column("number", "编号", shown=False),
        Column("order", "序号", "count"),
        Column("name", "任务", "name"),
        Column("origin", "来源"),
        Column("unit", "牵头单位", "unit"),
        Column("region", "地区", "region", shown=False),
        Column("helper_names", "协办", shown=False),
        Column("leader_name", "责任领导"),
        Column("person_name", "责任人"),
        Column("target_said", "目标值"),
        Column("plan_said", "节点", shown=False),
        Column("begins_on", "开始日期", "date", shown=False),
        Column("due_on", "完成时限", "date"),
        Column("last_month", "对照到"),
        Column("last_progress", "本月进展", "long", shown=False),
        Column("last_completion", "完成率（%）", "number", places=1),
        Column("last_lamp", "灯号"),
        Column("last_reason", "存在问题", "long", shown=False),
        Column("last_next_step", "下步措施", "long", shown=False),
        Column("last_coordination", "需协调事项", "long", shown=False),
        Column("last_evidence", "佐证（份）", "count", shown=False),
        Column("last_opinion", "督查意见", "long", shown=False),
        Column("closed_on", "销号日期", "date", shown=False),
        Column("year", "年度", "count", shown=False),
        Column("timetable", "时间表", "choice", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "name", "unit__name", "leader_name", "person_name", "origin"),
    filters=("year", "last_lamp", "timetable", "state"),
    procedure=ITEM_PROCEDURE,
    about="每项有牵头单位、责任人、时限和佐证；完成率和灯号是最近一次审定的对照",
    struck=frozenset({str(I_.CANCELLED)}),
    way=(str(I_.ASSIGNED), str(I_.CLOSED)),
    turns={str(I_.ASSIGNED): Can.REVIEW_CHECKS},
    narrowed={str(I_.ASSIGNED): _finished},
    deadlines=(
        Deadline("due_on", "责任事项完成时限", frozenset({str(I_.ASSIGNED)}), Can.REVIEW_CHECKS, owner=True),
    ),
    title="name",
    order=("-year", "order", "pk"),
    bringing=TASKS,
)

CHECKS = Register(
    code="checks",
    name="对照检查",
    model=Check,
    columns=(
        Column("number", "编号", shown=False),
        Column("period", "月份"),
        Column("name", "任务", "name"),
        Column("unit", "牵头单位", "unit"),
        Column("region", "地区", "region", shown=False),
        Column("planned", "应到（%）", "number", places=1),
        Column("completion", "完成率（%）", "number", places=1),
        Column("lamp_word", "灯号"),
        Column("verdict", "对照结论", "choice"),
        Column("progress", "本月进展", "long", shown=False),
        Column("reason", "存在问题和原因", "long", shown=False),
        Column("next_step", "下步措施", "long", shown=False),
        Column("needs_coordination", "需协调事项", "long", shown=False),
        Column("opinion", "督查意见", "long", shown=False),
        Column("fill_by", "填报期限", "date"),
        Column("state", "状态", "state"),
    ),
    search=("number", "name", "unit__name"),
    filters=("period", "lamp_word", "verdict", "state"),
    procedure=CHECKING,
    about="审定的月份已冻结，后来改记录不动它",
    way=(str(C.OPEN), str(C.SUBMITTED), str(C.REVIEWED)),
    turns={
        str(C.OPEN): Can.CHECK_ITEMS,
        str(C.RETURNED): Can.CHECK_ITEMS,
        str(C.SUBMITTED): Can.REVIEW_CHECKS,
    },
    narrowed={str(C.OPEN): _own, str(C.RETURNED): _own, str(C.SUBMITTED): _by_others},
    deadlines=(
        Deadline(
            "fill_by",
            "月度对照检查",
            frozenset({str(C.OPEN), str(C.RETURNED)}),
            Can.REVIEW_CHECKS,
            owner=True,
        ),
    ),
    title="name",
    order=("-period", "pk"),
    beside=("item__goal",),
)

REGISTERS = (ITEMS, CHECKS)
