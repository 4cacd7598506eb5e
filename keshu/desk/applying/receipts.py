"""回执: what did I hand in, when, and which copy do I stamp?"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.calls.files import taken
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.registers.finding import seen_record
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes import applying
from keshu.programmes.models import Application
from keshu.programmes.questions import commitment
from keshu.programmes.register import APPLICATIONS
from keshu.reports.exports import MEDIA_TYPES
from keshu.reports.letters import Form, form_docx
from keshu.terms.quantity import wan


def _application(request: HttpRequest, pk: int) -> Application:
    """An application that the reader sees in the register; 404 otherwise, and the try is kept."""
    found = seen_record(request, APPLICATIONS, pk)
    assert isinstance(found, Application)
    return found


@require_GET
@needs(Can.SEE_REGISTERS)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Number, server's second, content hash, 版本码; the way to the printed copy and to the sealed scan."""
    application = _application(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    held = applying.receipt(application)
    if held is None:
        raise Http404("这一份还没有提交，没有回执。")
    context = {
        "record": application,
        "receipt": held,
        "own": application.unit_id in actor.unit_ids and actor.can(Can.APPLY),
        "record_href": reverse("desk:record", args=[applying.REGISTER, pk]),
        "crumbs": [
            {"label": "申报", "href": reverse("desk:apply")},
            {"label": application.title, "href": reverse("desk:record", args=[applying.REGISTER, pk])},
            {"label": "回执"},
        ],
    }
    return render(request, "applying/receipt.html", context)


@require_GET
@needs(Can.SEE_REGISTERS)
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The printed copy in Word, with the 版本码 at the head of every page."""
    application = _application(request, pk)
    held = applying.receipt(application)
    if held is None or application.submitted_at is None:
        raise Http404("这一份还没有提交，提交后才能打印盖章件。")
    version, lines = commitment()
    name = f"{application.call.name}申报书"
    money = {"申请经费": application.asked, "自筹经费": application.own_funds}
    form = Form(
        title=name,
        mark=f"{held.number}　版本码 {held.code}",
        facts=[
            ("回执编号", held.number),
            ("项目名称", application.title),
            ("申报单位", held.unit_then),
            ("所在地区", str(application.region)),
            ("推荐单位", str(application.recommender or f"{application.region}科技局")),
            ("负责人", application.leader),
            *([("申报方向", application.accepted_kind)] if application.accepted_kind else []),
            *((label, f"{wan(value)} 万元") for label, value in money.items() if value is not None),
            ("提交时间", f"{held.at}（服务器时间）"),
        ],
        texts=[
            (label, text)
            for label, text in (
                ("一、研究内容", application.summary),
                ("二、考核指标", application.goals),
            )
            if text
        ],
        lists=[
            *([("附件", [f"{paper.caption}：{paper.name}" for paper in held.files])] if held.files else []),
            *([(f"承诺（{version}）", lines)] if application.committed else []),
        ],
        signs=("负责人（签字）：", "申报单位（盖章）：", "　　　　年　　月　　日"),
        foot=f"内容摘要（SHA-256）{held.content_hash}。每页右上角的版本码与系统里的一致才有效。",
    )
    return attachment(
        form_docx(form, application.submitted_at), f"申报书 {application.title}.docx", MEDIA_TYPES["docx"]
    )


@require_POST
@needs(Can.APPLY)
@limited(UPLOAD)
@bounded("desk:apply_receipt")
def sealed(request: HttpRequest, pk: int) -> HttpResponse:
    """A scan of the stamped copy, with the 版本码 that stands on it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    application = _application(request, pk)
    stream, name = taken(request)
    try:
        if stream is None:
            raise MoveRefused("没有选文件。请选盖章扫描件（PDF 或图片）。")
        applying.hand_sealed(application, actor, stream, name, request.POST.get("code", "")[:20])
        messages.success(request, "盖章扫描件已收。")
    except (IntakeError, Classified, MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:apply_receipt", pk=pk)
