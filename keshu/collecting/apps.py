from django.apps import AppConfig


class CollectingConfig(AppConfig):
    name = "keshu.collecting"
    verbose_name = "收表合表"
