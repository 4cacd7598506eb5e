from django.urls import path

from keshu.desk.checking import (
    doing,
    figures,
    filling,
    generating,
    month,
    ordering,
    panels,  # noqa: F401 (declares the cards)
    working,
)

urlpatterns = [
    path("checking/", month.month_page, name="checking"),
    path("checking/print/", month.print_page, name="checking_print"),
    path("checking/open/", doing.open_sheet, name="checking_open"),
    path("checking/review/<int:pk>/", doing.review, name="checking_review"),
    path("checking/fill/", filling.fill_page, name="checking_fill"),
    path("checking/fill/<int:pk>/", filling.fill_line, name="checking_line"),
    path("checking/work/", working.work_page, name="checking_work"),
    path("checking/work/remind/", working.remind_offices, name="checking_remind"),
    path("checking/goals/", generating.goals_page, name="checking_goals"),
    path("checking/goals/make/", generating.make_items, name="checking_make"),
    path("checking/items/<int:pk>/figure/", figures.figure_page, name="checking_figure"),
    path("checking/items/<int:pk>/order/", ordering.order_page, name="checking_order"),
]
