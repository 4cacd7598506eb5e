"""Files that leave: workbooks for the senders, the merged workbook, and what came in, each to those who may see it."""

import tempfile
from typing import BinaryIO

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from keshu.collecting.sending import file_name, write_all, write_workbook
from keshu.collecting.telling import export
from keshu.desk.collecting.finding import actor_of, collection_of, reply_of, sender_of
from keshu.desk.guard import address, needs
from keshu.desk.importing.downloads import IN_MEMORY, XLSX
from keshu.directory.actors import Can
from keshu.journal import audit
from keshu.ledger.evidence import evidence_of, path_of
from keshu.ledger.intake.uploads import place_of, safe_name
from keshu.terms import clock

ZIP = "application/zip"


@require_GET
@needs(Can.COLLECT)
def workbooks(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One workbook per sender, as a zip."""
    found = collection_of(request, pk)
    out = _file()
    write_all(found, out)
    return _sent(out, safe_name(f"{found.title}-分发.zip"), ZIP)


@require_GET
@needs(Can.ANSWER_COLLECTION)
def own_workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The workbook of one sender."""
    sender = sender_of(request, pk, own=True)
    out = _file()
    write_workbook(sender.collection, sender, out)
    return _sent(out, file_name(sender.collection, sender), XLSX)


@require_GET
@needs(Can.COLLECT)
def export_merged(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The merged workbook; rows that are not taken come back with their reason."""
    found = collection_of(request, pk)
    out = _file()
    export(found, out)
    audit.note(actor_of(request), "导出", f"合表 {found.number} {found.title}", address=address(request))
    return _sent(out, safe_name(f"{found.title}-合表{clock.today():%m%d}.xlsx"), XLSX)


@require_GET
@needs(Can.COLLECT, Can.ANSWER_COLLECTION)
def reply_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A workbook as it came in, always as a download."""
    reply = reply_of(request, pk)
    path = place_of(reply.sha256) if reply.sha256 else None
    if path is None:
        raise Http404("这一份是填的，没有文件。")
    if not path.is_file():
        raise Http404("文件不在服务器上了。请报给管理员。")
    audit.note(actor_of(request), "看报来的表", f"{reply.filename}", address=address(request))
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=reply.filename, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_GET
@needs(Can.COLLECT, Can.ANSWER_COLLECTION)
def reply_paper(request: HttpRequest, pk: int, paper: int) -> HttpResponseBase:
    """The received file behind what was typed for a sender."""
    reply = reply_of(request, pk)
    found = next((one for one in evidence_of(reply) if one.pk == paper), None)
    if found is None or not path_of(found).is_file():
        raise Http404("这里没有这份文件。")
    audit.note(actor_of(request), "看佐证", f"{found.name}（{reply}）", address=address(request))
    answer = FileResponse(
        path_of(found).open("rb"), as_attachment=True, filename=found.name, content_type=found.media_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _file() -> BinaryIO:
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # type: ignore[return-value]


def _sent(out: BinaryIO, name: str, kind: str) -> FileResponse:
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=name, content_type=kind)
