from django.apps import AppConfig


class CollectingConfig(AppConfig):
    name = "keshu.collecting"
    verbose_name = "收表合表"

    def ready(self) -> None:
        """Forms that are due stand in the calendars of those who are asked."""
        from keshu.collecting import days  # noqa: F401 (declares itself)
