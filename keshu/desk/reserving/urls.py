from django.urls import path

from keshu.desk.reserving import acts, panels, sheets  # noqa: F401 (panels declares the cards)

urlpatterns = [
    path("reserving/", sheets.home, name="reserving"),
    path("reserving/begin/", sheets.begin, name="reserving_begin"),
    path("reserving/drafts/<int:pk>/", sheets.sheet, name="reserving_sheet"),
    path("reserving/drafts/<int:pk>/keep/", sheets.keep_field, name="reserving_keep"),
    path("reserving/drafts/<int:pk>/hand-in/", sheets.hand_in, name="reserving_hand_in"),
    path("reserving/drafts/<int:pk>/drop/", sheets.drop, name="reserving_drop"),
    path("reserving/convert/<int:pk>/", acts.convert_entry, name="reserving_convert"),
    path("reserving/phone/<slug:code>/<int:pk>/", acts.phone, name="reserving_phone"),
]
