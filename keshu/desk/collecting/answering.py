"""交表: what I am asked for, and one form: take the workbook, hand it in or fill it here, see what is wrong with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.collecting.days import SOURCE
from keshu.collecting.matching import WrongSender
from keshu.collecting.models import Reply, ReplyRow
from keshu.collecting.receiving import NotOpen, Receiving
from keshu.collecting.who import asked_of
from keshu.desk.collecting.finding import actor_of, sender_of
from keshu.desk.diary.linking import opens
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.diary.sources import Due
from keshu.directory.actors import Actor, Can
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import NotYourTurn, moves_of
from keshu.terms import clock

MOST = 60
REFUSALS = (IntakeError, Classified, WrongSender, NotOpen, NotYourTurn)


@opens(SOURCE)
def due_address(item: Due, actor: Actor) -> str:
    """A form that is due opens where it is handed in, or where it is collected."""
    kind, pk = item.link
    return reverse("desk:collecting_answer" if kind == "sender" else "desk:collecting_page", args=[pk])


@require_GET
@needs(Can.ANSWER_COLLECTION)
def asked(request: HttpRequest) -> HttpResponse:
    """The collections that ask this organisation, what is open first. Two queries beside the frame's."""
    senders = list(asked_of(actor_of(request))[:MOST])
    replies: dict[int, list[Reply]] = {}
    for reply in Reply.objects.for_system("交表列表").filter(sender__in=senders).order_by("received_at"):
        assert reply.sender_id is not None
        replies.setdefault(reply.sender_id, []).append(reply)
    lines = []
    for sender in senders:
        mine = replies.get(sender.pk, [])
        counted = next((one for one in mine if one.state == Reply.State.COUNTED), None)
        returned = bool(mine) and mine[-1].state == Reply.State.RETURNED
        collection = sender.collection
        lines.append(
            {
                "sender": sender,
                "collection": collection,
                "href": reverse("desk:collecting_answer", args=[sender.pk]),
                "open": collection.is_open,
                "overdue": collection.is_overdue and counted is None,
                "word": _word(counted, returned, mine),
                "tone": "late" if returned or (collection.is_overdue and counted is None) else "",
            }
        )
    lines.sort(key=lambda line: (not line["open"], line["word"] not in ("没有报", "退回了")))
    return render(request, "collecting/asked.html", {"lines": lines, "crumbs": [{"label": "交表"}]})


def _word(counted: Reply | None, returned: bool, mine: list[Reply]) -> str:
    if counted is not None:
        return f"已报，{counted.rows_wrong} 行有错" if counted.rows_wrong else "已报"
    if returned:
        return "退回了"
    return "在看" if any(one.state == Reply.State.RIVAL for one in mine) else "没有报"


@require_GET
@needs(Can.ANSWER_COLLECTION)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One form that is asked of me."""
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, *, problem: str = "", status: int = 200) -> HttpResponse:
    sender = sender_of(request, pk, own=True)
    collection = sender.collection
    rows = Reply.objects.for_system("本单位的").filter(sender=sender).order_by("-received_at", "-pk")
    replies = list(rows.select_related("collection"))
    counted = next((one for one in replies if one.state == Reply.State.COUNTED), None)
    due = collection.due_at.astimezone(clock.TZ)
    context: dict[str, Any] = {
        "sender": sender,
        "collection": collection,
        "cols": collection.cols,
        "replies": [
            {"reply": one, "why": _why(one), "href": reverse("desk:collecting_reply", args=[one.pk])}
            for one in replies
        ],
        "wrong": _wrong(counted),
        "counted": counted,
        "due": due,
        "overdue": collection.is_overdue and counted is None,
        "problem": problem,
        "asof": [
            {"label": "截止", "value": f"{due:%Y-%m-%d %H:%M}"},
            {"label": "收表单位", "value": collection.unit.name if collection.unit else ""},
            {"label": "报的是", "value": sender.name},
        ],
        "crumbs": [{"label": "交表", "href": reverse("desk:collecting_asked")}, {"label": collection.title}],
    }
    return render(request, "collecting/answer.html", context, status=status)


def _why(reply: Reply) -> str:
    """Why it was sent back or not taken."""
    if reply.state == Reply.State.REFUSED:
        return reply.refusal
    if reply.state == Reply.State.RETURNED:
        last = moves_of(reply).filter(action="return").last()
        return last.note if last is not None else ""
    return ""


def _wrong(counted: Reply | None) -> list[dict[str, Any]]:
    if counted is None or not counted.rows_wrong:
        return []
    rows = ReplyRow.objects.for_system("本单位的").filter(reply=counted, wrong=True).order_by("at")
    return [{"at": row.at, "said": "；".join(words for _, words in row.problems)} for row in rows]


@require_POST
@needs(Can.ANSWER_COLLECTION)
@limited(UPLOAD)
@bounded("desk:collecting_answer")
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The filled workbook."""
    sender = sender_of(request, pk, own=True)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        return _page(request, pk, problem="没有选文件。请选填好的表再交。", status=422)
    try:
        arrival = Receiving(sender.collection, actor_of(request)).hand_in(
            uploaded.file, uploaded.name or "", sender
        )
    except REFUSALS as refusal:
        return _page(request, pk, problem=str(refusal), status=422)
    level = messages.success if arrival.outcome == Reply.State.COUNTED else messages.warning
    level(request, f"{arrival.said}。")
    return redirect("desk:collecting_answer", pk=pk)
