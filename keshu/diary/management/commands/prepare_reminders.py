"""``keshu manage prepare_reminders``: today's reminders into the outbox; nothing is sent."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from keshu.diary.preparing import prepare
from keshu.diary.tasks import schedule
from keshu.directory.actors import system


class Command(BaseCommand):
    """Prepares reminders now, or hands the daily preparation to the worker."""

    help = "按规则生成今天的提醒，放进待发提醒；一条也不发出"

    def add_arguments(self, parser: CommandParser) -> None:
        """``--daily``: leave it to the worker, every morning."""
        parser.add_argument("--daily", action="store_true", help="交给后台，每天早上生成")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what was prepared."""
        if options["daily"]:
            if schedule():
                self.stdout.write("提醒每天早上生成，已交给后台")
            return
        done = prepare(system("生成提醒"))
        self.stdout.write(f"新生成 {done.made} 条，作废 {done.lapsed} 条")
