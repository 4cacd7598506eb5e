"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.customs import defining, entering, loading

urlpatterns = [
    path("customs/", defining.customs, name="customs"),
    path("customs/new/", defining.new, name="custom_new"),
    path("customs/load/", loading.load, name="custom_load"),
    path("customs/load/confirm/", loading.confirm, name="custom_confirm"),
    path("customs/ready/", loading.ready, name="custom_ready"),
    path("customs/<slug:code>/", defining.edit, name="custom"),
    path("customs/<slug:code>/file/", loading.file, name="custom_file"),
    path("customs/<slug:code>/enter/", entering.enter_page, name="custom_enter"),
    path("customs/<slug:code>/<int:pk>/correct/", entering.correct_page, name="custom_correct"),
]
