from django.apps import AppConfig


class BringingConfig(AppConfig):
    name = "keshu.bringing"
    verbose_name = "台账导入"
