from django.urls import path

from keshu.desk.meetings import acts, county, lists, page, panels, papers  # noqa: F401 (panels declares the cards)

urlpatterns = [
    path("meetings/", lists.meetings, name="meetings"),
    path("meetings/new/", lists.new, name="meeting_new"),
    path("meetings/materials/", county.materials, name="meeting_materials"),
    path("meetings/materials/<int:pk>/", county.answer, name="meeting_answer"),
    path("meetings/<int:pk>/", page.page, name="meeting"),
    path("meetings/<int:pk>/moved/", page.moved, name="meeting_moved"),
    path("meetings/<int:pk>/edit/", lists.edit, name="meeting_edit"),
    path("meetings/<int:pk>/act/", acts.act, name="meeting_act"),
    path("meetings/<int:pk>/prepare/", acts.prepare, name="meeting_prepare"),
    path("meetings/<int:pk>/requests/<int:request_pk>/", acts.request_act, name="meeting_request"),
    path("meetings/<int:pk>/note/", acts.keep_note, name="meeting_note"),
    path("meetings/<int:pk>/minutes/", acts.write_minutes, name="meeting_minutes"),
    path("meetings/<int:pk>/units/<int:unit>/", county.unit_page, name="meeting_unit"),
    path("meetings/<int:pk>/papers/<slug:kind>/", papers.paper, name="meeting_paper"),
]
