"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.diary import calendar_page, lines_page, messages_page, outbox_page, subscribing

urlpatterns = [
    path("diary/", calendar_page.page, name="diary"),
    path("diary/subscription/", subscribing.subscription, name="diary_subscription"),
    path("diary/feed/<str:token>.ics", subscribing.feed, name="diary_feed"),
    path("outbox/", outbox_page.page, name="outbox"),
    path("outbox/prepare/", outbox_page.make, name="outbox_prepare"),
    path("outbox/send/", outbox_page.send, name="outbox_send"),
    path("outbox/export/", outbox_page.export, name="outbox_export"),
    path("outbox/new/", outbox_page.new, name="reminder_new"),
    path("outbox/<int:pk>/", outbox_page.reminder, name="reminder"),
    path("outbox/<int:pk>/act/", outbox_page.act, name="reminder_act"),
    path("messages/", messages_page.page, name="messages"),
    path("messages/<int:pk>/read/", messages_page.acknowledge, name="message_read"),
    path("lines/", lines_page.page, name="lines"),
    path("lines/off/", lines_page.switch_off, name="line_off"),
    path("lines/<int:pk>/on/", lines_page.switch_on, name="line_on"),
]
