"""Routes of 套表."""

from django.urls import path

from keshu.desk.filling import filled, forms, mapping

urlpatterns = [
    path("filling/", forms.forms, name="filling_forms"),
    path("filling/receive/", forms.receive, name="filling_receive"),
    path("filling/<int:pk>/", forms.form, name="filling_form"),
    path("filling/<int:pk>/settings/", forms.settings, name="filling_settings"),
    path("filling/<int:pk>/blank/", forms.blank_upload, name="filling_blank_upload"),
    path("filling/<int:pk>/map/", mapping.mapping, name="filling_map"),
    path("filling/<int:pk>/map/cell/", mapping.map_cell, name="filling_map_cell"),
    path("filling/<int:pk>/map/act/", mapping.map_act, name="filling_map_act"),
    path("filling/<int:pk>/fill/", forms.fill, name="filling_fill"),
    path("filling/blank/<int:pk>/file/", forms.blank_file, name="filling_blank_file"),
    path("filling/period/<int:pk>/", filled.filled, name="filling_filled"),
    path("filling/period/<int:pk>/act/", filled.filled_act, name="filling_filled_act"),
    path("filling/period/<int:pk>/feedback/", filled.feedback, name="filling_feedback"),
]
