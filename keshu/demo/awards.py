"""The demonstration's awards: a finished round with its medals, a running one that people moved step by step, the province's prize."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from keshu.awards.models import Basis, Nomination, Objection, Prize, Round, Winner
from keshu.awards.moving import advance, advance_round
from keshu.awards.objecting import receive, settle
from keshu.awards.opening import proposal
from keshu.demo.people import make_people, stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.journal.writing import Writing
from keshu.ledger.numbering import next_number
from keshu.terms import clock

OFFICE = Actor(account_id=None, name="何叙", sees_all=True, capabilities=frozenset({Can.HANDLE_AWARDS}))
LEADER = Actor(account_id=None, name="林守一", sees_all=True, capabilities=frozenset({Can.DECIDE_AWARDS}))
COMMITTEE, PRESENT = 15, 13
S = Nomination.State
#: The ordinary way of our own prizes and of the province's, as far as nominations of the demonstration go.
WAY = ("submitted", "accept_notice", "reviewing", "reviewed", "voted", "proposed", "final_notice")
ABOVE = ("submitted", "received", "recommended", "noticed")


def stages() -> list[Stage]:
    """Prizes and medals of earlier years, then every step of this year's rounds at its own day."""
    data = stated("awards.yaml")
    steps: list[tuple[datetime, str, Callable[[dict[str, Any]], None], str]] = [
        (moment(4, 1, 10), "评奖开始提名", partial(_open, ("p26", "t26", "v26")), "何叙"),
        (moment(6, 4, 10), "提名市奖和省奖", partial(_submit, ("p26", "t26", "v26")), "提名单位"),
        (moment(6, 8, 9), "提名截止", _close, "何叙"),
        (moment(6, 15, 10), "省奖受理", partial(_each, "receive", "received", {}), "何叙"),
        (moment(6, 18, 10), "省奖推荐", partial(_each, "recommend", "recommended", {"doc_no": "青科函〔2026〕15号（演示）", "on": date(2026, 6, 18)}), "何叙"),
        (moment(6, 29, 9), "形式审查", partial(_examine, ("p26", "t26")), "何叙"),
        (moment(7, 10, 9), "受理公示期的异议", partial(_object, 7), "何叙"),
        (moment(7, 13, 9), "一项退出评奖", _withdraw, "何叙"),
        (moment(7, 20, 9), "进入评审", partial(_each, "begin_review", "reviewing", {}), "何叙"),
        (moment(8, 14, 15), "登记评审结果", _score, "何叙"),
        (moment(8, 24, 9), "突出贡献奖开始提名", partial(_open, ("g26",)), "何叙"),
        (moment(8, 28, 16), "省奖通过公示", partial(_each, "pass_notice", "noticed", {"on": date(2026, 8, 28)}), "何叙"),
        (moment(9, 16, 16), "评审委员会表决", _vote, "何叙"),
        (moment(9, 21, 10), "列入拟奖", _propose, "林守一"),
        (moment(9, 25, 9), "拟奖公示", partial(_each, "publish", "final_notice", {}), "何叙"),
        (moment(9, 28, 10), "提名突出贡献奖", partial(_submit, ("g26",)), "提名单位"),
        (moment(10, 8, 15), "突出贡献奖形式审查", partial(_examine, ("g26",)), "何叙"),
        (moment(10, 10, 10), "拟奖公示期的异议", partial(_object, 10), "何叙"),
    ]  # fmt: skip
    found = [Stage(moment(1, 8, 9, 30), "科学技术奖奖种和往年获奖", partial(_past, data))]
    found += [Stage(at, name, partial(_run, do, data), by=by) for at, name, do, by in steps]
    return found


def _run(do: Callable[[dict[str, Any]], None], data: dict[str, Any], block: Writing) -> int:
    do(data)
    return 0


def _past(data: dict[str, Any], block: Writing) -> int:
    make_people(data, dict(Region.objects.exclude(level="town").values_list("name", "pk")))
    prizes = {row["key"]: _prize(row) for row in data["prizes"]}
    rounds = {row["key"]: _round(row, prizes[row["prize"]]) for row in data["rounds"]}
    units = Unit.objects.in_bulk(field_name="code")
    for key, grade, field, unit, title, people in data["past"]:
        _award(rounds[key], grade, field, units[unit], title, people)
    row = data["revoked"]
    wrong = _award(
        rounds[row["round"]], row["grade"], row["field"], units[row["unit"]], row["title"], row["people"]
    )
    advance(wrong, "revoke", LEADER, note=row["why"])
    return 0


def _prize(row: dict[str, Any]) -> Prize:
    graded = row.get("graded", True)
    made = Prize(
        name=row["name"],
        kind=row["kind"],
        level=row.get("level", "city"),
        track=row.get("track", "ours"),
        graded=graded,
        issuer="青禾市人民政府" if row.get("level", "city") == "city" else "省人民政府",
        grade_rule="award-grades" if graded else "award-ungraded",
        certificate_prefix=row.get("prefix", ""),
        beside=row.get("beside", False),
        doc_no=row.get("doc", ""),
    )
    made.save()
    return made


def _round(row: dict[str, Any], prize: Prize) -> Round:
    year = row["year"]
    proposed = proposal(prize, date(year, *row["opens"]))
    quotas = row.get("quotas", {})
    # What is running is opened and closed by its steps; what is past stands as it ended.
    state = row["state"] if row["state"] == "finished" else Round.State.DRAFT
    made = Round(
        prize=prize,
        year=year,
        year_from=row.get("from"),
        doc_no=row.get("doc", ""),
        guide=row.get("guide", ""),
        opens_at=moment(*row["opens"], year=year),
        nominate_until=moment(*row["until"], 17, 30, year=year),
        accept_days=proposed.accept_days,
        accept_unit=proposed.accept_unit,
        final_days=proposed.final_days,
        final_unit=proposed.final_unit,
        committee=COMMITTEE,
        quotas=quotas,
        limits={grade: proposed.limits[grade] for grade in quotas},
        state=state,
    )
    made.save()
    return made


def _award(found: Round, grade: str, field: str, unit: Unit, title: str, people: list[str]) -> Nomination:
    """An award entered from its decision."""
    on = date(found.year, 12, 18)
    ours = found.prize.track == "ours"
    made = Nomination(
        **_copied(found),
        title=title,
        field=field,
        unit=unit,
        unit_name=unit.name,
        region_id=unit.region_id,
        nominator_kind=Nomination.Nominator.DEPARTMENT,
        number=next_number("TM", found.year),
        grade=grade,
        received_on=date(found.year, 6, 20),
        recommended_on=None if ours else date(found.year, 6, 20),
        passed_on=date(found.year, 11, 28),
        awarded_on=on,
        counts_on=date(found.year, 6, 20),
        certificate_number=next_number(found.prize.certificate_prefix or "SJ", found.year),
        decided_doc=f"{'青' if ours else '省'}政发〔{found.year}〕40号（演示）",
        state=S.AWARDED,
        source="授奖决定补登（演示）",
    )
    made.save()
    _people(made, people, unit)
    return made


def _copied(found: Round) -> dict[str, Any]:
    prize = found.prize
    return {
        "round": found,
        "year": found.year,
        "level": prize.level,
        "prize_kind": prize.kind,
        "track": prize.track,
    }


def _people(made: Nomination, people: list[str], unit: Unit) -> None:
    for order, name in enumerate(people, 1):
        Winner(nomination=made, order=order, name=name, unit_name=unit.name).save()


# ---- this year's rounds -------------------------------------------------------------------------------------------------


def _rounds(data: dict[str, Any]) -> dict[str, Round]:
    by_prize = {row["key"]: row["name"] for row in data["prizes"]}
    found = {
        (row.prize.name, row.prize.level, row.year): row for row in Round.objects.select_related("prize")
    }
    levels = {row["key"]: row.get("level", "city") for row in data["prizes"]}
    return {
        row["key"]: found[by_prize[row["prize"]], levels[row["prize"]], row["year"]] for row in data["rounds"]
    }


def _open(keys: tuple[str, ...], data: dict[str, Any]) -> None:
    rounds = _rounds(data)
    for key in keys:
        advance_round(rounds[key], "open", OFFICE)


def _close(data: dict[str, Any]) -> None:
    rounds = _rounds(data)
    for key in ("p26", "t26", "v26"):
        advance_round(rounds[key], "close", OFFICE)


def _submit(keys: tuple[str, ...], data: dict[str, Any]) -> None:
    rounds, units = _rounds(data), Unit.objects.in_bulk(field_name="code")
    for row in data["nominations"]:
        if row["round"] not in keys:
            continue
        unit, by = units[row["unit"]], units[row["by"]]
        kind = Nomination.Nominator.COUNTY if row["by"].endswith("-KJJ") else Nomination.Nominator.DEPARTMENT
        experts = [dict(zip(("name", "unit", "title"), one, strict=True)) for one in row.get("experts", ())]
        made = Nomination(
            **_copied(rounds[row["round"]]),
            title=row["title"],
            field=row["field"],
            unit=unit,
            unit_name=unit.name,
            region_id=unit.region_id,
            nominator=by,
            nominator_kind=Nomination.Nominator.EXPERTS if experts else kind,
            experts=experts,
            letter_no=f"{by.name[3:4]}函〔2026〕{len(row['title'])}号（演示）",
            opinion="材料真实，同意提名。（演示）",
            summary=f"{row['title']}的技术内容、应用范围和效益。（演示）",
            applied_from=date(2024, 9, 1),
            state=S.DRAFT,
            source="网上提名（演示）",
        )
        made.save()
        _people(made, row["people"], unit)
        for line in row.get("basis", ()):
            _, number, name = line.split(" ", 2)
            Basis(nomination=made, kind="patent", number=number, name=name).save()
        nominator = Actor(
            account_id=None, name=by.name, unit_ids=frozenset({by.pk}), capabilities=frozenset({Can.NOMINATE})
        )
        made = advance(made, "submit", nominator)


def _there(data: dict[str, Any], state: str) -> list[Nomination]:
    """Nominations that go as far as a state of their way, in the order of the file."""
    passing = []
    for row in data["nominations"]:
        way = ABOVE if row["round"] == "v26" else WAY
        # What leaves the way after the vote went as far as the vote.
        to = {"not_awarded": "voted", "returned": "submitted"}.get(row["to"], row["to"])
        if state in way and to in way and way.index(to) >= way.index(state):
            passing.append(row["title"])
    rows = {r.title: r for r in Nomination.objects.for_system("演示").filter(title__in=passing, year=2026)}
    return [rows[title] for title in passing if title in rows]


def _each(action: str, state: str, given: dict[str, Any], data: dict[str, Any]) -> None:
    for row in _there(data, state):
        advance(row, action, OFFICE, given=given)


def _examine(keys: tuple[str, ...], data: dict[str, Any]) -> None:
    """Publicity, then pass, return or fail."""
    late = "g26" in keys
    publicity = {
        "unit_from": date(2026, 9, 8) if late else date(2026, 5, 18),
        "unit_until": date(2026, 9, 14) if late else date(2026, 5, 24),
        "nominator_from": date(2026, 9, 16) if late else date(2026, 5, 26),
        "nominator_until": date(2026, 9, 22) if late else date(2026, 6, 1),
    }
    rounds = _rounds(data)
    told = {row["title"]: row["to"] for row in data["nominations"]}
    rows = Nomination.objects.for_system("演示").filter(
        round__in=[rounds[key] for key in keys], state=S.SUBMITTED
    )
    for row in rows.order_by("pk"):
        to = told[row.title]
        if to == "submitted":
            continue
        if to == "returned":
            advance(row, "return", OFFICE, given={"reason": "XS-05"}, note="推荐函缺盖章")
        elif to == "failed":
            advance(row, "fail", OFFICE, given={"reason": "XS-02"}, note="应用证明不足 6 个月")
        else:
            advance(advance(row, "publicise", OFFICE, given=publicity), "accept", OFFICE)


def _withdraw(data: dict[str, Any]) -> None:
    title = next(row["title"] for row in data["nominations"] if row["to"] == "withdrawn")
    row = Nomination.objects.for_system("演示").get(title=title)
    advance(row, "withdraw", OFFICE, note="完成单位来函，改报省奖")


def _object(month: int, data: dict[str, Any]) -> None:
    for row in data["objections"]:
        if row["received"][0] != month:
            continue
        nomination = Nomination.objects.for_system("演示").get(title=row["title"])
        made = receive(
            nomination,
            OFFICE,
            about=row["about"],
            text=row["text"],
            proof=row["proof"],
            objector=row["objector"],
            received_on=date(2026, *row["received"]),
        )
        _settle(made, row)


def _settle(made: Objection, row: dict[str, Any]) -> None:
    if row["to"] == "refused":
        settle(made, "refuse", OFFICE, given={"reason": row["reason"]})
        return
    made = settle(settle(made, "admit", OFFICE), "assign", OFFICE)
    if row["to"] == "reordered":
        given = {"outcome": "reordered", "order": row["order"]}
        settle(settle(made, "resolve", OFFICE, note="核实属实，各方签字同意", given=given), "notify", OFFICE)


def _score(data: dict[str, Any]) -> None:
    scores = {row["title"]: row.get("score") for row in data["nominations"]}
    placed: dict[int, list[str]] = {}
    rows = _there(data, "reviewed")
    for row in rows:
        placed.setdefault(row.round_id, []).append(scores[row.title])
    for row in rows:
        rank = 1 + sum(other > scores[row.title] for other in placed[row.round_id])
        given = {"score": scores[row.title], "rank": rank, "minutes": "2026 年度会评纪要（演示）"}
        advance(row, "score", OFFICE, given=given)


def _vote(data: dict[str, Any]) -> None:
    told = {row["title"]: row for row in data["nominations"]}
    for row in _there(data, "voted"):
        votes = told[row.title]["votes"]
        given = {
            "grade": told[row.title]["grade"],
            "committee": COMMITTEE,
            "present": PRESENT,
            "votes_for": votes,
            "votes_against": PRESENT - votes,
            "on": clock.today(),
            "minutes": "评审委员会纪要〔2026〕1号（演示）",
        }
        advance(row, "vote", OFFICE, given=given)


def _propose(data: dict[str, Any]) -> None:
    told = {row["title"]: row["to"] for row in data["nominations"]}
    for row in _there(data, "voted"):
        if told[row.title] == "not_awarded":
            advance(row, "pass_over", LEADER, note="名额有限，排序靠后")
        elif told[row.title] != "voted":
            advance(row, "propose", LEADER)
