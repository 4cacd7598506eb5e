"""The public doors."""

from django.urls import path

from keshu.portal import projects, views

app_name = "portal"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("projects/", projects.projects, name="projects"),
    path("notices/", projects.notices, name="notices"),
    path("nation/", views.nation, name="nation"),
    path("nation/csv/", views.nation_csv, name="nation_csv"),
    path("nation/<slug:indicator>/<slug:region>/", views.nation_trace, name="trace"),
    path("healthz", views.health, name="health"),
]
