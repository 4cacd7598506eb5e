"""Two dispatch meetings: the second quarter's to its minutes and orders, the third quarter's up to the demonstration's day."""

import io
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Account, Person, Region, Unit
from keshu.duties.models import Order
from keshu.duties.moving import advance as advance_order
from keshu.journal.writing import Writing
from keshu.ledger.evidence import attach
from keshu.meetings import asking, minutes, preparing
from keshu.meetings.lagging import table_of
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.moving import advance, advance_request
from keshu.meetings.noting import note

CLERK, CLOSER = "suzhiheng", "qiaoding"
SCHEME = "strong-st-5"
Run = Callable[[Writing], int]


def stages() -> list[Stage]:
    """What happened, in order."""
    data = stated("meetings.yaml")
    half, third = data["half"], data["third"]
    return [
        Stage(moment(7, 9, 9), "筹备二季度调度会", partial(_prepare, half), by="苏知衡"),
        Stage(moment(7, 9, 11), "通知二季度调度会", partial(_notify, half), by="苏知衡"),
        *_answers(half, 7),
        Stage(moment(7, 16, 9), "开二季度调度会", partial(_sit, half), by="苏知衡"),
        Stage(moment(7, 17, 16), "印发二季度调度会纪要", partial(_issue, half), by="苏知衡"),
        Stage(moment(7, 20, 9, 30), "签收二季度议定事项", partial(_sign, half)),
        Stage(moment(9, 24, 16), "反馈二季度议定事项", partial(_report, half)),
        Stage(moment(9, 28, 11), "销号二季度议定事项", partial(_close, half)),
        Stage(moment(10, 10, 18, 30), "筹备三季度调度会", partial(_prepare, third), by="苏知衡"),
        Stage(moment(10, 10, 18, 50), "通知三季度调度会", partial(_notify, third), by="苏知衡"),
        *_answers(third, 10),
        Stage(moment(10, 12, 8, 40), "退回三季度原因措施", partial(_return, third), by="苏知衡"),
    ]


def _answers(data: dict[str, Any], month: int) -> list[Stage]:
    """One stage per day of answers: early in the morning, before anything else of that day."""
    days = sorted({row["day"] for row in data["answers"]})
    return [
        Stage(moment(month, day, 8, 20), f"原因措施 {data['period']} {day} 日", partial(_answer, data, day))
        for day in days
    ]


def _actor(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))


def _meeting(data: dict[str, Any]) -> Meeting:
    return Meeting.objects.for_system("演示").get(title=data["title"])


def _unit(code: str) -> Unit:
    return Unit.objects.get(code=code)


def _prepare(data: dict[str, Any], block: Writing) -> int:
    """The clerk takes the figures, lets the worst speak first and asks for causes; the two lead offices attend too."""
    clerk = _actor(CLERK)
    texts = {name: data[name] for name in ("title", "period", "place", "notice_no", "agenda")}
    texts |= {
        "scheme": SCHEME,
        "held": str(data["held"]),
        "answer_by": str(data["answer_by"]),
        "chair": str(Person.objects.get(code="QH-linshouyi").pk),
    }
    city = Region.objects.get(level=Region.Level.CITY)
    meeting = preparing.keep_meeting(clerk, texts, region=city, unit=_unit("QH-KJJ-GH"))
    meeting = preparing.take_figures(clerk, meeting)
    table = table_of(meeting)
    asking.ask(clerk, meeting, data["keys"], table)
    preparing.propose_order(clerk, meeting, table)
    for code in ("QH-KJJ-ZH", "QH-KJJ-GX"):
        preparing.invite(clerk, meeting, _unit(code), speaks=False)
    return 0


def _notify(data: dict[str, Any], block: Writing) -> int:
    advance(_meeting(data), "notify", _actor(CLERK))
    return 0


def _request(data: dict[str, Any], key: str) -> Request:
    indicator, region = key.split(":")
    return Request.objects.for_system("演示").get(
        meeting=_meeting(data), indicator__code=indicator, region__code=region
    )


def _answer(data: dict[str, Any], day: int, block: Writing) -> int:
    for row in data["answers"]:
        if row["day"] == day:
            given = {"cause": row["cause"], "measures": row["measures"]}
            advance_request(_request(data, row["key"]), "answer", _actor(row["who"]), given=given)
    return 0


def _return(data: dict[str, Any], block: Writing) -> int:
    row = data["returned"]
    advance_request(_request(data, row["key"]), "return", _actor(CLERK), note=row["why"])
    return 0


def _sit(data: dict[str, Any], block: Writing) -> int:
    clerk = _actor(CLERK)
    meeting = advance(_meeting(data), "open", clerk)
    for row in Attendee.objects.filter(meeting=meeting).select_related("unit"):
        note(clerk, meeting, f"came-{row.pk}", "leave" if row.unit.code in data["leave"] else "yes")
        if row.unit.code in data["said"]:
            note(clerk, meeting, f"unit-{row.pk}", data["said"][row.unit.code])
    for one in data["items"]:
        minutes.keep_item(
            clerk,
            meeting,
            text=one["text"],
            holder=_unit(one["holder"]),
            due_on=_day(one["due"]),
            evidence_wanted=one["evidence"],
        )
    advance(meeting, "close", clerk)
    return 0


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _issue(data: dict[str, Any], block: Writing) -> int:
    clerk = _actor(CLERK)
    meeting = advance(_meeting(data), "issue", clerk, given={"minutes_no": data["minutes_no"]})
    minutes.issue_orders(clerk, meeting)
    return 0


def _order(data: dict[str, Any], holder: str) -> Order:
    ref = f"minutes|{_meeting(data).pk}|"
    return Order.objects.for_system("演示").get(origin_ref__startswith=ref, unit__code=holder)


def _sign(data: dict[str, Any], block: Writing) -> int:
    people = {"WL-KJJ": "lichuan", "WH-KJJ": "fanglu", "QH-KJJ-GH": CLERK}
    for holder in (data["closed"]["holder"], *data["signed"]):
        advance_order(_order(data, holder), "sign", _actor(people[holder]))
    return 0


def _report(data: dict[str, Any], block: Writing) -> int:
    row = data["closed"]
    order, holder = _order(data, row["holder"]), _actor("lichuan")
    listed = io.BytesIO("外流技术合同清单（演示）\n共9份，6份已回县登记。\n".encode())
    attach(order, holder, listed, "外流合同清单.txt", caption="外流合同清单和登记证明")
    advance_order(order, "report", holder, given={"said": row["said"]})
    return 0


def _close(data: dict[str, Any], block: Writing) -> int:
    row = data["closed"]
    order = _order(data, row["holder"])
    order = advance_order(order, "verify", _actor(CLOSER), given={"way": "papers", "finding": row["finding"]})
    advance_order(order, "close", _actor(CLERK))
    return 0
