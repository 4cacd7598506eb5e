"""Loading the demonstration: its day is fixed first, then everything happens in order; a second loading finds nothing to do."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from keshu import home
from keshu.demo import (
    assessment,
    awards,
    calls,
    checking,
    city,
    collecting,
    customs,
    diary,
    duties,
    filling,
    goals,
    meetings,
    months,
    nation,
    projects,
    reserves,
    running,
    walls,
)
from keshu.demo.people import account_table
from keshu.demo.stages import Stage, moment, open_stages, run
from keshu.directory.actors import system
from keshu.directory.models import Account
from keshu.figures import book
from keshu.figures.models import RegionShown, ReportedValue
from keshu.figures.packages import load_definitions
from keshu.journal.models import Revision, RevisionHead
from keshu.terms import clock

TODAY = "2026-10-12"
#: The base definitions are dated before everything else, so that any moment of the demonstration's year finds them.
FIRST_MOMENT = moment(1, 4, 8)
Say = Callable[[str], None]


class HouseInUse(RuntimeError):
    """The data folder holds somebody's work; a demonstration would mix with it."""


def all_stages() -> list[Stage]:
    """The nation's facts and the city's year."""
    return [
        *nation.stages(),
        *city.stages(),
        *months.stages(),
        *projects.stages(),
        *customs.stages(),
        *diary.stages(),
        *calls.stages(),
        *reserves.stages(),
        *running.stages(),
        *awards.stages(),
        *collecting.stages(),
        *meetings.stages(),
        *assessment.stages(),
        *duties.stages(),
        *checking.stages(),
        *goals.stages(),
        *filling.stages(),
        *walls.stages(),
    ]


def loaded() -> bool:
    """Whether the demonstration stands complete. One query."""
    return not open_stages(all_stages())


def load(say: Say = print, *, until: datetime | None = None) -> int:
    """Load what is not loaded yet, or only what happened up to ``until``; the number of values written. Raises HouseInUse."""
    begun = clock.monotonic()
    every = all_stages()
    waiting = open_stages(every)
    if not waiting:
        return 0
    if len(waiting) == len(every):
        _begin(say)
    _pin_today()
    waiting = [stage for stage in waiting if until is None or stage.at <= until]
    written = 0
    for stage in waiting:
        started = clock.monotonic()
        count = run(stage)
        written += count
        if count > 100:
            say(f"[演示] {stage.name} …… {count} 个数，{_seconds(started)} 秒")
    book.forget()
    say(f"[演示] 载入 {written} 个数、{len(waiting)} 步，共 {_seconds(begun)} 秒；演示的今天是 {TODAY}")
    return written


def accounts() -> str:
    """The table of demonstration accounts, or what to do first."""
    if not Account.objects.filter(username="suzhiheng").exists():
        return "还没有演示账号。请先运行 keshu demo load。"
    return account_table()


def _pin_today() -> None:
    path = Path(home.today_file(Path(settings.HOME)))
    if not path.exists():
        path.write_text(f"{TODAY}\n", encoding="utf-8")


def _begin(say: Say) -> None:
    """Make sure that nothing is in the house and that its history begins before the demonstration's year.

    A house that holds only the base definitions, dated by the machine's clock, is emptied and begun again.
    """
    if _in_use():
        raise HouseInUse("这个数据目录里已有单位、账号或数据，演示不往里放。请用 KESHU_HOME 换一个空目录。")
    last = RevisionHead.objects.filter(pk=1).values_list("at", flat=True).first()
    if last is not None and last <= FIRST_MOMENT:
        return
    if last is not None:
        say("[演示] 基础指标包的日期晚于演示年份，重新记一遍")
        call_command("flush", interactive=False, verbosity=0)
        book.forget()
    with clock.pretend(FIRST_MOMENT):
        load_definitions(system("基础指标包"))


def _in_use() -> bool:
    return (
        Account.objects.exists()
        or RegionShown.objects.exists()
        or ReportedValue.objects.for_system("演示前查空").exists()
        # What an empty house begins with: the base package and the rules and registers of its rooms.
        or Revision.objects.exclude(reason__startswith="载入").exists()
    )


def _seconds(since: float) -> str:
    tenths = round((clock.monotonic() - since) * 10)
    return f"{tenths // 10}.{tenths % 10}"
