"""How late an order is, in which lamp it stands, and when it rises next. Nothing here reads the clock or writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from keshu.duties.models import OPEN, PENDING, Order
from keshu.duties.ruled import feedback_after, missed, ruled
from keshu.rules.dated import in_force
from keshu.rules.lamps import Lamp, LampRule, lamp, load_rule, raised


@dataclass(frozen=True)
class Rise:
    """A rise of an order: the level it reaches, from which day, whom it is told, and the sentence that announces it."""

    level: int
    on: date
    tells: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Lighting:
    """The dated rules of one day that say how orders are lit and how they rise; read once for a whole page (three queries)."""

    on: date
    lamps: LampRule
    levels: Sequence[Mapping[str, Any]]
    announce: int
    silent: int
    raises: int

    def lamp(self, order: Order) -> Lamp:
        """The lamp: by days left and overdue, one step up for each full series of feedback days without any."""
        until = _until(order, self.on)
        lit = lamp(
            self.lamps,
            completion=None,
            progress=None,
            days_left=(order.due_on - until).days,
            urgent=order.urgent,
            met=bool(order.reported_on and order.reported_on <= order.due_on),
        )
        many = self.silence(order)
        return raised(self.lamps, lit, many * self.raises, f"连续 {len(self.missed(order))} 期未反馈升级")

    def missed(self, order: Order) -> tuple[date, ...]:
        """The days of feedback that passed without any."""
        if order.state not in PENDING:
            return ()
        return missed(order.feedback_every, order.feedback_due_on, self.on)

    def silence(self, order: Order) -> int:
        """How many full series of missed feedback days stand."""
        return len(self.missed(order)) // self.silent if self.silent else 0

    def reached(self, order: Order) -> Mapping[str, Any] | None:
        """The highest level of the path that the order's delay has reached."""
        late = overdue_days(order, self.on) if order.state in PENDING else 0
        found = [level for level in self.levels if late and late >= level["overdue"]]
        return found[-1] if found else None

    def next_rise(self, order: Order) -> Rise | None:
        """What happens next if nothing is done, with the day; None when the path is at its end or the order is not being worked on."""
        if order.state not in PENDING:
            return None
        for level in self.levels:
            on = order.due_on + timedelta(days=int(level["overdue"]))
            if on > self.on:
                said = f"超期满 {level['overdue']} 天，升为{level['name']}督办"
                return Rise(int(level["level"]), on, tuple(level["tells"]), said)
        return None

    def next_silence(self, order: Order) -> Rise | None:
        """When the next full series of missed feedback days would be complete."""
        if order.state not in PENDING or not self.silent:
            return None
        gone = self.missed(order)
        day = order.feedback_due_on
        for _ in range((len(gone) // self.silent + 1) * self.silent - 1):
            day = feedback_after(order.feedback_every, day) if day else None
        if day is None:
            return None
        many = len(gone) // self.silent + 1
        said = f"连续 {many * self.silent} 期没有反馈，亮灯升 {many * self.raises} 级"
        return Rise(many, day + timedelta(days=1), ("superior",), said)


def lighting(on: date) -> Lighting:
    """The rules in force on a day. Raises NoRuleInForce, LampRuleBroken."""
    path, feedback = ruled("order-escalation", on), ruled("order-feedback", on)
    return Lighting(
        on,
        load_rule(in_force("lamps", path["lamps"], on).data),
        sorted(path["levels"], key=lambda level: int(level["overdue"])),
        int(path["announce"]),
        int(feedback["missed"]),
        int(feedback["raises"]),
    )


def _until(order: Order, on: date) -> date:
    """The day up to which a delay is counted: the final report that stands, a suspension, the end, or ``on``."""
    return min(order.reported_on or on, order.suspended_on or on, order.ended_on or on, on)


def overdue_days(order: Order, on: date) -> int:
    """Calendar days past the present deadline; a report that stands stops the count."""
    return max(0, (_until(order, on) - order.due_on).days)


def overdue_in_all(order: Order, on: date) -> int:
    """Days overdue under every deadline it had: an extension washes nothing away."""
    return order.overdue_before + overdue_days(order, on)


def outcome(order: Order, on: date) -> str:
    """按期, 延期后按期 or 超期, as it is written down at the end."""
    if overdue_in_all(order, on):
        return str(Order.Outcome.LATE)
    return str(Order.Outcome.EXTENDED if order.extended else Order.Outcome.IN_TIME)


def group(order: Order, on: date) -> str:
    """Where it stands in the list: late, week (due until Sunday), later or closed."""
    if order.state not in OPEN:
        return "closed"
    if overdue_days(order, on):
        return "late"
    return "week" if order.due_on <= week_end(on) else "later"


def week_end(on: date) -> date:
    """The Sunday of the week of a day."""
    return on + timedelta(days=6 - on.weekday())
