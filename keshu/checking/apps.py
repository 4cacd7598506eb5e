from django.apps import AppConfig


class CheckingConfig(AppConfig):
    name = "keshu.checking"
    verbose_name = "对照检查"
