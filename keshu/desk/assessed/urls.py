from django.urls import path

from keshu.desk.assessed import pages, panels, sheets, standing

urlpatterns = [
    path("assessed/", pages.years, name="assessed"),
    path("assessed/new/", pages.new, name="assessed_new"),
    path("assessed/moved/", standing.rank_moved, name="rank_moved"),
    path("assessed/<int:pk>/", pages.one, name="assessed_one"),
    path("assessed/<int:pk>/edit/", pages.edit, name="assessed_edit"),
    path("assessed/<int:pk>/template/", sheets.template, name="assessed_template"),
    path("assessed/<int:pk>/upload/", sheets.upload, name="assessed_upload"),
    path("assessed/<int:pk>/apply/", sheets.confirm, name="assessed_apply"),
    path("assessed/<int:pk>/refused/", sheets.refused, name="assessed_refused"),
    path("assessed/items/<int:pk>/plan/", panels.plan, name="assessed_plan"),
    path("assessed/items/<int:pk>/method/", panels.method, name="assessed_method"),
]
