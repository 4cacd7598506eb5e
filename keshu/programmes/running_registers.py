"""The registers of running projects: payments, changes, inspections; their lists and what they count."""

from keshu.directory.actors import Can
from keshu.ledger.registers import Column, Deadline, Register, RegisterMeasure
from keshu.programmes.changes import PROCEDURE as CHANGING
from keshu.programmes.inspections import PROCEDURE as INSPECTING
from keshu.programmes.models import Change, Inspection, Payment
from keshu.programmes.payments import PROCEDURE as PAYING

C, I = Change.State, Inspection.State  # noqa: E741
SEARCH = ("number", "project", "title", "unit__name")
#: Checked at all; checked and something found, whatever became of it.
DONE = f"state in ['{I.CLEAN}', '{I.FOUND}', '{I.RECTIFIED}', '{I.CLOSED}']"
TROUBLED = f"state in ['{I.FOUND}', '{I.RECTIFIED}', '{I.CLOSED}']"

PAYMENTS = Register(
    code="payments",
    title="title",
    name="拨款",
    model=Payment,
    columns=(
        Column("number", "编号"),
        Column("title", "项目名称", "name"),
        Column("project", "项目编号"),
        Column("unit", "承担单位", "unit"),
        Column("region", "地区", "region"),
        Column("amount", "金额（万元）", "money", total=True),
        Column("level", "资金来源", "choice"),
        Column("doc_no", "拨款文号"),
        Column("counts_on", "拨款日期", "date"),
        Column("year", "年度", "count", shown=False),
        Column("state", "状态", "state"),
    ),
    search=(*SEARCH, "doc_no"),
    filters=("year", "level", "state"),
    procedure=PAYING,
    about="按拨款文件的日期计，作废的不计",
    struck=frozenset({str(Payment.State.VOID)}),
    way=(str(Payment.State.PAID),),
    measures=(
        RegisterMeasure(
            code="project_payments",
            name="科技计划项目拨款",
            unit="元",
            decimals=2,
            condition=f"state == '{Payment.State.PAID}'",
            field="amount",
            definition="拨款文件列明、已拨付给项目的财政经费，按文件日期计，作废的不计",
        ),
    ),
)

CHANGES = Register(
    code="changes",
    title="title",
    name="项目变更",
    model=Change,
    columns=(
        Column("number", "编号"),
        Column("title", "项目名称", "name"),
        Column("unit", "承担单位", "unit"),
        Column("region", "地区", "region"),
        Column("kind", "类型", "choice"),
        Column("before", "变更前"),
        Column("after", "变更后"),
        Column("asked_on", "申请日期", "date"),
        Column("doc_no", "批准文号", shown=False),
        Column("state", "状态", "state"),
    ),
    search=SEARCH,
    filters=("kind", "state"),
    procedure=CHANGING,
    about="承担单位提出，县局出意见，市局审批；一般变更只备案",
    turns={str(C.ASKED): Can.RECOMMEND, str(C.SUPPORTED): Can.HANDLE_PROGRAMMES},
    way=(str(C.ASKED), str(C.SUPPORTED), str(C.APPROVED)),
)

INSPECTIONS = Register(
    code="inspections",
    title="title",
    name="监督检查",
    model=Inspection,
    columns=(
        Column("number", "编号"),
        Column("title", "项目名称", "name"),
        Column("unit", "承担单位", "unit"),
        Column("region", "地区", "region"),
        Column("kind", "种类", "choice"),
        Column("campaign", "批次"),
        Column("year", "年度", "count"),
        Column("done_on", "检查日期", "date"),
        Column("rectify_by", "整改期限", "date"),
        Column("grade", "等次", shown=False),
        Column("state", "状态", "state"),
    ),
    search=(*SEARCH, "campaign"),
    filters=("year", "kind", "state"),
    procedure=INSPECTING,
    about="按检查日期计；取消的不计",
    turns={
        str(I.PLANNED): Can.HANDLE_PROGRAMMES,
        str(I.FOUND): Can.APPLY,
        str(I.RECTIFIED): Can.HANDLE_PROGRAMMES,
    },
    struck=frozenset({str(I.DROPPED)}),
    way=(str(I.PLANNED), str(I.FOUND), str(I.RECTIFIED), str(I.CLOSED)),
    deadlines=(
        Deadline("rectify_by", "整改期限", frozenset({str(I.FOUND)}), Can.HANDLE_PROGRAMMES, owner=True),
    ),
    measures=(
        RegisterMeasure(
            code="inspections_done",
            name="项目监督检查数",
            unit="项",
            condition=DONE,
            date="done_on",
            definition="中期检查、滤镜行动、专项审计、绩效评价查过的项目，按检查日期计，一个项目查两次算两项次",
        ),
        RegisterMeasure(
            code="inspections_troubled",
            name="发现问题的项目监督检查数",
            unit="项",
            condition=TROUBLED,
            date="done_on",
            definition="检查中发现问题的，不论整改到哪一步，按检查日期计",
        ),
        RegisterMeasure(
            code="inspections_closed",
            name="整改销号数",
            unit="项",
            condition=f"state == '{I.CLOSED}'",
            date="closed_on",
            definition="问题整改后复核销号的，按销号日期计",
        ),
    ),
)
