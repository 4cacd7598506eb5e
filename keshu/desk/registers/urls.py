from django.urls import path

from keshu.desk.registers import listing, record

urlpatterns = [
    path("registers/", listing.registers_page, name="registers"),
    path("registers/<slug:code>/", listing.listing, name="register"),
    path("registers/<slug:code>/export/", listing.export, name="register_export"),
    path("registers/<slug:code>/<int:pk>/", record.page, name="record"),
    path("registers/<slug:code>/<int:pk>/act/", record.act, name="record_act"),
]
