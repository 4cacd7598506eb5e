from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "keshu.figures"
    verbose_name = "数据"

    def ready(self) -> None:
        """Counting follows every writing from the first one on; a ledger that is defined while the house runs is counted at once."""
        from keshu.figures import counting, packages  # noqa: F401 (declare themselves)
