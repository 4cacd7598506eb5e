from django.apps import AppConfig


class WallsConfig(AppConfig):
    name = "keshu.walls"
    verbose_name = "大屏"
