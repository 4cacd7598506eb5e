"""Asking for causes and measures: the clerk confirms what the dispatch proposes."""

from collections.abc import Iterable, Sequence

from keshu.directory.actors import Actor
from keshu.figures.dispatch import Dispatch
from keshu.journal.writing import writing
from keshu.meetings.lagging import LAGGING, Lag, done_words, lagging, table_of
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.moving import send_requests
from keshu.meetings.preparing import invite, locked, take_figures
from keshu.meetings.who import OPEN_TO_CHANGE, require
from keshu.procedure.moving import MoveRefused


class NothingToAsk(MoveRefused):
    """Nothing was ticked, or what was ticked does not lag any more."""


class Settled(MoveRefused):
    """A cause was asked of an 已定 figure: nobody can change last year."""


def ask(actor: Actor, meeting: Meeting, keys: Iterable[str], table: Dispatch | None = None) -> list[Request]:
    """Ask cause and measures of the lagging rows that the clerk ticked (``Lag.key``), each of its unit, which is invited with it.

    What is asked already is not asked twice. Before the notice the requests wait with it; afterwards they leave at once.
    Raises NotYourTurn, MoveRefused, NothingToAsk, Settled for a key of an 已定 figure.
    """
    require(actor, meeting, *OPEN_TO_CHANGE)
    wanted = list(dict.fromkeys(keys))
    table = table or table_of(meeting)
    known = {lag.key: lag for lag in lagging(table)}
    _refuse_settled([key for key in wanted if key not in known], table)
    lags = [known[key] for key in wanted if key in known]
    nobody = [lag for lag in lags if lag.unit is None]
    if nobody:
        names = "、".join(f"{lag.row.region.name}{lag.row.indicator.short_name}" for lag in nobody)
        raise NothingToAsk(f"{names}不知道该问哪个单位。请先在组织里建县（市、区）科技局或责任科室。")
    if not lags:
        raise NothingToAsk("没有勾选落后的项次，或者它们现在不落后了。请勾选后再问。")
    if not meeting.revision:
        meeting = take_figures(actor, meeting)
    with writing(actor, f"问原因措施 {len(lags)} 项 {meeting}"):
        meeting = locked(meeting)
        require(actor, meeting, *OPEN_TO_CHANGE)
        held = set(
            meeting.requests.for_system("已问")
            .exclude(state=Request.State.DROPPED)
            .values_list("unit_id", "indicator_id", "region_id")
        )
        number = meeting.requests.for_system("编号").count()
        invited = set(Attendee.objects.filter(meeting=meeting).values_list("unit_id", flat=True))
        made = []
        for lag in lags:
            assert lag.unit is not None
            if (lag.unit.pk, lag.row.indicator.pk, lag.row.region.pk) in held:
                continue
            number += 1
            request = _request(meeting, lag, number)
            request.save()
            made.append(request)
            if lag.unit.pk not in invited:
                invited.add(lag.unit.pk)
                invite(actor, meeting, lag.unit)
        if meeting.state == Meeting.State.NOTIFIED:
            send_requests(meeting, actor)
    return made


def _refuse_settled(keys: Sequence[str], table: Dispatch) -> None:
    fixed = {f"{row.indicator.code}:{row.region.code}": row for row in table.rows if row.fixed}
    for key in keys:
        if key in fixed:
            row = fixed[key]
            raise Settled(
                f"{row.region.name}{row.indicator.short_name}已定，谁也改不了去年。请问它旁边的先行指标。"
            )


def _request(meeting: Meeting, lag: Lag, number: int) -> Request:
    row = lag.row
    assert row.lamp is not None and lag.unit is not None and row.lamp.level in LAGGING
    return Request(
        number=f"{meeting.number}-{number:02d}",
        region=row.region,
        unit=lag.unit,
        counts_on=meeting.counts_on,
        source="调度表",
        meeting=meeting,
        title=f"{row.region.name}{row.indicator.short_name}"[:120],
        year=meeting.year,
        indicator=row.indicator,
        period=row.figure.period.code,
        leading=lag.leading,
        lamp_level=row.lamp.level,
        lamp_word=row.lamp.word,
        done=done_words(row),
        due_on=meeting.answer_by,
    )
