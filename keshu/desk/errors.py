"""Error pages in the house's voice: what happened, why, what to do."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, status: int, **words: str) -> HttpResponse:
    return render(request, f"{status}.html", words, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    return _page(request, 400, message=str(exception) if exception else "")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return _page(request, 403, message=str(exception) if exception else "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    return _page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500, with a number that stands in the log as well."""
    return _page(request, 500, number=f"E-{secrets.token_hex(2).upper()}")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came back without its token: usually a page left open overnight."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
