from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "keshu.figures"
    verbose_name = "数据"

    def ready(self) -> None:
        """Counting follows every writing from the first one on."""
        from keshu.figures import counting  # noqa: F401 (declares itself)
