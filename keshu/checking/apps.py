from django.apps import AppConfig


class CheckingConfig(AppConfig):
    name = "keshu.checking"
    verbose_name = "对照检查"

    def ready(self) -> None:
        """The registers of items and of their monthly checks are known from the start, and what a month begins with."""
        from keshu.checking import working  # noqa: F401 (declares what is done on the morning of the first)
        from keshu.checking.register import REGISTERS
        from keshu.ledger.registers import enlist

        for register in REGISTERS:
            enlist(register)
