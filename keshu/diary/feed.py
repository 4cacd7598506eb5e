"""The calendar as a feed: iCalendar (RFC 5545) under a secret address per account that can be renewed and withdrawn."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from keshu.diary.due import Dues, worded
from keshu.diary.models import Feed
from keshu.diary.sources import Due
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Account
from keshu.terms import clock

#: How far a feed looks ahead; what is overdue stays in it.
AHEAD = timedelta(days=400)
MOST = 500
LINE = 75  # octets, RFC 5545 3.1


class NoSuchFeed(LookupError):
    """The address is not, or no longer, anybody's."""


def digest_of(token: str) -> str:
    """What is kept of a secret address."""
    return hashlib.sha256(token.encode()).hexdigest()


def renew(account: Account, employment_id: int | None) -> str:
    """A new secret for the account in one of its posts; an earlier address ends. The secret is told this once."""
    token = secrets.token_urlsafe(24)
    Feed.objects.update_or_create(
        account=account,
        defaults={"employment_id": employment_id, "digest": digest_of(token), "made_at": clock.now()},
    )
    return token


def withdraw(account: Account) -> bool:
    """End the account's address; whether there was one."""
    return bool(Feed.objects.filter(account=account).delete()[0])


def reader_of(token: str) -> Actor:
    """Who reads under a secret address: the account in its post, with what it may see today. Raises NoSuchFeed."""
    feed = Feed.objects.select_related("account__person").filter(digest=digest_of(token)).first()
    if feed is None or not feed.account.is_active:
        raise NoSuchFeed("这个订阅地址已经作废。请登录后在“日程”里重新生成。")
    actor = actor_of(feed.account, feed.employment_id)
    if actor.employment_id != feed.employment_id:  # the post has ended: its calendar ends with it
        raise NoSuchFeed("这个岗位已经不任了，订阅随之停止。请登录后在“日程”里重新生成。")
    return actor


def items(actor: Actor) -> list[Due]:
    """What stands in an actor's feed: its own due things, the last overdue ones and a year ahead, up to ``MOST`` of each."""
    today = clock.today()
    marks = Dues(actor, None, today + AHEAD).marks
    late = [mark for mark in marks if mark.day < today]
    return worded([*late[-MOST:], *marks[len(late) :][:MOST]])


def calendar(found: Iterable[Due], *, name: str, house: str, links: dict[str, str], at: datetime) -> str:
    """An iCalendar text: one event per due thing, all-day or at its time.

    ``house`` is the host that makes the identifiers unique, ``links`` the address of each by its key, ``at`` the moment of the
    stamp. Lines end in CRLF and are folded at 75 octets, never inside a character.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Keshu//Diary//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ]
    for one in found:
        lines += _event(one, house, links.get(one.key, ""), at)
    lines.append("END:VCALENDAR")
    return "".join(folded(line) for line in lines)


def _event(one: Due, house: str, link: str, at: datetime) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{one.key}@{house}", f"DTSTAMP:{_moment(at)}"]
    if one.at is None:
        lines.append(f"DTSTART;VALUE=DATE:{_day(one.day)}")
        lines.append(f"DTEND;VALUE=DATE:{_day(one.day + timedelta(days=1))}")
    else:
        lines.append(f"DTSTART:{_moment(datetime.combine(one.day, one.at, clock.TZ))}")
    lines.append(f"SUMMARY:{escaped(f'{one.label}：{one.title}')}")
    about = "\n".join(filter(None, (one.source_name, one.unit)))
    lines.append(f"DESCRIPTION:{escaped(about)}")
    if link:
        lines.append(f"URL:{link}")
    lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
    return lines


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545 3.3.11): what is typed never becomes a property of its own."""
    kept = "".join(letter for letter in text.replace("\r\n", "\n").replace("\r", "\n") if _printable(letter))
    for mark in ("\\", ";", ","):
        kept = kept.replace(mark, f"\\{mark}")
    return kept.replace("\n", "\\n")


def _printable(letter: str) -> bool:
    return letter == "\n" or (ord(letter) >= 0x20 and ord(letter) != 0x7F)


def folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, the following ones after CRLF and a space."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            pieces.append(piece)
            piece, size = "", 1  # the space that begins a folded line counts
        piece += letter
        size += width
    pieces.append(piece)
    return "\r\n ".join(pieces) + "\r\n"


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
