from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "keshu.goals"
    verbose_name = "目标分解"

    def ready(self) -> None:
        """The registers of targets are known from the start."""
        from keshu.goals.registers import ADJUSTMENTS, LETTERS
        from keshu.ledger.registers import enlist

        enlist(ADJUSTMENTS)
        enlist(LETTERS)
