from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "keshu.goals"
    verbose_name = "目标分解"
