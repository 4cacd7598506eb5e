"""Routes of supervision. The page of one order is its record's page, to which ``panels`` adds cards."""

from django.urls import path

from keshu.desk.orders import board, circular, issuing, panels, sheets  # noqa: F401

urlpatterns = [
    path("orders/", board.page, name="orders"),
    path("orders/issue/", issuing.issue, name="order_issue"),
    path("orders/circular/", circular.page, name="order_circular"),
    path("orders/<int:pk>/sheet/", sheets.sheet, name="order_sheet"),
]
