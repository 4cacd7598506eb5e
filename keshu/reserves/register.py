"""The registers of this room: their lists and what they count."""

from keshu.directory.actors import Can
from keshu.ledger.registers import Column, Deadline, Register, RegisterMeasure
from keshu.reserves import achieving, answering, challenging, past, publishing, reserving
from keshu.reserves.models import Achievement, Answer, Need, Publication, Reserve

R, N, A, P = Reserve.State, Need.State, Achievement.State, Publication.State
#: An entry counts as entered whatever became of it; one that was taken out again (出库) does not.
ENTERED = f"state in ['{R.CONVERTED}', '{R.HELD}', '{R.WITHDRAWN}']"

RESERVES = Register(
    code="reserves",
    name="储备项目",
    model=Reserve,
    columns=(
        Column("number", "编号"),
        Column("title", "名称", "name"),
        Column("kind", "储备类别", "choice"),
        Column("unit", "承担单位", "unit"),
        Column("holder", "承担单位（没有建档的）", shown=False),
        Column("region", "地区", "region"),
        Column("level", "拟报级别", "choice"),
        Column("target", "拟报计划", shown=False),
        Column("field", "领域", "choice", shown=False),
        Column("year", "年度", "count"),
        Column("investment", "总投资（万元）", "money", total=True),
        Column("needed", "资金需求（万元）", "money", total=True, shown=False),
        Column("entered_on", "入库日期", "date"),
        Column("confirm_by", "确认期限", "date", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "unit__name", "holder", "target"),
    filters=("kind", "year", "level", "field", "state"),
    procedure=reserving.PROCEDURE,
    about="按入库日期计，出库的不计；在库数是期末数",
    struck=frozenset({str(R.REMOVED), str(R.WITHDRAWN)}),
    way=tuple(str(state) for state in (R.PROPOSED, R.RECOMMENDED, R.HELD, R.CONVERTED)),
    turns={
        str(R.PROPOSED): Can.RECOMMEND,
        str(R.RETURNED): Can.APPLY,
        str(R.RECOMMENDED): Can.HANDLE_PROGRAMMES,
    },
    deadlines=(
        Deadline("confirm_by", "储备年度确认", frozenset({str(R.HELD)}), Can.HANDLE_PROGRAMMES, owner=True),
    ),
    title="title",
    bringing=past.ENTRIES,
    measures=(
        RegisterMeasure(
            code="reserve_projects_entered",
            name="储备项目入库数",
            unit="项",
            condition=ENTERED,
            date="entered_on",
            definition="本年新入储备库的项目，按入库日期计，出库的不计",
        ),
        RegisterMeasure(
            code="reserve_projects_held",
            name="储备项目在库数",
            unit="项",
            nature="stock",
            date="entered_on",
            leaves="left_on",
            definition="已入库、没有转立项、撤回或出库的储备项目，期末数",
        ),
    ),
)

NEEDS = Register(
    code="needs",
    name="揭榜需求",
    model=Need,
    columns=(
        Column("number", "编号"),
        Column("title", "需求名称", "name"),
        Column("unit", "出题方", "unit"),
        Column("region", "地区", "region"),
        Column("field", "领域", "choice"),
        Column("way", "方式", "choice"),
        Column("year", "年度", "count"),
        Column("budget", "总投入（万元）", "money", total=True, shown=False),
        Column("bounty", "榜金（万元）", "money", total=True),
        Column("support", "财政支持（万元）", "money", total=True, shown=False),
        Column("show_name", "公开出题方名称", "flag", shown=False),
        Column("published_on", "发榜日期", "date"),
        Column("contract_amount", "合同额（万元）", "money", total=True, shown=False),
        Column("paid", "已兑付（万元）", "money", total=True, shown=False),
        Column("signed_on", "签约日期", "date", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "unit__name", "contract_number"),
    filters=("field", "year", "way", "state"),
    procedure=challenging.PROCEDURE,
    about="发榜数按发榜日期计，签约数按签约日期计",
    struck=frozenset({str(N.WITHDRAWN), str(N.TERMINATED)}),
    way=tuple(
        str(state)
        for state in (
            N.SUBMITTED,
            N.ARGUED,
            N.PUBLISHED,
            N.JUDGING,
            N.JUDGED,
            N.NOTICE,
            N.SIGNING,
            N.RUNNING,
            N.ACCEPTED,
            N.PAID,
        )
    ),
    turns={
        str(N.SUBMITTED): Can.HANDLE_PROGRAMMES,
        str(N.RETURNED): Can.APPLY,
        str(N.ARGUED): Can.HANDLE_PROGRAMMES,
        str(N.PUBLISHED): Can.HANDLE_PROGRAMMES,
        str(N.JUDGING): Can.HANDLE_PROGRAMMES,
        str(N.JUDGED): Can.DECIDE_PROGRAMMES,
        str(N.NOTICE): Can.HANDLE_PROGRAMMES,
        str(N.OBJECTED): Can.HANDLE_PROGRAMMES,
        str(N.SIGNING): Can.HANDLE_PROGRAMMES,
        str(N.RUNNING): Can.HANDLE_PROGRAMMES,
        str(N.FAILED): Can.HANDLE_PROGRAMMES,
        str(N.ACCEPTED): Can.HANDLE_PROGRAMMES,
    },
    deadlines=(
        Deadline(
            "answer_until", "揭榜截止", frozenset({str(N.PUBLISHED)}), Can.HANDLE_PROGRAMMES, owner=True
        ),
        Deadline("notice_until", "揭榜结果公示期满", frozenset({str(N.NOTICE)}), Can.HANDLE_PROGRAMMES),
        Deadline("ends_on", "揭榜合同到期", frozenset({str(N.RUNNING)}), Can.HANDLE_PROGRAMMES, owner=True),
    ),
    title="title",
    measures=(
        RegisterMeasure(
            code="needs_published",
            name="发榜需求数",
            unit="项",
            date="published_on",
            definition="本年公开发榜的技术需求，按发榜日期计",
        ),
        RegisterMeasure(
            code="needs_contracted",
            name="揭榜签约数",
            unit="项",
            date="signed_on",
            definition="本年三方签约的揭榜挂帅和定向委托，按签约日期计",
        ),
    ),
)

ANSWERS = Register(
    code="answers",
    name="揭榜方案",
    model=Answer,
    columns=(
        Column("number", "编号"),
        Column("title", "方案名称", "name"),
        Column("unit", "揭榜单位", "unit"),
        Column("need_title", "揭的榜"),
        Column("asked", "报价（万元）", "money"),
        Column("months", "月", "count"),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "need_title", "unit__name"),
    filters=("state",),
    procedure=answering.PROCEDURE,
    about="开榜以前密封，只有揭榜单位自己看得见",
    private=frozenset({str(Answer.State.SEALED), str(Answer.State.WITHDRAWN)}),
    struck=frozenset({str(Answer.State.WITHDRAWN)}),
    closed=answering.takes_no_papers,
    way=tuple(str(s) for s in (Answer.State.SEALED, Answer.State.OPENED, Answer.State.CHOSEN)),
    title="title",
)

ACHIEVEMENTS = Register(
    code="achievements",
    name="科技成果",
    model=Achievement,
    columns=(
        Column("number", "登记号"),
        Column("title", "成果名称", "name"),
        Column("unit", "第一完成单位", "unit"),
        Column("holder", "第一完成单位（没有建档的）", shown=False),
        Column("region", "地区", "region"),
        Column("kind", "类别", "choice"),
        Column("stage", "所处阶段", "choice"),
        Column("field", "领域", "choice", shown=False),
        Column("year", "年度", "count"),
        Column("project_number", "项目编号", shown=False),
        Column("open_to_public", "公开", "flag", shown=False),
        Column("registered_on", "登记日期", "date"),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "unit__name", "holder", "keywords"),
    filters=("kind", "year", "stage", "field", "state"),
    procedure=achieving.PROCEDURE,
    about="按登记日期计，撤销的不计",
    struck=frozenset({str(A.REVOKED)}),
    way=tuple(str(state) for state in (A.SUBMITTED, A.RECOMMENDED, A.REGISTERED)),
    turns={
        str(A.SUBMITTED): Can.RECOMMEND,
        str(A.RETURNED): Can.APPLY,
        str(A.RECOMMENDED): Can.HANDLE_PROGRAMMES,
    },
    title="title",
    bringing=past.REGISTERED,
    measures=(
        RegisterMeasure(
            code="achievements_registered",
            name="科技成果登记数",
            unit="项",
            condition=f"state == '{A.REGISTERED}'",
            date="registered_on",
            definition="本年登记的科技成果，按登记日期计，撤销的不计",
            legal_ref="国科发计字〔2000〕542号",
        ),
    ),
)

PUBLICATIONS = Register(
    code="publications",
    name="公开文件",
    model=Publication,
    columns=(
        Column("number", "编号"),
        Column("title", "标题", "name"),
        Column("category", "类别", "choice"),
        Column("doc_no", "文号"),
        Column("issuer", "发布机关", shown=False),
        Column("dated", "成文日期", "date"),
        Column("valid_until", "有效期至", "date", shown=False),
        Column("published_on", "公开日期", "date"),
        Column("state", "状态", "state"),
    ),
    search=("number", "title", "doc_no", "issuer"),
    filters=("category", "state"),
    procedure=publishing.PROCEDURE,
    about="公开的在“政策与表格下载”里人人可查",
    struck=frozenset({str(P.ABOLISHED), str(P.TAKEN_DOWN)}),
    way=(str(P.DRAFT), str(P.PUBLISHED)),
    turns={str(P.DRAFT): Can.KEEP_LEDGERS},
    deadlines=(Deadline("valid_until", "文件有效期满", frozenset({str(P.PUBLISHED)}), Can.KEEP_LEDGERS),),
    title="title",
    order=("-dated", "-pk"),
)

REGISTERS = (RESERVES, NEEDS, ANSWERS, ACHIEVEMENTS, PUBLICATIONS)
BY_CODE: dict[str, Register] = {register.code: register for register in REGISTERS}
