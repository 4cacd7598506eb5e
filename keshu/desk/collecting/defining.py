"""A collection is defined on a page, taken over from a blank workbook, or made once more from an earlier one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keshu.collecting.blanks import keep_blank, put_by
from keshu.collecting.columns import KINDS, MOST_COLUMNS, Col, FormRefused
from keshu.collecting.defining import Wanted, again, choosable, define, take_over
from keshu.collecting.models import Collection, Sender
from keshu.collecting.procedure import COLLECTING
from keshu.desk.collecting.finding import REFUSED, actor_of, collection_of, crumbs, number_in
from keshu.desk.guard import needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Can
from keshu.directory.models import Region, Unit
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, move
from keshu.terms import clock

EMPTY_LINES = 6
#: The salt under which a blank that was put by travels with the page.
BLANK = "collecting-blank"
REFUSALS = (MoveRefused, NotYourTurn, StaleState, Classified)


@require_http_methods(["GET", "POST"])
@needs(Can.COLLECT)
def new(request: HttpRequest) -> HttpResponse:
    """A new collection."""
    if request.method == "POST":
        return _save(request, None)
    return _page(request, Wanted("", None, (), ()), None)


@require_POST
@needs(Can.COLLECT)
@limited(UPLOAD)
@bounded("desk:collecting_new")
def take_over_form(request: HttpRequest) -> HttpResponse:
    """The columns of a blank workbook, to be looked over before they are kept."""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份空白表再传。")
        return redirect("desk:collecting_new")
    try:
        title, cols = take_over(uploaded.file, uploaded.name or "")
        digest = put_by(uploaded.file, uploaded.name or "")
    except (IntakeError, Classified) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:collecting_new")
    messages.info(request, f"从“{uploaded.name}”读到 {len(cols)} 列，种类和单位是猜的，请核对后再存。")
    token = signing.dumps([digest, uploaded.name or ""], salt=BLANK) if digest else ""
    return _page(request, Wanted(title, None, cols, ()), None, blank=token)


@require_http_methods(["GET", "POST"])
@needs(Can.COLLECT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft, changed."""
    found = collection_of(request, pk)
    if found.state != Collection.State.DRAFT:
        messages.error(request, f"“{found.title}”已经{found.get_state_display()}，列和单位不再改。")
        return redirect("desk:collecting_page", pk=pk)
    if request.method == "POST":
        return _save(request, found)
    return _page(request, replace(again(found, found.due_at), follows=found.follows), found)


@require_http_methods(["GET"])
@needs(Can.COLLECT)
def once_more(request: HttpRequest, pk: int) -> HttpResponse:
    """The same form once more: columns and senders stand already."""
    return _page(request, again(collection_of(request, pk)), None)


def _save(request: HttpRequest, draft: Collection | None) -> HttpResponse:
    actor = actor_of(request)
    wanted = _wanted(request)
    blank = request.POST.get("blank", "")
    try:
        saved = define(wanted, actor, draft=draft)
    except FormRefused as refusal:
        return _page(request, wanted, draft, problems=refusal.problems, status=REFUSED, blank=blank)
    except REFUSALS as refusal:
        return _page(request, wanted, draft, problems={"": str(refusal)}, status=REFUSED, blank=blank)
    _keep_blank(request, saved, blank)
    if request.POST.get("do") == "open":
        try:
            move(saved, "open", actor, procedure=COLLECTING)
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
    return redirect("desk:collecting_page", pk=saved.pk)


def _keep_blank(request: HttpRequest, saved: Collection, token: str) -> None:
    """The blank whose columns were looked over goes out as it is; the clerk is told where it cannot."""
    if not token:
        return
    try:
        digest, name = signing.loads(token, salt=BLANK)
        fits = keep_blank(saved, actor_of(request), digest, name)
    except (signing.BadSignature, OSError, IntakeError, Classified):
        fits = False
    if fits:
        messages.success(request, "各家拿到的就是上传的那份空白表，版式没有动，里面加了看不见的标记。")
    else:
        messages.warning(request, "列和上传的空白表对不上了，各家的工作簿按这里的列另做。")


def _wanted(request: HttpRequest) -> Wanted:
    post = request.POST
    follows = number_in(post.get("follows"))
    earlier = Collection.objects.visible_to(actor_of(request)).filter(pk=follows).first() if follows else None
    subjects = [pk for text in post.getlist("subject") if (pk := number_in(text)) is not None]
    return Wanted(
        title=" ".join(post.get("title", "").split()),
        due_at=_due(post),
        cols=tuple(_cols(post)),
        subjects=tuple(dict.fromkeys(subjects)),
        note=post.get("note", "").strip(),
        follows=earlier,
    )


def _due(post: QueryDict) -> datetime | None:
    try:
        due = datetime.fromisoformat(f"{post.get('due_day', '')}T{post.get('due_time', '') or '17:30'}")
    except ValueError:
        return None
    return due.replace(tzinfo=clock.TZ)


def _cols(post: QueryDict) -> list[Col]:
    found = []
    for at in range(2 * MOST_COLUMNS):
        name = " ".join(post.get(f"c{at}.name", "").split())
        if not name or post.get(f"c{at}.gone"):
            continue
        kind = post.get(f"c{at}.kind", "text")
        decimals = number_in(post.get(f"c{at}.decimals"))
        found.append(
            Col(
                key="",
                name=name,
                kind=kind,
                is_key=bool(post.get(f"c{at}.is_key")),
                required=bool(post.get(f"c{at}.required")),
                unit=post.get(f"c{at}.unit", "").strip() if kind == "number" else "",
                decimals=(decimals or 0) if kind == "number" else 0,
                choices=_words(post.get(f"c{at}.choices", "")) if kind == "choice" else (),
                also=_words(post.get(f"c{at}.also", "")),
            )
        )
    return found


def _words(text: str) -> tuple[str, ...]:
    """A list that was typed with any of the usual marks between."""
    for mark in "，,；;|/":
        text = text.replace(mark, "、")
    return tuple(dict.fromkeys(word for one in text.split("、") if (word := one.strip())))


def _page(
    request: HttpRequest,
    wanted: Wanted,
    draft: Collection | None,
    *,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
    blank: str = "",
) -> HttpResponse:
    said = dict(problems or {})
    actor = actor_of(request)
    unit = Unit.objects.select_related("region").filter(pk=actor.unit_id).first()
    groups = choosable(Region.objects.get(pk=unit.region_id)) if unit is not None else {}
    due = wanted.due_at.astimezone(clock.TZ) if wanted.due_at else None
    lines = [_line(at, col, said.get(f"c{at}", "")) for at, col in enumerate(wanted.cols)]
    empty = max(0, min(EMPTY_LINES, MOST_COLUMNS - len(lines)))
    lines += [_line(at, Col("", ""), "") for at in range(len(lines), len(lines) + empty)]
    follows = wanted.follows
    context: dict[str, Any] = {
        "wanted": wanted,
        "draft": draft,
        "blank": blank,
        "lines": lines,
        "problems": said,
        "many": len([place for place in said if place]),
        "due_day": f"{due:%Y-%m-%d}" if due else "",
        "due_time": f"{due:%H:%M}" if due else "17:30",
        "groups": [
            {
                "name": name,
                "rows": [{"subject": one, "chosen": one.pk in wanted.subjects} for one in rows],
            }
            for name, rows in groups.items()
            if rows
        ],
        "follows": follows,
        "crumbs": crumbs({"label": wanted.title or "收一张表"}),
        "back": reverse("desk:collecting_page", args=[draft.pk])
        if draft
        else reverse("desk:collecting_home"),
        "asked": Sender.objects.for_system("改草稿").filter(collection=draft).count() if draft else 0,
    }
    return render(request, "collecting/define.html", context, status=status)


def _line(at: int, col: Col, problem: str) -> dict[str, Any]:
    return {
        "at": at,
        "col": col,
        "problem": problem,
        "choices": "、".join(col.choices),
        "also": "、".join(col.also),
        "kinds": [{"value": k, "label": label, "chosen": k == col.kind} for k, label in KINDS.items()],
    }
