"""The doors: every route of the house."""

from django.urls import include, path

from keshu.desk.people.signing import SignIn, SignOut

urlpatterns = [
    path("", include("keshu.portal.urls")),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("desk/", include("keshu.desk.urls")),
]
handler400 = "keshu.desk.errors.bad_request"
handler403 = "keshu.desk.errors.forbidden"
handler404 = "keshu.desk.errors.not_found"
handler500 = "keshu.desk.errors.broken"
