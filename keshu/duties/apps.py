from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "keshu.duties"
    verbose_name = "督办"
