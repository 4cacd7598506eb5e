"""Preparing reminders from dated rules: which deadline, how long before, in which words. Repeating it makes nothing twice."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from keshu.diary.dating import day_of, within
from keshu.diary.days import Workdays, spoken
from keshu.diary.lines import offs
from keshu.diary.models import Preparation, Reminder
from keshu.diary.outbox import WAITING, stands, step
from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.registers import Deadline, Register, by_code, registers
from keshu.procedure.moving import NotYourTurn
from keshu.rules.calendar import CalendarUnknown
from keshu.rules.dated import pick
from keshu.rules.models import Rule
from keshu.terms import clock

#: The rule of one deadline is ``remind-<register>-<field>``; the others follow the general one.
GENERAL = "remind-general"
PREFIX = "remind-"
#: An overdue step is made up for as long as this, so that a house that starts anew does not write to everybody about old things.
LATE_DAYS = 30
PLACE = re.compile(r"{([^{}]*)}")


class TemplateBroken(ValueError):
    """A rule's text has a place that nothing fills."""


@dataclass(frozen=True)
class ReminderStep:
    """One step of a rule: so many working or calendar days before the deadline (negative: after it)."""

    before: int
    working: bool

    @property
    def code(self) -> str:
        """b30, w5, w-1: part of what makes a reminder one."""
        return f"{'w' if self.working else 'b'}{self.before}"

    def on(self, day: date, days: Workdays) -> date:
        """The day from which the step holds. Raises CalendarUnknown."""
        return days.moved(day, -self.before) if self.working else day - timedelta(days=self.before)


@dataclass(frozen=True)
class Prepared:
    """What a preparation did: reminders made, those that no longer hold and were dropped, years without a calendar."""

    made: int
    lapsed: int
    unknown: tuple[int, ...] = ()


#: What rooms above do with the morning's reminders: ``step(actor)`` gives back how many messages it laid into the outbox.
Morning = Callable[[Actor], int]
_mornings: list[Morning] = []


def each_morning(step: Morning) -> Morning:
    """Declare what else is done when reminders are prepared, in the same transaction; safe to repeat. Declared once, when the
    application starts."""
    if step not in _mornings:
        _mornings.append(step)
    return step


def prepare(actor: Actor) -> Prepared:
    """Make the reminders that today asks for and drop those whose deadline no longer stands. Sends nothing.

    Raises NotYourTurn without 发提醒, TemplateBroken for a rule whose words cannot be filled.
    """
    if not actor.can(Can.SEND_REMINDERS):
        raise NotYourTurn(f"{actor.name} 不能生成提醒。请由有“{Can.SEND_REMINDERS.value}”权限的人办理。")
    today, days = clock.today(), Workdays()
    unknown: set[int] = set()
    rules = list(Rule.objects.filter(kind=Rule.Kind.DEADLINE, code__startswith=PREFIX))
    made = lapsed = 0
    Preparation.objects.get_or_create(pk=1)
    with writing(actor, f"生成提醒 {today}"):
        # Two at once: the second waits here and then finds what the first made.
        turn = Preparation.objects.select_for_update().get(pk=1)
        lapsed += _lapse(actor)
        made += sum(step(actor) for step in _mornings)
        for register in registers():
            for deadline in register.deadlines:
                rule = _rule(rules, register, deadline, today)
                if rule is not None and deadline.owner:
                    made += _prepare(register, deadline, rule, actor, days, unknown)
        years = tuple(sorted(unknown))
        turn.last_at, turn.last_by, turn.made, turn.lapsed = clock.now(), actor.name, made, lapsed
        turn.unknown = "、".join(str(year) for year in years)
        turn.save()
    return Prepared(made, lapsed, years)


def _rule(rules: Iterable[Rule], register: Register, deadline: Deadline, today: date) -> Rule | None:
    kind = str(Rule.Kind.DEADLINE)
    rules = list(rules)
    own = pick(rules, kind, f"{PREFIX}{register.code}-{deadline.field}"[:60], today)
    return own or pick(rules, kind, GENERAL, today)


def steps_of(rule: Rule) -> list[ReminderStep]:
    """The steps of a rule, the earliest first."""
    return [ReminderStep(int(one["before"]), one.get("in") == "working") for one in rule.data["steps"]]


def _prepare(
    register: Register, deadline: Deadline, rule: Rule, actor: Actor, days: Workdays, unknown: set[int]
) -> int:
    today, steps = clock.today(), steps_of(rule)
    furthest = max((one.before * 2 + 15 if one.working else one.before for one in steps), default=0)
    since, until = today - timedelta(days=LATE_DAYS), today + timedelta(days=furthest)
    rows = register.records.filter(
        within(register.model, deadline.field, since, until),
        state__in=sorted(deadline.states),
        unit__isnull=False,
    ).select_related("unit")
    for off in offs():
        if off.register == register.code:
            rows = rows.exclude(off.dated(register.model, deadline.field))
    records = list(rows.order_by(deadline.field, "pk"))
    held = set(
        Reminder.objects.for_system("已有提醒")
        .filter(
            register=register.code,
            field=deadline.field,
            due_on__gte=since,
        )
        .values_list("object_pk", "due_on", "step")
    )
    made = 0
    for record in records:
        day = day_of(getattr(record, deadline.field))
        if day is None:
            continue
        reached = _reached(steps, day, today, days, unknown)
        if reached is None or (record.pk, day, reached.code) in held:
            continue
        _drop_earlier(register, deadline, record, day, actor)
        _reminder(register, deadline, rule, record, day, reached, actor).save()
        made += 1
    return made


def _reached(
    steps: Iterable[ReminderStep], day: date, today: date, days: Workdays, unknown: set[int]
) -> ReminderStep | None:
    """The latest step whose day has come: who starts late is reminded once, not of every step missed."""
    found: tuple[date, ReminderStep] | None = None
    for one in steps:
        if (one.before >= 0) is (
            today > day
        ):  # before the deadline only steps before it, after it only those after
            continue
        try:
            begins = one.on(day, days)
        except CalendarUnknown:
            unknown.add(day.year if one.before < 0 or days.works(day) is None else today.year)
            continue
        if begins <= today and (found is None or begins >= found[0]):
            found = (begins, one)
    return found[1] if found else None


def _reminder(
    register: Register,
    deadline: Deadline,
    rule: Rule,
    record: Any,
    day: date,
    reached: ReminderStep,
    actor: Actor,
) -> Reminder:
    places = {
        "单位": record.unit.name,
        "名称": str(record),
        "编号": record.number or "未编号",
        "台账": register.name,
        "事项": deadline.label,
        "日期": spoken(day),
    }
    late = reached.before < 0
    return Reminder(
        unit=record.unit,
        region_id=record.region_id,
        channel=rule.data.get("channel", Reminder.Channel.HOUSE),
        subject=filled(rule.data["late_subject" if late else "subject"], places)[:200],
        text=filled(rule.data["late_text" if late else "text"], places),
        due_on=day,
        register=register.code,
        object_pk=record.pk,
        field=deadline.field,
        step=reached.code,
        rule=rule,
        prepared_at=clock.now(),
        prepared_by=actor.name,
    )


def filled(template: str, places: Mapping[str, str]) -> str:
    """A template with its named places filled; what is put in is never read as a template. Raises TemplateBroken."""

    def put(found: re.Match[str]) -> str:
        if found[1] not in places:
            raise TemplateBroken(
                f"提醒的模板里有“{{{found[1]}}}”，没有这个位置。能用的有：{'、'.join(places)}。请改规则。"
            )
        return places[found[1]]

    return PLACE.sub(put, template)


def _drop_earlier(register: Register, deadline: Deadline, record: Any, day: date, actor: Actor) -> None:
    """An earlier step that nobody sent would say the same thing twice."""
    rows = Reminder.objects.for_system("较早的一步").filter(
        register=register.code, object_pk=record.pk, field=deadline.field, due_on=day, state__in=WAITING
    )
    for row in rows:
        step(row, "drop", actor, note="期限更近了，已生成新的一条")


def _lapse(actor: Actor) -> int:
    """Drop what waits for a deadline that was moved or met."""
    rows = Reminder.objects.for_system("核对期限").filter(state__in=WAITING).exclude(field="")
    waiting: dict[str, list[Reminder]] = {}
    for row in rows:
        waiting.setdefault(row.register, []).append(row)
    count = 0
    for code, reminders in waiting.items():
        register = by_code(code)
        records: dict[int, Any] = {}
        if register is not None:
            pks = [row.object_pk for row in reminders]
            records = {record.pk: record for record in register.records.filter(pk__in=pks)}
        for row in reminders:
            record = records.get(row.object_pk or 0)
            if register is None or record is None or not stands(register, record, row.field, row.due_on):
                step(row, "drop", actor, note="期限已变或已办完")
                count += 1
    return count
