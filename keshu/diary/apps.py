from django.apps import AppConfig


class DiaryConfig(AppConfig):
    name = "keshu.diary"
    verbose_name = "日程"

    def ready(self) -> None:
        """From the start nothing new is written into a line of business that is switched off."""
        from keshu.diary.lines import refuse_new
        from keshu.journal.writing import follow

        follow(refuse_new)
