"""材料: the files behind a record, added on its page, served only to those who see the record, taken back with a trace."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.registers.finding import refused, seen_record
from keshu.desk.registers.listing import register_of
from keshu.desk.registers.record import record_page
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import EvidenceStays, attach, may_attach, path_of, take_back
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.models import Evidence
from keshu.ledger.records import Record
from keshu.ledger.registers import Register

REFUSED = 422


@require_POST
@needs(Can.SEE_REGISTERS)
@limited(UPLOAD)
@bounded("desk:record")
def add_paper(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Add a file to a record. A refused file leaves the caption as it was typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    record = seen_record(request, register, pk)
    if not may_attach(register, record, actor):
        refused(request, f"附材料 {register.name} {pk}")
        raise Http404("这一份记录现在的岗位只能看，不能添材料。")
    uploaded = request.FILES.get("file")
    caption = request.POST.get("caption", "").strip()
    problem = ""
    if uploaded is None:
        problem = "没有选文件。请选一份再传。"
    elif len(caption) > 200:
        problem = f"说明写了 {len(caption)} 字，最多 200 字。请删短再传。"
    else:
        try:
            attach(record, actor, uploaded.file, uploaded.name or "", caption=caption)
        except (IntakeError, Classified) as refusal:
            problem = str(refusal)
    if problem:
        return record_page(register, record, request, problem=problem, caption=caption, status=REFUSED)
    messages.success(request, f"已存 {uploaded.name}。")  # type: ignore[union-attr]
    return redirect(reverse("desk:record", args=[code, pk]) + "#papers")


@require_GET
@needs(Can.SEE_REGISTERS)
def paper(request: HttpRequest, code: str, pk: int, paper: int) -> HttpResponseBase:
    """One file, always as a download."""
    register = register_of(code)
    record = seen_record(request, register, pk)
    found = _paper(request, register, record, paper)
    if not path_of(found).is_file():
        raise Http404("文件不在服务器上了。请报给管理员。")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    audit.note(
        actor,
        "看佐证",
        f"{found.name}（{found.caption}）",
        address=address(request),
        detail={"记录": str(record)},
    )
    answer = FileResponse(
        path_of(found).open("rb"), as_attachment=True, filename=found.name, content_type=found.media_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@needs(Can.SEE_REGISTERS)
def paper_back(request: HttpRequest, code: str, pk: int, paper: int) -> HttpResponse:
    """Take a file back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    record = seen_record(request, register, pk)
    found = _paper(request, register, record, paper)
    try:
        take_back(found, record, actor)
    except EvidenceStays as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已撤下 {found.name}，历史里还查得到。")
    return redirect(reverse("desk:record", args=[code, pk]) + "#papers")


def _paper(request: HttpRequest, register: Register, record: Record, pk: int) -> Evidence:
    """A paper of this record; a paper of another record is not there, and the try is kept."""
    rows = Evidence.objects.for_system("已按记录核过范围")
    found = rows.filter(pk=pk, model=register.label, object_pk=record.pk).first()
    if found is None:
        if rows.filter(pk=pk).exists():
            refused(request, f"佐证 {pk}（{register.name} {record.pk}）")
        raise Http404("这条记录下没有这份材料，可能已经撤下。")
    return found
