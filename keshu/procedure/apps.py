from django.apps import AppConfig


class ProcedureConfig(AppConfig):
    name = "keshu.procedure"
    verbose_name = "流程"
