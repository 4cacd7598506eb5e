"""The list of forms, one form with its blanks and fillings, receiving a blank."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.filling.finding import REFUSALS, actor_of, blank_of, form_of
from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Can
from keshu.filling.models import Blank, Filled, FormTemplate, Mapping
from keshu.filling.receiving import change_template, content_of, latest_blank, new_blank, new_template
from keshu.filling.working import changed_layout, fill_period, fillings, latest_mapping, newest_period
from keshu.journal import audit
from keshu.reports.exports import MEDIA_TYPES
from keshu.terms import clock

PER_PAGE = 30
LIMIT = "xlsx、docx（xls、et 先转成 xlsx），小于 20 MB"


@require_GET
@needs(Can.FILL_FORMS)
def forms(request: HttpRequest) -> HttpResponse:
    """The forms, those that are sent before those that no longer are, and the way in for a new blank."""
    actor = actor_of(request)
    newest = Filled.objects.for_system("列表里的最近一期").filter(template=OuterRef("pk")).order_by("-pk")
    mapped = Mapping.objects.for_system("列表里的对应").filter(template=OuterRef("pk")).order_by("-number")
    rows = (
        FormTemplate.objects.visible_to(actor)
        .annotate(
            last_pk=Subquery(newest.values("pk")[:1]), mapping_number=Subquery(mapped.values("number")[:1])
        )
        .order_by("stopped", "name")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lasts = Filled.objects.visible_to(actor).filter(pk__in=[row.last_pk for row in page if row.last_pk])
    last = {one.pk: one for one in lasts}
    context = {
        "page": page,
        "page_href_prefix": "?page=",
        "rows": [{"form": row, "last": last.get(row.last_pk), "due": newest_period(row)} for row in page],
        "frequencies": FormTemplate.Frequency.choices,
        "given": request.session.pop("filling_given", {}),
        "limit": LIMIT,
        "crumbs": [{"label": "报告"}, {"label": "套表上报"}],
    }
    return render(request, "filling/forms.html", context)


@require_POST
@needs(Can.FILL_FORMS)
@limited(UPLOAD)
@bounded("desk:filling_forms")
def receive(request: HttpRequest) -> HttpResponse:
    """Take a new form in and go on to its mapping."""
    actor = actor_of(request)
    uploaded = request.FILES.get("file")
    given = {
        name: request.POST.get(name, "")
        for name in ("name", "receiver", "frequency", "doc_no", "missing_text", "note")
    }
    if uploaded is None:
        messages.error(request, "没有选文件。请选上级发来的空表，再收。")
        request.session["filling_given"] = given
        return redirect("desk:filling_forms")
    given["name"] = given["name"].strip() or Path(uploaded.name or "").stem
    try:
        made = new_template(actor, uploaded.file, uploaded.name or "", **given)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        request.session["filling_given"] = given
        return redirect("desk:filling_forms")
    audit.note(actor, "上传", f"套表 {made}", address=address(request))
    return redirect("desk:filling_map", pk=made.pk)


@require_GET
@needs(Can.FILL_FORMS)
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """One form: is it mapped, which periods were filled and sent, which blanks came."""
    made = form_of(request, pk)
    mapping, blank = latest_mapping(made), latest_blank(made)
    page = Paginator(fillings(made, actor_of(request)), PER_PAGE).get_page(request.GET.get("page"))
    blanks = (
        Blank.objects.visible_to(actor_of(request)).filter(template=made).defer("layout").order_by("-number")
    )
    context: dict[str, Any] = {
        "form": made,
        "mapping": mapping,
        "blank": blank,
        "blanks": blanks,
        "change": changed_layout(made),
        "page": page,
        "page_href_prefix": "?page=",
        "due": newest_period(made),
        "frequencies": FormTemplate.Frequency.choices,
        "limit": LIMIT,
        "crumbs": [{"label": "套表上报", "href": reverse("desk:filling_forms")}, {"label": made.name}],
        "asof": [
            {"label": "报给", "value": made.receiver},
            {"value": made.get_frequency_display()},
            {"label": "对表", "value": f"{len(mapping.cells)} 格" if mapping else "还没有"},
            {
                "label": "空表",
                "value": f"第 {blank.number} 版",
                "note": f"{blank.received_at.astimezone(clock.TZ):%Y-%m-%d}",
            },
        ],
    }
    return render(request, "filling/form.html", context)


@require_POST
@needs(Can.FILL_FORMS)
@limited(UPLOAD)
@bounded("desk:filling_form")
def blank_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a later blank of the form in, and say whether its layout changed."""
    made = form_of(request, pk)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选新的空表再传。")
        return redirect("desk:filling_form", pk=pk)
    try:
        blank = new_blank(actor_of(request), made, uploaded.file, uploaded.name or "")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:filling_form", pk=pk)
    audit.note(actor_of(request), "上传", f"空表 {blank}", address=address(request))
    if changed_layout(made) is not None:
        messages.warning(request, "新空表的版式和对过的不一样，先看下面哪些格挪了、哪些没有对上。")
        return redirect("desk:filling_map", pk=pk)
    messages.success(request, f"已收第 {blank.number} 版空表，版式没有变，照原来的对应填。")
    return redirect("desk:filling_form", pk=pk)


@require_GET
@needs(Can.FILL_FORMS)
def blank_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A blank, byte for byte as it is filled."""
    blank = blank_of(request, pk)
    try:
        return attachment(content_of(blank), blank.filename, MEDIA_TYPES[blank.kind])
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:filling_form", pk=blank.template_id)


@require_POST
@needs(Can.FILL_FORMS)
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Who wants the form, how often, what stands in a cell without a figure; stop it, or take it up again."""
    made = form_of(request, pk)
    given = {
        name: request.POST.get(name, "")
        for name in ("receiver", "frequency", "doc_no", "missing_text", "note")
    }
    try:
        change_template(actor_of(request), made, **given, stopped=request.POST.get("stopped") == "1")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:filling_form", pk=pk)


@require_POST
@needs(Can.FILL_FORMS)
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """填这一期."""
    made = form_of(request, pk)
    try:
        filled = fill_period(
            actor_of(request),
            made,
            request.POST.get("period", ""),
            as_of=request.POST.get("asof", "").strip() or None,
        )
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:filling_form", pk=pk)
    return redirect("desk:filling_filled", pk=filled.pk)
