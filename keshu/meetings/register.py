"""The registers of meetings and of what was asked before them."""

from django.db.models import Q

from keshu.directory.actors import Can
from keshu.ledger.registers import Column, Deadline, Register
from keshu.meetings.models import Meeting, Request
from keshu.meetings.moving import ANSWERING, PROCEDURE
from keshu.meetings.who import OWED

S, R = Meeting.State, Request.State

MEETINGS = Register(
    code="meetings",
    name="调度会",
    model=Meeting,
    columns=(
        Column("number", "编号"),
        Column("title", "会议名称", "name"),
        Column("counts_on", "开会日期", "date"),
        Column("place", "地点"),
        Column("period", "调度期间"),
        Column("answer_by", "原因措施截止", "date"),
        Column("notified_on", "通知日期", "date", shown=False),
        Column("issued_on", "纪要印发", "date"),
        Column("minutes_no", "纪要文号", shown=False),
        Column("year", "年度", "count", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "place", "minutes_no"),
    filters=("year", "state"),
    procedure=PROCEDURE,
    about="一次会一条，从筹备到纪要印发；参会单位从发通知起看得到",
    struck=frozenset({str(S.CANCELLED)}),
    way=tuple(str(state) for state in (S.PREPARING, S.NOTIFIED, S.SITTING, S.DRAFTING, S.ISSUED)),
    turns={str(state): Can.HOLD_MEETINGS for state in (S.PREPARING, S.NOTIFIED, S.SITTING, S.DRAFTING)},
    order=("-held_at", "-pk"),
)

REQUESTS = Register(
    code="meeting-requests",
    name="原因措施",
    model=Request,
    columns=(
        Column("number", "编号"),
        Column("title", "项次", "name"),
        Column("region", "地区", "region"),
        Column("unit", "答复单位", "unit"),
        Column("lamp_word", "亮灯"),
        Column("done", "完成率"),
        Column("due_on", "答复期限", "date"),
        Column("answered_on", "答复日期", "date"),
        Column("year", "年度", "count", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "cause", "measures"),
    filters=("year", "lamp_word", "state"),
    procedure=ANSWERING,
    about="对落后项次问的原因和措施，一个单位一项一条；已定的数不问",
    private=frozenset({str(R.DRAFT)}),
    struck=frozenset({str(R.DROPPED)}),
    way=(str(R.ASKED), str(R.ANSWERED)),
    deadlines=(Deadline("due_on", "报原因措施", OWED, Can.HOLD_MEETINGS, owner=True),),
    turns={str(state): Can.HANDLE_ORDERS for state in OWED},
    narrowed={str(state): (lambda actor: Q(unit__in=actor.unit_ids)) for state in OWED},
    beside=("meeting",),
)
