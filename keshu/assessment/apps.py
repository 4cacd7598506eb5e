from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "keshu.assessment"
    verbose_name = "上级考核"

    def ready(self) -> None:
        """The register is known from the start."""
        from keshu.assessment import days  # noqa: F401 (what a county regains stands in its calendar)
        from keshu.assessment.register import ITEMS
        from keshu.ledger.registers import enlist

        enlist(ITEMS)
