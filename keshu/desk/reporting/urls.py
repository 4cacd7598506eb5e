"""Routes of giving figures out."""

from django.urls import path

from keshu.desk.reporting.giving import give, give_record
from keshu.desk.reporting.papers import briefing, composed_file, export_dispatch
from keshu.desk.reporting.register import issued, issued_detail, issued_export

urlpatterns = [
    path("give/", give, name="give"),
    path("give/record/", give_record, name="give_record"),
    path("issued/", issued, name="issued"),
    path("issued/export/", issued_export, name="issued_export"),
    path("issued/<int:pk>/", issued_detail, name="issued_detail"),
    path("dispatch/export/", export_dispatch, name="export_dispatch"),
    path("briefing/", briefing, name="briefing"),
    path("briefing/<int:pk>/file/", composed_file, name="composed_file"),
]
