"""月度对照: who kept to the plan this month, who did not, and what was frozen."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.checking.lighting import NoSuchLamps
from keshu.checking.models import Check
from keshu.checking.monthly import Sheet, month_sheet
from keshu.checking.opening import items_at_work, opens_on
from keshu.desk.checking.asking import OWN, Asked
from keshu.desk.checking.lines import asof_of, groups_of, lead_of
from keshu.desk.guard import address, needs
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.terms import clock
from keshu.terms.period import Period

C = Check.State


def sheet_of(request: HttpRequest) -> tuple[Asked, Sheet]:
    """The sheet that the address asks for; 404 for lamps that no rule declares."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = Asked.of(request)
    try:
        sheet = month_sheet(actor, asked.month, lamp_code=asked.lamps or None, units=asked.units(actor))
    except NoSuchLamps as refusal:
        raise Http404(str(refusal)) from refusal
    return asked, sheet


@require_GET
@needs(Can.SEE_DISPATCH)
def month_page(request: HttpRequest) -> HttpResponse:
    """The sheet of a month: one sentence, then the items by office; every figure opens."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked, sheet = sheet_of(request)
    own = any(line.item.unit_id in actor.unit_ids for line in sheet.lines)
    context = {
        "asked": asked,
        "sheet": sheet,
        "lead": lead_of(sheet, asked),
        "groups": groups_of(sheet, asked, actor),
        "asof": asof_of(sheet),
        "filters": _filters(asked, sheet, own=own),
        "actions": _actions(asked, fills=own and actor.can(Can.CHECK_ITEMS)),
        "to_open": _to_open(sheet, actor),
        "submitted": sheet.in_state(str(C.SUBMITTED)) if actor.can(Can.REVIEW_CHECKS) else 0,
        "assigns": actor.can(Can.REVIEW_CHECKS),
        "notes": _notes(sheet),
        "crumbs": [{"label": "对照"}, {"label": sheet.month.label}],
    }
    return render(request, "checking/month.html", context)


@require_GET
@needs(Can.SEE_DISPATCH)
def print_page(request: HttpRequest) -> HttpResponse:
    """对照检查表 on paper: the columns that a supervision ledger has, in landscape."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked, sheet = sheet_of(request)
    now = clock.now().astimezone(clock.TZ)
    audit.note(actor, "打印", f"对照检查表 {sheet.month.code}", address=address(request))
    context = {
        "sheet": sheet,
        "lead": lead_of(sheet, asked, opens=False),
        "groups": groups_of(sheet, asked, actor),
        "asof": [*asof_of(sheet), {"label": "打印", "value": actor.name}],
        "as_of_print": f"对照检查表 {sheet.month.label} · 数据截至 {now:%Y-%m-%d %H:%M} · {actor.name}",
        "back": asked.href(),
        "crumbs": [{"label": "对照", "href": asked.href()}, {"label": "打印"}],
    }
    return render(request, "checking/print.html", context)


# ---- around the table ----------------------------------------------------------------------------------------


def _to_open(sheet: Sheet, actor: Actor) -> int:
    """How many items have no check of a month that is over, for who may make them."""
    if not actor.can(Can.REVIEW_CHECKS) or clock.today() < opens_on(sheet.month):
        return 0
    return len(items_at_work(sheet.month, [line.item for line in sheet.lines if line.check is None]))


def _notes(sheet: Sheet) -> list[str]:
    found = ["竖线是应到进度"]
    if sheet.lamps.rule.pk != sheet.usual.rule.pk:
        found.append(f"现在按“{sheet.lamps.rule.name}”亮灯，平时按“{sheet.usual.rule.name}”；数没有变")
    note = sheet.lamps.loaded.note.removeprefix("[S] ")
    return [*found, *([note] if note else [])]


def _actions(asked: Asked, *, fills: bool) -> list[dict[str, Any]]:
    ledger = f"{reverse('desk:register', args=['items'])}?year={asked.month.year}"
    found: list[dict[str, Any]] = [
        {"label": "本月要办", "href": reverse("desk:checking_work"), "icon": "task"},
        {"label": "打印", "href": asked.href("desk:checking_print"), "icon": "print", "wide": True},
        {"label": "看台账", "href": ledger, "icon": "register"},
    ]
    if fills:
        href = f"{reverse('desk:checking_fill')}?month={asked.month.code}"
        found.append({"label": "填报对照", "href": href, "primary": True})
    return found


def _filters(asked: Asked, sheet: Sheet, *, own: bool) -> list[dict[str, Any]]:
    months = [Period.month(asked.month.year, month) for month in range(12, 0, -1)]
    offices = {line.item.unit_id: str(line.item.unit) for line in sheet.lines}
    choices: list[tuple[str, str]] = [("", "全部")]
    choices += [(OWN, "本科室")] if own or asked.unit == OWN else []
    choices += sorted(((str(pk), name) for pk, name in offices.items()), key=lambda one: one[1])
    usual = sheet.usual.rule
    sets = [("", f"{usual.name}（平时用）")]
    sets += [(rule.code, rule.name) for rule in sheet.sets if rule.pk != usual.pk]
    return [
        _menu("月份", [(one.code, one.label) for one in months], asked.month.code, asked, "month"),
        _menu("亮灯规则", sets, "" if asked.lamps == usual.code else asked.lamps, asked, "lamps"),
        _menu("科室", choices, asked.unit, asked, "unit"),
    ]


def _menu(label: str, choices: Iterable[tuple[str, str]], on: str, asked: Asked, name: str) -> dict[str, Any]:
    options = [
        {"label": text, "href": asked.href(**{name: value}), "current": value == on}
        for value, text in choices
    ]
    current = next((one["label"] for one in options if one["current"]), "全部")
    return {"label": label, "value": current, "on": bool(on) and name != "month", "options": options}
