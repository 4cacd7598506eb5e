"""The demonstration's programme projects: enterprises, calls, and applications that people moved step by step."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from keshu.demo.people import make_people, stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Region, Unit
from keshu.journal.writing import Writing
from keshu.programmes.contracts import Contract, split_goals, write_contract
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.programmes.questions import commitment
from keshu.terms import clock

WAN = Decimal(10000)
HANDLERS = {
    Can.APPLY: "申报单位",
    Can.RECOMMEND: "县局",
    Can.HANDLE_PROGRAMMES: "何叙",
    Can.DECIDE_PROGRAMMES: "林守一",
}
#: The ordinary way: action, who takes it, what is written; then the ways that leave it.
WAY = (
    ("submit", Can.APPLY, ""),
    ("recommend", Can.RECOMMEND, ""),
    ("admit", Can.HANDLE_PROGRAMMES, ""),
    ("review", Can.HANDLE_PROGRAMMES, "网评、会评综合，纪要见佐证"),
    ("propose", Can.DECIDE_PROGRAMMES, ""),
    ("approve", Can.HANDLE_PROGRAMMES, "青科发〔2026〕21号（演示）"),
    ("sign", Can.HANDLE_PROGRAMMES, ""),
)
LEAVING = {
    "returned": (2, ("return", Can.HANDLE_PROGRAMMES, "第二条指标写成能数、能量的")),
    "refused": (2, ("refuse", Can.HANDLE_PROGRAMMES, "与在研项目内容重复")),
    "not_chosen": (4, ("pass_over", Can.DECIDE_PROGRAMMES, "同一方向排序靠后")),
    "objected": (5, ("object", Can.HANDLE_PROGRAMMES, "试验水面的权属有争议")),
}
#: What the steps are given beside what is written.
GIVEN: dict[str, dict[str, Any]] = {
    "return": {"code": "CL-03", "until": date(2026, 10, 20)},
    "refuse": {"code": "SL-02"},
    "review": {"minutes": "〔2026〕3号（演示）", "score": "86.5"},
    "propose": {"minutes": "〔2026〕7号（演示）"},
    "sign": {
        "starts_on": date(2026, 6, 1),
        "ends_on": date(2028, 5, 31),
        "doc_no": "青科合〔2026〕8号（演示）",
    },
    "object": {"by": "周明远（演示）", "contact": "13800000000", "proof": "水面承包合同复印件 1 份"},
}
#: An objection comes inside the notice, not eleven days after it began.
EARLIER = {"object": 8}
#: How many ordinary steps lead to a state.
STEPS = {"submitted": 1, "recommended": 2, "approved": 6, "running": 7}


def stages() -> list[Stage]:
    """Enterprises and past projects, the calls, and every step of every application at its own day."""
    data = stated("projects.yaml")
    found = [
        Stage(moment(1, 6, 9, 30), "企业和往年立项项目", partial(_past, data)),
        Stage(moment(2, 27, 9, 30), "发布申报通知", partial(_calls, data)),
    ]
    for number, row in enumerate(data["projects"], 1):
        soft = row["call"] == "soft"
        first = moment(10, 8, 9, number) if soft else moment(3, 20, 9, number)
        for step, what in enumerate(_steps(row["to"])):
            days = step if soft else 11 * step - EARLIER.get(what[0], 0)
            at = first + timedelta(days=days)
            name = f"项目{number} {what[0]} {row['title']}"
            found.append(Stage(at, name, partial(_step, data, row, what), by=HANDLERS[what[1]]))
    return found


def _steps(to: str) -> list[tuple[str, Can, str]]:
    if to in LEAVING:
        count, last = LEAVING[to]
        return [*WAY[:count], last]
    return list(WAY[: STEPS[to]])


def _past(data: dict[str, Any], block: Writing) -> int:
    here = Region.objects.filter(level__in=[Region.Level.CITY, Region.Level.COUNTY])
    make_people(data, dict(here.values_list("name", "pk")))
    units = Unit.objects.in_bulk([row["code"] for row in data["units"]], field_name="code")
    old: dict[int, Call] = {}
    for row in data["past"]:
        year = row["year"]
        if year not in old:
            old[year] = Call(
                name=f"{year}年度青禾市科技计划（补登）",
                year=year,
                opens_at=moment(1, 2, year=year),
                apply_until=moment(3, 31, year=year),
                recommend_until=moment(4, 10, year=year),
                state=Call.State.CLOSED,
            )
            old[year].save()
        unit = units[row["unit"]]
        on = date(*row["approved"])
        Application(
            call=old[year],
            number=row["number"],
            title=row["title"],
            year=year,
            level="city",
            field=row["field"],
            unit=unit,
            region_id=unit.region_id,
            granted=row["granted"] * WAN,
            approved_on=on,
            counts_on=on,
            starts_on=on,
            ends_on=date(*row["ends"]) if "ends" in row else None,
            closed_on=date(*row["closed"]) if "closed" in row else None,
            state=row["state"],
            source="立项文件补登（演示）",
        ).save()
    return 0


def _calls(data: dict[str, Any], block: Writing) -> int:
    for row in data["calls"]:
        Call(
            name=row["name"],
            year=row.get("year", 2026),
            field=row["field"],
            doc_no=row["doc"],
            guide=row.get("guide", ""),
            budget=row["budget"] * WAN,
            most_each=row["each"] * WAN,
            most_per_unit=row["per_unit"],
            opens_at=_day(row["opens"]),
            apply_until=_day(row["until"], 17, 30),
            recommend_until=_day(row["recommend"], 17, 30),
            published_on=clock.today(),
            state=Call.State.OPEN,
        ).save()
    return 0


def _day(month_day: list[int], hour: int = 9, minute: int = 0) -> datetime:
    return moment(month_day[0], month_day[1], hour, minute)


def _step(data: dict[str, Any], row: dict[str, Any], what: tuple[str, Can, str], block: Writing) -> int:
    action, can, note = what
    unit = Unit.objects.get(code=row["unit"])
    call = Call.objects.get(name=next(c["name"] for c in data["calls"] if c["key"] == row["call"]))
    found = Application.objects.for_system("演示").filter(call=call, unit=unit, title=row["title"]).first()
    if found is None:
        found = Application(
            call=call,
            title=row["title"],
            year=call.year,
            level=call.level,
            field=call.field,
            unit=unit,
            region_id=unit.region_id,
            leader="项目负责人（演示）",
            summary=f"{row['title']}的关键技术与中试验证（演示）",
            goals="形成样机 1 台套，申请发明专利 2 件（演示）",
            asked=row["asked"] * WAN,
            committed=commitment()[0],
            source="网上申报（演示）",
        )
        found.save()
    if action == "sign":
        goals = [(text, promised or "完成") for text, promised in split_goals(found.goals)]
        found = write_contract(found, Contract(goals), actor_for(can, unit))
    advance(found, action, actor_for(can, unit), note=note, given=given_for(action, found))
    return 0


def given_for(action: str, application: Application) -> dict[str, Any]:
    """What a step is given in the demonstration; granted is what was asked for."""
    given = dict(GIVEN.get(action, {}))
    if action == "propose":
        given["granted"] = application.asked
    return given


def actor_for(can: Can, unit: Unit) -> Actor:
    """Somebody who holds one capability, for the demonstration's steps."""
    name = unit.name if can == Can.APPLY else HANDLERS[can]
    return Actor(
        account_id=None,
        name=name,
        unit_id=unit.pk if can == Can.APPLY else None,
        region_ids=frozenset({unit.region_id}),
        unit_ids=frozenset({unit.pk}) if can == Can.APPLY else frozenset(),
        roles=frozenset({Role.APPLICANT}) if can == Can.APPLY else frozenset(),
        capabilities=frozenset({can}),
    )
