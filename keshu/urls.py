"""The doors: every route of the house."""

from django.urls import include, path

urlpatterns = [
    path("", include("keshu.portal.urls")),
    path("desk/", include("keshu.desk.urls")),
]
handler400 = "keshu.desk.errors.bad_request"
handler403 = "keshu.desk.errors.forbidden"
handler404 = "keshu.desk.errors.not_found"
handler500 = "keshu.desk.errors.broken"
