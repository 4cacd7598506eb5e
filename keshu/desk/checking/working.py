"""本月要办: the list of each office when a month begins, on a page and on paper, and the reminder that carries it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.checking.lighting import percent
from keshu.checking.working import Task, remind, tasks_of
from keshu.desk.checking.asking import OWN, Asked, month_of, this_month
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period


@require_GET
@needs(Can.SEE_DISPATCH)
def work_page(request: HttpRequest) -> HttpResponse:
    """What is before each office this month."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = Asked.of(request, this_month())
    found = tasks_of(actor, asked.month, units=asked.units(actor))
    every = [task for _, tasks in found for task in tasks]
    now = clock.now().astimezone(clock.TZ)
    context = {
        "asked": asked,
        "lead": _lead(asked.month, every, len(found)),
        "groups": [{"unit": unit, "rows": [_row(task, asked) for task in tasks]} for unit, tasks in found],
        "tabs": _tabs(asked, actor),
        "may_remind": bool(every) and actor.can(Can.SEND_REMINDERS) and actor.can(Can.REVIEW_CHECKS),
        "asof": [{"value": asked.month.label}, {"label": "数据截至", "value": f"{now:%Y-%m-%d %H:%M}"}],
        "as_of_print": f"本月要办 {asked.month.label} · 数据截至 {now:%Y-%m-%d %H:%M} · {actor.name}",
        "crumbs": [{"label": "对照", "href": reverse("desk:checking")}, {"label": "本月要办"}],
    }
    return render(request, "checking/work.html", context)


def _row(task: Task, asked: Asked) -> dict[str, Any]:
    figure = reverse("desk:checking_figure", args=[task.item.pk])
    return {
        "task": task,
        "href": reverse("desk:record", args=["items", task.item.pk]),
        "figure": f"{figure}?month={task.of.code}",
        "of": "" if task.of == asked.month else f"{task.of.start.month}月",
        "due": percent(task.due),
        "more": percent(task.more) if task.more else "",
        "now": "" if task.now.completion is None else percent(task.now.completion),
        "missing": task.now.missing or "缺数",
        "left": percent(task.left) if task.left else "",
    }


def _tabs(asked: Asked, actor: Actor) -> list[dict[str, Any]]:
    """The month with the ones beside it, and whose list."""
    year, month = asked.month.year, asked.month.start.month
    near = [Period.month(year, one) for one in (month - 1, month, month + 1) if 1 <= one <= 12]
    found: list[dict[str, Any]] = [
        {
            "label": one.label,
            "href": asked.href("desk:checking_work", month=one.code),
            "current": one == asked.month,
        }
        for one in near
    ]
    if actor.can(Can.CHECK_ITEMS) and actor.sees_all:
        own = asked.unit == OWN
        href = asked.href("desk:checking_work", unit="" if own else OWN)
        found.append({"label": "看全部科室" if own else "只看本科室", "href": href, "current": False})
    return found


def _lead(month: Period, every: list[Task], offices: int) -> list[dict[str, Any]]:
    if not every:
        return []
    ends = sum(task.ends for task in every)
    behind = sum(bool(task.left) for task in every)
    found: list[dict[str, Any]] = [
        {"text": f"{month.label} {offices} 个科室和县局要办 " if offices > 1 else f"{month.label}要办 "},
        {"text": f"{len(every)} 项", "strong": True},
    ]
    if ends:
        found.append({"text": f"，{ends} 项本月到期"})
    if behind:
        found.append({"text": f"，{behind} 项还没到月末进度"})
    return [*found, {"text": "。"}]


@require_POST
@needs(Can.REVIEW_CHECKS)
def remind_offices(request: HttpRequest) -> HttpResponse:
    """Put the month's list for each office into the outbox; somebody reads it there and sends it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    month = month_of(request.POST.get("month", "")[:20], default=this_month())
    try:
        made = remind(actor, month)
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
        return redirect(Asked(month).href("desk:checking_work"))
    if not made:
        messages.info(request, "各科室的提醒已经生成过，没有要补的。")
        return redirect(Asked(month).href("desk:checking_work"))
    messages.success(request, f"已生成 {len(made)} 条提醒，看过再发。")
    return redirect("desk:outbox")
