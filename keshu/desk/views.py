"""Signing in and out, and where a role lands."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from keshu.desk.shell import context


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Send the actor to the first page of its rail."""
    entries = context(request)["nav"]
    return redirect(entries[0]["href"] if entries else "portal:landing")
