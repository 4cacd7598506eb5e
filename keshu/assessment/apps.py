from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "keshu.assessment"
    verbose_name = "上级考核"
