"""The demonstration's other calls: a superior's, with what was forwarded and approved, and one that was extended for everybody."""

import io
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from docx import Document

from keshu.demo.people import stated
from keshu.demo.projects import WAN, actor_for
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Unit
from keshu.journal.writing import Writing
from keshu.ledger.evidence import attach
from keshu.programmes.calls import advance_call, keep, read
from keshu.programmes.models import Application, Call, LeadKind
from keshu.programmes.moving import advance
from keshu.programmes.questions import commitment
from keshu.programmes.recommending import forward_many, waiting

OFFICE, BUREAU = "何叙", "QH-KJJ-ZH"


def stages() -> list[Stage]:
    """The calls, then each step for all applications together, as the office takes them."""
    data = stated("calls.yaml")
    found = [
        Stage(moment(*row["published"], 10), f"发布{row['typed']['name']}", partial(_publish, row), by=OFFICE)
        for row in data["calls"]
    ]
    extended = next(row for row in data["calls"] if "extended" in row)
    on, decided = extended["extended"]["day"], data["decision"]["at"]
    return [
        *found,
        Stage(moment(5, 20, 15), "省重点研发 申报", partial(_apply, data), by="申报单位"),
        Stage(moment(6, 3, 15), "省重点研发 推荐", partial(_recommend, data), by="推荐单位"),
        Stage(moment(*data["letter"]["day"], 10), "省重点研发 推荐上报", partial(_forward, data), by=OFFICE),
        Stage(moment(*decided, 10), "省重点研发 登记立项", partial(_decide, data), by=OFFICE),
        Stage(moment(*on, 16), f"延长{extended['typed']['name']}", partial(_extend, extended), by=OFFICE),
        Stage(moment(10, 9, 15), "社会发展 申报", partial(_wait, data), by="申报单位"),
    ]


def _office() -> Actor:
    return actor_for(Can.HANDLE_PROGRAMMES, Unit.objects.get(code=BUREAU))


def _publish(row: dict[str, Any], block: Writing) -> int:
    texts = {**row["typed"], "guide": row["guide"], "who_may": row["who_may"]}
    call = keep(_office(), read(texts))
    advance_call(call, "publish", _office())
    return 0


def _extend(row: dict[str, Any], block: Writing) -> int:
    given = {name: value for name, value in row["extended"].items() if name != "day"}
    advance_call(Call.objects.get(name=row["typed"]["name"]), "extend", _office(), given=given)
    return 0


def _call(data: dict[str, Any], key: str) -> Call:
    return Call.objects.get(name=next(row["typed"]["name"] for row in data["calls"] if row["key"] == key))


def _written(call: Call, row: dict[str, Any]) -> Application:
    unit = Unit.objects.get(code=row["unit"])
    made = Application(
        call=call,
        title=row["title"],
        year=call.year,
        level=call.level,
        field=call.field,
        unit=unit,
        region_id=unit.region_id,
        leader=row["leader"],
        lead_kind=LeadKind.ENTERPRISE,
        accepted_kind=row["kind"],
        asked=row["asked"] * WAN,
        own_funds=row["own"] * WAN,
        recommender=Unit.objects.get(code=row["by"]) if "by" in row else None,
        committed=commitment()[0],
        source="网上申报（演示）",
    )
    made.save()
    return made


def _apply(data: dict[str, Any], block: Writing) -> int:
    call = _call(data, "province")
    for row in data["applications"]:
        made = _written(call, row)
        assert made.unit is not None
        advance(made, "submit", actor_for(Can.APPLY, made.unit))
    return 0


def _recommend(data: dict[str, Any], block: Writing) -> int:
    for made in Application.objects.for_system("演示").filter(call=_call(data, "province")).order_by("pk"):
        assert made.unit is not None
        advance(made, "recommend", _recommender(made))
    return 0


def _recommender(made: Application) -> Actor:
    """The body that the application names, else the bureau of its county."""
    unit = made.recommender
    if unit is None:
        unit = Unit.objects.filter(region_id=made.region_id, code__endswith="-KJJ").first() or made.unit
    assert unit is not None
    return Actor(
        account_id=None,
        name=unit.name,
        unit_id=unit.pk,
        region_ids=frozenset({made.region_id}),
        unit_ids=frozenset({unit.pk}),
        roles=frozenset({Role.RECOMMENDER}),
        capabilities=frozenset({Can.RECOMMEND}),
    )


def _forward(data: dict[str, Any], block: Writing) -> int:
    call = _call(data, "province")
    going = {row["title"] for row in data["applications"] if row["to"] != "recommended"}
    rows = [row for row in waiting(call) if row.title in going]
    letter = data["letter"]
    forward_many(call, rows, _office(), doc_no=letter["doc_no"], on=date(2026, *letter["day"]))
    return 0


def _decide(data: dict[str, Any], block: Writing) -> int:
    """What the superior's list said, as it is registered from the page: who is on it is approved, one is named as not chosen."""
    call, decision = _call(data, "province"), data["decision"]
    held = {row.title: row for row in Application.objects.for_system("演示").filter(call=call)}
    for row in data["applications"]:
        if row["to"] == "approved":
            given = {
                "doc_no": decision["doc_no"],
                "on": decision["dated"],
                "granted": Decimal(row["granted"]) * WAN,
                "number": row["number"],
            }
            advance(held[row["title"]], "approve_above", _office(), given=given)
        elif row["to"] == "not_chosen":
            advance(held[row["title"]], "refuse_above", _office(), note=f"未列入 {decision['doc_no']}")
    return 0


def _wait(data: dict[str, Any], block: Writing) -> int:
    """An application with its materials that names the agriculture bureau: it waits there, not in its county."""
    call, row = _call(data, "social"), data["waiting"]
    made = _written(call, row)
    made.summary, made.goals = (
        "现场核酸快检卡与读数仪（演示）",
        "检测时间不超过 15 分钟，符合率不低于 98%（演示）",
    )
    made.save()
    assert made.unit is not None
    applicant = actor_for(Can.APPLY, made.unit)
    for name in call.attachments:
        attach(made, applicant, _paper(f"{row['title']} {name}（演示）"), f"{name}.docx", caption=name)
    advance(made, "submit", applicant)
    return 0


def _paper(text: str) -> io.BytesIO:
    paper, out = Document(), io.BytesIO()
    paper.add_paragraph(text)
    paper.save(out)
    out.seek(0)
    return out
