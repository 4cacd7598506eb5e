from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "keshu.directory"
    verbose_name = "组织与账号"
