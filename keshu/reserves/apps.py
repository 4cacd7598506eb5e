from django.apps import AppConfig


class ReservesConfig(AppConfig):
    name = "keshu.reserves"
    verbose_name = "储备、榜单和成果"

    def ready(self) -> None:
        """The registers are known from the start, and what follows when a project that came from the reserve is approved."""
        from keshu.ledger.registers import enlist
        from keshu.reserves import converting  # noqa: F401 (declares what follows an approval)
        from keshu.reserves.register import REGISTERS

        for register in REGISTERS:
            enlist(register)
