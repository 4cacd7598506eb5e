"""The daily preparation of reminders by the worker."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django_tasks import task

from keshu.diary.models import Preparation
from keshu.diary.preparing import prepare
from keshu.directory.actors import system
from keshu.terms import clock

#: Before the office opens: our own configuration.
MORNING = time(7, 30)


@task()
def prepare_daily() -> str:
    """Prepare today's reminders and take the place of tomorrow's run."""
    done = prepare(system("每日生成提醒"))
    schedule()
    return f"新生成 {done.made} 条，作废 {done.lapsed} 条"


def schedule() -> bool:
    """Hand the next morning's preparation to the worker, once; whether it was handed over now.

    A house whose day is fixed (a demonstration) is not scheduled: its morning never comes.
    """
    if clock.fixed_day() is not None:
        return False
    now = clock.now()
    day = now.date() if now.time() < MORNING else now.date() + timedelta(days=1)
    Preparation.objects.get_or_create(pk=1)
    with transaction.atomic():
        turn = Preparation.objects.select_for_update().get(pk=1)
        if turn.scheduled_for is not None and turn.scheduled_for >= day:
            return False
        turn.scheduled_for = day
        turn.save(update_fields=["scheduled_for"])
    prepare_daily.using(run_after=datetime.combine(day, MORNING, clock.TZ)).enqueue()
    return True
