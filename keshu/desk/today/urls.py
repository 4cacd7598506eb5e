from django.urls import path

from keshu.desk.today.views import page

urlpatterns = [path("today/", page, name="today")]
