from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "keshu.reports"
    verbose_name = "报告"
