"""The house's settings with Django's own admin beside it, for the bench of registers only."""

from keshu.settings import *  # noqa: F403
from keshu.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench.admin_urls"
