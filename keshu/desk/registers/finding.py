"""A record of the address, for this reader or not at all."""

from django.http import Http404, HttpRequest

from keshu.desk.guard import address
from keshu.directory.actors import Actor
from keshu.journal import audit
from keshu.ledger.records import Record
from keshu.ledger.registers import Register


def seen_record(request: HttpRequest, register: Register, pk: int) -> Record:
    """The record, when this actor may see it; otherwise it is not there, and the try is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = register.rows(actor).select_related("unit", "region").filter(pk=pk).first()
    if found is None:
        if register.records.filter(pk=pk).exists():
            refused(request, f"{register.name} {pk}")
        raise Http404("这里没有这条记录，或它不在现在这个岗位的范围里。")
    assert isinstance(found, Record)
    return found


def refused(request: HttpRequest, target: str) -> None:
    """Keep that somebody tried what is not theirs."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    audit.note(actor, "拒绝", target, outcome="拒绝", address=address(request))
