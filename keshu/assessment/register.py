"""The register of assessed items: the list, whose turn, what falls due."""

from keshu.assessment.models import Item
from keshu.assessment.moving import PROCEDURE
from keshu.directory.actors import Can
from keshu.ledger.registers import Column, Deadline, Register

S = Item.State
OPEN = (S.RECEIVED, S.CHECKED, S.APPEALED, S.ANSWERED)

ITEMS = Register(
    code="assessed",
    name="考核项",
    model=Item,
    columns=(
        Column("number", "编号"),
        Column("name", "考核项", "name"),
        Column("year", "考核年度", "count"),
        Column("data_year", "数据年", "count"),
        Column("weight", "权重", "number", shown=False),
        Column("full", "满分", "number", places=2),
        Column("score", "得分", "number", places=2),
        Column("deduction", "通报扣分", "number", places=2),
        Column("unit", "责任科室", "unit"),
        Column("region", "责任县区", "region"),
        Column("regainable", "可争取分值", "number", places=2),
        Column("regain_by", "争取期限", "date"),
        Column("appeal_by", "申诉截止", "date", shown=False),
        Column("asked", "请求加回分值", "number", places=2, shown=False),
        Column("returned", "加回分值", "number", places=2, shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "name", "reason", "unit__name"),
    filters=("year", "finding", "outcome", "state"),
    procedure=PROCEDURE,
    about="得分按通报原样登记；申诉加回的分另记，不改通报得分",
    struck=frozenset({str(S.STRUCK)}),
    way=tuple(str(state) for state in (S.RECEIVED, S.CHECKED, S.FILED)),
    turns={str(state): Can.KEEP_ASSESSMENT for state in OPEN},
    deadlines=(
        Deadline(
            "regain_by", "考核可争取分值到期", frozenset(map(str, OPEN)), Can.KEEP_ASSESSMENT, owner=True
        ),
        Deadline(
            "appeal_by",
            "考核申诉截止",
            frozenset({str(S.RECEIVED), str(S.CHECKED)}),
            Can.KEEP_ASSESSMENT,
            lapses=True,
        ),
    ),
    title="name",
    order=("-year", "order", "pk"),
)
