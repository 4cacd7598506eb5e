from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "keshu.figures"
    verbose_name = "数据"
