"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.importing import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/template/", views.template, name="import_template"),
    path("imports/upload/", views.upload, name="import_upload"),
    path("imports/<int:pk>/", views.detail, name="import_detail"),
    path("imports/<int:pk>/progress/", views.progress, name="import_progress"),
    path("imports/<int:pk>/refused/", views.refused, name="import_refused"),
    path("imports/<int:pk>/act/", views.act, name="import_act"),
]
