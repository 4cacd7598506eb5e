"""Files of calls, drafts and objections: taken from a form, served only through what they belong to."""

from typing import Any, BinaryIO

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from keshu.ledger.evidence import evidence_of, path_of


def taken(request: HttpRequest) -> tuple[BinaryIO | None, str]:
    """The uploaded file and its name; None where nothing was chosen."""
    uploaded = request.FILES.get("file")
    if uploaded is None or isinstance(uploaded, list):
        return None, ""
    return uploaded.file, uploaded.name or ""  # type: ignore[return-value]


def served(holder: Any, file: int) -> HttpResponseBase:
    """One file of what the reader was let to see, as a download; 404 for a file of something else."""
    found = next((row for row in evidence_of(holder) if row.pk == file), None)
    if found is None or not path_of(found).is_file():
        raise Http404("这里没有这份文件。")
    return FileResponse(
        path_of(found).open("rb"), as_attachment=True, filename=found.name, content_type=found.media_type
    )
