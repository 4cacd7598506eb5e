"""The proof behind an objection: only who handles or decides programmes sees it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.calls.files import served, taken
from keshu.desk.calls.views import SEES
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import attach
from keshu.ledger.intake.hazards import IntakeError
from keshu.programmes.models import Objection


def _objection(pk: int) -> Objection:
    found = Objection.objects.for_system("办异议").filter(pk=pk).select_related("application").first()
    if found is None:
        raise Http404("没有这件异议。")
    return found


@require_POST
@needs(Can.HANDLE_PROGRAMMES)
@limited(UPLOAD)
@bounded("desk:calls")
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a file that the objector handed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    objection = _objection(pk)
    stream, name = taken(request)
    try:
        if stream is None:
            messages.error(request, "没有选文件。请选异议人交来的证明材料。")
        else:
            attach(objection, actor, stream, name, caption="异议证明")
    except (IntakeError, Classified) as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:record", code="programmes", pk=objection.application_id)


@require_GET
@needs(*SEES)
def proof_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """One file of an objection."""
    return served(_objection(pk), file)
