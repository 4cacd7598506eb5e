"""The list on paper: what is filtered with the chosen columns, its conditions and its moment above."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.registers.asking import Question
from keshu.desk.registers.cells import NUMERIC
from keshu.desk.registers.listing import lines_of, register_of, sums_of, totals_of
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.terms import clock

#: More rows than this are no paper anybody reads; they leave as a file.
MOST = 2000


@require_GET
@needs(Can.SEE_REGISTERS)
def print_page(request: HttpRequest, code: str) -> HttpResponse:
    """Up to MOST rows of the question on one page made for paper."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    question = Question.of(register, request.GET)
    rows = question.rows(actor)
    summed = sums_of(register, rows)
    records = list(rows.select_related("unit", "region")[:MOST])
    now = clock.now().astimezone(clock.TZ)
    conditions = [f"{label} {value}" for label, value, _ in question.conditions()]
    audit.note(
        actor, "打印", f"台账 {register.name}", address=address(request), detail={"条件": question.query()}
    )
    context = {
        "register": register,
        "heads": [{"label": column.label, "number": column.kind in NUMERIC} for column in question.shown],
        "lines": lines_of(register, question, records),
        "totals": totals_of(register, summed),
        "count": summed["count"],
        "left": max(0, summed["count"] - MOST),
        "most": MOST,
        "asof": [
            {"label": "条件", "value": "；".join(conditions) or "全部"},
            {"label": "数据截至", "value": f"{now:%Y-%m-%d %H:%M}"},
            {"label": "打印", "value": actor.name},
        ],
        "as_of_print": f"{register.name} · 数据截至 {now:%Y-%m-%d %H:%M} · {actor.name}",
        "back": reverse("desk:register", args=[register.code]) + question.query(),
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": register.name, "href": reverse("desk:register", args=[register.code])},
            {"label": "打印"},
        ],
    }
    return render(request, "registers/print.html", context)
