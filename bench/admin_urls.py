"""The house, and a plain Django admin list of the same model with the same columns, filters and search."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import path

from keshu import urls
from keshu.programmes.models import Application


class Site(admin.AdminSite):
    """An admin that anybody who has signed in may read: rights are not what is measured."""

    def has_permission(self, request: HttpRequest) -> bool:
        return True


class Applications(admin.ModelAdmin):
    """As a careful programmer would write it in ten lines."""

    list_display = ("number", "title", "unit", "region", "level", "field", "year", "granted", "state")
    list_filter = ("year", "level", "field", "state")
    list_select_related = ("unit", "region")
    search_fields = ("number", "title", "unit__name", "leader")
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return Application.objects.for_system("bench").order_by("-pk")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


site = Site("peer")
site.register(Application, Applications)
urlpatterns = [path("peer/", site.urls), *urls.urlpatterns]
