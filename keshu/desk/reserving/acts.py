"""What is done from a card: an entry becomes an application, a telephone number is read in full."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from keshu.desk.guard import address, needs
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Call
from keshu.reserves import converting
from keshu.reserves.register import BY_CODE


@require_POST
@needs(Can.APPLY)
def convert_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The filled draft of an application to the chosen call."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    entry = BY_CODE["reserves"].rows(actor).filter(pk=pk).first()
    wanted = request.POST.get("call", "")
    call = Call.objects.filter(pk=int(wanted[:18])).first() if wanted.isascii() and wanted.isdigit() else None
    if entry is None or call is None:
        raise Http404("这里没有这个储备项目，或没有这个申报通知。")
    try:
        draft = converting.convert(actor, entry, call)
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:record", code="reserves", pk=pk)
    messages.success(request, f"已按 {entry.number} 填好名称、经费和内容，补齐其余的再提交。")
    return redirect("desk:apply_form", pk=draft.pk)


@require_POST
@needs(Can.SEE_REGISTERS)
def phone(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A number in full, for whoever may see the record; who read it is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = BY_CODE.get(code)
    record: Any = register.rows(actor).filter(pk=pk).first() if register else None
    if register is None or record is None or not getattr(record, "phone", ""):
        raise Http404("这里没有这条记录，或它没有电话。")
    audit.note(actor, "看全文", f"{register.name} {record.number or pk} 联系电话", address=address(request))
    return render(request, "reserving/phone.html", {"phone": record.phone})
