"""Sealed scans and received files: attached to a sheet, served only to who may see the sheet."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.entry.finding import SEES, actor_of, seen_sheet
from keshu.desk.entry.month import address
from keshu.desk.guard import address as address_of
from keshu.desk.guard import needs
from keshu.desk.limits import UPLOAD, limited
from keshu.figures.entry.cells import may_fill
from keshu.figures.entry.models import Sheet
from keshu.figures.entry.papers import SEALED, SENT, NotYet, attach
from keshu.journal import audit
from keshu.ledger.evidence import path_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.models import Evidence


@require_POST
@needs(*SEES)
@limited(UPLOAD)
def attach_paper(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Attach the sealed scan, or for a 代录 the file that was received."""
    actor = actor_of(request)
    sheet = seen_sheet(request, form, region, period)
    uploaded = request.FILES.get("file")
    caption = SENT if sheet.entered_for and request.POST.get("caption") == SENT else SEALED
    if not sheet.pk or not (may_fill(actor, sheet) or actor.is_county):
        audit.note(actor, "拒绝", f"附佐证 {sheet}", outcome="拒绝", address=address_of(request))
        raise Http404
    if uploaded is None:
        messages.error(request, "没有选文件。请选扫描件再传。")
        return redirect(address(sheet))
    try:
        attach(sheet, actor, uploaded.file, uploaded.name or "扫描件", caption)
        messages.success(request, f"已附{caption}。")
    except (IntakeError, NotYet) as refusal:
        messages.error(request, str(refusal))
    return redirect(address(sheet))


@require_GET
@needs(*SEES)
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One paper, as a download."""
    actor = actor_of(request)
    # Only papers of sheets: those behind a record are seen with the record, not with its region.
    found = Evidence.objects.visible_to(actor).filter(pk=pk, model=Sheet._meta.label).first()
    if found is None or not path_of(found).is_file():
        audit.note(actor, "拒绝", f"佐证 {pk}", outcome="拒绝", address=address_of(request))
        raise Http404
    audit.note(actor, "看佐证", f"{found.name}（{found.caption}）", address=address_of(request))
    return FileResponse(
        path_of(found).open("rb"), as_attachment=True, filename=found.name, content_type=found.media_type
    )
