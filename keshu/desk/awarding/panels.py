"""Cards on the page of a nomination: people and basis, who nominated, places left, objections, the way to correct."""

from django.http import HttpRequest
from django.urls import reverse

from keshu.awards.models import Nomination, Objection, Track
from keshu.awards.objecting import not_admissible
from keshu.awards.steps.who import OPEN_OBJECTION
from keshu.awards.voting import places
from keshu.desk.registers.panels import Panel, panel
from keshu.directory.actors import Actor, Can
from keshu.ledger.records import Record
from keshu.terms.quantity import show_number

S = Nomination.State


@panel("awards")
def people(request: HttpRequest, record: Record) -> Panel:
    """The people in their order, the units, what the achievement rests on, and who nominated it."""
    assert isinstance(record, Nomination)
    return Panel(
        "awarding/people.html",
        {
            "winners": record.winners.for_system("记录页").order_by("order"),
            "units": [record.unit_name, *record.other_units],
            "bases": record.bases.for_system("记录页").order_by("pk"),
            "nominator": record.nominator,
            "kind": record.get_nominator_kind_display(),
            "experts": record.experts,
        },
    )


@panel("awards")
def correcting(request: HttpRequest, record: Record) -> Panel | None:
    """The way back into the form for the unit that has to correct."""
    assert isinstance(record, Nomination)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if record.state != S.RETURNED or record.nominator_id not in actor.unit_ids:
        return None
    return Panel("awarding/correct.html", {"pk": record.pk, "by": record.correct_by}, "side")


@panel("awards")
def quota(request: HttpRequest, record: Record) -> Panel | None:
    """Places of each grade, for those who handle and decide; what was voted, where it was."""
    assert isinstance(record, Nomination)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    handles = actor.can(Can.HANDLE_AWARDS) or actor.can(Can.DECIDE_AWARDS)
    if not handles or record.track != Track.OURS:
        return None
    found = record.round
    return Panel(
        "awarding/quota_card.html",
        {
            "round": found,
            "places": places(found),
            "href": reverse("desk:award_round", args=[found.pk]),
            "told": _told(record),
        },
        "side",
    )


def _told(record: Nomination) -> list[dict[str, str]]:
    """The review result and the vote, which only the bureau sees."""
    found: list[tuple[str, str]] = []
    if record.score is not None:
        found.append(("评审得分", show_number(record.score, 2)))
        found.append(("评审名次", str(record.rank)))
        found.append(("评审纪要", record.review_minutes))
    if record.voted_on is not None:
        found.append(("表决的等级", record.get_voted_grade_display()))
        found.append(("表决结果", "通过" if record.carried else "未通过"))
        abstained = (record.present or 0) - (record.votes_for or 0) - (record.votes_against or 0)
        cast = f"赞成 {record.votes_for}，反对 {record.votes_against}，弃权 {abstained}"
        found.append(("票数", cast))
        found.append(("到会", f"{record.present} / 应到 {record.committee}"))
        found.append(("表决纪要", f"{record.voted_on} {record.vote_minutes}"))
    return [{"label": label, "text": text} for label, text in found]


@panel("awards")
def objections(request: HttpRequest, record: Record) -> Panel | None:
    """Objections: to the bureau with the way to each, to the unit that verifies only what they are about."""
    assert isinstance(record, Nomination)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = Objection.objects.for_system("异议卡").filter(nomination=record).order_by("pk")
    bureau = actor.sees_all
    if not bureau:
        if record.nominator_id not in actor.unit_ids:
            return None
        rows = rows.filter(assigned_to_id=record.nominator_id)
    entries = [
        {
            "number": row.number,
            "about": row.get_about_display(),
            "state": row.get_state_display(),
            "open": row.state in OPEN_OBJECTION,
            "text": row.text,
            "answer_by": row.answer_by,
            "href": reverse("desk:record", args=["award-objections", row.pk]) if bureau else "",
        }
        for row in rows
    ]
    may = actor.can(Can.HANDLE_AWARDS) and record.accept_notice_from is not None
    if not entries and not may:
        return None
    register = reverse("desk:award_objection", args=[record.pk]) if may else ""
    return Panel("awarding/objections.html", {"entries": entries, "register": register}, "side")


@panel("award-objections")
def nominated(request: HttpRequest, record: Record) -> Panel:
    """The nomination an objection is about, who verifies it, and why it cannot be admitted while that is open."""
    assert isinstance(record, Objection)
    nomination = record.nomination
    refused = not_admissible(record) if record.state == Objection.State.RECEIVED else None
    return Panel(
        "awarding/nominated.html",
        {
            "title": nomination.title,
            "number": nomination.number,
            "state": nomination.get_state_display(),
            "href": reverse("desk:record", args=["awards", nomination.pk]),
            "verifies": record.assigned_to,
            "refused": f"{refused[1]}按 {refused[0]} 不予受理。" if refused else "",
            "people": nomination.winners.for_system("记录页").order_by("order"),
        },
        "side",
    )
