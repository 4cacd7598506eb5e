"""What the shell around every page needs: the rail by role, the links of the frame, the person, the fixed today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from keshu.collecting.who import waiting_answers
from keshu.desk import kept
from keshu.diary.due import urgent_count
from keshu.diary.lines import off_in
from keshu.diary.outbox import unread_count, waiting_count
from keshu.directory.accounts import posts
from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import GrantRequest
from keshu.duties.register import waiting_orders
from keshu.figures.entry.models import Form, Sheet
from keshu.figures.entry.periods import current, fillers
from keshu.figures.entry.waiting import waiting
from keshu.figures.models import RegionShown
from keshu.journal import moments
from keshu.meetings.moving import owed_count
from keshu.terms import clock


def _waiting_grants(actor: Actor) -> int:
    """Requests that wait for the security administrator."""
    return (
        GrantRequest.objects.filter(state=GrantRequest.State.ASKED).count()
        if actor.can(Can.GRANT_ROLES)
        else 0
    )


def _waiting_months(actor: Actor) -> int:
    """Months that wait for this person: to fill, to review, to sign, to verify, to answer."""
    return len(waiting(actor))


@dataclass(frozen=True)
class Entry:
    """One entry of the rail: a two-character word, an icon, a route, who sees it, and what waits there for this person."""

    label: str
    icon: str
    route: str
    may: Callable[[Actor], bool]
    waiting: Callable[[Actor], int] | None = None
    moving: bool = False  # what waits there changes without a revision as well: drafts
    register: str = ""  # absent in a year in which this line of business is off


ENTRIES = (
    Entry(
        "今日",
        "today",
        "desk:today",
        lambda a: any(a.can(c) for c in (Can.SEE_REGISTERS, Can.SEE_DISPATCH, Can.APPLY)),
    ),
    Entry("调度", "dispatch", "desk:dispatch", lambda a: a.can(Can.SEE_DISPATCH) and not a.is_county),
    Entry("目标", "target", "desk:targets", lambda a: a.can(Can.SEE_DISPATCH) and not a.is_county),
    Entry("填报", "entry", "desk:entry", lambda a: a.is_county, _waiting_months, moving=True),
    Entry("位次", "rank", "desk:dispatch", lambda a: a.is_county),
    Entry("申报", "apply", "desk:apply", lambda a: a.can(Can.APPLY), register="programmes"),
    Entry(
        "督办",
        "check",
        "desk:orders",
        lambda a: any(a.can(c) for c in (Can.ISSUE_ORDERS, Can.HANDLE_ORDERS, Can.VERIFY_ORDERS)),
        waiting_orders,
        register="orders",
    ),
    Entry("台账", "register", "desk:registers", lambda a: a.can(Can.SEE_REGISTERS)),
    Entry(
        "收表", "sheet", "desk:collection", lambda a: a.can(Can.VERIFY_MONTH), _waiting_months, moving=True
    ),
    Entry(
        "通知",
        "policy",
        "desk:calls",
        lambda a: a.can(Can.HANDLE_PROGRAMMES) or a.can(Can.DECIDE_PROGRAMMES),
        register="programmes",
    ),
    Entry(
        "对照",
        "task",
        "desk:checking",
        lambda a: a.can(Can.CHECK_ITEMS) or a.can(Can.ISSUE_ORDERS),
        register="items",
    ),
    Entry("日程", "calendar", "desk:diary", lambda a: a.can(Can.SEE_REGISTERS), urgent_count),
    Entry("会议", "people", "desk:meetings", lambda a: a.can(Can.SEE_DISPATCH), owed_count),
    Entry("企业", "enterprise", "desk:own_organisation", lambda a: a.can(Can.APPLY)),
    Entry(
        "消息",
        "bell",
        "desk:messages",
        lambda a: a.can(Can.APPLY) or a.can(Can.RECOMMEND) or a.is_county,
        unread_count,
    ),
    Entry("交表", "sheet", "desk:collecting_asked", lambda a: a.can(Can.ANSWER_COLLECTION), waiting_answers),
    Entry("合表", "table", "desk:collecting_home", lambda a: a.can(Can.COLLECT)),
    Entry("提名", "seal", "desk:nominations", lambda a: a.can(Can.NOMINATE), register="awards"),
    Entry(
        "评奖",
        "rank",
        "desk:award_rounds",
        lambda a: a.can(Can.HANDLE_AWARDS) or a.can(Can.DECIDE_AWARDS),
        register="awards",
    ),
    Entry(
        "储备",
        "package",
        "desk:reserving",
        lambda a: any(a.can(c) for c in (Can.APPLY, Can.RECOMMEND, Can.HANDLE_PROGRAMMES, Can.KEEP_LEDGERS)),
    ),
    Entry("提醒", "bell", "desk:outbox", lambda a: a.can(Can.SEND_REMINDERS), waiting_count),
    Entry("导入", "upload", "desk:imports", lambda a: a.can(Can.IMPORT_FIGURES)),
    Entry("报出", "give", "desk:issued", lambda a: a.can(Can.SEE_ISSUED)),
    Entry("套表", "table", "desk:filling_forms", lambda a: a.can(Can.FILL_FORMS)),
    Entry("设置", "task", "desk:lines", lambda a: a.can(Can.KEEP_LEDGERS)),
    Entry("组织", "organisation", "desk:units", lambda a: a.can(Can.MANAGE_ACCOUNTS)),
    Entry("账号", "people", "desk:accounts", lambda a: a.can(Can.MANAGE_ACCOUNTS)),
    Entry(
        "权限",
        "key",
        "desk:grants",
        lambda a: a.can(Can.GRANT_ROLES) or a.can(Can.MANAGE_ACCOUNTS),
        _waiting_grants,
    ),
    Entry("日志", "log", "desk:audit", lambda a: a.can(Can.READ_AUDIT)),
    Entry("报告", "report", "desk:briefing", lambda a: a.can(Can.COMPOSE)),
    Entry("大屏", "screen", "desk:screen", lambda a: a.can(Can.COMPOSE)),
)
#: What stands first in the rail of a role, and which four stand in its phone bar; the others follow in the order of ``ENTRIES``.
RAILS: dict[Role, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Role.LEADER: (("今日", "调度", "目标", "督办", "报告", "大屏"), ("今日", "调度", "督办", "报告")),
    Role.PLANNING: (("今日", "调度", "目标", "台账", "报告", "督办"), ("今日", "调度", "台账", "报告")),
    Role.OFFICE: (("今日", "台账", "调度", "督办"), ("今日", "台账", "调度", "督办")),
    **dict.fromkeys(
        (Role.COUNTY_FILLER, Role.COUNTY_REVIEWER, Role.COUNTY_HEAD),
        (("今日", "填报", "位次", "台账", "督办"), ("今日", "填报", "位次", "督办")),
    ),
}
RAIL_LENGTH = 6
#: Behind 更多, and found by the search as commands; 给数 stands in the top bar (and under G) instead of the rail.
MORE = (
    Entry("目标", "target", "desk:targets", lambda a: a.can(Can.SEE_DISPATCH) and a.is_county),
    Entry("被考核", "rank", "desk:assessed", lambda a: a.can(Can.SEE_DISPATCH)),
    Entry("自定义台账", "table", "desk:customs", lambda a: a.can(Can.KEEP_LEDGERS) and a.sees_all),
    Entry(
        "登记拨款",
        "sheet",
        "desk:projects_pay",
        lambda a: a.can(Can.HANDLE_PROGRAMMES),
        register="programmes",
    ),
    Entry(
        "安排检查",
        "check",
        "desk:projects_plan",
        lambda a: a.can(Can.HANDLE_PROGRAMMES),
        register="programmes",
    ),
    Entry(
        "逾期未验收",
        "warn",
        "desk:projects_overdue",
        lambda a: a.can(Can.HANDLE_PROGRAMMES) or a.can(Can.DECIDE_PROGRAMMES),
        register="programmes",
    ),
    Entry("手机页", "phone", "desk:phone", lambda a: a.can(Can.COMPOSE)),
    Entry("大屏地址", "key", "desk:screen_links", lambda a: a.can(Can.SET_TARGETS)),
    Entry("改口令", "lock", "desk:password", lambda a: a.account_id is not None),
)
COMMANDS_ONLY = (
    Entry("给数", "give", "desk:give", lambda a: a.can(Can.GIVE_FIGURES)),
    Entry("奖励榜", "rank", "desk:award_medals", lambda a: a.can(Can.SEE_REGISTERS), register="awards"),
)

#: Links of the frame by the name that the templates use; a page that does not exist is not linked.
LINKS = {
    "search": "desk:search",
    "posts": "desk:switch_post",
    "mode": "desk:elder",
    "keepalive": "desk:keepalive",
    "login": "login",
    "logout": "logout",
    "open_data": "portal:nation",
}
#: Remembers 大字版 for those who have not signed in.
MODE_COOKIE = "keshu_mode"
SCHEME_COOKIE = "keshu_scheme"
YEAR = 365 * 24 * 3600


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell; entries whose page does not exist are absent."""
    actor: Actor | None = getattr(request, "actor", None)
    # Read only where the frame is drawn: a fragment counts nothing.
    entries: Any = SimpleLazyObject(lambda: rail(actor, request.path) if actor is not None else [])
    links = {name: address for name, route in LINKS.items() if (address := href(route))}
    if actor is not None:
        links["home"] = reverse("desk:landing")
        if actor.can(Can.GIVE_FIGURES) and (give := href("desk:give")):
            links["give"] = give
    elder = request.user.elder if actor is not None else request.COOKIES.get(MODE_COOKIE) == "elder"
    return {
        "actor": actor,
        "nav": SimpleLazyObject(lambda: entries[:RAIL_LENGTH]),
        "nav_more": SimpleLazyObject(
            lambda: [
                *entries[RAIL_LENGTH:],
                *(opened(MORE, actor, request.path) if actor is not None else []),
            ]
        ),
        "person": _person(request, actor) if actor is not None else None,
        "links": links,
        "mode": "elder" if elder else "",
        "session_seconds": settings.SESSION_COOKIE_AGE if actor is not None else 0,
        "today": clock.today(),
        "bureau": SimpleLazyObject(_bureau),
    }


def href(route: str, *args: object) -> str | None:
    """The address of a route, None where its page does not exist yet."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return None


def rail(actor: Actor, path: str = "") -> list[dict[str, Any]]:
    """The rail of an actor, in the order of its role; the entry of the page ``path`` is marked, ``phone`` says whether it stands in
    the phone bar."""
    entries = opened(ENTRIES, actor, path)
    found = next((RAILS[role] for role in RAILS if role in actor.roles), None)
    if found is None:
        return entries
    first, phone = found
    entries.sort(key=lambda entry: first.index(entry["label"]) if entry["label"] in first else len(first))
    return [entry | {"phone": entry["label"] in phone} for entry in entries]


def commands(actor: Actor) -> list[dict[str, Any]]:
    """Every page that the actor may open by its name."""
    return opened((*ENTRIES, *COMMANDS_ONLY, *MORE), actor, "", counted=False)


def opened(
    entries: tuple[Entry, ...], actor: Actor, path: str, *, counted: bool = True
) -> list[dict[str, Any]]:
    """The entries an actor may open and whose page exists, as the templates draw them; ``counted`` asks what waits there."""
    found = []
    mine = [entry for entry in entries if entry.may(actor)]
    off = off_in(clock.today().year, actor) if any(entry.register for entry in mine) else frozenset()
    for entry in mine:
        address = href(entry.route) if entry.register not in off else None
        if address is not None:
            count = badge(entry, actor) if counted else 0
            found.append(
                {
                    "label": entry.label,
                    "icon": entry.icon,
                    "href": address,
                    "current": path.startswith(address),
                    "badge": count if count < 100 else "99+",
                    "badge_label": "等办",
                }
            )
    return found


def forget() -> None:
    """Drop the badges that were counted (another database stands behind the same numbers: tests, restores)."""
    _badge.cache_clear()
    kept.forget()


def badge(entry: Entry, actor: Actor) -> int:
    """How much waits at an entry: counted once per revision, ten minutes and post, except where it changes without a revision."""
    if entry.waiting is None:
        return 0
    if entry.moving or not settings.KEEP_BADGES:
        return entry.waiting(actor)
    now = clock.now()
    return _badge(entry, actor, now.date(), now.hour * 6 + now.minute // 10, moments.latest())


@lru_cache(maxsize=4096)
def _badge(entry: Entry, actor: Actor, today: date, tenth: int, revision: int) -> int:
    assert entry.waiting is not None
    return entry.waiting(actor)


def landing(actor: Actor, last_scheme: str = "") -> str | None:
    """Where a role lands: a leader on the dispatch of the last scheme, a county on 填报 while its month is open,
    everybody else on the first entry: 今日 for those with business of their own. None when nothing is open to the actor."""
    dispatch = href("desk:dispatch")
    if Role.LEADER in actor.roles and dispatch:
        return f"{dispatch}?{urlencode({'scheme': last_scheme})}" if last_scheme else dispatch
    entry = href("desk:entry")
    if actor.is_county and entry and month_open(actor):
        return entry
    entries = opened(ENTRIES, actor, "", counted=False)
    return entries[0]["href"] if entries else None


def month_open(actor: Actor) -> bool:
    """Whether a form of the county's present period has not left its hands yet."""
    gone = (Sheet.State.SIGNED, Sheet.State.VERIFIED)
    # A form 截至某日 has no month that closes.
    for form in Form.objects.select_related("unit__region").exclude(frequency=Form.Frequency.DAY):
        for region in fillers(form):
            if region.pk in actor.region_ids:
                mine = Sheet.objects.visible_to(actor).filter(
                    form=form, region=region, period=current(form).code
                )
                sheet = mine.first()
                if sheet is None or sheet.state not in gone:
                    return True
    return False


def last_scheme(request: HttpRequest) -> str:
    """The scheme whose dispatch was opened last in this browser."""
    return request.COOKIES.get(SCHEME_COOKIE, "")[:60]


def remember_scheme(request: HttpRequest, answer: HttpResponse) -> None:
    """Keep the scheme of a dispatch that was opened; a page view writes nothing but this cookie."""
    where, scheme = request.resolver_match, request.GET.get("scheme", "")
    if (
        where is not None
        and where.view_name == "desk:dispatch"
        and answer.status_code == 200
        and scheme.isascii()
        and scheme
    ):
        answer.set_cookie(
            SCHEME_COOKIE,
            scheme[:60],
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def _person(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Who is here and in which of their posts, as the person menu shows it."""
    held = [
        {
            "id": row.pk,
            "label": f"{row.unit.name} {row.title}".strip(),
            "current": row.pk == actor.employment_id,
        }
        for row in posts(request.user)
    ]
    return {"name": actor.name, "initial": actor.name[:1], "post": actor.post, "posts": held}


def _bureau() -> dict[str, Any]:
    """The bureau that this installation serves, as the public pages name it."""
    shown = RegionShown.objects.select_related("region").first()
    return {"name": f"{shown.region.name}科学技术局" if shown else "", "phones": []}
