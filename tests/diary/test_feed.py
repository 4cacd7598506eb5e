"""The feed, read back by a parser of RFC 5545 written here: folding, escaping, identifiers, dates; who may read it."""

import re
from datetime import UTC, date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from keshu.diary import feed
from keshu.diary.models import Feed
from keshu.diary.sources import Due
from keshu.directory.actors import Can
from keshu.directory.models import Account, Employment
from keshu.journal.writing import writing
from tests.diary.world import day


def unfolded(text: str) -> list[str]:
    """RFC 5545 3.1: lines end in CRLF, none is longer than 75 octets, a line that begins with a space goes on the one before."""
    assert text.endswith("\r\n")
    raw = text[:-2].split("\r\n")
    assert all("\n" not in line and "\r" not in line for line in raw)
    assert all(len(line.encode("utf-8")) <= 75 for line in raw)
    found: list[str] = []
    for line in raw:
        if line.startswith(" "):
            found[-1] += line[1:]
        else:
            found.append(line)
    return found


def unescaped(value: str) -> str:
    """RFC 5545 3.3.11, from left to right."""
    out, at = "", 0
    while at < len(value):
        if value[at] == "\\":
            at += 1
            assert value[at] in "\\;,nN", f"unknown escape in {value!r}"
            out += "\n" if value[at] in "nN" else value[at]
        else:
            assert value[at] not in ";,", f"a bare separator in {value!r}"
            out += value[at]
        at += 1
    return out


def parsed(text: str) -> list[dict[str, str]]:
    """The events of a calendar as property → value; the frame is checked on the way."""
    lines = unfolded(text)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert "VERSION:2.0" in lines and any(line.startswith("PRODID:") for line in lines)
    events: list[dict[str, str]] = []
    inside: dict[str, str] | None = None
    for line in lines[1:-1]:
        name, _, value = line.partition(":")
        assert re.fullmatch(r"[A-Z-]+(;[A-Z-]+=[A-Z-]+)*", name), line
        if line == "BEGIN:VEVENT":
            assert inside is None
            inside = {}
        elif line == "END:VEVENT":
            assert inside is not None and {"UID", "DTSTAMP"} <= set(inside)
            events.append(inside)
            inside = None
        elif inside is not None:
            assert name not in inside, f"{name} twice"
            inside[name] = unescaped(value) if name in ("SUMMARY", "DESCRIPTION") else value
    assert inside is None
    return events


def item(title: str = "项目", **more) -> Due:
    values = {
        "day": date(2026, 10, 10),
        "label": "申请验收截止",
        "source": "programmes",
        "source_name": "科技计划项目",
        "link": ("7",),
        "key": "programmes-7-accept_by",
        "whose": Can.APPLY,
        "unit": "北岭新材料有限公司",
        **more,
    }
    return Due(title=title, **values)


def calendar(*items: Due) -> str:
    at = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
    links = {one.key: "https://kj.example.cn/desk/registers/programmes/7/" for one in items}
    return feed.calendar(items, name="科枢日程 人员,1;", house="991000.keshu", links=links, at=at)


def test_a_whole_day_and_a_moment():
    whole, moment = parsed(calendar(item(), item(key="calls-1-apply_until", at=time(17, 30))))
    assert whole["DTSTART;VALUE=DATE"] == "20261010" and whole["DTEND;VALUE=DATE"] == "20261011"
    assert whole["DTSTAMP"] == "20260928T010000Z"
    assert whole["UID"] == "programmes-7-accept_by@991000.keshu"
    assert whole["SUMMARY"] == "申请验收截止：项目"
    assert whole["DESCRIPTION"] == "科技计划项目\n北岭新材料有限公司"
    assert moment["DTSTART"] == "20261010T093000Z"  # 17:30 in Shanghai


@pytest.mark.parametrize(
    "title",
    [
        "逗号,分号;反斜杠\\n不是换行",
        "换行\nBEGIN:VEVENT\r\nSUMMARY:假的",
        "很长" * 200,
        "𠮷野家😀的项目" * 20,
        "尾\\",
        "控制\x00\x07字符",
    ],
)
def test_what_is_typed_stays_text(title):
    (event,) = parsed(calendar(item(title)))
    kept = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", title.replace("\r\n", "\n"))
    assert event["SUMMARY"] == f"申请验收截止：{kept}"


@given(st.text(max_size=200))
def test_any_title_comes_back_as_it_was(title):
    (event,) = parsed(calendar(item(title)))
    kept = title.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in kept if c == "\n" or (ord(c) >= 32 and ord(c) != 127))
    assert event["SUMMARY"] == f"申请验收截止：{kept}"


# ---- the address --------------------------------------------------------------------------------------------------


def fetched(token: str, **more):
    return Client().get(reverse("desk:diary_feed", args=[token]), **more)


def titles(token: str) -> set[str]:
    answer = fetched(token)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    return {
        event["SUMMARY"] for event in parsed(answer.content.decode()) if event["UID"].startswith("programmes")
    }


@pytest.mark.django_db
def test_an_account_reads_its_own_and_nothing_of_others(world):
    world.project("隔膜", accept_by=day(10, 10))
    world.project("主轴", of="south", accept_by=day(9, 1))
    north = feed.renew(world.staff.accounts["north"], world.actors["north"].employment_id)
    south = feed.renew(world.staff.accounts["south"], world.actors["south"].employment_id)
    assert titles(north) == {"申请验收截止：隔膜"}
    assert titles(south) == {"申请验收截止：主轴"}  # overdue and still there


@pytest.mark.django_db
def test_identifiers_stay_the_same_from_one_reading_to_the_next_and_over_hosts(world, settings):
    world.project("隔膜", accept_by=day(10, 10))
    token = feed.renew(world.staff.accounts["north"], world.actors["north"].employment_id)
    settings.ALLOWED_HOSTS = ["*"]
    first = {event["UID"] for event in parsed(fetched(token).content.decode())}
    again = {
        event["UID"] for event in parsed(fetched(token, headers={"host": "inside:8000"}).content.decode())
    }
    assert first == again and len(first) == 2


@pytest.mark.django_db
def test_a_renewed_or_withdrawn_address_ends_and_only_a_digest_is_kept(world):
    account, post = world.staff.accounts["north"], world.actors["north"].employment_id
    old = feed.renew(account, post)
    new = feed.renew(account, post)
    assert fetched(old).status_code == 404 and fetched(new).status_code == 200
    kept = Feed.objects.get()
    assert new not in (kept.digest, str(kept.__dict__))
    assert feed.withdraw(account) is True and feed.withdraw(account) is False
    assert fetched(new).status_code == 404


@pytest.mark.django_db
def test_who_left_the_post_or_whose_account_is_closed_reads_nothing(world):
    account, post = world.staff.accounts["north"], world.actors["north"].employment_id
    token = feed.renew(account, post)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert fetched(token).status_code == 404
    Account.objects.filter(pk=account.pk).update(is_active=True)
    with writing(world.staff.actor, "离职"):
        held = Employment.objects.get(pk=post)
        held.valid_to = day(9, 1)
        held.save()
    assert fetched(token).status_code == 404


@pytest.mark.django_db
def test_asking_too_often_is_refused_for_a_while_and_guessing_too(world):
    token = feed.renew(world.staff.accounts["north"], world.actors["north"].employment_id)
    answers = [fetched(token).status_code for _ in range(61)]
    assert answers[:60] == [200] * 60 and answers[60] == 429
    guesses = [fetched(f"guess{n}").status_code for n in range(61)]
    assert guesses[:60] == [404] * 60 and guesses[60] == 429
