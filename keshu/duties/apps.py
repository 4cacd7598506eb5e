from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "keshu.duties"
    verbose_name = "督办"

    def ready(self) -> None:
        """The register of orders is known from the start, and orders rise when the morning's reminders are prepared."""
        from keshu.duties import escalating  # noqa: F401
        from keshu.duties.register import ORDERS
        from keshu.ledger.registers import enlist

        enlist(ORDERS)
