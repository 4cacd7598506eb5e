"""Public pages. Nothing here needs a login and nothing unreleased is shown."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def landing(request: HttpRequest) -> HttpResponse:
    """The first page of the house: the doors that work, and the way in."""
    return render(request, "portal/landing.html", {"doors": []})
