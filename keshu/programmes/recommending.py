"""The recommended track: several applications go to a superior with one letter; each field is copied into the superior's own form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.terms.quantity import wan

S = Application.State
#: The columns of the 推荐汇总表, which goes with the letter.
SUMMARY = (
    "序号",
    "项目名称",
    "申报单位",
    "负责人",
    "申报方向",
    "申请经费（万元）",
    "自筹经费（万元）",
    "推荐单位",
)
#: What a superior's form asks as a rule, in this order where the call does not name the order.
USUAL_FORM = (
    *("项目名称", "申报方向", "申报单位", "统一社会信用代码", "所在地区", "负责人"),
    *(
        "申请经费（万元）",
        "自筹经费（万元）",
        "总经费（万元）",
        "研究内容",
        "考核指标",
        "推荐单位",
        "推荐函文号",
    ),
)


@dataclass(frozen=True)
class Letter:
    """One 推荐函 as it was sent: document, day, how many."""

    doc_no: str
    on: date
    count: int


def waiting(call: Call) -> list[Application]:
    """Recommended applications that have not been forwarded, in the order of their numbers."""
    rows = Application.objects.for_system("推荐上报").filter(call=call, state=S.RECOMMENDED)
    return list(rows.select_related("unit", "region", "recommended_by").order_by("number", "pk"))


def forwarded(call: Call, doc_no: str) -> list[Application]:
    """What one letter carried, whatever became of it."""
    rows = Application.objects.for_system("推荐函").filter(call=call, forwarded_doc=doc_no)
    return list(rows.select_related("unit", "region", "recommended_by").order_by("number", "pk"))


def letters(call: Call) -> list[Letter]:
    """The letters of a call, oldest first."""
    rows = Application.objects.for_system("推荐函").filter(call=call, forwarded_on__isnull=False)
    found: dict[tuple[date, str], int] = {}
    for doc_no, on in rows.values_list("forwarded_doc", "forwarded_on"):
        found[on, doc_no] = found.get((on, doc_no), 0) + 1
    return [Letter(doc_no, on, count) for (on, doc_no), count in sorted(found.items())]


def forward_many(
    call: Call, applications: Sequence[Application], actor: Actor, *, doc_no: str, on: date
) -> list[Application]:
    """Forward all of them with one letter, or none. Raises NotYourTurn, MoveRefused."""
    if not actor.can(Can.HANDLE_PROGRAMMES):
        raise NotYourTurn(f"{actor.name} 不能推荐上报。请由业务科室办理。")
    if not applications:
        raise MoveRefused("一项也没有选。请勾选要推荐的项目。")
    if not doc_no.strip():
        raise MoveRefused("推荐函文号没有填。发文编号后再上报。")
    with writing(actor, f"推荐上报 {call} {doc_no}"):
        return [
            advance(row, "forward", actor, given={"doc_no": doc_no.strip()[:100], "on": on})
            for row in applications
        ]


def summary(applications: Sequence[Application]) -> list[list[str | int | Decimal | None]]:
    """The rows of the 推荐汇总表 under ``SUMMARY``; money in 万元, what is not known stays blank."""
    return [
        [
            number,
            row.title,
            str(row.unit or ""),
            row.leader,
            row.accepted_kind or str(row.get_field_display()),
            None if row.asked is None else Decimal(wan(row.asked)),
            None if row.own_funds is None else Decimal(wan(row.own_funds)),
            str(row.recommended_by or row.region),
        ]
        for number, row in enumerate(applications, 1)
    ]


@dataclass(frozen=True)
class Copied:
    """One field of the superior's form: its name there, and what is held of it; None where nothing of ours fits."""

    label: str
    text: str | None


def copied(application: Application) -> list[Copied]:
    """可复制内容: the fields in the order of the superior's form."""
    held = _held(application)
    return [Copied(label, held.get(label)) for label in (application.call.superior_form or USUAL_FORM)]


def _held(row: Application) -> dict[str, str]:
    asked, own = row.asked, row.own_funds
    total = asked + own if asked is not None and own is not None else None
    return {
        "项目名称": row.title,
        "申报方向": row.accepted_kind or str(row.get_field_display()),
        "申报单位": str(row.unit or ""),
        "承担单位": str(row.unit or ""),
        "统一社会信用代码": row.unit.code if row.unit else "",
        "所在地区": str(row.region),
        "负责人": row.leader,
        "项目负责人": row.leader,
        "申请经费（万元）": "" if asked is None else wan(asked),
        "自筹经费（万元）": "" if own is None else wan(own),
        "总经费（万元）": "" if total is None else wan(total),
        "研究内容": row.summary,
        "考核指标": row.goals,
        "推荐单位": str(row.recommended_by or ""),
        "推荐函文号": row.forwarded_doc,
        "牵头单位类型": str(row.get_lead_kind_display()),
    }
