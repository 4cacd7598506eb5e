from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "keshu.rules"
    verbose_name = "规则"
