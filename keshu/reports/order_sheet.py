"""督办单 as an official paper: what is asked of whom by when, where it comes from, and what became of it."""

from datetime import date, datetime

from keshu.duties.lateness import overdue_in_all
from keshu.duties.models import Order
from keshu.reports.letters import Form, form_docx
from keshu.reports.wording import day_words
from keshu.terms import clock


def order_form(order: Order, on: date) -> Form:
    """The sheet of an order as it stands on a day; what has not happened yet is left out, never filled with a dash."""
    late = overdue_in_all(order, on)
    facts = [
        ("编号", order.number),
        ("事项", order.what),
        ("来源", f"{order.get_origin_kind_display()}：{order.origin_said}"),
        ("承办单位", order.unit.name),
        ("协办单位", "、".join(helper.unit.name for helper in order.helpers.select_related("unit"))),
        ("包抓领导", order.leader.name if order.leader else ""),
        ("责任人", order.person.name if order.person else ""),
        ("下达", f"{order.issuer}，{day_words(order.issued_on)}{'，急办' if order.urgent else ''}"),
        ("完成时限", _due(order)),
        ("反馈频次", order.get_feedback_every_display()),
        ("要交的佐证", order.evidence_wanted),
        (
            "签收",
            f"{order.signed_by}，{day_words(order.signed_at.astimezone(clock.TZ).date())}"
            if order.signed_at
            else "",
        ),
        ("超期", f"合计 {late} 天" if late else ""),
        ("核实", f"{order.verifier}，{day_words(order.verified_on)}" if order.verified_on else ""),
        (
            "销号",
            f"{day_words(order.closed_on)}，{order.get_outcome_display()}" if order.closed_on else "",
        ),
    ]
    told = [_told(row.on, row.said, row.final) for row in order.feedback.all()]
    texts = [("要求", order.requirement), ("核实意见", order.finding)]
    return Form(
        "督办单",
        f"{order.number} {order.get_state_display()}",
        [(label, text) for label, text in facts if text],
        [(label, text) for label, text in texts if text],
        [("反馈", told)] if told else [],
        ("承办单位签收：　　　　　　　　　年　　月　　日", "督查人员核实：　　　　　　　　　年　　月　　日"),
        f"数据截至 {on.isoformat()}；未经核实不得销号，延期不清除超期记录。",
    )


def _due(order: Order) -> str:
    due = day_words(order.due_on)
    if order.due_on == order.first_due_on:
        return due
    return f"{due}（原定 {day_words(order.first_due_on)}，延期 {order.extended} 次）"


def _told(on: date, said: str, final: bool) -> str:
    return f"{day_words(on)}{'（办结）' if final else ''}：{said}"


def order_docx(order: Order, at: datetime) -> bytes:
    """The sheet as a Word file; the same bytes for the same order and moment within one version."""
    return form_docx(order_form(order, at.astimezone(clock.TZ).date()), at)
