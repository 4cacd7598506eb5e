"""What each register needs before its procedure can begin: a call or a round, a first draft, and who takes which step."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from keshu.awards.models import Nomination, Prize, Round, Winner
from keshu.awards.moving import advance_round
from keshu.directory.actors import Actor, Role, system
from keshu.directory.models import Unit
from keshu.journal.writing import writing
from keshu.programmes.acceptance import Reached, judge, register_results, write_reached
from keshu.programmes.contracts import Contract, goals_of, write_contract
from keshu.programmes.models import Application, Call
from keshu.programmes.payments import pay
from keshu.programmes.superiors import Verdict, preview, register
from keshu.reserves.models import Reserve
from keshu.terms import clock
from tests.replay.people import Town

WAN = Decimal(10000)
KEEPER = system("复算")
#: Who takes a step; everything else is the office's. The empty step is the writing down.
TAKES: dict[str, dict[str, Role]] = {
    "programmes": {
        "submit": Role.APPLICANT,
        "recommend": Role.COUNTY_HEAD,
        "apply_acceptance": Role.APPLICANT,
        "propose": Role.LEADER,
        "pass_over": Role.LEADER,
        "revoke": Role.LEADER,
    },
    "awards": {
        "": Role.COUNTY_HEAD,
        "submit": Role.COUNTY_HEAD,
        "publicise": Role.COUNTY_HEAD,
        "propose": Role.LEADER,
        "not_recommended": Role.LEADER,
        "pass_over": Role.LEADER,
        "revoke": Role.LEADER,
    },
    "reserves": {"recommend": Role.COUNTY_HEAD},
    "payments": {"": Role.OFFICE},
}


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.TZ)


def open_call(row: dict[str, Any]) -> None:
    """Publish a call for applications."""
    with writing(KEEPER, f"发布 {row['name']}"):
        Call(
            name=row["name"],
            year=row["year"],
            level=row["level"],
            field=row.get("field", "industry"),
            track=Call.Track.RECOMMENDED if row.get("above") else Call.Track.CITY,
            superior=row.get("above", ""),
            opens_at=_at(row["opens"], 8),
            apply_until=_at(row["until"], 23),
            recommend_until=_at(row["until"], 23),
            state=Call.State.OPEN,
        ).save()


def open_round(row: dict[str, Any]) -> None:
    """Begin a round of a prize; the prize is set up with its first round."""
    with writing(KEEPER, f"开始 {row['name']}"):
        prize = Prize._base_manager.filter(name=row["prize"], level=row["level"]).first() or Prize(
            name=row["prize"],
            level=row["level"],
            kind=row["kind"],
            track="above" if row.get("above") else "ours",
            issuer=row.get("above", "市人民政府"),
            certificate_prefix=row["prefix"],
        )
        prize.save()
        made = Round(
            prize=prize,
            year=row["year"],
            doc_no=row["name"],
            opens_at=_at(row["opens"], 8),
            nominate_until=_at(row["until"], 23),
            accept_days=15,
            final_days=15,
            quotas=row.get("quotas", {}),
        )
        made.save()
        advance_round(made, "open", KEEPER)


BEGIN: dict[str, Callable[[dict[str, Any]], None]] = {"calls": open_call, "rounds": open_round}


def _application(row: dict[str, Any], title: str, town: Town, unit: Unit, fields: dict[str, Any]) -> Any:
    call = Call.objects.get(name=row["call"])
    filled = {
        "call": call,
        "year": call.year,
        "level": call.level,
        "field": call.field,
        "title": title,
        "leader": f"{title}负责人",
        "summary": "研究内容见申报书",
        "goals": "形成样机 1 台套",
        "asked": 150 * WAN,
        "region": town.regions[row["place"]],
        "unit": unit,
        "state": Application.State.DRAFT,
    }
    if "asked" in fields:
        fields["asked"] = fields["asked"] * WAN
    made = Application(**{**filled, **fields})
    made.save()
    return made


def _nomination(row: dict[str, Any], title: str, town: Town, unit: Unit, fields: dict[str, Any]) -> Any:
    found = Round.objects.select_related("prize").get(doc_no=row["call"])
    filled = {
        "round": found,
        "year": found.year,
        "level": found.prize.level,
        "prize_kind": found.prize.kind,
        "track": found.prize.track,
        "title": title,
        "unit": unit,
        "unit_name": unit.name,
        "region": town.regions[row["place"]],
        "nominator": town.bureaus[row["place"]],
        "nominator_kind": Nomination.Nominator.COUNTY,
        "letter_no": "提名函",
        "opinion": "同意提名",
        "summary": "成果简介见提名书",
        "applied_from": date(found.year - 3, 1, 1),
    }
    made = Nomination(**{**filled, **fields})
    made.save()
    Winner(nomination=made, order=1, name=f"{title}完成人", unit_name=unit.name).save()
    return made


def _reserve(row: dict[str, Any], title: str, town: Town, unit: Unit, fields: dict[str, Any]) -> Any:
    filled = {
        "kind": Reserve.Kind.PROJECT,
        "level": "province",
        "field": "industry",
        "year": clock.today().year,
        "title": title,
        "summary": "主要内容见储备表",
        "proposed_on": clock.today(),
        "region": town.regions[row["place"]],
        "unit": unit,
    }
    made = Reserve(**{**filled, **fields})
    made.save()
    return made


def _payment(row: dict[str, Any], title: str, town: Town, unit: Unit, fields: dict[str, Any]) -> Any:
    project = Application._base_manager.get(title=fields["project"])
    office, today = town.actor(Role.OFFICE, "home"), clock.today()
    paid = pay({project.pk: fields["amount"] * WAN}, office, doc_no=title, on=today, level=fields["level"])
    return paid[0]


def bring_list(row: dict[str, Any], named: dict[str, list[Any]], town: Town) -> None:
    """The superior's 立项 list as a file: read, matched, and registered all at once."""
    call = Call.objects.get(name=row["call"])
    lines = ["项目名称,承担单位,立项经费（万元）"]
    for what, records in named.items():
        lines += [f"{record.title},{record.unit.name},{row['granted'][what]}" for record in records]
    for entry in row.get("entered", ()):
        lines.append(f"{entry['title']},{town.unit(entry['place'], 0).name},{entry['granted']}")
    seen = preview(call, BytesIO("\n".join(lines).encode("utf-8-sig")), "立项名单.csv")
    new = [line.number for line in seen.having(Verdict.UNKNOWN)]
    office = town.actor(Role.OFFICE, "home")
    done = register(call, seen, office, doc_no=row["doc_no"], on=row["dated"], enter=new, pass_over=True)
    assert (done.approved, done.entered) == (sum(map(len, named.values())), len(row.get("entered", ())))


WRITE: dict[str, Callable[..., Any]] = {
    "programmes": _application,
    "awards": _nomination,
    "reserves": _reserve,
    "payments": _payment,
}


def prepare(record: Any, action: str, office: Actor, applicant: Actor) -> None:
    """What people do on a project's page before a step: write the contract, fill in what was reached, judge it."""
    if action == "sign":
        write_contract(record, Contract([("形成样机", "1 台套")]), office)
    elif action == "apply_acceptance":
        told = {goal.order: Reached(goal.promised, "检测报告") for goal in goals_of(record)}
        write_reached(record, told, applicant)
    elif action in ("accept", "conclude"):
        judge(record, {goal.order: "met" for goal in goals_of(record)}, office)
        register_results(record, office, achievement="成果登记号", report="科技报告编号")
