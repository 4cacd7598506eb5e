"""The desk's routes: each room brings its own, all under the name ``desk:``."""

from django.urls import include, path

app_name = "desk"
urlpatterns = [
    path("", include("keshu.desk.people.urls")),
    path("", include("keshu.desk.dispatching.urls")),
    path("", include("keshu.desk.targeting.urls")),
    path("", include("keshu.desk.reporting.urls")),
    path("", include("keshu.desk.importing.urls")),
    path("", include("keshu.desk.entry.urls")),
    path("", include("keshu.desk.registers.urls")),
    path("", include("keshu.desk.customs.urls")),
    path("", include("keshu.desk.applying.urls")),
    path("", include("keshu.desk.awarding.urls")),
    path("", include("keshu.desk.projects.urls")),
    path("", include("keshu.desk.calls.urls")),
    path("", include("keshu.desk.diary.urls")),
    path("", include("keshu.desk.organisations.urls")),
    path("", include("keshu.desk.reserving.urls")),
    path("", include("keshu.desk.assessed.urls")),
    path("", include("keshu.desk.meetings.urls")),
    path("", include("keshu.desk.orders.urls")),
    path("", include("keshu.desk.filling.urls")),
    path("", include("keshu.desk.collecting.urls")),
    path("", include("keshu.desk.checking.urls")),
    path("", include("keshu.desk.screen.urls")),
    path("", include("keshu.desk.today.urls")),
]
