from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "keshu.portal"
    verbose_name = "门户"
