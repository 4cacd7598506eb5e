"""逐条: a single record takes the place of things in a batch row, or gives them back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.guard import needs
from keshu.desk.registers.finding import seen_record
from keshu.desk.registers.listing import register_of
from keshu.desk.registers.record import record_page
from keshu.directory.actors import Actor, Can
from keshu.ledger.batches import ItemiseRefused, itemise, put_back, tied_to


@require_POST
@needs(Can.KEEP_LEDGERS)
def itemise_row(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Tie the record of a typed number to this batch row, or undo a tie."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    batch = seen_record(request, register, pk)
    back = reverse("desk:record", args=[code, pk])
    try:
        if undo := request.POST.get("undo", ""):
            tie = tied_to(batch).filter(pk=int(undo) if undo.isascii() and undo.isdigit() else 0).first()
            if tie is None:
                raise Http404("这一条不是从这里划出的。")
            put_back(register, tie, actor)
            messages.success(request, f"已放回 {tie.items} 件。")
            return redirect(f"{back}#batch")
        number = request.POST.get("number", "").strip()[:40]
        record = register.rows(actor).filter(number=number).first() if number else None
        if record is None:
            raise ItemiseRefused(f"没有编号“{number}”的记录。核对编号，先把这一条单独登记好。")
        itemise(register, batch, record, actor)
    except ItemiseRefused as refusal:
        return record_page(
            register, batch, request, problem=str(refusal), number=request.POST.get("number", ""), status=422
        )
    messages.success(request, f"已从汇总行划出 {record}。")
    return redirect(f"{back}#batch")
