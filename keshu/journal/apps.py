from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "keshu.journal"
    verbose_name = "变更日志"
