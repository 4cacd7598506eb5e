"""The links of wall screens: made by 规划科, shown once, ended by hand or by themselves."""

import hashlib
import secrets
from datetime import date, timedelta

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.walls.models import Screen

#: Our own configuration, no document fixes it: a link outlives a year of dispatches at most.
LONGEST = timedelta(days=400)


class NoSuchScreen(LookupError):
    """The address is no screen's, or no longer."""


class ScreenRefused(MoveRefused):
    """A link that cannot be made so; the message says what to change."""


def digest_of(token: str) -> str:
    """What is kept of a secret address."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_screen(*, actor: Actor, place: str, expires_on: date) -> tuple[Screen, str]:
    """(link, secret): the secret is told this once. Raises NotYourTurn, ScreenRefused."""
    if not actor.can(Can.SET_TARGETS):
        raise NotYourTurn("大屏地址由规划科生成。请找规划科。")
    place, today = place.strip(), clock.today()
    if not place:
        raise ScreenRefused("没有写这块屏放在哪里。写上地点，例如 三楼会议室，停用时才认得出。")
    if len(place) > 60:
        raise ScreenRefused(f"地点写了 {len(place)} 字，最多 60 字。写短一些。")
    if expires_on < today:
        raise ScreenRefused(f"有效期 {expires_on} 已经过了。改成今天 {today} 或以后。")
    if expires_on > today + LONGEST:
        raise ScreenRefused(
            f"有效期 {expires_on} 太久，最迟到 {today + LONGEST}（{LONGEST.days} 天）。到期可以再生成。"
        )
    token = secrets.token_urlsafe(24)
    with writing(actor, f"生成大屏地址：{place}"):
        made = Screen(
            place=place,
            digest=digest_of(token),
            made_by=actor.name,
            made_at=clock.now(),
            expires_on=expires_on,
        )
        made.save()
    return made, token


def withdraw_screen(*, actor: Actor, pk: int) -> Screen:
    """End a link at once. Raises NotYourTurn, NoSuchScreen."""
    if not actor.can(Can.SET_TARGETS):
        raise NotYourTurn("大屏地址由规划科停用。请找规划科。")
    with writing(actor, "停用大屏地址"):
        found = Screen._base_manager.select_for_update().filter(pk=pk, withdrawn_at__isnull=True).first()
        if found is None:
            raise NoSuchScreen("没有这个在用的大屏地址，可能已经停用。刷新这一页再看。")
        found.withdrawn_by, found.withdrawn_at = actor.name, clock.now()
        found.save()
    return found


def screen_of(token: str) -> Screen:
    """The screen under a secret address. Raises NoSuchScreen when it is withdrawn, expired or nobody's."""
    found = Screen.objects.filter(digest=digest_of(token)).first()
    if found is None or not found.holds:
        raise NoSuchScreen("这个大屏地址已经停用或过期。请规划科在“大屏”里重新生成。")
    return found
