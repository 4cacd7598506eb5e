"""The register of orders (督办台账): its list, what falls due, and what it counts."""

from keshu.directory.actors import Actor, Can
from keshu.duties.models import PENDING, RUNNING, Order
from keshu.duties.moving import PROCEDURE
from keshu.duties.who import held, issued_by, verified_by_others
from keshu.ledger.registers import Column, Deadline, Register, RegisterMeasure

S = Order.State
CODE = "orders"
#: Cancelled and merged orders are taken back; they count nowhere.
COUNTED = f"state not in ['{S.CANCELLED}', '{S.MERGED}']"

ORDERS = Register(
    code=CODE,
    name="督办",
    model=Order,
    columns=(
        Column("number", "编号"),
        Column("what", "事项", "name"),
        Column("unit", "承办单位", "unit"),
        Column("region", "地区", "region"),
        Column("origin_kind", "来源", "choice"),
        Column("issuer", "下达人", shown=False),
        Column("issued_on", "下达日期", "date", shown=False),
        Column("due_on", "完成时限", "date"),
        Column("first_due_on", "原定时限", "date", shown=False),
        Column("extended", "延期次数", "count", shown=False),
        Column("overdue_before", "延期前已超期天数", "count", shown=False),
        Column("level", "升级层级", "count", shown=False),
        Column("leader", "包抓领导", shown=False),
        Column("person", "责任人", shown=False),
        Column("feedback_due_on", "下次反馈", "date", shown=False),
        Column("verifier", "核实人", shown=False),
        Column("closed_on", "销号日期", "date", shown=False),
        Column("outcome", "办结情况", "choice", shown=False),
        Column("state", "状态", "state"),
    ),
    search=("number", "what", "unit__name", "origin_said"),
    filters=("origin_kind", "outcome", "state"),
    procedure=PROCEDURE,
    title="what",
    about="下达即计入；撤销、并入的不计",
    order=("due_on", "-pk"),
    beside=("unit", "leader", "person"),
    struck=frozenset({str(S.CANCELLED), str(S.MERGED)}),
    way=tuple(str(s) for s in (S.ISSUED, S.SIGNED, S.WORKING, S.REPORTED, S.VERIFIED, S.CLOSED)),
    deadlines=(
        Deadline("sign_by", "督办签收", frozenset({str(S.ISSUED)}), Can.VERIFY_ORDERS, owner=True),
        Deadline("due_on", "督办到期", PENDING, Can.VERIFY_ORDERS, owner=True),
        Deadline("feedback_due_on", "督办反馈", RUNNING, Can.VERIFY_ORDERS, owner=True),
    ),
    turns={
        str(S.ISSUED): Can.HANDLE_ORDERS,
        **dict.fromkeys(sorted(RUNNING), Can.HANDLE_ORDERS),
        str(S.EXTENDING): Can.ISSUE_ORDERS,
        str(S.SUSPENDED): Can.ISSUE_ORDERS,
        str(S.REPORTED): Can.VERIFY_ORDERS,
        str(S.VERIFIED): Can.VERIFY_ORDERS,
    },
    narrowed={
        **dict.fromkeys(sorted(RUNNING | {str(S.ISSUED)}), held),
        str(S.EXTENDING): issued_by,
        str(S.SUSPENDED): issued_by,
        str(S.REPORTED): verified_by_others,
        str(S.VERIFIED): verified_by_others,
    },
    measures=(
        RegisterMeasure(
            code="orders_issued",
            name="下达督办数",
            unit="件",
            condition=COUNTED,
            date="issued_on",
            definition="下达的督办单，按下达日期计，撤销、并入的不计",
        ),
        RegisterMeasure(
            code="orders_closed",
            name="督办销号数",
            unit="件",
            condition=f"state == '{S.CLOSED}'",
            date="closed_on",
            definition="经核实销号的督办单，按销号日期计；回头看重开的不再计",
        ),
        RegisterMeasure(
            code="orders_closed_in_time",
            name="督办按期销号数",
            unit="件",
            condition=f"state == '{S.CLOSED}' and outcome != '{Order.Outcome.LATE}'",
            date="closed_on",
            definition="经核实销号、办结反馈没有超期的督办单（延期后按期的也计），按销号日期计",
        ),
        RegisterMeasure(
            code="orders_open",
            name="在办督办数",
            unit="件",
            nature="stock",
            condition=COUNTED,
            date="issued_on",
            leaves="ended_on",
            definition="已下达、还没有销号的督办单，期末数",
        ),
        RegisterMeasure(
            code="orders_overdue",
            name="超期督办数",
            unit="件",
            nature="stock",
            condition=COUNTED,
            date="overdue_from",
            leaves="ended_on",
            definition="过了现行时限没有反馈办结的督办单，每天早上核对记入，销号、延期后不计，期末数",
        ),
    ),
)


def waiting_orders(actor: Actor) -> int:
    """How many orders wait for this person: to sign, to do, to verify, to decide."""
    return ORDERS.waiting(actor).count()
