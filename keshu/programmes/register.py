"""The register of programme projects: its list and what it counts."""

from keshu.directory.actors import Can
from keshu.ledger.registers import Column, Deadline, Register, RegisterMeasure
from keshu.programmes.models import Application
from keshu.programmes.moving import PROCEDURE
from keshu.programmes.past import BRINGING
from keshu.programmes.steps.who import STANDING, awaits

S = Application.State
#: The ordinary way, as the flow on a project's page draws it.
WAY = (
    *(str(state) for state in (S.DRAFT, S.SUBMITTED, S.RECOMMENDED, S.ADMITTED, S.REVIEWED, S.NOTICE)),
    *(str(state) for state in (S.APPROVED, S.RUNNING, S.ACCEPTING, S.PASSED)),
)
#: An approved project counts whatever became of it; a revoked one (撤销) does not.
APPROVED = f"state in [{', '.join(repr(state) for state in sorted(STANDING))}]"

APPLICATIONS = Register(
    code="programmes",
    name="科技计划项目",
    model=Application,
    columns=(
        Column("number", "编号"),
        Column("title", "项目名称", "name"),
        Column("unit", "承担单位", "unit"),
        Column("region", "地区", "region"),
        Column("level", "级别", "choice"),
        Column("field", "类别", "choice"),
        Column("year", "年度", "count"),
        Column("asked", "申请（万元）", "money", total=True, shown=False),
        Column("granted", "立项（万元）", "money", total=True),
        Column("accepted_kind", "申报方向", shown=False),
        Column("own_funds", "自筹（万元）", "money", shown=False),
        Column("lead_kind", "牵头单位类型", "choice", shown=False),
        Column("approved_on", "立项日期", "date", shown=False),
        Column("ends_on", "执行止", "date", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "unit__name", "leader"),
    filters=("year", "level", "field", "state"),
    procedure=PROCEDURE,
    bringing=BRINGING,
    about="立项后才计入；按立项日期计，撤销的不计",
    beside=("call",),
    private=frozenset({str(S.DRAFT)}),
    struck=frozenset({str(S.REVOKED)}),
    way=WAY,
    deadlines=(
        Deadline("correct_by", "补正截止", frozenset({str(S.RETURNED)}), Can.HANDLE_PROGRAMMES, owner=True),
        Deadline("notice_until", "公示期满", frozenset({str(S.NOTICE)}), Can.HANDLE_PROGRAMMES),
        Deadline("ends_on", "执行期满", frozenset({str(S.RUNNING)}), Can.HANDLE_PROGRAMMES, owner=True),
        Deadline(
            "accept_by",
            "申请验收截止",
            frozenset({str(S.RUNNING), str(S.FAILED)}),
            Can.HANDLE_PROGRAMMES,
            owner=True,
        ),
    ),
    turns={
        str(S.DRAFT): Can.APPLY,
        str(S.RETURNED): Can.APPLY,
        str(S.SUBMITTED): Can.RECOMMEND,
        str(S.RECOMMENDED): Can.HANDLE_PROGRAMMES,
        str(S.ADMITTED): Can.HANDLE_PROGRAMMES,
        str(S.REVIEWED): Can.DECIDE_PROGRAMMES,
        str(S.NOTICE): Can.HANDLE_PROGRAMMES,
        str(S.OBJECTED): Can.HANDLE_PROGRAMMES,
        str(S.APPROVED): Can.HANDLE_PROGRAMMES,
        str(S.RUNNING): Can.APPLY,
        str(S.ACCEPTING): Can.HANDLE_PROGRAMMES,
        str(S.FAILED): Can.APPLY,
        str(S.FORWARDED): Can.HANDLE_PROGRAMMES,
    },
    narrowed={str(S.SUBMITTED): awaits},
    measures=(
        RegisterMeasure(
            code="applications_received",
            name="收到的科技计划申报数",
            unit="项",
            date="submitted_on",  # a draft and what was taken back have none
            definition="申报单位提交的科技计划申报，按最近一次提交的日期计，不予受理的也计，撤回修改的不计",
        ),
        RegisterMeasure(
            code="projects_forwarded",
            name="推荐上报项目数",
            unit="项",
            date="forwarded_on",
            definition="以推荐函报上级的项目，按上报日期计，批准与否都计",
        ),
        RegisterMeasure(
            code="projects_approved",
            name="科技计划立项数",
            unit="项",
            condition=APPROVED,
            date="approved_on",
            definition="本年立项的科技计划项目，按立项日期计，撤销的不计",
        ),
        RegisterMeasure(
            code="projects_granted",
            name="科技计划立项经费",
            unit="元",
            decimals=2,
            condition=APPROVED,
            field="granted",
            date="approved_on",
            definition="立项文件列明的财政经费，按立项日期计，撤销的不计",
        ),
        RegisterMeasure(
            code="projects_running",
            name="在研科技计划项目数",
            unit="项",
            nature="stock",
            condition=APPROVED,
            date="approved_on",
            leaves="closed_on",
            definition="已立项、还没有验收、结题或终止的项目，期末数",
        ),
        RegisterMeasure(
            code="projects_accepted",
            name="通过验收项目数",
            unit="项",
            condition=f"state == '{S.PASSED}'",
            date="closed_on",
            definition="通过验收的科技计划项目，按验收日期计，结题和未通过的不计",
        ),
    ),
)
