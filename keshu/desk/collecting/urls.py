"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.collecting import answering, deciding, defining, entering, listing, outgoing

urlpatterns = [
    path("collecting/", listing.home, name="collecting_home"),
    path("collecting/new/", defining.new, name="collecting_new"),
    path("collecting/take-over/", defining.take_over_form, name="collecting_take_over"),
    path("collecting/<int:pk>/", listing.collection, name="collecting_page"),
    path("collecting/<int:pk>/edit/", defining.edit, name="collecting_edit"),
    path("collecting/<int:pk>/again/", defining.once_more, name="collecting_again"),
    path("collecting/<int:pk>/act/", deciding.act_on, name="collecting_act"),
    path("collecting/<int:pk>/drop/", deciding.drop, name="collecting_drop"),
    path("collecting/<int:pk>/remind/", deciding.remind_missing, name="collecting_remind"),
    path("collecting/<int:pk>/workbooks/", outgoing.workbooks, name="collecting_workbooks"),
    path("collecting/<int:pk>/export/", outgoing.export_merged, name="collecting_export"),
    path("collecting/type/<int:pk>/", entering.type_for, name="collecting_type"),
    path("collecting/contact/<int:pk>/", entering.write_contact, name="collecting_contact"),
    path("collecting/replies/<int:pk>/", deciding.reply_page, name="collecting_reply"),
    path("collecting/replies/<int:pk>/act/", deciding.act_on_reply, name="collecting_reply_act"),
    path("collecting/replies/<int:pk>/file/", outgoing.reply_file, name="collecting_reply_file"),
    path("collecting/papers/<int:pk>/<int:paper>/", outgoing.reply_paper, name="collecting_reply_paper"),
    path("answering/", answering.asked, name="collecting_asked"),
    path("answering/<int:pk>/", answering.answer, name="collecting_answer"),
    path("answering/<int:pk>/fill/", entering.fill, name="collecting_fill"),
    path("answering/<int:pk>/workbook/", outgoing.own_workbook, name="collecting_own_workbook"),
    path("answering/<int:pk>/hand-in/", answering.hand_in, name="collecting_hand_in"),
]
