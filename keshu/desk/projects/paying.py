"""拨款: one 拨款文件 typed as a table, project by project."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keshu.desk.guard import needs
from keshu.desk.projects.finding import REFUSALS, REFUSED, Unreadable, day, in_wan, money
from keshu.directory.actors import Actor, Can
from keshu.programmes import payments
from keshu.programmes.models import Application, Payment
from keshu.programmes.running_registers import PAYMENTS
from keshu.terms import clock

#: A document names dozens of projects, not thousands: narrower conditions show the rest.
MOST_SHOWN = 200


@needs(Can.HANDLE_PROGRAMMES)
def pay(request: HttpRequest) -> HttpResponse:
    """The table of projects with money left; a POST records what was typed, all or nothing."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _form(request, {"on": clock.today().isoformat(), "level": Payment.Level.CITY})
    typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
    try:
        on = day(typed, "on", "拨款日期")
        if on is None:
            raise Unreadable("没有填拨款日期。按文件的日期填。")
        made = payments.pay(
            _amounts(typed),
            actor,
            doc_no=typed.get("doc_no", ""),
            on=on,
            level=typed.get("level", ""),
        )
    except REFUSALS as refusal:
        return _form(request, typed, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已登记 {len(made)} 个项目的拨款，{made[0].doc_no}。")
    return redirect(reverse("desk:register", args=[PAYMENTS.code]) + "?q=" + made[0].number)


def _amounts(typed: dict[str, str]) -> dict[int, Any]:
    found = {}
    for name in typed:
        key = name.removeprefix("amount.")
        if key == name or not (key.isascii() and key.isdigit() and len(key) < 12):
            continue
        amount = money(typed, name, "金额")
        if amount is not None:
            found[int(key)] = amount
    return found


def _form(
    request: HttpRequest, typed: dict[str, str], *, problem: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    year, text = _asked(request, "year"), request.GET.get("q", "").strip()[:60]
    rows = Application.objects.visible_to(actor).filter(state__in=payments.PAYABLE, granted__isnull=False)
    if request.GET.get("project", "").isdigit():
        rows = rows.filter(pk=int(request.GET["project"][:12]))
    elif not text:  # what is closed is paid the rest of its grant, but seldom: it is looked for by its name
        rows = rows.filter(closed_on__isnull=True)
    if year:
        rows = rows.filter(year=int(year))
    if text:
        rows = rows.filter(title__icontains=text)
    shown = list(rows.select_related("unit").order_by("-year", "number")[: MOST_SHOWN + 1])
    lines = [
        {
            "row": row,
            "granted": in_wan(row.granted),
            "paid": in_wan(row.paid) or "0",
            "left": in_wan((row.granted or 0) - (row.paid or 0)),
            "text": typed.get(f"amount.{row.pk}", ""),
            "href": reverse("desk:record", args=["programmes", row.pk]),
        }
        for row in shown[:MOST_SHOWN]
        if (row.granted or 0) > (row.paid or 0) or typed.get(f"amount.{row.pk}")
    ]
    context = {
        "problem": problem,
        "lines": lines,
        "more": len(shown) > MOST_SHOWN,
        "typed": typed,
        "levels": [
            {"value": value, "label": label, "on": value == typed.get("level")}
            for value, label in Payment.Level.choices
        ],
        "year": year,
        "q": text,
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": PAYMENTS.name, "href": reverse("desk:register", args=[PAYMENTS.code])},
            {"label": "登记拨款文件"},
        ],
    }
    return render(request, "projects/pay.html", context, status=status)


def _asked(request: HttpRequest, name: str) -> str:
    text = request.GET.get(name, "")
    return text if text.isascii() and text.isdigit() and len(text) == 4 else ""
