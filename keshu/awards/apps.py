from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "keshu.awards"
    verbose_name = "科学技术奖"

    def ready(self) -> None:
        """The registers of nominations and objections are known from the start."""
        from keshu.awards.register import NOMINATIONS, OBJECTIONS
        from keshu.ledger.registers import enlist

        enlist(NOMINATIONS)
        enlist(OBJECTIONS)
