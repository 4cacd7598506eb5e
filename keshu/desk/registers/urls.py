from django.urls import path

from keshu.desk.registers import importing, itemising, listing, papers, printing, record, saving, together

urlpatterns = [
    path("registers/", listing.registers_page, name="registers"),
    path("registers/<slug:code>/", listing.listing, name="register"),
    path("registers/<slug:code>/standing/", listing.standing_part, name="register_standing"),
    path("registers/<slug:code>/export/", listing.export, name="register_export"),
    path("registers/<slug:code>/print/", printing.print_page, name="register_print"),
    path("registers/<slug:code>/views/", saving.keep_view, name="view_keep"),
    path("registers/<slug:code>/views/<int:pk>/", saving.change_view, name="view_change"),
    path("registers/<slug:code>/together/", together.together, name="record_together"),
    path("registers/<slug:code>/<int:pk>/", record.page, name="record"),
    path("registers/<slug:code>/<int:pk>/act/", record.act, name="record_act"),
    path("registers/<slug:code>/<int:pk>/itemise/", itemising.itemise_row, name="record_itemise"),
    path("registers/<slug:code>/<int:pk>/papers/", papers.add_paper, name="record_papers"),
    path("registers/<slug:code>/<int:pk>/papers/<int:paper>/", papers.paper, name="record_paper"),
    path(
        "registers/<slug:code>/<int:pk>/papers/<int:paper>/back/",
        papers.paper_back,
        name="record_paper_back",
    ),
    path("registers/<slug:code>/import/", importing.imports, name="register_import"),
    path("registers/<slug:code>/import/template/", importing.import_template, name="register_template"),
    path("registers/<slug:code>/import/upload/", importing.import_upload, name="register_upload"),
    path("registers/<slug:code>/import/<int:pk>/", importing.import_batch, name="register_batch"),
    path(
        "registers/<slug:code>/import/<int:pk>/progress/", importing.import_progress, name="register_progress"
    ),
    path("registers/<slug:code>/import/<int:pk>/refused/", importing.import_refused, name="register_refused"),
    path("registers/<slug:code>/import/<int:pk>/act/", importing.import_act, name="register_batch_act"),
]
