"""登记表决 and 登记评审结果: many nominations on one page, seen before they are recorded, all or none."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keshu.awards import voting
from keshu.awards.models import Nomination, Round
from keshu.awards.moving import NotAll
from keshu.awards.steps.deciding import read_score
from keshu.desk.awarding.rounds import crumbs, round_of
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.journal.rows import canonical
from keshu.procedure.moving import MoveRefused
from keshu.terms import clock

REFUSED = 422
LONGEST = 200


class Unread(ValueError):
    """What was typed cannot be read; the message says where."""


def _number(text: str, label: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Unread(f"{label}“{text[:12]}”不是整数。" if text else f"{label}没有填。")
    return int(text)


def _session(posted: Mapping[str, str]) -> voting.Session:
    try:
        on = date.fromisoformat(posted.get("on", "").strip())
    except ValueError:
        raise Unread(f"表决日期“{posted.get('on', '')[:12]}”不是日期，请写成 2026-05-31。") from None
    minutes = posted.get("minutes", "").strip()
    if not minutes:
        raise Unread("没有写表决纪要。写上纪要的名称或文号再登记。")
    if len(minutes) > LONGEST:
        raise Unread(f"表决纪要写了 {len(minutes)} 字，最多 {LONGEST} 字。")
    return voting.Session(
        on=on,
        committee=_number(posted.get("committee", ""), "应到委员"),
        present=_number(posted.get("present", ""), "到会委员"),
        minutes=minutes,
    )


def _ballots(
    posted: Mapping[str, str], rows: Sequence[Nomination], found: Round
) -> tuple[list[voting.Ballot], dict[int, str]]:
    """The rows that were filled, and what is wrong with others by primary key."""
    ballots: list[voting.Ballot] = []
    wrong: dict[int, str] = {}
    for row in rows:
        grade, ayes, noes = (
            posted.get(f"{name}.{row.pk}", "").strip() for name in ("grade", "for", "against")
        )
        if not (grade or ayes or noes):
            continue
        try:
            if grade not in found.quotas:
                raise Unread("没有选等级。")
            ballots.append(
                voting.Ballot(row, grade, _number(ayes, "赞成"), _number(noes, "反对") if noes else 0)
            )
        except Unread as problem:
            wrong[row.pk] = str(problem)
    return ballots, wrong


@needs(Can.HANDLE_AWARDS)
def votes(request: HttpRequest, pk: int) -> HttpResponse:
    """The committee's votes: typed, looked at, recorded. What is recorded is what was looked at."""
    found = round_of(pk)
    rows = voting.votable(found)
    posted = {name: str(value) for name, value in request.POST.items()}
    problem, session, outlooks = "", None, {}
    ballots: list[voting.Ballot] = []
    wrong: dict[int, str] = {}
    if request.method == "POST":
        ballots, wrong = _ballots(posted, rows, found)
        try:
            session = _session(posted)
            outlooks = {one.nomination.pk: one for one in voting.outlook(session, ballots)}
            wrong |= {key: one.problem for key, one in outlooks.items() if one.problem}
            if wrong:
                raise Unread(f"有 {len(wrong)} 项不对，改好再登记；一项也没有登记。")
            if not ballots:
                raise Unread("一项也没有填。选了等级、写了票数的才登记。")
            if posted.get("seen") == _seen(posted):
                actor: Actor = request.actor  # type: ignore[attr-defined]
                done = voting.record_votes(session, ballots, actor)
                messages.success(
                    request, f"已登记 {len(done)} 项表决，{sum(bool(r.carried) for r in done)} 项通过。"
                )
                return redirect("desk:award_round", pk=pk)
        except NotAll as refusal:
            problem = str(refusal)
            wrong |= {row.pk: why for row in rows for title, why in refusal.problems if title == row.title}
        except (Unread, MoveRefused) as refusal:
            problem = str(refusal)
    head = {
        "on": posted.get("on", clock.today().isoformat()),
        "committee": posted.get("committee", str(found.committee or "")),
        "present": posted.get("present", ""),
        "minutes": posted.get("minutes", ""),
    }
    ready = request.method == "POST" and not problem
    context = {
        "round": found,
        "head": head,
        "grades": [(str(grade), grade.label) for grade in found.grades],
        "rows": [_vote_row(row, posted, outlooks.get(row.pk), wrong.get(row.pk, ""), found) for row in rows],
        "places": voting.places(found, session if ready else None, ballots if ready else ()),
        "ready": ready,
        "filled": len(ballots),
        "seen": _seen(posted),
        "problem": problem,
        "crumbs": crumbs(
            {"label": str(found), "href": reverse("desk:award_round", args=[pk])}, {"label": "登记表决"}
        ),
    }
    return render(request, "awarding/votes.html", context, status=REFUSED if problem else 200)


def _vote_row(
    row: Nomination, posted: Mapping[str, str], one: voting.Outlook | None, problem: str, found: Round
) -> dict[str, Any]:
    chosen = posted.get(f"grade.{row.pk}", "")
    return {
        "row": row,
        "grades": [{"value": str(g), "label": g.label, "on": str(g) == chosen} for g in found.grades],
        "for": posted.get(f"for.{row.pk}", ""),
        "against": posted.get(f"against.{row.pk}", ""),
        "outlook": one if one is not None and not one.problem else None,
        "problem": problem,
    }


def _seen(posted: Mapping[str, str]) -> str:
    """A mark of what was looked at: a change after the look is looked at again before it is recorded."""
    kept = {name: value for name, value in posted.items() if name not in ("seen", "csrfmiddlewaretoken")}
    return hashlib.sha256(canonical(kept).encode()).hexdigest()[:16]


@needs(Can.HANDLE_AWARDS)
def scores(request: HttpRequest, pk: int) -> HttpResponse:
    """Review results: scores are typed, places follow from them, looked at, recorded."""
    found = round_of(pk)
    rows = voting.reviewable(found)
    posted = {name: str(value) for name, value in request.POST.items()}
    after = voting.given_places(found)
    problem = ""
    wrong: dict[int, str] = {}
    ranks: dict[int, int] = {}
    filled = [(row, text) for row in rows if (text := posted.get(f"score.{row.pk}", "").strip())]
    if request.method == "POST":
        read = []
        for row, text in filled:
            try:
                read.append(read_score(text))
            except MoveRefused as refusal:
                wrong[row.pk] = str(refusal)
        try:
            if wrong:
                raise Unread(f"有 {len(wrong)} 项不对，改好再登记；一项也没有登记。")
            if not filled:
                raise Unread("一项也没有填。填了得分的才登记。")
            if not posted.get("minutes", "").strip():
                raise Unread("没有写评审纪要。写上纪要的名称或文号再登记。")
            ranks = {row.pk: after + n for (row, _), n in zip(filled, voting.ranked(read), strict=True)}
            if posted.get("seen") == _seen(posted):
                actor: Actor = request.actor  # type: ignore[attr-defined]
                minutes = posted["minutes"].strip()[:LONGEST]
                done = voting.record_scores(filled, minutes, actor, after=after)
                messages.success(request, f"已登记 {len(done)} 项评审结果。")
                return redirect("desk:award_round", pk=pk)
        except NotAll as refusal:
            problem = str(refusal)
            wrong |= {row.pk: why for row in rows for title, why in refusal.problems if title == row.title}
        except (Unread, MoveRefused) as refusal:
            problem = str(refusal)
    context = {
        "round": found,
        "minutes": posted.get("minutes", ""),
        "rows": [
            {
                "row": row,
                "score": posted.get(f"score.{row.pk}", ""),
                "rank": ranks.get(row.pk, ""),
                "problem": wrong.get(row.pk, ""),
            }
            for row in rows
        ],
        "after": after,
        "ready": request.method == "POST" and not problem,
        "filled": len(filled),
        "seen": _seen(posted),
        "problem": problem,
        "crumbs": crumbs(
            {"label": str(found), "href": reverse("desk:award_round", args=[pk])}, {"label": "登记评审结果"}
        ),
    }
    return render(request, "awarding/scores.html", context, status=REFUSED if problem else 200)
