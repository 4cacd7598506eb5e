"""Error pages in the house's voice: what happened, why, what to do."""

import logging
import re
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404

logger = logging.getLogger("keshu.errors")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _page(request: HttpRequest, status: int, why: str = "") -> HttpResponse:
    return render(request, f"{status}.html", {"why": why}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return _page(request, 403, str(exception) if exception else "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, with the reason where it is the house's own sentence; Django's own are not written for clerks."""
    said = "" if isinstance(exception, Resolver404) else str(exception or "")
    return _page(request, 404, said if CHINESE.search(said) else "")


def too_many(request: HttpRequest, why: str, seconds: int) -> HttpResponse:
    """429, with the seconds after which another try has a chance."""
    answer = _page(request, 429, why)
    answer["Retry-After"] = str(seconds)
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """500, with a number that stands in the log as well. Drawn without the shell: the database may be what is broken."""
    code = f"E-{secrets.token_hex(2).upper()}"
    logger.error("%s %s %s", code, request.method, request.path)
    return HttpResponse(render_to_string("500.html", {"code": code}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came back without its token: usually a page left open overnight."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
