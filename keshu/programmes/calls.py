"""申报通知: written, published, extended for everybody at once, closed. What a call says is what every applicant is told."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.procedure.moving import Ask, MoveRefused, NotYourTurn, Procedure, Step, Transition, move
from keshu.programmes.models import Application, Call, Field, LeadKind, Level
from keshu.programmes.steps.applying import said
from keshu.programmes.steps.who import at, handles
from keshu.terms import clock
from keshu.terms.quantity import read_wan, wan

C = Call.State
LONGEST = {"name": 120, "doc_no": 100, "superior": 60, "guide": 20000, "who_may": 4000}
#: Lists of a call, a line each, with the longest line: a direction is kept with the application that chose it.
LISTS = {"attachments": 60, "kinds": 40, "superior_form": 60}
MOMENTS = {"opens_at": "开始申报", "apply_until": "申报截止", "recommend_until": "推荐截止"}


class CallUnreadable(ValueError):
    """What was typed of a call cannot be kept; the message names every field."""


# ---- the procedure ------------------------------------------------------------------------------------------


def _ready(record: Any, actor: Actor) -> str | None:
    if not record.guide.strip():
        return "指南还没有写。写上支持什么再发布。"
    if record.apply_until <= clock.now():
        return f"申报截止 {said(record.apply_until)} 已经过去。改好时间再发布。"
    if record.is_above and not record.superior:
        return "推荐上报的通知要写明报给哪个上级部门。补上再发布。"
    return None


def _publish(record: Any, step: Step) -> None:
    record.published_on = clock.today()


def _later(record: Call, name: str, day: date | None) -> datetime:
    """The same time of day on a later day; without a day it stays."""
    old: datetime = getattr(record, name).astimezone(clock.TZ)
    if day is None:
        return old
    new = datetime.combine(day, old.timetz())
    if new < old:
        raise MoveRefused(f"{MOMENTS[name]}现在是 {said(old)}，只能往后延，不能提前到 {day}。")
    return new


def _extend(record: Any, step: Step) -> None:
    """For all applicants at once; who comes late after the deadline is said on the public page."""
    late = clock.now() > record.apply_until
    if late and not step.given.get("late"):
        raise MoveRefused(
            f"申报已于 {said(record.apply_until)} 截止。截止后再延长，要勾选“截止后延长”，公告里会写明。"
        )
    apply_until = _later(record, "apply_until", step.given["apply_until"])
    recommend_until = _later(record, "recommend_until", step.given.get("recommend_until"))
    if apply_until == record.apply_until.astimezone(clock.TZ):
        raise MoveRefused(f"新的申报截止和现在一样，都是 {said(apply_until)}。请写更晚的日期。")
    if apply_until <= clock.now():
        raise MoveRefused(f"新的申报截止 {said(apply_until)} 已经过去。请写今天以后的日期。")
    if recommend_until < apply_until:
        raise MoveRefused(
            f"推荐截止 {said(recommend_until)} 早于新的申报截止 {said(apply_until)}。请一起往后延。"
        )
    record.extended = [
        *record.extended,
        {
            "on": clock.today().isoformat(),
            "from": said(record.apply_until),
            "until": said(apply_until),
            "recommend_from": said(record.recommend_until),
            "recommend_until": said(recommend_until),
            "reason": step.given["reason"],
            "late": late,
        },
    ]
    record.apply_until, record.recommend_until = apply_until, recommend_until


CALLING = Procedure(
    code="申报通知",
    version="1",
    states={str(value): str(label) for value, label in C.choices},
    transitions=(
        Transition("publish", "发布", at(C.DRAFT), str(C.OPEN), handles, needs=(_ready,), effect=_publish),
        Transition(
            "extend",
            "延长期限",
            at(C.OPEN, C.CLOSED),
            str(C.OPEN),
            handles,
            effect=_extend,
            asks=(
                Ask("apply_until", "新的申报截止", "date", hint="时刻不变"),
                Ask("recommend_until", "新的推荐截止", "date", required=False, hint="不变的空着"),
                Ask("reason", "理由", hint="写进公告，人人看得到"),
                Ask("late", "截止后延长", "flag", required=False, hint="已经截止的要勾选"),
            ),
        ),
        Transition("close", "截止", at(C.OPEN), str(C.CLOSED), handles, note_required=True, danger=True),
    ),
)


def advance_call(
    call: Call,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Call:
    """One step of a call (``publish``, ``extend``, ``close``). Raises MoveRefused, StaleState, NotYourTurn."""
    return move(call, action, actor, procedure=CALLING, note=note, given=given, expected=expected)


# ---- writing one --------------------------------------------------------------------------------------------


def keep(actor: Actor, values: Mapping[str, Any], call: Call | None = None) -> Call:
    """A new call in draft, or a draft changed. Raises NotYourTurn, MoveRefused once it is published."""
    if not actor.can(Can.HANDLE_PROGRAMMES):
        raise NotYourTurn(f"{actor.name} 不能写申报通知。请由业务科室办理。")
    with writing(actor, f"{'改' if call else '起草'}申报通知 {values['name']}"):
        row = Call() if call is None else Call._base_manager.select_for_update().get(pk=call.pk)
        if row.pk is not None and row.state != C.DRAFT:
            raise MoveRefused(
                f"“{row}”已经发布，申报人照它写了。要改期限请点“延长期限”，要改内容请另发通知。"
            )
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    return row


def read(texts: Mapping[str, str], besides: int | None = None) -> dict[str, Any]:
    """The values of a call as typed on its form: money in 万元, moments as 2026-03-02T09:00, lists a line each.

    Raises CallUnreadable naming every field that does not hold, Classified.
    """
    problems: list[str] = []
    refuse_classified(*texts.values())
    values: dict[str, Any] = {name: texts.get(name, "").strip() for name in LONGEST}
    problems += [f"“{name}”太长" for name, most in LONGEST.items() if len(values[name]) > most]
    if not values["name"]:
        problems.append("名称没有填")
    elif Call.objects.filter(name=values["name"]).exclude(pk=besides).exists():
        problems.append(f"已有名称相同的通知“{values['name']}”")
    for name, kind, label in (
        ("level", Level, "级别"),
        ("field", Field, "类别"),
        ("track", Call.Track, "渠道"),
    ):
        values[name] = texts.get(name, "")
        if values[name] not in kind.values:
            problems.append(f"{label}没有选")
    values["year"] = _whole(texts.get("year", ""), "计划年度", problems, least=2000, most=2100)
    values["notice_days"] = _whole(texts.get("notice_days", "5"), "公示工作日", problems, least=1, most=60)
    each = texts.get("most_per_unit", "").strip()
    values["most_per_unit"] = _whole(each, "每个单位最多报几项", problems, least=1, most=99) if each else None
    for name, label in (("budget", "总额度"), ("most_each", "单项最高")):
        values[name] = _money(texts.get(name, "").strip(), label, problems)
    for name, label in MOMENTS.items():
        values[name] = _moment(texts.get(name, "").strip(), label, problems)
    for name, most in LISTS.items():
        values[name] = [line.strip() for line in texts.get(name, "").splitlines() if line.strip()]
        problems += [f"“{line[:10]}…”超过 {most} 字" for line in values[name] if len(line) > most]
    values["own_funds"] = _shares(texts, problems)
    first, last, recommended = (values[name] for name in MOMENTS)
    if first and last and recommended and not first < last <= recommended:
        problems.append("时间顺序不对，应是开始申报、申报截止、推荐截止")
    if problems:
        raise CallUnreadable(f"{'；'.join(problems)}。改好后再存。")
    return values


def _whole(text: str, label: str, problems: list[str], *, least: int, most: int) -> int | None:
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    problems.append(f"{label}“{text}”不是 {least} 到 {most} 的整数")
    return None


def _money(text: str, label: str, problems: list[str]) -> Decimal | None:
    if not text:
        return None
    yuan = read_wan(text)
    if yuan is None or yuan <= 0:
        problems.append(f"{label}“{text[:20]}”不是金额，请写万元")
        return None
    return yuan


def _moment(text: str, label: str, problems: list[str]) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"{label}“{text[:20]}”不是时间，请写成 2026-03-02 09:00")
        return None
    return found.replace(tzinfo=clock.TZ) if found.tzinfo is None else found


def _shares(texts: Mapping[str, str], problems: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind in LeadKind:
        text = texts.get(f"own_{kind.value}", "").strip()
        if text:
            share = _whole(text, f"{kind.label}自筹比例", problems, least=1, most=99)
            if share is not None:
                found[kind.value] = share
    return found


# ---- reading ------------------------------------------------------------------------------------------------

#: Groups of states in which the office thinks of a call's applications.
GROUPS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("waiting", "待推荐", at(Application.State.SUBMITTED)),
    ("checking", "待形式审查", at(Application.State.RECOMMENDED)),
    ("judging", "评审审定", at(Application.State.ADMITTED, Application.State.REVIEWED)),
    ("notice", "公示", at(Application.State.NOTICE, Application.State.OBJECTED)),
    ("forwarded", "已报上级", at(Application.State.FORWARDED)),
    (
        "approved",
        "立项",
        at(
            *(Application.State.APPROVED, Application.State.RUNNING, Application.State.ACCEPTING),
            *(Application.State.PASSED, Application.State.CONCLUDED, Application.State.FAILED),
            Application.State.TERMINATED,
        ),
    ),
)


def counted() -> QuerySet[Call]:
    """All calls, newest first, each with how many applications stand in each group (``n_<group>``) and were sent (``n_sent``)."""
    groups = {
        f"n_{name}": Count("applications", filter=Q(applications__state__in=states))
        for name, _, states in GROUPS
    }
    sent = Count("applications", filter=~Q(applications__state=Application.State.DRAFT))
    return Call.objects.annotate(n_sent=sent, **groups).order_by("-opens_at", "-pk")


def facts(call: Call) -> list[dict[str, str]]:
    """What a call fixes, as label and text; what it leaves open is not named."""
    money = {"总额度": call.budget, "单项最高": call.most_each}
    rows = [
        ("文号", call.doc_no),
        ("计划年度", str(call.year)),
        ("级别", call.get_level_display()),
        ("类别", call.get_field_display()),
        ("渠道", f"{call.get_track_display()}{f'（{call.superior}）' if call.superior else ''}"),
        *((label, f"{wan(amount)} 万元") for label, amount in money.items() if amount is not None),
        ("限报", f"每个单位 {call.most_per_unit} 项" if call.most_per_unit else ""),
        (
            "自筹",
            "，".join(f"{LeadKind(kind).label}牵头不低于 {share}%" for kind, share in call.own_funds.items()),
        ),
        ("申报时间", f"{said(call.opens_at)} 至 {said(call.apply_until)}"),
        ("推荐截止", said(call.recommend_until)),
        ("公示", f"{call.notice_days} 个工作日"),
        ("支持方向", "、".join(call.kinds)),
    ]
    return [{"label": label, "text": text} for label, text in rows if text]
