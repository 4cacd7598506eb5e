from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "keshu.ledger"
    verbose_name = "台账"
