"""Everything that waits for one person, sorted by when it is due."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, DateField, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Least
from django.urls import reverse

from keshu.diary.dating import day_of
from keshu.diary.lines import registers_in_use
from keshu.directory.actors import Actor, Can
from keshu.figures.entry import waiting as months
from keshu.figures.entry.periods import due_at
from keshu.ledger.registers import Deadline, Register
from keshu.rules.calendar import CalendarUnknown, arranged
from keshu.rules.dated import NoRuleInForce
from keshu.rules.models import Rule
from keshu.terms import clock

#: So many of one register are listed, so that no register drowns the others; the count is of all, and the register's own list shows the rest.
MOST = 5
LATER = timedelta(days=60)
#: What a month waits for, in the reader's own verb.
VERBS = {
    Can.FILL_MONTH: "填",
    Can.REVIEW_MONTH: "审",
    Can.SIGN_MONTH: "签",
    Can.VERIFY_MONTH: "核实",
}


@dataclass(frozen=True)
class Todo:
    """One thing to do: a verb and what it is about, a line of reason, when it is due, where it is done."""

    verb: str
    title: str
    reason: str
    href: str
    day: date | None = None


@dataclass(frozen=True)
class More:
    """More of one register than is listed."""

    name: str
    count: int
    href: str


def gather(actor: Actor) -> tuple[list[Todo], list[More], int]:
    """(what waits by due day, registers that hold more, how many in all). Two queries per register in use, and the months.

    What is due later than in two months does not wait yet: it stands in the calendar.
    """
    horizon = clock.today() + LATER
    todos = _months(actor)
    count = len(todos)
    more: list[More] = []
    for register in registers_in_use(clock.today().year, actor):
        if register.turns and actor.can(Can.SEE_REGISTERS):
            rows = register.waiting(actor)
            rows = rows.select_related("unit", "region", *register.beside)
            held = list(rows.order_by(*_soonest(register), "-pk")[: MOST + 1])
            waiting = len(held) if len(held) <= MOST else rows.count()
            listed = [_todo(register, record, actor) for record in held[:MOST]]
            soon = [todo for todo in listed if todo.day is None or todo.day <= horizon]
            count += waiting - len(listed) + len(soon)
            todos += soon
            if waiting > MOST:
                href = reverse("desk:register", args=[register.code]) + "?view=mine"
                more.append(More(register.name, waiting - MOST, href))
    return sorted(todos, key=lambda one: (one.day is None, one.day, one.title)), more, count


def _soonest(register: Register) -> list[Any]:
    """The order in which records are listed: the soonest due first, or something overdue would hide behind what came in later."""
    far = Value(date.max, output_field=DateField())
    days = [
        Coalesce(Case(When(_stands(deadline), then=Cast(deadline.field, DateField()))), far)
        for deadline in register.deadlines
    ]
    return days if len(days) < 2 else [Least(*days)]


def _stands(deadline: Deadline) -> Q:
    stands = Q(state__in=deadline.states)
    return stands & Q(**{f"{deadline.field}__gte": clock.today()}) if deadline.lapses else stands


def _todo(register: Register, record: Any, actor: Actor) -> Todo:
    days = [
        day
        for deadline in register.deadlines
        if record.state in deadline.states
        and (day := day_of(getattr(record, deadline.field))) is not None
        and not (deadline.lapses and day < clock.today())
    ]
    said = (str(record.unit or record.region), record.get_state_display(), register.name)
    return Todo(
        verb=_verb(register, record, actor),
        title=str(record),
        reason=" · ".join(said),
        href=reverse("desk:record", args=[register.code, record.pk]),
        day=min(days, default=None),
    )


def _verb(register: Register, record: Any, actor: Actor) -> str:
    """The step of the ordinary way that this person may take; what leaves the way is offered on the record's page."""
    if register.procedure is None:
        return "看"
    way = register.way
    at = way.index(record.state) if record.state in way else -1
    for transition in register.procedure.possible(record, actor):
        if transition.after in way[at + 1 :]:
            return transition.label
    return "看"


def _months(actor: Actor) -> list[Todo]:
    found = months.waiting(actor)
    if not found:
        return []
    verb = next((word for can, word in VERBS.items() if actor.can(can)), "看")
    rules, moved = list(Rule.objects.filter(kind=Rule.Kind.DEADLINE)), arranged()
    return [
        Todo(
            verb=verb,
            title=f"{one.region.name} {one.period.label} {one.form.name}",
            reason=one.word,
            href=reverse("desk:sheet", args=[one.form.code, one.region.code, one.period.code]),
            day=_day(one, rules, moved),
        )
        for one in found
    ]


def _day(one: months.Waiting, rules: list[Rule], moved: dict[date, bool]) -> date | None:
    """The day a month is due; None where its rule or its calendar is not there: the month still waits."""
    try:
        return due_at(one.form, one.period, rules, moved).astimezone(clock.TZ).date()
    except (NoRuleInForce, CalendarUnknown):
        return None
