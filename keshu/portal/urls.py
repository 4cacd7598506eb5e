"""The public doors."""

from django.urls import path

from keshu.portal import achievements, awards, downloads, landing, needs, projects, views

app_name = "portal"
urlpatterns = [
    path("", landing.landing, name="landing"),
    path("find/", landing.find, name="find"),
    path("downloads/", downloads.downloads, name="downloads"),
    path("downloads/<int:pk>/", downloads.download, name="download"),
    path("downloads/files/<int:pk>/", downloads.file, name="download_file"),
    path("needs/", needs.needs, name="needs"),
    path("needs/<int:pk>/", needs.need, name="need"),
    path("achievements/", achievements.achievements, name="achievements"),
    path("achievements/<int:pk>/", achievements.achievement, name="achievement"),
    path("projects/", projects.projects, name="projects"),
    path("calls/", projects.calls, name="calls"),
    path("calls/<int:pk>/", projects.call, name="call"),
    path("calls/<int:pk>/files/<int:file>/", projects.call_file, name="call_file"),
    path("notices/", projects.notices, name="notices"),
    path("awards/", awards.awards, name="awards"),
    path("awards/notices/", awards.notices, name="award_notices"),
    path("nation/", views.nation, name="nation"),
    path("nation/csv/", views.nation_csv, name="nation_csv"),
    path("nation/<slug:indicator>/<slug:region>/", views.nation_trace, name="trace"),
    path("healthz", views.health, name="health"),
]
