"""The doors of the front page: only what has something behind it is a door, each with a fact of today."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from keshu.portal.awards import awards_door, notices_door
from keshu.programmes import public as projects
from keshu.reserves import public as reserves
from keshu.terms import clock

Door = dict[str, Any]


def doors() -> list[Door]:
    """The public doors in their order."""
    return [door for build in BUILDERS if (door := build()) is not None]


def _applying() -> Door | None:
    if not projects.every_call():
        return None
    taking = projects.calls()
    return {
        "label": "网上申报",
        "href": reverse("portal:calls"),
        "count": len(taking),
        "unit": "个通知正在申报",
        "note": f"最近截止 {taking[0].apply_until.astimezone(clock.TZ):%m-%d %H:%M}" if taking else "",
    }


def _projects() -> Door | None:
    count = projects.projects(projects.Search()).count()
    if not count:
        return None
    return {
        "label": "项目库",
        "href": reverse("portal:projects"),
        "count": count,
        "unit": "个立项项目可查",
    }


def _notices() -> Door | None:
    noticed, needs = projects.notices().count(), reserves.noticed_needs().count()
    if not noticed and not needs and not projects.projects(projects.Search()).exists():
        return None
    return {
        "label": "公示",
        "href": reverse("portal:notices"),
        "count": noticed + needs,
        "unit": "个项目在公示",
        "note": f"其中揭榜结果 {needs} 个" if needs else "",
    }


def _downloads() -> Door | None:
    found = reserves.publications(reserves.Search())
    count = found.count()
    if not count:
        return None
    newest = found.exclude(published_on=None).order_by("-published_on", "-pk").first()
    return {
        "label": "政策与表格下载",
        "href": reverse("portal:downloads"),
        "count": count,
        "unit": "份文件",
        "note": f"最近公开 {newest.published_on:%m-%d}" if newest else "",
    }


def _needs() -> Door | None:
    count = reserves.needs(reserves.Search()).count()
    if not count:
        return None
    taking = reserves.needs(reserves.Search(kind=reserves.OPEN)).count()
    return {
        "label": "需求榜",
        "href": reverse("portal:needs"),
        "count": taking or count,
        "unit": "个需求等您揭榜" if taking else "个需求发过榜",
    }


def _achievements() -> Door | None:
    count = reserves.achievements(reserves.Search()).count()
    if not count:
        return None
    return {
        "label": "成果库",
        "href": reverse("portal:achievements"),
        "count": count,
        "unit": "项成果可查",
    }


BUILDERS: tuple[Callable[[], Door | None], ...] = (
    _applying,
    _projects,
    _notices,
    _downloads,
    _needs,
    _achievements,
    notices_door,
    awards_door,
)
