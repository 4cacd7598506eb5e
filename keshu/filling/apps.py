from django.apps import AppConfig


class FillingConfig(AppConfig):
    name = "keshu.filling"
    verbose_name = "套表上报"
