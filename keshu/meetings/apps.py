from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "keshu.meetings"
    verbose_name = "调度会"
