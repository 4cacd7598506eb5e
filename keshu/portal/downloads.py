"""政策与表格下载: public documents, searched and downloaded. An abolished one says so, an unreleased one is not there."""

from typing import Any
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keshu.ledger.evidence import path_of
from keshu.ledger.models import Evidence
from keshu.portal.searching import asked, choices, paged, searched
from keshu.reserves import public
from keshu.reserves.models import Publication

NOT_THERE = "没有这份文件，或它没有公开。到“政策与表格下载”里查一查。"


@require_safe
@searched
def downloads(request: HttpRequest) -> HttpResponse:
    """The list: those in force first, each with its files."""
    search = asked(request, kind="category")
    found = paged(request, public.publications(search), search, kind="category")
    page = list(found["page"])
    files = public.files_of(page)
    context = {
        **found,
        "rows": [{"row": row, "files": files[row.pk], "over": public.is_over(row)} for row in page],
        "kinds": choices(_categories(), search, name="category"),
    }
    return render(request, "portal/downloads.html", context)


def _categories() -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in Publication.Category.choices]


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """One document with its files."""
    row = public.publications(public.Search()).filter(pk=pk).first()
    if row is None:
        raise Http404(NOT_THERE)
    context = {"row": row, "files": public.files_of([row])[row.pk], "over": public.is_over(row)}
    return render(request, "portal/download.html", context)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes of one file, always to be saved, never shown inside the site; known by their SHA-256."""
    found = public.file_of(pk)
    if found is None or not path_of(found).is_file():
        raise Http404(NOT_THERE)
    tag = f'"{found.sha256}"'
    if request.headers.get("If-None-Match") == tag:
        return _headed(HttpResponseNotModified(), found)
    return _headed(FileResponse(path_of(found).open("rb"), content_type=found.media_type), found)


def _headed(answer: Any, found: Evidence) -> HttpResponseBase:
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    answer["ETag"] = f'"{found.sha256}"'
    # A document may be taken down at any moment: whoever keeps a copy has to ask again.
    answer["Cache-Control"] = "public, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[no-any-return]
