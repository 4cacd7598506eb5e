"""本月要办: what each office has before it when a month begins, and the reminder that says so. Sent by a person, never by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.checking.lighting import ItemStanding, percent, standing
from keshu.checking.models import Item
from keshu.checking.opening import items_at_work, last_month, open_month, opens_on
from keshu.checking.timetable import ONE, ZERO, planned_by
from keshu.diary.lines import off_in
from keshu.diary.models import Reminder
from keshu.diary.outbox import write
from keshu.diary.preparing import each_morning
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.figures.arithmetic.ratio import WIDE
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period


@dataclass(frozen=True)
class Task:
    """One item before a month: what is due by its end, what falls due in it, where it stands now (with the figures of the month ``of``)."""

    item: Item
    now: ItemStanding
    of: Period
    due: Decimal
    more: Decimal
    ends: bool

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.now.completion is not None and self.now.completion >= ONE

    @property
    def left(self) -> Decimal | None:
        """What is missing to what is due by the end of the month, as a share; None where nothing is known, 0 where it is reached."""
        if self.now.completion is None:
            return None
        return max(ZERO, WIDE.subtract(self.due, self.now.completion))

    @property
    def said(self) -> str:
        """One clause: 月末应到 83.3%，9月完成 52.0%，还差 31.3%."""
        parts = [f"月末应到 {percent(self.due)}"]
        if self.now.completion is None:
            parts.append(self.now.missing or "还没有数")
        else:
            parts.append(f"{self.of.start.month}月完成 {percent(self.now.completion)}")
            parts.append(f"还差 {percent(self.left)}" if self.left else "已到")
        if self.ends:
            parts.append(f"本月 {self.item.due_on.day} 日到期")
        return "，".join(parts)


def tasks_of(
    actor: Actor, month: Period, *, units: Sequence[int] | None = None
) -> list[tuple[Unit, list[Task]]]:
    """The items at work in a month that are not complete yet, by responsible office, as the actor sees them."""
    rows = Item.objects.visible_to(actor).filter(year=month.year, state=Item.State.ASSIGNED)
    if units is not None:
        rows = rows.filter(unit__in=units)
    listed = rows.select_related("unit", "region", "goal", "leader", "person").order_by("order", "pk")
    items = items_at_work(month, listed)
    found: dict[int, tuple[Unit, list[Task]]] = {}
    for now, of in _newest(items, month):
        task = _task(now, of, month)
        if not task.done and now.item.unit is not None:
            found.setdefault(now.item.unit.pk, (now.item.unit, []))[1].append(task)
    return list(found.values())


def _newest(items: Sequence[Item], month: Period) -> list[tuple[ItemStanding, Period]]:
    """Where items stand this month; at the end of the month before, where nothing of this one is known yet."""
    now = standing(items, until=month.end)
    if month.start.month == 1:
        return [(one, month) for one in now]
    last = Period.month(month.year, month.start.month - 1)
    before = standing(items, until=last.end)
    pairs = zip(now, before, strict=True)
    return [(one, month) if one.value is not None else (earlier, last) for one, earlier in pairs]


def _task(now: ItemStanding, of: Period, month: Period) -> Task:
    due = _planned(now.item, month)
    before = (
        ZERO
        if month.start.month == 1
        else _planned(now.item, Period.month(month.year, month.start.month - 1))
    )
    ends = month.start <= now.item.due_on <= month.end
    return Task(now.item, now, of, due, WIDE.subtract(due, before), ends)


def _planned(item: Item, month: Period) -> Decimal:
    return planned_by(
        item.timetable, item.begins_on, item.due_on, item.plan, year=month.year, month=month.start.month
    )


def subject_of(month: Period) -> str:
    """The title of a month's reminder; by it the house knows that it was written already."""
    return f"{month.label}要办的责任事项"


def remind(actor: Actor, month: Period) -> list[Reminder]:
    """A reminder of the month's list for each office, into the outbox; an office that has one already gets no second.

    Raises NotYourTurn without 发提醒.
    """
    subject = subject_of(month)
    there = set(
        Reminder.objects.for_system("已有提醒").filter(subject=subject).values_list("unit_id", flat=True)
    )
    made = []
    with writing(actor, f"提醒{subject}"):
        for unit, tasks in tasks_of(actor, month):
            if unit.pk in there:
                continue
            lines = [
                f"{n}. {task.item.name}（{task.item.person_name or unit.name}）：{task.said}"
                for n, task in enumerate(tasks, 1)
            ]
            text = "\n".join((f"{unit.name}{month.label}要办 {len(tasks)} 项：", *lines))
            made.append(write(actor, unit, subject=subject, text=text[:4000], due_on=month.end))
    return made


@each_morning
def begin_month(actor: Actor) -> int:
    """每月1日生成对照表: the sheet of the month that has ended, once it may stand; on its day also each office's list of the new month, into the
    outbox. Returns the reminders made. Safe to repeat; nothing for who does not review checks, or where the line is switched off."""
    today = clock.today()
    if not actor.can(Can.REVIEW_CHECKS) or "items" in off_in(today.year, actor):
        return 0
    if not Item.objects.for_system("月初").filter(year__in=(today.year, today.year - 1)).exists():
        return 0
    ended = last_month()
    open_month(ended, actor)
    return len(remind(actor, Period.month(today.year, today.month))) if today == opens_on(ended) else 0
