"""推荐上报: which go to the superior, with which letter, and what is copied into the superior's form."""

import io
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keshu.desk.calls.views import REFUSED, SEES, call_of, crumbs
from keshu.desk.guard import needs
from keshu.desk.registers.finding import seen_record
from keshu.desk.reporting.papers import attachment, bureau_of
from keshu.directory.actors import Actor, Can
from keshu.ledger.intake.writing import write_table
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes import recommending
from keshu.programmes.models import Application, Call
from keshu.programmes.register import APPLICATIONS
from keshu.reports.exports import MEDIA_TYPES
from keshu.reports.letters import Letter, letter_docx
from keshu.reports.paper import PaperTable, TableCell
from keshu.terms import clock
from keshu.terms.quantity import plain


@require_http_methods(["GET", "POST"])
@needs(Can.HANDLE_PROGRAMMES)
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """The recommended applications; chosen ones are forwarded together with one letter."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = above_of(pk)
    rows = recommending.waiting(call)
    ids = set(request.POST.getlist("row"))
    doc_no, typed = request.POST.get("doc_no", "").strip()[:100], request.POST.get("on", "")
    problem = ""
    if request.method == "POST":
        chosen = [row for row in rows if str(row.pk) in ids]
        try:
            on = day_of(typed)
            done = recommending.forward_many(call, chosen, actor, doc_no=doc_no, on=on)
        except (MoveRefused, NotYourTurn) as refusal:
            problem = str(refusal)
        else:
            messages.success(request, f"{doc_no} 推荐上报 {len(done)} 项。")
            return redirect("desk:call", pk=pk)
    context = {
        "call": call,
        "problem": problem,
        "rows": [{"row": row, "on": request.method == "GET" or str(row.pk) in ids} for row in rows],
        "doc_no": doc_no,
        "on": typed or clock.today().isoformat(),
        "crumbs": crumbs(
            {"label": call.name, "href": reverse("desk:call", args=[pk])}, {"label": "推荐上报"}
        ),
    }
    return render(request, "calls/forward.html", context, status=REFUSED if problem else 200)


def above_of(pk: int) -> Call:
    call = call_of(pk)
    if not call.is_above:
        raise Http404(f"“{call}”由本局受理，不用推荐上报。")
    return call


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MoveRefused(f"上报日期“{text[:20]}”不是日期，请写成 2026-05-31。") from None


def _carried(request: HttpRequest, call: Call) -> tuple[list[Application], str, date]:
    """What a letter carries: one that went out (``doc``), else the chosen ones that wait (``row``)."""
    asked = request.POST if request.method == "POST" else request.GET
    sent = asked.get("doc", "")[:100]
    if sent:
        rows = recommending.forwarded(call, sent)
        on = rows[0].forwarded_on if rows and rows[0].forwarded_on else clock.today()
        return rows, sent, on
    ids = set(asked.getlist("row"))
    rows = [row for row in recommending.waiting(call) if str(row.pk) in ids]
    try:
        on = date.fromisoformat(asked.get("on", ""))
    except ValueError:
        on = clock.today()
    return rows, asked.get("doc_no", "").strip()[:100], on


@require_http_methods(["GET", "POST"])  # by POST from the form, whose token does not belong into an address
@needs(*SEES)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The 推荐函 in Word, with the 推荐汇总表 as its annex."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    call = above_of(pk)
    rows, doc_no, on = _carried(request, call)
    if not rows:
        raise Http404("一项也没有选。请先勾选要推荐的项目。")
    bureau = bureau_of(actor)
    title = f"{bureau}关于推荐申报{call.name}的函"
    basis = f"按照《{call.name}》申报通知{f'（{call.doc_no}）' if call.doc_no else ''}的要求，"
    content = Letter(
        title=title,
        to=call.superior,
        paragraphs=[
            f"{basis}我局组织了申报，经所在县（市、区）科技局或归口单位推荐、我局审核，"
            f"现推荐“{rows[0].title}”{f'等 {len(rows)} 个项目' if len(rows) > 1 else ''}申报，请予支持。",
            "推荐项目的申报材料已按要求在申报系统提交，项目名称、申报单位和经费见附件。",
        ],
        issuer=bureau,
        on=on,
        doc_no=doc_no,
        table=PaperTable(
            f"{call.name}推荐项目汇总表",
            [(head, "") for head in recommending.SUMMARY[1:]],
            [
                (str(line[0]), [TableCell(_cell(value)) for value in line[1:]])
                for line in recommending.summary(rows)
            ],
            first="序号",
            widths=(10, 34, 27, 14, 17, 16, 16, 22),
        ),
    )
    return attachment(letter_docx(content, clock.now()), f"推荐函 {call.name}.docx", MEDIA_TYPES["docx"])


def _cell(value: object) -> str:
    return "" if value is None else plain(value) if isinstance(value, Decimal) else str(value)


@require_http_methods(["GET", "POST"])
@needs(*SEES)
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """The 推荐汇总表 as a workbook."""
    call = above_of(pk)
    rows, doc_no, on = _carried(request, call)
    out = io.BytesIO()
    notes = [f"推荐函 {doc_no}，{on}"] if doc_no else []
    write_table(
        recommending.SUMMARY,
        recommending.summary(rows),
        out,
        title=f"{call.name}推荐项目汇总表",
        notes=notes,
        sheet="推荐汇总表",
    )
    return attachment(out.getvalue(), f"推荐汇总表 {call.name}.xlsx", MEDIA_TYPES["xlsx"])


@require_GET
@needs(Can.SEE_REGISTERS)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """可复制内容: each field in the order of the superior's form, with a button that copies it."""
    found = seen_record(request, APPLICATIONS, pk)
    assert isinstance(found, Application)
    if not found.call.is_above:
        raise Http404("这个项目由本局受理，没有上级的申报表可以复制过去。")
    context = {
        "record": found,
        "fields": recommending.copied(found),
        "crumbs": [
            {"label": "项目", "href": reverse("desk:register", args=["programmes"])},
            {"label": found.title, "href": reverse("desk:record", args=["programmes", pk])},
            {"label": "可复制内容"},
        ],
    }
    return render(request, "calls/copy.html", context)
