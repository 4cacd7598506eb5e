"""订阅: the secret address of one's own calendar, and the feed that stands under it without signing in."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from keshu.desk.diary.linking import href
from keshu.desk.errors import too_many
from keshu.desk.guard import address, needs
from keshu.desk.limits import Limit, TooOften, use
from keshu.diary import feed as feeds
from keshu.diary.models import Feed
from keshu.directory.actors import Actor, Can
from keshu.figures.models import RegionShown
from keshu.journal import audit
from keshu.terms import clock

#: Our own configuration, no document fixes it: a calendar program asks a few times an hour.
FEED = Limit("取日程", 60, 600)


@require_http_methods(["GET", "POST"])
@needs(Can.SEE_REGISTERS)
def subscription(request: HttpRequest) -> HttpResponse:
    """Make, renew or withdraw the address; it is shown once, only its digest is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    account: Any = request.user
    made = said = ""
    if request.method == "POST":
        if request.POST.get("action") == "withdraw":
            said = (
                "已停用，原来的地址打不开了。"
                if feeds.withdraw(account)
                else "本来就没有订阅地址，没有改动。"
            )
            audit.note(actor, "日程订阅", "停用", address=address(request))
        else:
            token = feeds.renew(account, actor.employment_id)
            made = request.build_absolute_uri(reverse("desk:diary_feed", args=[token]))
            audit.note(actor, "日程订阅", "生成地址", address=address(request))
    context = {
        "feed": Feed.objects.filter(account=account).first(),
        "made": made,
        "said": said,
        "crumbs": [{"label": "日程", "href": reverse("desk:diary")}, {"label": "订阅"}],
    }
    answer = render(request, "diary/subscription.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar under a secret address. No session: the address is the key, so it is limited and never cached by others."""
    try:
        actor = feeds.reader_of(token)
        use(FEED, feeds.digest_of(token))
    except feeds.NoSuchFeed as refusal:
        try:
            use(FEED, f"feed@{address(request)}")
        except TooOften as often:
            return too_many(request, str(often), often.wait)
        raise Http404(str(refusal)) from refusal
    except TooOften as often:
        return too_many(request, str(often), often.wait)
    items = feeds.items(actor) if actor.can(Can.SEE_REGISTERS) else []
    shown = RegionShown.objects.select_related("region").first()
    text = feeds.calendar(
        items,
        name=f"科枢日程 {actor.name}",
        house=f"{shown.region.code if shown else 'house'}.keshu",
        links={item.key: request.build_absolute_uri(href(item, actor)) for item in items},
        at=clock.now(),
    )
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="keshu.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
