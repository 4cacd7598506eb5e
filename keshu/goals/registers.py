"""The registers of adjustments and of letters of responsibility."""

from keshu.directory.actors import Can
from keshu.goals.adjusting import PROCEDURE as ADJUSTING
from keshu.goals.letters import PROCEDURE as SIGNING
from keshu.goals.models import Adjustment, Letter
from keshu.ledger.registers import Column, Register

A, L = Adjustment.State, Letter.State

ADJUSTMENTS = Register(
    code="goal_adjustments",
    title="task",
    name="目标调整",
    model=Adjustment,
    columns=(
        Column("number", "编号"),
        Column("task", "任务", "name"),
        Column("region", "地区", "region"),
        Column("unit", "承担单位", "unit", shown=False),
        Column("asked_by", "申请单位"),
        Column("asked_on", "申请日期", "date"),
        Column("before", "原目标"),
        Column("after", "调整为"),
        Column("why", "理由", "long"),
        Column("decided_on", "批准日期", "date", shown=False),
        Column("effect_on", "生效日期", "date"),
        Column("state", "状态", "state"),
    ),
    search=("number", "task", "asked_by"),
    filters=("state",),
    procedure=ADJUSTING,
    turns={str(A.ASKED): Can.SET_TARGETS},
    struck=frozenset({str(A.REFUSED)}),
    way=(str(A.ASKED), str(A.AGREED)),
    about="下达的目标只有经调整申请才改；生效日期以前仍按原目标算",
)

LETTERS = Register(
    code="goal_letters",
    title="holder",
    name="目标责任书",
    model=Letter,
    columns=(
        Column("number", "编号"),
        Column("holder", "签订对象", "name"),
        Column("region", "地区", "region"),
        Column("unit", "承担单位", "unit", shown=False),
        Column("year", "年度", "count"),
        Column("counts_on", "生成日期", "date"),
        Column("signed_on", "签订日期", "date"),
        Column("signed_by", "签字人"),
        Column("state", "状态", "state"),
    ),
    search=("number", "holder"),
    filters=("year", "state"),
    procedure=SIGNING,
    turns={str(L.DRAWN): Can.SET_TARGETS},
    struck=frozenset({str(L.VOID)}),
    way=(str(L.DRAWN), str(L.SIGNED)),
    beside=("subject",),
    about="按已下达的目标生成，签字盖章后把扫描件登记进来",
)
