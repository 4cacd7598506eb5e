"""Giving out items: who is responsible, inside which office, by when, after which time table; from goals or from a task list."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from keshu.checking.models import Item, ItemHelper
from keshu.checking.timetable import check_dates, planned
from keshu.directory.actors import COUNTY_ROLES, Actor, Can
from keshu.directory.models import Employment, Person, Region, RoleGrant, Subject, Unit
from keshu.goals.bounds import Bounds
from keshu.goals.models import Goal
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_numbers
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.quantity import show_number
from keshu.terms.text import clean_name, nearest

PREFIX = "ZR"
#: How the name of a county's bureau ends, whatever the county is called.
BUREAU = ("科学技术局", "科技局")
_NAMES = re.compile(r"[、，,；;\s]+")


class AssignRefused(MoveRefused):
    """An item that cannot be given out like this; the message says what to change."""


class OutsideTheOffice(AssignRefused):
    """The person does not work in the office that is responsible."""


def assigns(actor: Actor) -> bool:
    """Whether the post gives out items for the house."""
    return actor.can(Can.REVIEW_CHECKS)


@dataclass(frozen=True)
class Colleague:
    """A person in a post that is held today."""

    person: Person
    unit: Unit
    title: str


def people_of(units: Iterable[int]) -> list[Colleague]:
    """Who holds a post in some organisations or their offices today, by organisation. One query."""
    keys = list(units)
    today = clock.today()
    rows = (
        Employment.objects.filter(Q(unit__in=keys) | Q(unit__parent__in=keys), valid_from__lte=today)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
        .select_related("person", "unit")
        .order_by("unit_id", "pk")
    )
    return [Colleague(row.person, row.unit, row.title) for row in rows]


def colleague(unit: Unit, name: str, *, what: str = "责任人") -> Person:
    """The person of that name in an office or below it. Raises OutsideTheOffice when the name belongs to somebody elsewhere,
    AssignRefused when nobody or several people are called so."""
    wanted = clean_name(name)
    inside = {
        one.person.pk: one.person for one in people_of([unit.pk]) if clean_name(one.person.name) == wanted
    }
    if len(inside) == 1:
        return next(iter(inside.values()))
    if inside:
        raise AssignRefused(f"{unit.name} 叫“{name}”的有 {len(inside)} 个人，分不清是谁。请到事项页上选人。")
    elsewhere = Employment.objects.filter(person__name=name).select_related("unit").order_by("pk").first()
    if elsewhere is not None:
        raise OutsideTheOffice(
            f"{name} 是{elsewhere.unit.name}的人，这一项归{unit.name}。请换成{unit.name}的人，或改牵头单位。"
        )
    near = nearest(name, [one.person.name for one in people_of([unit.pk])], 2)
    hint = f"是不是{'、'.join(near)}？" if near else "先登记人员再分。"
    raise AssignRefused(f"没有登记叫“{name}”的{what}。{hint}")


def leader_of(unit: Unit, name: str) -> Person:
    """The leader of that name: in the office, or in the bureau it belongs to, or in the bureau of the city it stands in."""
    house = [unit.pk, *filter(None, (unit.parent_id,))]
    region: Region | None = unit.region
    regions = []
    while region is not None:
        regions.append(region.pk)
        region = region.parent
    wanted = clean_name(name)
    today = clock.today()
    rows = Employment.objects.filter(person__name=name, valid_from__lte=today).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    )
    found = {row.person_id: row for row in rows.select_related("person", "unit").order_by("pk")}
    near = [row for row in found.values() if row.unit_id in house or row.unit.region_id in regions]
    if len(near) == 1:
        return near[0].person
    if near:
        raise AssignRefused(f"叫“{name}”的有 {len(near)} 个人，分不清哪位是责任领导。请到事项页上选人。")
    if found:
        raise OutsideTheOffice(
            f"{name} 在{next(iter(found.values())).unit.name}任职，不分管{unit.name}。请核对责任领导。"
        )
    raise AssignRefused(f"没有登记叫“{wanted}”的领导。请核对姓名，或先登记人员再分。")


def refuse_outside(person: Person, unit: Unit) -> None:
    """OutsideTheOffice when a person holds no post in an office or below it today."""
    if person.pk not in {one.person.pk for one in people_of([unit.pk])}:
        raise OutsideTheOffice(
            f"{person.name} 不在{unit.name}任职，这一项归{unit.name}。请换成{unit.name}的人，或改牵头单位。"
        )


def helpers_named(text: str, unit: Unit) -> list[Unit]:
    """The organisations that a text names as helping. Raises AssignRefused for a name that nobody, or more than one, has."""
    names = [name for name in _NAMES.split(text) if name]
    if not names:
        return []
    rows: dict[str, list[Unit]] = {}
    for row in Unit.objects.filter(Q(name__in=names) | Q(code__in=names)).order_by("pk"):
        for said in {row.name, row.code} & set(names):
            rows.setdefault(said, []).append(row)
    found = []
    for name in names:
        fitting = rows.get(name, [])
        own = [row for row in fitting if row.region_id == unit.region_id] or fitting
        if len(own) != 1:
            why = (
                f"叫“{name}”的协办单位有 {len(own)} 个，请写单位代码"
                if own
                else f"没有登记叫“{name}”的协办单位"
            )
            raise AssignRefused(f"{why}。改好再分。")
        if own[0].pk == unit.pk:
            raise AssignRefused(f"{unit.name} 是牵头单位，不用再写进协办。")
        found.append(own[0])
    return found


def goal_named(name: str, year: int, unit: Unit, region_id: int | None) -> Goal:
    """The goal of a year by its name: the office's own, else its region's, else that of the house. Raises AssignRefused."""
    rows = list(Goal.objects.for_system("责任事项对应的目标").filter(year=year, name=name).order_by("pk"))
    for fits in (
        lambda goal: goal.subject_id == unit.pk,
        lambda goal: goal.subject_id == region_id,
        lambda goal: goal.parent_id is None,
    ):
        found = [goal for goal in rows if fits(goal)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AssignRefused(
                f"{year} 年叫“{name}”的目标有 {len(found)} 个，分不清是哪一个。请在目标页上一键生成事项。"
            )
    names = Goal.objects.for_system("相近的名称").filter(year=year).values_list("name", flat=True)
    near = nearest(name, list(names[:2000]), 2)
    hint = f"是不是“{'”“'.join(near)}”？" if near else "请先导入目标。"
    raise AssignRefused(f"{year} 年没有叫“{name}”的目标。{hint}")


def target_said(goal: Goal, held: Bounds | None = None) -> str:
    """The target as the document writes it: 150 件, 1—2 名, 定性; with the numbers ``held`` on some day instead of today's."""
    one = held or Bounds(goal.low, goal.high, goal.stretch)
    if goal.kind == Goal.Kind.QUALITY or one.low is None:
        return "定性" if goal.kind == Goal.Kind.QUALITY else ""
    low = show_number(one.low, goal.decimals)
    said = f"{low}—{show_number(one.high, goal.decimals)}" if one.high is not None else low
    return f"{said} {goal.unit}".strip()


def settle(item: Item) -> Item:
    """Everything that must hold before an item is saved. Raises DueBeforeStart, PlanBroken, AssignRefused, Classified."""
    check_dates(item.begins_on, item.due_on)
    planned(item.timetable, item.begins_on, item.due_on, item.plan)
    if item.due_on.year != item.year:
        raise AssignRefused(
            f"年度是 {item.year}，完成时限却在 {item.due_on.year} 年。请改年度，或改完成时限。"
        )
    if not item.name.strip():
        raise AssignRefused("任务没有写。写明要办成什么再分。")
    if item.unit is None:
        raise AssignRefused("牵头单位没有写。每一项都要有一个牵头科室或县（市、区）局。")
    if item.person is not None:
        refuse_outside(item.person, item.unit)
    refuse_classified(item.name, item.requirement, item.evidence_wanted)
    if item.goal is not None:
        item.goal_name, item.target_said = item.goal.name, target_said(item.goal)
    item.counts_on = item.begins_on
    return item


def give_out(
    items: Sequence[Item],
    actor: Actor,
    *,
    helpers: Mapping[int, Sequence[Unit]] | None = None,
    reason: str = "",
) -> list[Item]:
    """Number and save new items with their helpers (by position) in one revision. Raises NotYourTurn and what ``settle`` raises."""
    if not assigns(actor):
        raise NotYourTurn(f"{actor.name} 不能分责任事项。请由有“{Can.REVIEW_CHECKS.value}”权限的规划科来分。")
    with writing(actor, reason or f"分解责任事项 {len(items)} 项"):
        by_year: dict[int, list[Item]] = {}
        for item in items:
            settle(item)
            by_year.setdefault(item.year, []).append(item)
        for year, listed in sorted(by_year.items()):
            for item, number in zip(listed, next_numbers(PREFIX, year, len(listed)), strict=True):
                item.number = number
        for at, item in enumerate(items):
            item.save()
            for unit in (helpers or {}).get(at, ()):
                ItemHelper(item=item, unit=unit).save()
    return list(items)


# ---- from goals ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """The item that a goal would become, or why it cannot yet (``problem``)."""

    goal: Goal
    item: Item | None
    problem: str = ""


def proposals(goals: Iterable[Goal], actor: Actor) -> list[Proposal]:
    """What one button would make: an item for each goal that has none and that is shared out no further, with its office found."""
    listed = list(goals)
    keys = [goal.pk for goal in listed]
    known = set(Item.objects.for_system("已有事项").filter(goal__in=keys).values_list("goal_id", flat=True))
    below = Goal.objects.for_system("分解过的").filter(parent__in=keys, within=False)
    split = set(below.values_list("parent_id", flat=True))
    places = _Places()
    found = []
    for goal in sorted(listed, key=lambda one: (one.order, one.pk)):
        if goal.pk in known or goal.pk in split:
            continue
        try:
            found.append(Proposal(goal, settle(_item_of(goal, places))))
        except ValueError as refusal:
            found.append(Proposal(goal, None, str(refusal)))
    return found


class _Places:
    """The organisations that goals are for, read once."""

    def __init__(self) -> None:
        self.units = {
            unit.pk: unit for unit in Unit.objects.select_related("region", "parent").order_by("pk")
        }
        county = [str(role) for role in COUNTY_ROLES]
        granted = RoleGrant.objects.filter(role__in=county, withdrawn_on=None).order_by("pk")
        self.bureaus: dict[int, int] = {}
        for unit_id, region_id in granted.values_list("employment__unit_id", "employment__unit__region_id"):
            self.bureaus.setdefault(region_id, unit_id)
        # A bureau nobody of which has signed in yet: the only organisation of its county that is nobody's office.
        heads: dict[int, list[int]] = {}
        for unit in self.units.values():
            if unit.parent_id is None and unit.name.endswith(BUREAU):
                heads.setdefault(unit.region_id, []).append(unit.pk)
        for region_id, found in heads.items():
            if len(found) == 1 and self._is_county(region_id):
                self.bureaus.setdefault(region_id, found[0])

    def _is_county(self, region_id: int) -> bool:
        return any(
            unit.region.level == Region.Level.COUNTY
            for unit in self.units.values()
            if unit.region_id == region_id
        )

    def unit_for(self, goal: Goal) -> tuple[Unit, Person | None]:
        """The office that carries a goal: the unit or the person's it is for, the bureau of the county, the office its text names."""
        subject = goal.subject
        if subject is not None and subject.kind == Subject.Kind.UNIT:
            return self.units[subject.pk], None
        if subject is not None and subject.kind == Subject.Kind.PERSON:
            post = (
                Employment.objects.filter(person=subject.pk)
                .select_related("person")
                .order_by("-valid_from")
                .first()
            )
            if post is not None:
                return self.units[post.unit_id], post.person
        named = [
            unit for unit in self.units.values() if unit.parent_id is not None and unit.name in goal.owner
        ]
        if len(named) == 1:
            return named[0], None
        if subject is not None and subject.pk in self.bureaus:
            return self.units[self.bureaus[subject.pk]], None
        raise AssignRefused(
            f"“{goal.name}”没有写到责任科室。请先分解到科室或县（市、区），或在任务分解表里写明牵头单位再导入。"
        )


def _item_of(goal: Goal, places: _Places) -> Item:
    unit, person = places.unit_for(goal)
    return Item(
        year=goal.year,
        order=goal.order,
        name=goal.name,
        origin=f"{goal.document.get_kind_display()} {goal.document}"[:200],
        unit=unit,
        region_id=unit.region_id,
        goal=goal,
        person=person,
        person_name=person.name if person else "",
        requirement=goal.demand,
        begins_on=goal.begins_on or date(goal.year, 1, 1),
        due_on=goal.due_on or date(goal.year, 12, 31),
        source="由目标生成",
    )


def from_goals(goals: Iterable[Goal], actor: Actor) -> tuple[list[Item], list[Proposal]]:
    """Make the items of all goals that can become one, in one revision; (made, those that cannot with the reason)."""
    if not assigns(actor):
        raise NotYourTurn(f"{actor.name} 不能分责任事项。请由有“{Can.REVIEW_CHECKS.value}”权限的规划科来分。")
    found = proposals(goals, actor)
    ready = [one.item for one in found if one.item is not None]
    made = give_out(ready, actor, reason=f"由目标生成责任事项 {len(ready)} 项") if ready else []
    return made, [one for one in found if one.item is None]


def goals_without_items(actor: Actor, year: int) -> list[Goal]:
    """The issued goals of a year that the actor sees, shared out no further, without an item; parts behind 其中 go with their whole."""
    given = (Goal.State.ISSUED, Goal.State.SIGNED)
    rows = Goal.objects.visible_to(actor).filter(year=year, state__in=given, within=False, items__isnull=True)
    rows = rows.exclude(children__within=False)
    return list(rows.select_related("document", "subject").order_by("order", "pk"))
