from django.apps import AppConfig


class CustomConfig(AppConfig):
    name = "keshu.custom"
    verbose_name = "自定义台账"

    def ready(self) -> None:
        """Ledgers that somebody defined are registers like any other."""
        from keshu.custom import registering  # noqa: F401 (declares itself)
