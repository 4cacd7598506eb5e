from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "keshu.desk"
    verbose_name = "工作台"
