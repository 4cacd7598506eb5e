"""网上申报 pages: calls and drafts come in by an organisation, applications go out to the register."""

from django.urls import path

from keshu.desk.applying import panels, receipts, views  # noqa: F401 (declares cards)

urlpatterns = [
    path("apply/", views.mine, name="apply"),
    path("apply/begin/", views.begin, name="apply_begin"),
    path("apply/<int:pk>/", views.form, name="apply_form"),
    path("apply/<int:pk>/keep/", views.keep_field, name="apply_keep"),
    path("apply/<int:pk>/file/", views.hand_file, name="apply_file"),
    path("apply/<int:pk>/files/<int:file>/", views.file, name="apply_file_open"),
    path("apply/<int:pk>/hand-in/", views.hand_in, name="apply_hand_in"),
    path("apply/<int:pk>/drop/", views.drop, name="apply_drop"),
    path("applications/<int:pk>/receipt/", receipts.receipt, name="apply_receipt"),
    path("applications/<int:pk>/copy/", receipts.printed, name="apply_printed"),
    path("applications/<int:pk>/sealed/", receipts.sealed, name="apply_sealed"),
]
