from django.urls import path

from keshu.desk.applying import views

urlpatterns = [
    path("apply/", views.mine, name="apply"),
    path("apply/begin/", views.begin, name="apply_begin"),
    path("apply/<int:pk>/", views.form, name="apply_form"),
    path("apply/<int:pk>/keep/", views.keep_field, name="apply_keep"),
    path("apply/<int:pk>/hand-in/", views.hand_in, name="apply_hand_in"),
    path("apply/<int:pk>/drop/", views.drop, name="apply_drop"),
]
