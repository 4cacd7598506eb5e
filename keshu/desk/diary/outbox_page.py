"""待发提醒: what waits to leave is read and edited here, and leaves only when somebody sends it."""

import io
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.reporting.papers import attachment
from keshu.diary import outbox
from keshu.diary.days import Workdays
from keshu.diary.models import Preparation, Reminder
from keshu.diary.preparing import TemplateBroken, prepare
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Employment, Unit
from keshu.directory.privacy import masked_phone
from keshu.journal import audit
from keshu.ledger.intake.writing import Value, write_table
from keshu.ledger.registers import by_code
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.reports.exports import MEDIA_TYPES
from keshu.terms import clock

PER_PAGE = 20
CONFLICT, REFUSED = 409, 422
VIEWS = {
    "waiting": ("待发", outbox.WAITING),
    "sent": ("已发出", outbox.SENT),
    "dropped": ("不发", frozenset({str(Reminder.State.DROPPED)})),
}
ORDER = {"waiting": ("due_on", "pk"), "sent": ("-sent_at", "-pk"), "dropped": ("-pk",)}


def _asked(request: HttpRequest) -> tuple[str, str]:
    view = request.GET.get("view", "waiting")
    return (view if view in VIEWS else "waiting"), request.GET.get("q", "").strip()[:60]


def _rows(actor: Actor, view: str, text: str) -> Any:
    rows = outbox.outbox(actor).filter(state__in=VIEWS[view][1])
    if text:
        rows = rows.filter(Q(unit__name__icontains=text) | Q(subject__icontains=text))
    return rows.order_by(*ORDER[view])


@require_GET
@needs(Can.SEND_REMINDERS)
def page(request: HttpRequest) -> HttpResponse:
    """What waits, left, or was dropped; the whole text of each stands on the page."""
    return _page(request)


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    view, text = _asked(request)
    found = Paginator(_rows(actor, view, text), PER_PAGE).get_page(request.GET.get("page"))
    days, contacts = Workdays(), contacts_of({row.unit_id for row in found})
    context = {
        "page": found,
        "page_href_prefix": f"?view={view}&q={text}&page=",
        "lines": [{**_line(row, days), "contacts": contacts.get(row.unit_id, [])} for row in found],
        "view": view,
        "text": text,
        "waits": view == "waiting",
        "problem": problem,
        "tabs": [
            {"label": label, "href": f"?view={code}", "current": code == view}
            for code, (label, _) in VIEWS.items()
        ],
        "preparation": Preparation.objects.filter(pk=1, last_at__isnull=False).first(),
        "export_href": reverse("desk:outbox_export") + f"?view={view}&q={text}",
        "crumbs": [{"label": "日程", "href": reverse("desk:diary")}, {"label": "提醒"}],
    }
    return render(request, "diary/outbox.html", context, status=status)


def _line(row: Reminder, days: Workdays) -> dict[str, Any]:
    left = days.left(clock.today(), row.due_on) if row.due_on else None
    return {
        "row": row,
        "href": reverse("desk:reminder", args=[row.pk]),
        "record": _record(row),
        "left": left.text if left else "",
        "tone": left.tone if left else "",
        "seen": f"{row.pk}:{outbox.words_seen(row)}",
    }


def _record(row: Reminder) -> str:
    return reverse("desk:record", args=[row.register, row.object_pk]) if row.register else ""


@require_POST
@needs(Can.SEND_REMINDERS)
def make(request: HttpRequest) -> HttpResponse:
    """Today's preparation by the button; the worker does the same every morning."""
    try:
        done = prepare(request.actor)  # type: ignore[attr-defined]
    except TemplateBroken as refusal:
        return _page(request, problem=str(refusal), status=REFUSED)
    said = f"新生成 {done.made} 条，作废 {done.lapsed} 条。"
    if done.unknown:
        years = "、".join(str(year) for year in done.unknown)
        said += f"{years} 年的放假安排还没有，按工作日提前的没有生成。"
    messages.success(request, said)
    return redirect("desk:outbox")


@require_POST
@needs(Can.SEND_REMINDERS)
def send(request: HttpRequest) -> HttpResponse:
    """Send those that were read, all or none; what was changed meanwhile stops them all."""
    names = request.POST.getlist("whole_page" if request.POST.get("which") == "page" else "seen")
    try:
        seen = [(int(pk), digest) for pk, _, digest in (name.partition(":") for name in names[:200])]
    except ValueError:
        return _page(request, problem="选的提醒认不出来。请刷新后再选。", status=REFUSED)
    try:
        count = outbox.send_all(seen, request.actor)  # type: ignore[attr-defined]
    except StaleState as refusal:
        return _page(request, problem=str(refusal), status=CONFLICT)
    except (MoveRefused, NotYourTurn) as refusal:
        return _page(request, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已发出 {count} 条，对方登录后在“消息”里看到。")
    return redirect(reverse("desk:outbox") + "?view=sent")


@require_GET
@needs(Can.SEND_REMINDERS)
def reminder(request: HttpRequest, pk: int) -> HttpResponse:
    """One reminder: words, whom it goes to, what can be done with it, the text to copy."""
    return _reminder(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> Reminder:
    row = outbox.outbox(request.actor).filter(pk=pk).first()  # type: ignore[attr-defined]
    if row is None:
        raise Http404("没有这条提醒。")
    return row


def _reminder(request: HttpRequest, row: Reminder, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = request.POST if status != 200 else {}
    context = {
        "row": row,
        "line": _line(row, Workdays()),
        "possible": {transition.action for transition in outbox.OUTBOX.possible(row, actor)},
        "subject": typed.get("subject", row.subject),
        "text": typed.get("text", row.text),
        "channel": typed.get("channel", row.channel),
        "note": typed.get("note", ""),
        "channels": Reminder.Channel.choices,
        "contacts": contacts_of([row.unit_id]).get(row.unit_id, []),
        "problem": problem,
        "seen": outbox.words_seen(row),
        "history": [
            {
                "who": entry.actor_name,
                "did": outbox.OUTBOX.transition(entry.action).label,
                "note": entry.note if entry.action == "drop" else "",
                "moment": f"{entry.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            }
            for entry in moves_of(row).order_by("-revision")
        ],
        "register": by_code(row.register) if row.register else None,
        "crumbs": [
            {"label": "日程", "href": reverse("desk:diary")},
            {"label": "提醒", "href": reverse("desk:outbox")},
            {"label": row.subject[:20]},
        ],
    }
    return render(request, "diary/reminder.html", context, status=status)


@require_POST
@needs(Can.SEND_REMINDERS)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of one reminder. ``send`` takes the words of the page with it, so that what is seen leaves."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = _found(request, pk)
    action = request.POST.get("action", "")[:20]
    if action not in ("edit", "send", "drop"):
        raise Http404("提醒没有这一步。")
    note = request.POST.get("note", "").strip()[:500]
    try:
        if request.POST.get("seen", "") not in ("", outbox.words_seen(row)):
            raise StaleState("这条提醒刚被别人改过或已发出。请看过现在的内容再办，你写的还在下面。")
        asks = outbox.OUTBOX.transition("edit").asks
        texts = {ask.name: request.POST.get(ask.name, "").replace("\r\n", "\n") for ask in asks}
        if action != "drop" and any(texts[name] != getattr(row, name) for name in texts if texts[name]):
            row = outbox.step(row, "edit", actor, given=read(asks, texts, row))
        if action != "edit":
            row = outbox.step(row, action, actor, note=note)
    except StaleState as refusal:
        return _reminder(request, _found(request, pk), problem=str(refusal), status=CONFLICT)
    except (MoveRefused, NotYourTurn) as refusal:
        return _reminder(request, _found(request, pk), problem=str(refusal), status=REFUSED)
    messages.success(request, f"{row.get_state_display()}：{row.subject}")
    return redirect("desk:reminder", pk=pk)


@require_http_methods(["GET", "POST"])
@needs(Can.SEND_REMINDERS)
def new(request: HttpRequest) -> HttpResponse:
    """A reminder by hand to one organisation; it waits like the others."""
    unit = Unit.objects.filter(
        pk=int(asked) if (asked := request.GET.get("unit", "")).isdigit() else 0
    ).first()
    if unit is None:
        raise Http404("没有这个单位。请从单位的一企一档里写提醒。")
    problem, typed = "", request.POST
    if request.method == "POST":
        try:
            row = outbox.write(
                request.actor,  # type: ignore[attr-defined]
                unit,
                subject=typed.get("subject", ""),
                text=typed.get("text", "").replace("\r\n", "\n"),
                channel=typed.get("channel", ""),
                due_on=_day(typed.get("due_on", "")),
            )
            return redirect("desk:reminder", pk=row.pk)
        except (MoveRefused, NotYourTurn) as refusal:
            problem = str(refusal)
    context = {
        "unit": unit,
        "typed": typed,
        "problem": problem,
        "channels": Reminder.Channel.choices,
        "crumbs": [
            {"label": "日程", "href": reverse("desk:diary")},
            {"label": "提醒", "href": reverse("desk:outbox")},
            {"label": "写提醒"},
        ],
    }
    return render(request, "diary/new.html", context, status=REFUSED if problem else 200)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MoveRefused(f"期限“{text[:20]}”不是日期，请写成 2026-05-31。") from None


@require_GET
@needs(Can.SEND_REMINDERS)
def export(request: HttpRequest) -> HttpResponse:
    """What is listed, as Excel, for sending by other means; telephone numbers stay masked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    view, text = _asked(request)
    rows = list(_rows(actor, view, text)[:5000])
    contacts = contacts_of({row.unit_id for row in rows})
    heads = [
        "单位", "途径", "标题", "内容", "期限", "状态", "联系人", "电话", "生成", "发出人", "发出时刻", "已读人", "已读时刻",
    ]  # fmt: skip
    out = io.BytesIO()
    write_table(heads, (_exported(row, contacts) for row in rows), out, kind="xlsx", sheet="提醒")
    audit.note(actor, "导出", "提醒", address=address(request), detail={"视图": view, "条数": len(rows)})
    return attachment(out.getvalue(), f"提醒_{clock.today()}.xlsx", MEDIA_TYPES["xlsx"])


def _exported(row: Reminder, contacts: dict[int, list[dict[str, str]]]) -> list[Value]:
    people = contacts.get(row.unit_id, [])
    return [
        row.unit.name,
        row.get_channel_display(),
        row.subject,
        row.text,
        row.due_on,
        row.get_state_display(),
        "、".join(person["name"] for person in people),
        "、".join(filter(None, (person["phone"] for person in people))),
        f"{row.prepared_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        row.sent_by,
        f"{row.sent_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if row.sent_at else "",
        row.read_by,
        f"{row.read_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if row.read_at else "",
    ]


def contacts_of(units: Any) -> dict[int, list[dict[str, str]]]:
    """Who holds a post in each organisation today, with masked telephone numbers. One query."""
    found: dict[int, list[dict[str, str]]] = {}
    for post in Employment.objects.filter(unit__in=list(units)).select_related("person").order_by("pk"):
        if post.in_force():
            found.setdefault(post.unit_id, []).append(
                {"name": post.person.name, "title": post.title, "phone": masked_phone(post.person.phone)}
            )
    return found
