"""The body of an upload: bounded before it is read, and a full disk said in words."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from keshu.desk.guard import View
from keshu.ledger.intake.hazards import DiskFull, TooLarge
from keshu.ledger.intake.uploads import disk_full_as_refusal

# What the other fields and the boundaries of the form take, in bytes.
FORM_BYTES = 64 * 1024
# A body that is too long is read to here and thrown away, so that the browser gets an answer and not a broken line.
DRAINED = 1024 * 1024 * 1024
STEP = 1024 * 1024


def bounded(back: str) -> Callable[[View], View]:
    """A view that takes a file: a body that is too long is never kept, and a disk that fills while it is taken is said.

    ``back``: the route that shows the message; it has the same parts in its address as the view, or none. The view is exempt from the
    middleware's check of the token, because that would take the whole body in first, signed in or not; it is made here
    instead. Stands below ``needs`` and ``limited``.
    """

    def decorate(view: View) -> View:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
            try:
                if length > settings.MAX_UPLOAD_BYTES + FORM_BYTES:
                    _drain(request)
                    raise TooLarge("这个文件", length, settings.MAX_UPLOAD_BYTES)
                with disk_full_as_refusal():
                    request.FILES  # noqa: B018 (taken in here, where a full disk can be said)
            except (TooLarge, DiskFull) as refusal:
                messages.error(request, str(refusal))
                return _shown(back, kwargs)
            return protected(request, *args, **kwargs)

        return guarded

    return decorate


def _shown(back: str, parts: dict[str, Any]) -> HttpResponse:
    try:
        return redirect(back, **parts)
    except NoReverseMatch:
        return redirect(back)


def _drain(request: HttpRequest) -> None:
    read = 0
    while read < DRAINED and (piece := request.read(STEP)):
        read += len(piece)
