"""The page of one sheet and the steps of its flow."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.entry.faces import ONWARD, confirms, faces, filling_unit, foot, reasons, steps
from keshu.desk.entry.finding import SEES, actor_of, find_period, opened_sheet, seen_sheet
from keshu.desk.guard import needs
from keshu.directory.actors import Can
from keshu.figures.entry import flow
from keshu.figures.entry.adjusting import adjustable, adjustments_of, sentence
from keshu.figures.entry.cells import may_fill
from keshu.figures.entry.doubting import DOUBTING, about, doubts_of, may_doubt, told_of
from keshu.figures.entry.models import Doubt, Form, Sheet
from keshu.figures.entry.periods import before as before_period
from keshu.figures.entry.periods import current as current_period
from keshu.figures.entry.periods import fillers, in_validity, of_year
from keshu.figures.entry.sheets import asks_estimate, content_of, rows_of
from keshu.figures.entry.timeliness import on_time, overdue_days
from keshu.figures.entry.waiting import waiting
from keshu.ledger.evidence import evidence_of
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.rules.calendar import CalendarUnknown, workdays_between
from keshu.terms import clock
from keshu.terms.period import Period


def address(sheet: Sheet, name: str = "desk:sheet") -> str:
    """A route of the sheet."""
    return reverse(name, args=[sheet.form.code, sheet.region.code, sheet.period])


@require_GET
@needs(*SEES)
def current(request: HttpRequest) -> HttpResponse:
    """Today's sheet of the actor's own region, or of the form and day (截至某日) that are asked; the city goes to the collection."""
    actor = actor_of(request)
    if actor.sees_all:
        return redirect("desk:collection")
    asked = request.GET.get("form", "")
    for form in Form.objects.select_related("unit__region").order_by("pk"):
        if asked and form.code != asked:
            continue
        for region in fillers(form):
            if region.pk in actor.region_ids:
                period = (
                    find_period(form, request.GET["day"]) if request.GET.get("day") else current_period(form)
                )
                return redirect("desk:sheet", form.code, region.code, period.code)
    return render(request, "entry/none.html", {"crumbs": [{"label": "填报"}]})


@require_GET
@needs(*SEES)
def sheet(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """The sheet: one value to type per row, the other derived, checks on the same line."""
    actor = actor_of(request)
    found = seen_sheet(request, form, region, period)
    content = content_of(found)
    stretch = content.period
    editable = may_fill(actor, found) and in_validity(found.form, stretch)
    earlier = [p.code for p in of_year(found.form, stretch.year) if p.end <= stretch.end]
    adjustments = adjustments_of(found.form, found.region, earlier or [stretch.code])
    doubts = doubts_of([found])
    context: dict[str, Any] = {
        "sheet": found,
        "form": found.form,
        "region": found.region,
        "period": stretch,
        "rows": faces(content, doubts),
        "doubts": doubt_faces(actor, doubts),
        "settled": sum(one.state == Doubt.State.SETTLED for one in doubts),
        "may_doubt": may_doubt(actor, found),
        "doubt_row": int(named) if (named := request.GET.get("wrong", "")).isdigit() else None,
        **_around(found),
        "adjustable": adjustable(found.form, found.region) if editable else [],
        "estimates": asks_estimate(found.form, stretch),
        "foot": foot(content),
        "steps": steps(found),
        "reasons": reasons(),
        "editable": editable,
        "typing": editable and any(entry.is_open and entry.row.is_typed for entry in content.entries),
        "possible": _possible(actor, found),
        "forward": ONWARD,
        "unit": filling_unit(found),
        "filler": found.unit.name if found.unit else found.region.name,
        "confirms": confirms(found),
        "elsewhere": _elsewhere(actor, found),
        "adjustments": [(one, sentence(one)) for one in adjustments],
        "may_answer": actor.can(Can.VERIFY_MONTH),
        "papers": evidence_of(found),
        "history": _history(found),
        "may_attach": bool(found.pk) and (editable or actor.is_county),
        "previous": _beside(found.form, stretch, -1),
        "next": _beside(found.form, stretch, 1),
        "released": found.reported_at is not None,
        "today": clock.today(),
        "crumbs": [{"label": "填报"}, {"label": f"{found.region.short_name} {stretch.label}"}],
        "asof": _asof(found, stretch),
        **_heads(found.form, stretch),
    }
    return render(request, "entry/sheet.html", context)


def _heads(form: Form, period: Period) -> dict[str, str]:
    """What the columns are called: of the period alone, from January, and what stood before."""
    before = before_period(form, period)
    if form.frequency == Form.Frequency.MONTH:
        single = period.short_label if period.months > 1 else f"{period.short_label}当月"
        return {
            "single_label": single,
            "before_label": "上月累计",
            "total_label": f"{period.to_date().short_label}累计",
        }
    if form.frequency == Form.Frequency.DAY:
        single = f"{period.end.month}月以来"
    elif before is None:
        single = period.short_label
    else:
        single = Period.months(period.year, before.end.month + 1, period.end.month).short_label
    return {"single_label": single, "before_label": "上期累计", "total_label": period.to_date().short_label}


def _around(sheet: Sheet) -> dict[str, Any]:
    """The other forms that the region fills, and the periods of this one: every month, quarter or day can be reached."""
    form, region = sheet.form, sheet.region
    today = clock.today()
    if form.frequency == Form.Frequency.DAY:
        days = Sheet.objects.for_system("填报页").filter(form=form, region=region).order_by("-period")
        periods = [Period.parse(code) for code in days.values_list("period", flat=True)[:12]]
    else:
        known = [p for year in (sheet.stretch.year, today.year) for p in of_year(form, year)]
        periods = [p for p in dict.fromkeys(known) if p.start <= today and in_validity(form, p)][::-1]
    if sheet.stretch not in periods:
        periods.insert(0, sheet.stretch)
    forms = [
        one
        for one in Form.objects.select_related("unit__region").order_by("pk")
        if region.pk in {filler.pk for filler in fillers(one)}
    ]
    return {"forms": forms if len(forms) > 1 else [], "periods": periods, "by_day": form.frequency == "day"}


def _possible(actor: Any, sheet: Sheet) -> list[Any]:
    """The steps open to the actor; on a blank sheet only 送审核."""
    if not sheet.pk:
        return [t for t in flow.FLOW.transitions if t.action == "hand_in"] if may_fill(actor, sheet) else []
    found = [t for t in flow.FLOW.possible(sheet, actor) if t.action != "return"]
    if not flow.may_supply(sheet):
        found = [t for t in found if t.action != "supply"]
    return sorted(found, key=lambda t: t.action in ONWARD)


def _elsewhere(actor: Any, sheet: Sheet) -> list[dict[str, str]]:
    """Other sheets of a county that wait for this person; the city has its collection for that."""
    if actor.sees_all:
        return []
    return [
        {
            "label": f"{one.period.short_label}{one.form.name} {one.word}",
            "href": reverse("desk:sheet", args=[one.form.code, one.region.code, one.period.code]),
        }
        for one in waiting(actor)
        if (one.form.pk, one.region.pk, one.period.code) != (sheet.form_id, sheet.region_id, sheet.period)
    ]


def doubt_faces(actor: Any, doubts: list[Doubt]) -> list[dict[str, Any]]:
    """The notes with what was said about each and what this person may do, those that wait first."""
    told = told_of(doubts)
    order = list(Doubt.State)
    return [
        {
            "doubt": one,
            "about": about(one),
            "told": [
                {
                    "who": entry.actor_name,
                    "did": DOUBTING.transition(entry.action).label,
                    "note": entry.note,
                    "moment": f"{entry.at.astimezone(clock.TZ):%m-%d %H:%M}",
                }
                for entry in told[one.pk]
            ],
            "possible": DOUBTING.possible(one, actor),
        }
        for one in sorted(doubts, key=lambda one: (order.index(Doubt.State(one.state)), one.pk))
    ]


def _history(sheet: Sheet) -> list[dict[str, Any]]:
    """What was done with the sheet, newest first."""
    if not sheet.pk:
        return []
    return [
        {
            "who": one.actor_name,
            "did": flow.action_name(one.action),
            "note": one.note,
            "moment": f"{one.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        }
        for one in reversed(list(moves_of(sheet)))
    ]


def _beside(form: Form, period: Period, step: int) -> Period | None:
    known = [p for year in (period.year - 1, period.year, period.year + 1) for p in of_year(form, year)]
    if period not in known:
        return None
    place = known.index(period) + step
    if not 0 <= place < len(known) or known[place].start > clock.today():
        return None
    return known[place] if in_validity(form, known[place]) else None


def _asof(sheet: Sheet, period: Period) -> list[dict[str, Any]]:
    due = sheet.due_at.astimezone(clock.TZ)
    record = on_time(sheet.region, [sheet.form], period, clock.now())
    times = {"label": "今年按时", "value": f"{record.in_time} / {record.due}", "wide": True}
    return [
        {"value": sheet.form.number},
        {"label": "截止", "value": f"{due:%m-%d %H:%M}"},
        {"value": _left(sheet)},
        *([times] if sheet.form.frequency != Form.Frequency.DAY else []),
        {"label": "状态", "value": Sheet.State(sheet.state).label},
    ]


def _left(sheet: Sheet) -> str:
    now = clock.now()
    if sheet.reported_at is not None:
        return "按时报出" if not sheet.is_late else "超期报出"
    if now > sheet.due_at:
        words = f"已超期 {overdue_days(sheet.due_at, now)} 天，报了计入"
        return words if sheet.form.frequency == Form.Frequency.DAY else f"{words}，按时率记 1 次"
    try:
        days = workdays_between(now.date(), sheet.due_at.astimezone(clock.TZ).date())
        return f"还有 {days} 个工作日" if days else "今天截止"
    except CalendarUnknown:
        return f"还有 {(sheet.due_at - now) // timedelta(days=1)} 天"


@require_POST
@needs(*SEES)
def act(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """One step of the flow; a refusal says what is missing and the page jumps there."""
    actor = actor_of(request)
    found = seen_sheet(request, form, region, period)
    if not found.pk and may_fill(actor, found):
        found = opened_sheet(request, form, region, period)
    action = request.POST.get("action", "")
    note = request.POST.get("note", "").strip()
    expected = request.POST.get("expected") or None
    try:
        if not found.pk:
            raise MoveRefused("这张表还没有开始填。")
        if action == "return":
            chosen = {int(pk) for pk in request.POST.getlist("rows") if pk.isdigit()}
            rows = [row for row in rows_of(found.form) if row.pk in chosen]
            done = flow.return_sheet(found, actor, rows, note, expected=expected)
        elif action == "confirm":
            done = flow.confirm_entry(found, actor)
        else:
            done = flow.act(found, action, actor, note=note, expected=expected)
        messages.success(request, f"{Sheet.State(done.state).label}，{clock.now():%H:%M:%S}")
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
        jump = (
            content_of(found).examination.first_open if found.pk and action in ("hand_in", "sign") else None
        )
        return redirect(address(found) + (f"#row-{jump}" if jump else ""))
    return redirect(address(found))
