from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "keshu.meetings"
    verbose_name = "调度会"

    def ready(self) -> None:
        """The registers of meetings and of causes and measures are known from the start."""
        from keshu.ledger.registers import enlist
        from keshu.meetings import days  # noqa: F401 (meetings stand in the calendars of those who attend)
        from keshu.meetings.register import MEETINGS, REQUESTS

        enlist(MEETINGS)
        enlist(REQUESTS)
