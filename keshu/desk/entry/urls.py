"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.entry import adjustments, cells, collecting, doubts, month, papers, workbook

SHEET = "entry/<slug:form>/<str:region>/<str:period>/"
urlpatterns = [
    path("entry/", month.current, name="entry"),
    path("collection/", collecting.collection, name="collection"),
    path("collection/enter/", collecting.enter_for, name="entry_enter_for"),
    path("collection/estimates/", collecting.estimates, name="estimates"),
    path("entry/papers/<int:pk>/", papers.paper, name="entry_paper"),
    path("entry/adjustments/<int:pk>/", adjustments.answer, name="adjustment_answer"),
    path("entry/doubts/<int:pk>/", doubts.act, name="doubt_act"),
    path(SHEET, month.sheet, name="sheet"),
    path(SHEET + "cell/", cells.cell, name="sheet_cell"),
    path(SHEET + "paste/", cells.paste, name="sheet_paste"),
    path(SHEET + "zero/", cells.all_zero, name="sheet_zero"),
    path(SHEET + "act/", month.act, name="sheet_act"),
    path(SHEET + "workbook/", workbook.download, name="sheet_workbook"),
    path(SHEET + "upload/", workbook.upload, name="sheet_upload"),
    path(SHEET + "fill/", workbook.fill, name="sheet_fill"),
    path(SHEET + "paper/", papers.attach_paper, name="sheet_paper"),
    path(SHEET + "adjust/", adjustments.ask_adjustment, name="sheet_adjust"),
    path(SHEET + "doubt/", doubts.write, name="sheet_doubt"),
]
