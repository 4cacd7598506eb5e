from django.urls import path

from keshu.desk.targeting import views

urlpatterns = [
    path("targets/", views.targets, name="targets"),
    path("targets/template/", views.template, name="targets_template"),
    path("targets/upload/", views.upload, name="targets_upload"),
    path("targets/apply/", views.confirm, name="targets_apply"),
]
