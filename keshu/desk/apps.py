from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "keshu.desk"
    verbose_name = "工作台"

    def ready(self) -> None:
        """What is due beside the records of registers is known from the start: the worker and commands ask for it too."""
        from keshu.desk.diary import calls, months  # noqa: F401 (declare themselves)
        from keshu.desk.projects import extending  # noqa: F401 (declares itself)
