from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "keshu.programmes"
    verbose_name = "科技计划"

    def ready(self) -> None:
        """The registers of programmes are known from the start."""
        from keshu.ledger.registers import enlist
        from keshu.programmes.register import APPLICATIONS
        from keshu.programmes.running_registers import CHANGES, INSPECTIONS, PAYMENTS

        enlist(APPLICATIONS)
        for register in (PAYMENTS, CHANGES, INSPECTIONS):
            enlist(register)
