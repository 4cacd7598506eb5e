from django.urls import path

from keshu.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.landing, name="landing"),
]
