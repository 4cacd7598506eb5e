"""The demonstration's responsibilities of the year: given out in January, checked at the end of every month until September."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from keshu.checking.assigning import colleague, give_out, helpers_named
from keshu.checking.closing import step as item_step
from keshu.checking.lighting import Lamps, lamps_for, own_unit, with_said
from keshu.checking.models import Check, Item
from keshu.checking.monthly import points
from keshu.checking.opening import open_month
from keshu.checking.steps import review_all, standing_of, step, together
from keshu.checking.timetable import read_plan
from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.figures.models import Indicator, Measure
from keshu.goals.models import Counter, Goal, SourceDocument
from keshu.journal.writing import Writing
from keshu.ledger.evidence import attach
from keshu.terms.period import Period
from keshu.terms.quantity import plain

YEAR = 2026
PLANNING = Actor(
    account_id=None,
    name="苏知衡",
    sees_all=True,
    capabilities=frozenset({Can.REVIEW_CHECKS, Can.SET_TARGETS, Can.SEND_REMINDERS}),
)
PAPER = "{name}佐证材料（演示），截至 {month}"


def stages() -> list[Stage]:
    """Given out in January; each month made, filled and reviewed in the days after it."""
    data = stated("checking.yaml")
    found = [Stage(moment(1, 20, 10), "分解责任事项", partial(_give_out, data), by="苏知衡")]
    for month in range(1, 10):
        at = moment(month + 1, 11 if month == 9 else 13, 16)  # after the month's figures are known
        found.append(Stage(at, f"{month}月对照检查", partial(_check, data, month), by="苏知衡"))
    return found


def _give_out(data: Mapping[str, Any], block: Writing) -> int:
    document = SourceDocument(kind="bureau", year=YEAR, issued_on=date(YEAR, 1, 20), **data["document"])
    document.save()
    units = {unit.code: unit for unit in Unit.objects.select_related("region", "parent")}
    city = Region.objects.get(code=stated("city.yaml")["region"]["code"])
    leader = colleague(units["QH-KJJ"], "林守一", what="责任领导")
    items, helpers = [], {}
    for order, row in enumerate(data["items"], 1):
        unit = units[row["unit"]]
        person = colleague(unit, row["person"]) if "person" in row else None
        month, day = row.get("due", (12, 31))
        items.append(
            Item(
                year=YEAR,
                order=order,
                name=row["name"],
                origin=row["origin"],
                unit=unit,
                region_id=unit.region_id,
                goal=_goal(row, order, document, unit, city) if "goal" in row else None,
                leader=leader,
                leader_name=leader.name,
                person=person,
                person_name=person.name if person else "",
                helper_names=row.get("helpers", ""),
                evidence_wanted=row.get("evidence", ""),
                begins_on=date(YEAR, 1, 1),
                due_on=date(YEAR, month, day),
                timetable=row["timetable"],
                plan=read_plan(row.get("plan", "")),
                plan_said=row.get("plan", ""),
                source="任务分解表（演示）",
            )
        )
        helpers[order - 1] = helpers_named(row.get("helpers", ""), unit)
    give_out(items, PLANNING, helpers=helpers)
    return 0


def _goal(row: Mapping[str, Any], order: int, document: SourceDocument, unit: Unit, city: Region) -> Goal:
    said = row["goal"]
    goal = Goal(
        document=document,
        year=YEAR,
        order=order,
        name=row["name"],
        kind=said["kind"],
        subject=Region.objects.get(name=said["region"]) if "region" in said else city,
        unit=said["unit"],
        decimals=said.get("decimals", 0),
        low=Decimal(said["low"]),
        high=Decimal(said["high"]) if "high" in said else None,
        owner=unit.name,
        state="issued",
    )
    if "indicator" in said:
        goal.indicator = Indicator.objects.filter(code=said["indicator"]).first()
    goal.save()
    if "measure" in said:
        wanted = said["measure"]
        measure = Measure.objects.filter(code=wanted).first() or Measure.objects.get(name=wanted)
        Counter(goal=goal, measure=measure).save()
    return goal


def _check(data: Mapping[str, Any], month: int, block: Writing) -> int:
    """One month: the sheet is made, the offices hand in, the planning office reviews; what is done is closed."""
    period = Period.month(YEAR, month)
    open_month(period, PLANNING)
    rows = {row["name"]: row for row in data["items"]}
    found = Check.objects.for_system("演示").filter(period=period.code).select_related("item__goal", "unit")
    checks = list(found.order_by("pk"))
    lamps = lamps_for(period.end)
    late = "高新技术企业总数" if month == 9 else ""  # one line of September is still being reviewed
    with together(checks):
        handed = [_hand_in(check, rows[check.name], month, lamps) for check in checks]
    review_all([check for check in handed if check.name != late], PLANNING)
    for check in handed:
        if rows[check.name].get("closes") == month:
            item_step(Item._base_manager.get(pk=check.item_id), "close", PLANNING, note="佐证齐全")
    return 0


def _hand_in(check: Check, row: Mapping[str, Any], month: int, lamps: Lamps) -> Check:
    office = Actor(
        account_id=None,
        name=row.get("person") or (check.unit.name if check.unit else ""),
        unit_ids=frozenset({check.unit_id} if check.unit_id else ()),
        capabilities=frozenset({Can.CHECK_ITEMS}),
    )
    now = standing_of(check)
    given: dict[str, Any] = {"verdict": "going", "progress": f"{row['said']}（演示）"}
    own = row.get("own", ())
    papers: tuple[str, ...] = ()
    counted = now.actual is not None and now.actual.value is not None
    if len(own) >= month and not counted:
        given["own_value"] = plain(Decimal(own[month - 1]))
        text = PAPER.format(name=check.name, month=f"{YEAR}-{month:02d}").encode()
        paper = attach(
            check, office, io.BytesIO(text), "佐证说明.txt", caption=row.get("evidence", "佐证材料")
        )
        papers = (paper.sha256,)
        check.own_value, check.own_unit = Decimal(own[month - 1]), own_unit(check.item)
        now = with_said(now, check, lamps)
    done = row.get("closes") == month or (now.completion is not None and now.completion >= 1)
    if done:
        given["verdict"] = "done"
    else:
        given |= {"reason": row.get("reason", ""), "next_step": row.get("next_step", "")}
        given["needs_coordination"] = row.get("coordination", "") if month >= 8 else ""
        if now.behind and now.gap is not None:
            given |= {
                "verdict": "behind",
                "progress": f"{given['progress']}，比应到少 {points(now.gap)} 个百分点",
            }
    return step(check, "submit", office, given=given, evidence=papers)
