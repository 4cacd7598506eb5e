"""The registers of nominations and objections: their lists and what they count."""

from django.db.models import Q

from keshu.awards.models import Nomination, Objection
from keshu.awards.moving import PROCEDURE
from keshu.awards.objecting import OBJECTING
from keshu.awards.past import BRINGING
from keshu.directory.actors import Can
from keshu.ledger.registers import Column, Deadline, Register, RegisterMeasure

S, Stage = Nomination.State, Objection.State

NOMINATIONS = Register(
    code="awards",
    name="科学技术奖",
    model=Nomination,
    columns=(
        Column("number", "编号"),
        Column("title", "成果名称", "name"),
        Column("unit_name", "第一完成单位"),
        Column("region", "地区", "region"),
        Column("level", "级别", "choice"),
        Column("prize_kind", "奖种", "choice"),
        Column("field", "领域", "choice"),
        Column("year", "年度", "count"),
        Column("grade", "等级", "choice"),
        Column("received_on", "受理日期", "date", shown=False),
        Column("awarded_on", "授奖日期", "date", shown=False),
        Column("certificate_number", "证书号", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "unit_name", "certificate_number"),
    filters=("year", "level", "prize_kind", "grade", "field", "state"),
    procedure=PROCEDURE,
    bringing=BRINGING,
    about="受理、推荐、通过公示、授奖各按自己的日期计；撤销的不计授奖",
    private=frozenset({str(S.DRAFT)}),
    struck=frozenset({str(S.REVOKED)}),
    way=tuple(
        str(state)
        for state in (
            *(S.SUBMITTED, S.ACCEPT_NOTICE, S.REVIEWING, S.REVIEWED, S.VOTED),
            *(S.PROPOSED, S.FINAL_NOTICE, S.APPROVED, S.AWARDED),
        )
    ),
    deadlines=(
        Deadline("accept_notice_until", "受理公示期满", frozenset({str(S.ACCEPT_NOTICE)}), Can.HANDLE_AWARDS),
        Deadline("final_notice_until", "拟奖公示期满", frozenset({str(S.FINAL_NOTICE)}), Can.HANDLE_AWARDS),
        Deadline("correct_by", "补正截止", frozenset({str(S.RETURNED)}), Can.NOMINATE, owner=True),
    ),
    narrowed={str(S.RETURNED): lambda actor: Q(nominator__in=actor.unit_ids)},
    turns={
        str(S.RETURNED): Can.NOMINATE,
        str(S.SUBMITTED): Can.HANDLE_AWARDS,
        str(S.ACCEPT_NOTICE): Can.HANDLE_AWARDS,
        str(S.REVIEWING): Can.HANDLE_AWARDS,
        str(S.REVIEWED): Can.HANDLE_AWARDS,
        str(S.VOTED): Can.DECIDE_AWARDS,
        str(S.PROPOSED): Can.HANDLE_AWARDS,
        str(S.FINAL_NOTICE): Can.HANDLE_AWARDS,
        str(S.APPROVED): Can.HANDLE_AWARDS,
        str(S.RECEIVED): Can.HANDLE_AWARDS,
        str(S.RECOMMENDED): Can.HANDLE_AWARDS,
        str(S.NOTICED): Can.HANDLE_AWARDS,
    },
    measures=(
        RegisterMeasure(
            code="awards_received",
            name="科学技术奖受理数",
            unit="项",
            date="received_on",
            definition="形式审查合格而受理的提名，按受理日期计；各级各奖种合计，分级看台账",
        ),
        RegisterMeasure(
            code="awards_recommended",
            name="科学技术奖推荐数",
            unit="项",
            date="recommended_on",
            definition="推荐给上级的提名，按推荐日期计",
        ),
        RegisterMeasure(
            code="awards_noticed",
            name="科学技术奖通过公示数",
            unit="项",
            date="passed_on",
            definition="公示期满没有未决异议的提名，按通过公示日期计",
        ),
        RegisterMeasure(
            code="awards_given",
            name="科学技术奖授奖数",
            unit="项",
            condition=f"state == '{S.AWARDED}'",
            date="awarded_on",
            definition="授奖的成果，按授奖日期计，撤销的不计；各级各奖种合计，分级看奖励榜",
        ),
    ),
)

OBJECTIONS = Register(
    code="award-objections",
    name="奖励异议",
    model=Objection,
    columns=(
        Column("number", "编号"),
        Column("title", "对哪一项", "name"),
        Column("region", "地区", "region"),
        Column("about", "内容属于", "choice"),
        Column("objector", "异议方"),
        Column("received_on", "收到日期", "date"),
        Column("notice_until", "异议截止", "date"),
        Column("outcome", "结论", "choice"),
        Column("year", "年度", "count"),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "objector"),
    filters=("year", "about", "outcome", "state"),
    procedure=OBJECTING,
    about="没有结论的异议，所对的提名不能往下办；异议方只有市局看得到",
    way=tuple(
        str(state)
        for state in (Stage.RECEIVED, Stage.ADMITTED, Stage.INVESTIGATING, Stage.RESOLVED, Stage.NOTIFIED)
    ),
    deadlines=(
        Deadline("answer_by", "异议核实期限", frozenset({str(Stage.INVESTIGATING)}), Can.HANDLE_AWARDS),
    ),
    turns={
        str(state): Can.HANDLE_AWARDS
        for state in (Stage.RECEIVED, Stage.ADMITTED, Stage.INVESTIGATING, Stage.RESOLVED)
    },
)
