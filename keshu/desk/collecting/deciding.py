"""What the clerk does: drops files in, says whose one is and which counts, sends back, reminds, closes."""

from typing import Any, BinaryIO

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.collecting.claiming import act, claim
from keshu.collecting.differing import differences, lines_of
from keshu.collecting.models import Reply, ReplyRow, Sender
from keshu.collecting.packages import unpacked
from keshu.collecting.procedure import COLLECTING, REPLYING
from keshu.collecting.receiving import MOST_FILES, TURNED_AWAY, Arrival, NotOpen, Receiving
from keshu.collecting.telling import remind
from keshu.desk.collecting.finding import (
    REFUSED,
    actor_of,
    collection_of,
    crumbs,
    number_in,
    reply_of,
)
from keshu.desk.collecting.listing import page_of, row_line
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Can
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import evidence_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, move, moves_of

REFUSALS = (MoveRefused, NotYourTurn, NotOpen, Classified)
KINDS = {"added": "多一行", "gone": "少一行", "changed": "不同"}
TONES = {"counted": "ok", "rival": "slow", "unclaimed": "slow"}


@require_POST
@needs(Can.COLLECT)
@limited(UPLOAD)
@bounded("desk:collecting_page")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Many files at once; each is merged as a whole or told why not."""
    found = collection_of(request, pk)
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, "没有选文件。可以一次选很多份，拖进来也行。")
        return redirect("desk:collecting_page", pk=pk)
    if len(files) > MOST_FILES:
        messages.error(request, f"一次最多收 {MOST_FILES} 份，这次有 {len(files)} 份。请分几次拖进来。")
        return redirect("desk:collecting_page", pk=pk)
    receiving = Receiving(found, actor_of(request))
    arrivals: list[Arrival] = []
    try:
        for one in files:
            arrivals += _dropped(receiving, one.file, one.name or "")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:collecting_page", pk=pk)
    return page_of(found, request, arrivals=[_arrived(one) for one in arrivals])


def _dropped(receiving: Receiving, stream: BinaryIO, name: str) -> list[Arrival]:
    """One file, or all that is packed in it."""
    arrivals: list[Arrival] = []
    try:
        for inside, called in unpacked(stream, name):
            if len(arrivals) == MOST_FILES:
                said = f"里面超过 {MOST_FILES} 份，后面的没有收。请分成几包再拖。"
                return [*arrivals, Arrival(name, TURNED_AWAY, said)]
            arrivals.append(receiving.drop(inside, called))
    except IntakeError as refusal:
        arrivals.append(Arrival(name, TURNED_AWAY, str(refusal)))
    return arrivals


def _arrived(arrival: Arrival) -> dict[str, Any]:
    href = reverse("desk:collecting_reply", args=[arrival.reply.pk]) if arrival.reply is not None else ""
    words = {"same": "收过了", "duplicate": "重份", "away": "没有收"}
    return {
        "arrival": arrival,
        "href": href,
        "word": words.get(arrival.outcome) or Reply.State(arrival.outcome).label,
        "tone": TONES.get(arrival.outcome, "none" if arrival.outcome in ("same", "duplicate") else "late"),
    }


@require_POST
@needs(Can.COLLECT)
def act_on(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of a collection."""
    found = collection_of(request, pk)
    action = request.POST.get("action", "")
    try:
        transition = COLLECTING.transition(action)
        given = read(transition.asks, request.POST, found)
        note = request.POST.get("note", "").strip()
        move(
            found,
            action,
            actor_of(request),
            procedure=COLLECTING,
            note=note,
            given=given,
            expected=request.POST.get("seen") or None,
        )
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:collecting_page", pk=pk)


@require_POST
@needs(Can.COLLECT)
def remind_missing(request: HttpRequest, pk: int) -> HttpResponse:
    """催未报: a reminder in the outbox for each that has not replied."""
    found = collection_of(request, pk)
    try:
        made, nowhere = remind(
            found, actor_of(request), where=request.build_absolute_uri(reverse("desk:collecting_asked"))
        )
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:collecting_page", pk=pk)
    if made:
        messages.success(request, f"写好 {len(made)} 条催办，在“提醒”里，看过再发。")
    else:
        messages.info(request, "没有要写的催办：没报的都已经有一条待发的，或都报了。")
    if nowhere:
        messages.warning(request, f"{'、'.join(nowhere)}在系统里没有单位，收不到提醒。请电话催，或复制到群。")
    return redirect("desk:collecting_page", pk=pk)


# ---- one reply


@require_GET
@needs(Can.COLLECT, Can.ANSWER_COLLECTION)
def reply_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One workbook as it was read, row by row, with what differs from the one that counts."""
    return show_reply(reply_of(request, pk), request)


def show_reply(reply: Reply, request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of a reply; with ``problem`` what a step was refused for."""
    actor = actor_of(request)
    clerk = actor.can(Can.COLLECT)
    cols = reply.collection.cols
    rows = ReplyRow.objects.for_system("已按人核对").filter(reply=reply).order_by("at")
    other = _other(reply) if clerk else None
    context: dict[str, Any] = {
        "reply": reply,
        "collection": reply.collection,
        "cols": [{"col": col, "letter": reply.letters.get(col.key, "")} for col in cols],
        "lines": [row_line(row, cols) for row in rows],
        "papers": evidence_of(reply),
        "other": other,
        "differences": [
            {"one": one, "kind": KINDS[one.kind]}
            for one in differences(cols, lines_of(other), lines_of(reply))
        ]
        if other is not None
        else [],
        "clerk": clerk,
        "steps": [s for s in REPLYING.possible(reply, actor) if s.action not in ("take", "take_beside")],
        "senders": _senders(reply) if clerk and reply.state == Reply.State.UNCLAIMED else [],
        "signs": _signs(reply),
        "moves": list(moves_of(reply)),
        "problem": problem,
        "tone": TONES.get(reply.state, "none"),
        "crumbs": crumbs(
            {
                "label": reply.collection.title,
                "href": reverse("desk:collecting_page", args=[reply.collection_id]),
            },
            {"label": str(reply.sender or reply.filename)},
        )
        if clerk
        else [
            {"label": "交表", "href": reverse("desk:collecting_asked")},
            {
                "label": reply.collection.title,
                "href": reverse("desk:collecting_answer", args=[reply.sender_id]),
            },
            {"label": "报来的表"},
        ],
    }
    return render(request, "collecting/reply.html", context, status=status)


def _other(reply: Reply) -> Reply | None:
    """What a reply is compared with: the one of its sender that counts, for that one the latest that waits."""
    if reply.sender_id is None:
        return None
    mine = Reply.objects.for_system("比同一家的两份").filter(sender=reply.sender_id).exclude(pk=reply.pk)
    states = [Reply.State.RIVAL] if reply.state == Reply.State.COUNTED else [Reply.State.COUNTED]
    return mine.filter(state__in=states).order_by("-received_at").first()


def _senders(reply: Reply) -> list[dict[str, Any]]:
    likely = {one.get("sender") for one in reply.candidates}
    rows = Sender.objects.for_system("认领").filter(collection=reply.collection_id).order_by("order", "pk")
    return sorted(
        ({"sender": one, "likely": one.pk in likely} for one in rows), key=lambda line: not line["likely"]
    )


def _signs(reply: Reply) -> list[str]:
    if not reply.candidates:
        return []
    names = Sender.objects.for_system("认领").in_bulk([one["sender"] for one in reply.candidates])
    return [
        f"{one['said']}是{names[one['sender']].name}" for one in reply.candidates if one["sender"] in names
    ]


@require_POST
@needs(Can.COLLECT, Can.ANSWER_COLLECTION)
def act_on_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of a reply; claiming names the sender."""
    reply = reply_of(request, pk)
    actor = actor_of(request)
    action = request.POST.get("action", "")
    note = request.POST.get("note", "").strip()
    try:
        if action == "claim":
            claim(reply, _chosen(request, reply), actor)
        elif action in ("take", "take_beside"):
            raise MoveRefused("请在“认领”里选是哪一家的。")
        else:
            given = read(REPLYING.transition(action).asks, request.POST, reply)
            act(reply, action, actor, note=note, given=given)
    except REFUSALS as refusal:
        return show_reply(reply_of(request, pk), request, problem=str(refusal), status=REFUSED)
    return redirect("desk:collecting_reply", pk=pk)


def _chosen(request: HttpRequest, reply: Reply) -> Sender:
    wanted = number_in(request.POST.get("sender"))
    rows = Sender.objects.for_system("认领").filter(collection=reply.collection_id)
    found = rows.filter(pk=wanted).first() if wanted else None
    if found is None:
        raise MoveRefused("没有选单位。请选这份表是哪一家报的。")
    return found
