"""Where each item stands at the end of a month: what was reached, what was due, which lamp that lights."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from keshu.checking.assigning import target_said
from keshu.checking.models import Check, Item
from keshu.checking.timetable import planned_by
from keshu.figures.arithmetic.completion import completion as completed
from keshu.figures.arithmetic.completion import met
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.figures.book import book
from keshu.goals.actuals import Actual, actuals
from keshu.goals.models import Goal
from keshu.journal import moments
from keshu.rules.dated import NoRuleInForce, in_force, pick
from keshu.rules.lamps import Lamp, LampRule, lamp, load_rule
from keshu.rules.models import Rule
from keshu.terms.period import Period
from keshu.terms.quantity import plain, show_number

ONE = Decimal(1)
RULE, LAMPS = "monthly-check", str(Rule.Kind.LAMPS)
OWN, NO_GOAL = "自报", "没有对应目标，等自报"
#: Of a check that somebody has handed in, what it says of itself holds.
SAID = (Check.State.SUBMITTED, Check.State.REVIEWED)
_NUMERIC = frozenset({Goal.Kind.TOTAL, Goal.Kind.NET, Goal.Kind.NEW, Goal.Kind.RANGE, Goal.Kind.RATE})


class NoSuchLamps(LookupError):
    """A set of lamps that no rule in force declares."""


@dataclass(frozen=True)
class ItemStanding:
    """One item at the end of ``until``: ``completion`` and ``planned_share`` are shares (1 = 100 %), unrounded.

    ``actual`` is what is counted behind the goal; ``value`` is that, or what the office reported of itself (``own``) where nothing
    is counted. ``missing`` says why there is no value. ``said`` is one clause for the page.
    """

    item: Item
    actual: Actual | None
    value: Decimal | None
    unit: str
    own: bool
    missing: str
    completion: Decimal | None
    planned_share: Decimal
    lamp: Lamp
    said: str

    @property
    def target(self) -> str:
        """The target that held at the end of the day: an adjustment counts from its day of effect on."""
        held = self.actual.bounds if self.actual is not None else None
        return target_said(self.item.goal, held) if self.item.goal and held else self.item.target_said

    @property
    def gap(self) -> Decimal | None:
        """How far it is behind (negative) or ahead of what is due, as a share."""
        return None if self.completion is None else WIDE.subtract(self.completion, self.planned_share)

    @property
    def behind(self) -> bool:
        """Whether the lamp asks for something: neither the mildest nor the missing one."""
        return self.lamp.level not in ("ok", "none")


@dataclass(frozen=True)
class Lamps:
    """The rule that lights: as it is dated, and loaded."""

    rule: Rule
    loaded: LampRule


def lamps_for(until: date, *, code: str | None = None, revision: int | None = None) -> Lamps:
    """The set of lamps for a month's end: the one asked for by ``code``, else what the dated rule of the monthly check chooses for
    the month. Raises NoSuchLamps."""
    rules = book(moments.latest() if revision is None else revision).rules
    if code is None:
        code = _chosen(rules, until)
    rule = pick(rules, LAMPS, code, until)
    if rule is None:
        there = "、".join(one.name for one in sets_in_force(rules, until))
        raise NoSuchLamps(f"{until} 没有生效的亮灯规则“{code}”。可以选：{there}。")
    return Lamps(rule, load_rule({**rule.data, "code": rule.code, "name": rule.name}))


def _chosen(rules: Sequence[Rule], until: date) -> str:
    try:
        data = in_force(str(Rule.Kind.DEADLINE), RULE, until, rules).data
    except NoRuleInForce as absent:
        raise NoSuchLamps(str(absent)) from absent
    of_month = data.get("lamps_of", {})
    return str(of_month.get(str(until.month), data["lamps"]))


def sets_in_force(rules: Iterable[Rule], until: date) -> list[Rule]:
    """Every set of lamps that holds on a day, by name; they can be chosen beside the usual one."""
    listed = [rule for rule in rules if rule.kind == LAMPS]
    found = (pick(listed, LAMPS, code, until) for code in {rule.code for rule in listed})
    return sorted((rule for rule in found if rule is not None), key=lambda rule: (rule.name, rule.code))


def standing(
    items: Sequence[Item],
    *,
    until: date,
    revision: int | None = None,
    lamp_code: str | None = None,
) -> list[ItemStanding]:
    """Where the items stand at the end of a day, in their order; now, or as the figures stood after ``revision``.

    What is counted comes first; where a goal counts nothing, what the office reported last up to that month (自报). The queries do
    not grow with the number of items. Raises NoSuchLamps.
    """
    listed = list(items)
    rule = lamps_for(until, code=lamp_code, revision=revision).loaded
    goals = {item.goal_id: item.goal for item in listed if item.goal_id is not None}
    found = actuals(goals.values(), until=until, revision=revision) if goals else {}
    said = _said_themselves(listed, until, revision)
    return [_one(item, found.get(item.goal_id or 0), said.get(item.pk), until, rule) for item in listed]


def with_said(now: ItemStanding, check: Check, lamps: Lamps) -> ItemStanding:
    """A standing as it would be with what a check says that is being handed in. No queries."""
    if not _says(check):
        return now
    return _one(now.item, now.actual, check, check.month.end, lamps.loaded)


def _said_themselves(items: Sequence[Item], until: date, revision: int | None) -> dict[int, Check]:
    """Of each item the last check handed in up to the month of ``until`` that reports a value or says that it is done. One query."""
    first, last = Period.month(until.year, 1).code, Period.month(until.year, until.month).code
    asked = Check.objects.for_system("自报的数").filter(
        item__in=[item.pk for item in items], period__gte=first, period__lte=last
    )
    if revision is None:
        speaks = Q(own_value__isnull=False) | Q(verdict=Check.Verdict.DONE)
        rows: Iterable[Check] = asked.filter(speaks, state__in=SAID)
    else:
        rows = Check.as_of(revision, asked.values_list("pk", flat=True))
    found: dict[int, Check] = {}
    for row in sorted(rows, key=lambda one: one.period):
        if row.state in SAID and _says(row):
            found[row.item_id] = row
    return found


def _says(check: Check) -> bool:
    return check.own_value is not None or check.verdict == Check.Verdict.DONE


def _one(item: Item, actual: Actual | None, check: Check | None, until: date, rule: LampRule) -> ItemStanding:
    planned = planned_by(
        item.timetable, item.begins_on, item.due_on, item.plan, year=until.year, month=until.month
    )
    value, unit, own, missing = _value(item, actual, check)
    done = _completion(item, actual, value, own=own)
    finished = item.state == Item.State.CLOSED or (done is not None and done >= ONE)
    left = None if finished else (item.due_on - until).days
    waits = "" if done is not None else missing or (actual.waits if actual is not None else "") or "缺数"
    reached = _met(item, actual, value) if done is None else None
    lit = lamp(
        rule,
        completion=done,
        progress=planned,
        days_left=left,
        missing_reason=waits if done is None and not reached else None,
        met=reached,
    )
    return ItemStanding(
        item,
        actual,
        value,
        unit,
        own,
        missing,
        done,
        planned,
        lit,
        _said(value, unit, done, planned, own=own),
    )


def _value(item: Item, actual: Actual | None, check: Check | None) -> tuple[Decimal | None, str, bool, str]:
    """(value, unit, whether the office said it itself, why there is none)."""
    if actual is not None and actual.value is not None:
        return actual.value, actual.unit, False, ""
    if check is not None and check.own_value is not None:
        return check.own_value, check.own_unit, True, ""
    if check is not None and not is_counted_goal(item.goal):
        return HUNDRED, "%", True, ""  # reported as done, with evidence
    missing = actual.missing if actual is not None else NO_GOAL
    return None, own_unit(item), False, missing


def is_counted_goal(goal: Goal | None) -> bool:
    """Whether a goal is a number that can be completed (no place, nothing qualitative)."""
    return goal is not None and goal.kind in _NUMERIC and (goal.low is not None or goal.high is not None)


def own_unit(item: Item) -> str:
    """In what an office reports of itself: in the unit of the goal, or how far it has got in %."""
    return item.goal.unit if item.goal is not None and is_counted_goal(item.goal) else "%"


def _completion(item: Item, actual: Actual | None, value: Decimal | None, *, own: bool) -> Decimal | None:
    if not own:
        return actual.completion if actual is not None else None
    if value is None:
        return None
    goal = item.goal
    if goal is None or not is_counted_goal(goal):
        return WIDE.divide(value, HUNDRED)
    if goal.flawed:
        return None
    bounds = actual.bounds if actual is not None and actual.bounds is not None else goal
    return completed(value, bounds.low, bounds.high, "down" if goal.direction == "down" else "up")


def _met(item: Item, actual: Actual | None, value: Decimal | None) -> bool | None:
    """Whether a target is met that no percentage expresses (nothing left, where less is better)."""
    goal = item.goal
    if goal is None or goal.kind not in _NUMERIC or goal.flawed:
        return None
    bounds = actual.bounds if actual is not None and actual.bounds is not None else goal
    return met(value, bounds.low, bounds.high, "down" if goal.direction == "down" else "up")


def _said(value: Decimal | None, unit: str, done: Decimal | None, planned: Decimal, *, own: bool) -> str:
    if value is None:
        return ""
    parts = [f"{'自报 ' if own else ''}{plain(value)} {unit}".strip()]
    if done is not None:
        parts.append(f"完成 {percent(done)}，应到 {percent(planned)}")
    return "，".join(parts)


def percent(share: Decimal) -> str:
    """A share as people read it: 52.0%. Rounded here, once."""
    return f"{show_number(WIDE.multiply(share, HUNDRED), 1)}%"


def counted(lamps: Iterable[Lamp], rule: LampRule) -> list[tuple[Mapping[str, str], int]]:
    """How many lamps of each band, the mildest first, the missing one last; bands that none has are left out."""
    listed = list(lamps)
    bands = [*reversed(rule.bands), rule.missing]
    found: list[tuple[Mapping[str, str], int]] = []
    for band in bands:
        many = sum(one.word == band.word for one in listed)
        if many:
            kept = {"word": band.word, "level": band.level, "shape": band.shape, "colour": band.colour}
            found.append((kept, many))
    return found
