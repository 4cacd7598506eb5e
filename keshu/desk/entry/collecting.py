"""收表: every county with its sheet, who owes what, words for the chat group, entering for those who sent a file."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.dispatching.asking import Asked, Doors
from keshu.desk.entry.finding import SEES, actor_of, find_form, find_period, find_region
from keshu.desk.entry.month import address
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry.adjusting import contained, sentence
from keshu.figures.entry.doubting import about
from keshu.figures.entry.estimates import Outcome, estimated_years, estimates_and_outcomes
from keshu.figures.entry.loading import NotOpenable, open_sheet
from keshu.figures.entry.models import Adjustment, Doubt, Form, FormRow, Sheet
from keshu.figures.entry.papers import SENT, attach
from keshu.figures.entry.periods import current, due_at, fillers, in_validity, of_year
from keshu.figures.entry.reading_cells import shown_in
from keshu.figures.entry.timeliness import MEASURE, on_time, reminder
from keshu.figures.entry.timeliness import collection as collected
from keshu.ledger.intake.hazards import IntakeError
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import show_change, show_number

#: An estimate further off than this, in percent, is named.
FAR = Decimal(10)


@require_GET
@needs(Can.VERIFY_MONTH)
def collection(request: HttpRequest) -> HttpResponse:
    """Counties × state for one period of one form."""
    forms = list(Form.objects.select_related("unit__region").order_by("pk"))
    if not forms:
        return render(request, "entry/none.html", {"crumbs": [{"label": "收表"}]})
    form = find_form(request.GET["form"]) if request.GET.get("form") else forms[0]
    period = find_period(form, request.GET["period"]) if request.GET.get("period") else current(form)
    due = due_at(form, period)
    rows = collected(form, period, due)
    now = clock.now()
    doubts = _doubts(form)
    names = _names(form)
    lines = [
        {
            "row": row,
            "name": names.get(row.region.pk, row.region.short_name),
            "href": reverse("desk:sheet", args=[form.code, row.region.code, period.code]),
            "record": (record := on_time(row.region, [form], period, now)),
            "times": f"{record.in_time} / {record.due}",
            "rate": _rate_door(row.region.code, period),
            "doubts": sum(row.sheet is not None and one.sheet_id == row.sheet.pk for one in doubts),
        }
        for row in rows
    ]
    asked = (
        Adjustment.objects.visible_to(actor_of(request))
        .filter(row__form=form, state=Adjustment.State.ASKED)
        .select_related("row__measure", "row__form", "region")
    )
    reported = sum(row.has_reported for row in rows)
    return render(
        request,
        "entry/collection.html",
        {
            "form": form,
            "forms": forms,
            "period": period,
            "periods": _periods(form, period),
            "by_day": form.frequency == Form.Frequency.DAY,
            "today": clock.today(),
            "lines": lines,
            "doubts": [(one, about(one), address(one.sheet)) for one in doubts],
            "adjustments": [(one, sentence(one), contained(one)) for one in asked],
            "reminder": reminder(
                form, period, due, rows, request.build_absolute_uri(reverse("desk:entry")), names
            ),
            "crumbs": [{"label": "收表"}, {"label": period.label}],
            "asof": [
                {"value": period.label},
                {"label": "截止", "value": f"{due.astimezone(clock.TZ):%Y-%m-%d %H:%M}"},
                {"label": "已报", "value": f"{reported} / {len(rows)}"},
                {"label": "待核实", "value": str(sum(row.waits for row in rows))},
                *([{"label": "填报有误", "value": f"{len(doubts)} 条"}] if doubts else []),
            ],
        },
    )


def _doubts(form: Form) -> list[Doubt]:
    """Every note of the form that is not settled, whatever its month, those without an answer first."""
    rows = Doubt.objects.for_system("收表").filter(sheet__form=form).exclude(state=Doubt.State.SETTLED)
    return sorted(
        rows.select_related("row", "sheet__region", "sheet__form").order_by("asked_at", "pk"),
        key=lambda one: one.state != Doubt.State.OPEN,
    )


def _names(form: Form) -> dict[int, str]:
    """A department's form is a department's, not its region's."""
    return {form.unit.region_id: form.unit.name} if form.unit is not None else {}


def _rate_door(region: str, period: Period) -> tuple[str, str]:
    """The on-time rate is a figure: where it opens."""
    return Doors(Asked()).figure(MEASURE, region, period.to_date().code)


def _periods(form: Form, period: Period) -> list[Period]:
    """The periods that can be looked at: those of the year that have ended; of a form 截至某日 the days that were filled."""
    if form.frequency == Form.Frequency.DAY:
        days = Sheet.objects.for_system("收表").filter(form=form).order_by("-period")
        found = [Period.parse(code) for code in dict.fromkeys(days.values_list("period", flat=True))][:12]
    else:
        ended = [p for p in of_year(form, period.year) if p.end < clock.today() and in_validity(form, p)]
        found = ended[::-1]
    return found if period in found else [period, *found]


def _own(actor: Actor, regions: list[Region]) -> list[Region]:
    """The regions whose sheets the actor sees."""
    return [region for region in regions if actor.sees_all or region.pk in actor.region_ids]


@require_POST
@needs(Can.ENTER_FOR_OTHERS)
def enter_for(request: HttpRequest) -> HttpResponse:
    """代录: begin a sheet for a county or a department; the received file is its evidence."""
    actor = actor_of(request)
    form = find_form(request.POST.get("form", ""))
    region = find_region(actor, form, request.POST.get("region", ""))
    period = find_period(form, request.POST.get("period", ""))
    uploaded = request.FILES.get("file")
    back = reverse("desk:collection") + f"?form={form.code}&period={period.code}"
    said_by = request.POST.get("said_by", "").strip()
    if uploaded is None or not said_by:
        messages.error(request, "代录要写明谁报的，并附上收到的文件。")
        return redirect(back)
    try:
        sheet = open_sheet(form, region, period, actor, entered_for=True, said_by=said_by)
        attach(sheet, actor, uploaded.file, uploaded.name or "收到的文件", SENT)
    except (NotOpenable, IntakeError) as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    return redirect(address(sheet))


@require_GET
@needs(*SEES)
def estimates(request: HttpRequest) -> HttpResponse:
    """全年预计数 against what the year became; a county sees its own."""
    actor = actor_of(request)
    forms = list(Form.objects.select_related("unit__region").order_by("pk"))
    asked = request.GET.get("year", "")
    known = estimated_years()
    today = clock.today().year
    chosen = int(asked) if asked.isdigit() and len(asked) == 4 else (known[0] if known else today)
    found = [
        one for form in forms for one in estimates_and_outcomes(form, _own(actor, fillers(form)), chosen)
    ]
    places = list(dict.fromkeys(one.region for one in found))
    place = next((one for one in places if one.code == request.GET.get("region")), None)
    listed = [one for one in found if place is None or one.region == place]
    context = {
        **_table(listed),
        "lead": _estimates_lead(listed, chosen),
        "year": chosen,
        "years": sorted({today, chosen, *known}, reverse=True),
        "places": places if len(places) > 1 else [],
        "small": f"{places[0].short_name}，和年底结果比" if len(places) == 1 else "和年底结果比",
        "place": place,
        "crumbs": [
            {"label": "收表", "href": reverse("desk:collection")}
            if actor.sees_all
            else {"label": "填报", "href": reverse("desk:entry")},
            {"label": "全年预计数"},
        ],
    }
    return render(request, "entry/estimates.html", context)


def _table(found: list[Outcome]) -> dict[str, Any]:
    """One line per region and row: what was expected in each period, what came, how far the last expectation was off."""
    made = sorted({one.made_in for one in found}, key=lambda one: one.end)
    grouped: dict[tuple[int, int], list[Outcome]] = {}
    for one in found:
        grouped.setdefault((one.region.pk, one.row.pk), []).append(one)
    lines = []
    for ones in grouped.values():
        by_period = {one.made_in: one for one in ones}
        last = ones[-1]
        row = last.row
        share = last.share
        lines.append(
            {
                "last": last,
                "expected": [shown_in(row, by_period[p].estimate) if p in by_period else "" for p in made],
                "outcome": shown_in(row, last.outcome) or last.missing,
                "held": last.outcome is not None,
                "error": "" if last.error is None else _signed(row, last.error),
                "share": "" if share is None else f"{show_change(share, 1)}%",
                "far": share is not None and abs(share) > FAR,
                "door": Doors(Asked()).figure(row.measure.code, last.region.code, str(last.year)),
            }
        )
    return {"made": made, "lines": lines}


def _signed(row: FormRow, amount: Decimal) -> str:
    sign = "" if amount == 0 else "+" if amount > 0 else "−"
    return f"{sign}{shown_in(row, abs(amount))}"


def _estimates_lead(found: list[Outcome], year: int) -> str:
    """How near the estimates came, and which was furthest off; empty where the year is not over."""
    compared = [one for one in found if one.share is not None]
    if not compared:
        return ""
    near = sum(abs(one.share) <= FAR for one in compared if one.share is not None)
    words = f"{year} 年报过 {len(found)} 个全年预计数，{len(compared)} 个有结果，其中 {near} 个与结果相差不超过 {FAR}%。"
    worst = max(compared, key=lambda one: abs(one.share or Decimal(0)))
    if worst.share is not None and abs(worst.share) > FAR:
        side = "多" if worst.share > 0 else "少"
        words += (
            f"差得最多的是{worst.region.short_name}{worst.made_in.short_label}报的{worst.row.name}，"
            f"预计 {shown_in(worst.row, worst.estimate)}，结果 {shown_in(worst.row, worst.outcome)} {worst.row.unit}，"
            f"{side}估 {show_number(abs(worst.share), 1)}%。"
        )
    return words
