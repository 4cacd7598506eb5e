from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "keshu.programmes"
    verbose_name = "科技计划"

    def ready(self) -> None:
        """The register of applications is known from the start."""
        from keshu.ledger.registers import enlist
        from keshu.programmes.register import APPLICATIONS

        enlist(APPLICATIONS)
