from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "keshu.figures.entry"
    label = "entry"
    verbose_name = "填报"
