"""Preparing a meeting: what the form asks, who attends, which figures it is held on, of whom causes and measures are asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from keshu.directory.actors import Actor, Role
from keshu.directory.models import Person, Region, RoleGrant, Unit
from keshu.figures.book import UnknownName
from keshu.figures.dispatch import Dispatch, NoSuchDispatch, anchor
from keshu.figures.models import Scheme
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_number
from keshu.meetings.lagging import (
    answer_until,
    bureaus_of,
    lagging,
    speaking_order,
    table_of,
)
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.who import OPEN_TO_CHANGE, MeetingRefused, require
from keshu.procedure.moving import MoveRefused
from keshu.rules.dated import in_force
from keshu.terms import clock
from keshu.terms.period import Period, UnreadablePeriod

PREFIX = "DDH"
LENGTHS = {"title": 120, "place": 100, "agenda": 2000, "notice_no": 60}


def locked(meeting: Meeting) -> Meeting:
    """The row of a meeting under lock. Inside ``writing`` only."""
    found = Meeting._base_manager.select_for_update(of=("self",)).select_related(
        "scheme", "region", "unit", "chair"
    )
    return found.get(pk=meeting.pk)


def chairs() -> list[Person]:
    """Who may chair: those with the role of a bureau leader, by name."""
    grants = RoleGrant.objects.filter(role=Role.LEADER.value, withdrawn_on=None)
    people = Person.objects.filter(pk__in=grants.values("employment__person"))
    return list(people.order_by("name"))


def last_before(
    scheme: Scheme | None, region: Region | None, held_on: date, but: int | None = None
) -> Meeting | None:
    """The newest meeting of the same scheme and region before a day whose minutes were issued."""
    rows = Meeting.objects.for_system("上次会议").filter(
        scheme=scheme, region=region, state=Meeting.State.ISSUED, counts_on__lt=held_on
    )
    return rows.exclude(pk=but).order_by("-counts_on", "-pk").first()


def texts_of(meeting: Meeting) -> dict[str, str]:
    """A meeting as the form shows it."""
    return {
        "title": meeting.title,
        "scheme": meeting.scheme.code,
        "period": meeting.period,
        "held": f"{meeting.held_at.astimezone(clock.TZ):%Y-%m-%dT%H:%M}",
        "place": meeting.place,
        "chair": str(meeting.chair_id or ""),
        "answer_by": meeting.answer_by.isoformat(),
        "agenda": meeting.agenda,
        "notice_no": meeting.notice_no,
    }


def keep_meeting(
    actor: Actor,
    texts: Mapping[str, str],
    *,
    region: Region,
    unit: Unit | None = None,
    found: Meeting | None = None,
) -> Meeting:
    """Make a meeting of what was typed, or change one that has not begun. A new one invites the bureaus of all counties.

    ``region`` is dispatched by its counties, ``unit`` convenes. Raises NotYourTurn without 办调度会, MeetingRefused naming every field
    that cannot stand, Classified.
    """
    require(actor, found, *OPEN_TO_CHANGE)
    values = _read(texts, found)
    refuse_classified(values["title"], values["place"], values["agenda"])
    with writing(actor, f"{'筹备' if found is None else '改'}调度会 {values['title'][:60]}"):
        if found is None:
            made = Meeting(region=region, unit=unit, source="本局召开", level=Region.Level.COUNTY)
        else:
            made = locked(found)
            require(actor, made, *OPEN_TO_CHANGE)
            _refuse_fixed(made, values)
        for name, value in values.items():
            setattr(made, name, value)
        made.counts_on = values["held_at"].astimezone(clock.TZ).date()
        made.year = made.counts_on.year
        made.previous = last_before(made.scheme, made.region, made.counts_on, made.pk)
        if found is None:
            made.number = next_number(PREFIX, made.year)
        made.save()
        if found is None:
            _invite_counties(made)
        else:
            _follow_date(made)
    return made


def _refuse_fixed(made: Meeting, values: Mapping[str, Any]) -> None:
    """What causes were asked about stays what it is."""
    asked = made.requests.for_system("改会议").exclude(state=Request.State.DROPPED).exists()
    if asked and (made.scheme_id, made.period) != (values["scheme"].pk, values["period"]):
        raise MeetingRefused({"period": "已经问过原因措施，方案和期间不能再改。要换就另开一次会"})


def _follow_date(made: Meeting) -> None:
    """Answers that are still owed follow a moved date."""
    for row in made.requests.for_system("改期限").filter(
        state__in=(Request.State.DRAFT, Request.State.ASKED, Request.State.RETURNED)
    ):
        if row.due_on != made.answer_by:
            row.due_on = made.answer_by
            row.save()


def _read(texts: Mapping[str, str], found: Meeting | None) -> dict[str, Any]:
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, most in LENGTHS.items():
        text = texts.get(name, "").strip()
        if len(text) > most:
            problems[name] = f"写了 {len(text)} 字，最多 {most} 字"
        values[name] = text
    for name, label in (("title", "会议名称"), ("place", "地点")):
        if not values[name]:
            problems[name] = f"{label}没有填"
    scheme = Scheme.objects.filter(code=texts.get("scheme", "")).first()
    if scheme is None:
        problems["scheme"] = "调度方案请从列出的里面选"
    try:
        period = Period.parse(texts.get("period", "").strip())
    except UnreadablePeriod as refusal:
        problems["period"] = str(refusal)
    else:
        values["period"] = (anchor(scheme, period) if scheme else period).code
    held = _moment(texts.get("held", ""))
    if held is None:
        problems["held"] = f"开会时间“{texts.get('held', '')[:20]}”不是时间，请写成 2026-10-20T09:00"
    elif held < clock.now() and (found is None or held != found.held_at):
        problems["held"] = f"开会时间 {held:%Y-%m-%d %H:%M} 已经过去"
    chair = texts.get("chair", "")
    person = next((one for one in chairs() if str(one.pk) == chair), None)
    if chair and person is None:
        problems["chair"] = "主持人请从列出的里面选"
    values |= {"scheme": scheme, "held_at": held, "chair": person}
    values["answer_by"] = _answer_by(texts.get("answer_by", "").strip(), held, problems)
    if problems:
        raise MeetingRefused(problems)
    return values


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=clock.TZ) if found.tzinfo is None else found


def _answer_by(text: str, held: datetime | None, problems: dict[str, str]) -> date | None:
    """The last day of answers: as typed, else as the dated rule says; never after the meeting."""
    if held is None:
        return None
    day = held.astimezone(clock.TZ).date()
    if not text:
        days = int(in_force("deadline", "meeting-answer", clock.today()).data["days"])
        return max(answer_until(day, days), min(clock.today(), day))
    try:
        found = date.fromisoformat(text)
    except ValueError:
        problems["answer_by"] = f"原因措施截止“{text[:20]}”不是日期，请写成 2026-10-18"
        return None
    if found > day:
        problems["answer_by"] = f"原因措施截止 {found} 晚于开会 {day}。请定在会前"
    return found


# ---- who attends --------------------------------------------------------------------------------------------


def _invite_counties(meeting: Meeting) -> None:
    regions = Region.objects.filter(parent=meeting.region, level=meeting.level, part=Region.Part.AREA)
    rows = list(regions.order_by("order", "code"))
    bureaus = bureaus_of(rows)
    units = [bureaus[region.pk] for region in rows if region.pk in bureaus]
    for order, unit in enumerate(units, 1):
        Attendee(meeting=meeting, unit=unit, order=order).save()


def invite(actor: Actor, meeting: Meeting, unit: Unit, *, name: str = "", speaks: bool = True) -> Attendee:
    """Invite a unit; it speaks last until it is moved. A unit that is invited already is changed. Raises NotYourTurn, MoveRefused."""
    require(actor, meeting, *OPEN_TO_CHANGE)
    if len(name) > 60:
        raise MoveRefused(f"参会人写了 {len(name)} 字，最多 60 字。请删减后再存。")
    refuse_classified(name)
    with writing(actor, f"请 {unit} 参会 {meeting}"):
        meeting = locked(meeting)
        require(actor, meeting, *OPEN_TO_CHANGE)
        row = Attendee.objects.filter(meeting=meeting, unit=unit).first()
        if row is None:
            last = Attendee.objects.filter(meeting=meeting).aggregate(last=Max("order"))["last"] or 0
            row = Attendee(meeting=meeting, unit=unit, order=last + 1)
        row.name, row.speaks = name.strip(), speaks
        row.save()
    return row


def leave_out(actor: Actor, attendee: Attendee) -> None:
    """Take an invitation back while the meeting is prepared; not of a unit whose cause is asked. Raises MoveRefused."""
    meeting = attendee.meeting
    require(actor, meeting, Meeting.State.PREPARING)
    asked = meeting.requests.for_system("撤参会单位").filter(unit=attendee.unit_id)
    if asked.exclude(state=Request.State.DROPPED).exists():
        raise MoveRefused(f"问着{attendee.unit}的原因措施，不能不请它。先把那几项改成“不再要”。")
    with writing(actor, f"不请 {attendee.unit} {meeting}"):
        attendee.delete()


def move_speaker(actor: Actor, attendee: Attendee, up: bool) -> None:
    """One place up or down among those who speak. At the end of the list nothing happens. Raises NotYourTurn, MoveRefused."""
    meeting = attendee.meeting
    require(actor, meeting, *OPEN_TO_CHANGE, Meeting.State.SITTING)
    with writing(actor, f"{'提前' if up else '推后'}发言 {attendee.unit} {meeting}"):
        locked(meeting)
        rows = list(Attendee.objects.filter(meeting=meeting, speaks=True).order_by("order", "pk"))
        at = next((n for n, row in enumerate(rows) if row.pk == attendee.pk), None)
        if at is None:
            raise MoveRefused(f"{attendee.unit}不发言，没有先后。")
        other = at - 1 if up else at + 1
        if 0 <= other < len(rows):
            rows[at], rows[other] = rows[other], rows[at]
            _number(rows)


def propose_order(actor: Actor, meeting: Meeting, table: Dispatch | None = None) -> list[Unit]:
    """Let the units speak worst first, as the table says. Raises NotYourTurn, MoveRefused, NoSuchDispatch."""
    require(actor, meeting, *OPEN_TO_CHANGE, Meeting.State.SITTING)
    lags = lagging(table or table_of(meeting))
    with writing(actor, f"按落后程度排发言 {meeting}"):
        locked(meeting)
        rows = {row.unit_id: row for row in _speakers(meeting)}
        units = speaking_order([row.unit for row in rows.values()], lags)
        _number([rows[unit.pk] for unit in units])
    return units


def _speakers(meeting: Meeting) -> list[Attendee]:
    rows = Attendee.objects.filter(meeting=meeting, speaks=True).select_related("unit")
    return list(rows.order_by("order", "pk"))


def _number(rows: Sequence[Attendee]) -> None:
    for place, row in enumerate(rows, 1):
        if row.order != place:
            row.order = place
            row.save()


# ---- figures and what is asked ------------------------------------------------------------------------------


def take_figures(actor: Actor, meeting: Meeting) -> Meeting:
    """Fix the revision on which the meeting is held: its papers say it and keep it. Taken again until the meeting begins.

    Raises NotYourTurn, MoveRefused.
    """
    require(actor, meeting, *OPEN_TO_CHANGE)
    with writing(actor, f"取数 {meeting}"):
        made = locked(meeting)
        require(actor, made, *OPEN_TO_CHANGE)
        made.revision, made.taken_at = moments.latest(), clock.now()
        made.save()
    return made


#: What a table of a meeting may refuse.
NO_TABLE = (NoSuchDispatch, UnknownName)
