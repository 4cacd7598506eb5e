"""Routes of the wall, its links and releases, and of the leader's phone page."""

from django.urls import path

from keshu.desk.screen.phone import phone_page
from keshu.desk.screen.views import linked, screen, settings_page

urlpatterns = [
    path("screen/", screen, name="screen"),
    path("screen/links/", settings_page, name="screen_links"),
    path("screen/at/<str:token>/", linked, name="screen_linked"),
    path("phone/", phone_page, name="phone"),
]
