"""How often something may be done: a sliding window per account and address, kept in the database so that all processes count together."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from keshu.desk.errors import too_many
from keshu.desk.guard import View, address
from keshu.directory.models import UseMark
from keshu.terms import clock


@dataclass(frozen=True)
class Limit:
    """At most ``times`` uses in ``seconds`` seconds. ``what`` is the Chinese word that the refusal uses."""

    what: str
    times: int
    seconds: int


#: Our own configuration, no document fixes these. Wrong passwords are counted by axes besides (5, then 30 minutes).
SIGN_IN = Limit("登录", 30, 300)
UPLOAD = Limit("上传", 60, 600)
GIVE = Limit("给数", 240, 600)
#: Everybody behind one address together: a whole office may stand behind it.
PUBLIC_SEARCH = Limit("公开查询", 300, 300)


class TooOften(RuntimeError):
    """The limit is reached; ``wait`` is the number of seconds until the oldest use leaves the window."""

    def __init__(self, limit: Limit, wait: int) -> None:
        self.limit, self.wait = limit, wait
        minutes = math.ceil(limit.seconds / 60)
        super().__init__(f"{limit.what}在 {minutes} 分钟里已有 {limit.times} 次，再等 {wait} 秒。")


def use(limit: Limit, who: str) -> None:
    """Count one use by ``who``; raises TooOften when the window is full (the refused try itself is not counted).

    The mark is written before it is counted, so several processes together never let more than ``times`` through.
    """
    now = clock.now()
    since = now - timedelta(seconds=limit.seconds)
    mine = UseMark.objects.filter(what=limit.what, who=who[:120])
    mine.filter(at__lte=since).delete()
    mark = UseMark.objects.create(what=limit.what, who=who[:120], at=now)
    # A demonstration's date is fixed while its hours run: marks "later" than now are of the turn before midnight.
    window = mine.filter(at__gt=since, at__lte=now)
    if window.count() > limit.times:
        mark.delete()
        oldest = window.order_by("at").values_list("at", flat=True).first() or now
        raise TooOften(limit, max(1, math.ceil((oldest - since).total_seconds())))


def who(request: HttpRequest) -> str:
    """Account and address of a request, the address alone without an account."""
    account = request.user.pk if request.user.is_authenticated else ""
    return f"{account}@{address(request)}"


def limited(limit: Limit, *, methods: tuple[str, ...] = ("POST",)) -> Callable[[View], View]:
    """A view whose requests of these methods are limited; the others get 429 with the time to wait. Stands below ``needs``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                try:
                    use(limit, who(request))
                except TooOften as refusal:
                    return too_many(request, str(refusal), refusal.wait)
            return view(request, *args, **kwargs)

        counted.limit = limit  # type: ignore[attr-defined]
        return counted

    return decorate
