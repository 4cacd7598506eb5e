"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.organisations import file_page

urlpatterns = [
    path("organisations/own/", file_page.own, name="own_organisation"),
    path("organisations/<int:pk>/", file_page.page, name="organisation"),
]
