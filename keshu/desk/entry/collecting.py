"""收表: every county with its sheet, who owes what, words for the chat group, entering for those who sent a file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.entry.finding import SEES, actor_of, find_form, find_period, find_region
from keshu.desk.entry.month import address
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry.adjusting import sentence
from keshu.figures.entry.estimates import estimates_and_outcomes
from keshu.figures.entry.loading import NotOpenable, open_sheet
from keshu.figures.entry.models import Adjustment, Form
from keshu.figures.entry.papers import SENT, attach
from keshu.figures.entry.periods import current, due_at, fillers, of_year
from keshu.figures.entry.reading_cells import shown_in
from keshu.figures.entry.timeliness import collection as collected
from keshu.figures.entry.timeliness import on_time, reminder
from keshu.ledger.intake.hazards import IntakeError
from keshu.terms import clock


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
    lines = [
        {
            "row": row,
            "href": reverse("desk:sheet", args=[form.code, row.region.code, period.code]),
            "record": on_time(row.region, [form], period, now),
        }
        for row in rows
    ]
    waiting = (
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
            "periods": [p for p in of_year(form, period.year) if p.end < clock.today()][::-1],
            "lines": lines,
            "adjustments": [(one, sentence(one)) for one in waiting],
            "reminder": reminder(form, period, due, rows, request.build_absolute_uri(reverse("desk:entry"))),
            "crumbs": [{"label": "收表"}, {"label": period.label}],
            "asof": [
                {"value": period.label},
                {"label": "截止", "value": f"{due.astimezone(clock.TZ):%Y-%m-%d %H:%M}"},
                {"label": "已报", "value": f"{reported} / {len(rows)}"},
                {"label": "待核实", "value": str(sum(row.waits for row in rows))},
            ],
        },
    )


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
    year = request.GET.get("year", "")
    chosen = int(year) if year.isdigit() else clock.today().year
    lines = []
    for form in forms:
        for one in estimates_and_outcomes(form, _own(actor, fillers(form)), chosen):
            lines.append(
                {
                    "one": one,
                    "estimate": shown_in(one.row, one.estimate),
                    "outcome": shown_in(one.row, one.outcome) or one.missing,
                    "error": shown_in(one.row, one.error),
                }
            )
    context = {
        "lines": lines,
        "year": chosen,
        "years": [chosen - 1, chosen, chosen + 1],
        "crumbs": [
            {"label": "收表", "href": reverse("desk:collection")}
            if actor.sees_all
            else {"label": "填报", "href": reverse("desk:entry")},
            {"label": "全年预计数"},
        ],
    }
    return render(request, "entry/estimates.html", context)
