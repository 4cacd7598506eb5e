"""往年奖励补登: what was received, recommended or awarded before this house stood comes in as a file, with the dates of its documents."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from keshu.awards.models import Level, Nomination, Prize, PrizeKind, Round, Track
from keshu.directory.actors import Actor, Can
from keshu.ledger.registers import Bringing, Column
from keshu.terms import clock

S = Nomination.State
#: What a past nomination may be by now.
STATES = tuple(
    (str(state), str(state.label))
    for state in (S.AWARDED, S.NOT_AWARDED, S.REVOKED, S.RECEIVED, S.RECOMMENDED, S.NOTICED, S.REVIEWING)
)
DATES = (
    ("received_on", "受理日期"),
    ("recommended_on", "推荐日期"),
    ("passed_on", "通过公示日期"),
    ("awarded_on", "授奖日期"),
)
#: The day without which a state says nothing.
NEEDS = {
    str(S.AWARDED): "awarded_on",
    str(S.REVOKED): "awarded_on",
    str(S.RECEIVED): "received_on",
    str(S.REVIEWING): "received_on",
    str(S.RECOMMENDED): "recommended_on",
    str(S.NOTICED): "passed_on",
}


def _choices(name: str) -> tuple[tuple[str, str], ...]:
    field: Any = Nomination._meta.get_field(name)
    return tuple((str(value), str(label)) for value, label in field.flatchoices)


COLUMNS = (
    Column("title", "成果名称", "name", required=True, longest=120, names=("项目名称", "成果")),
    Column("year", "年度", "count", required=True, names=("评奖年度", "年份")),
    Column("level", "级别", "choice", required=True, choices=_choices("level")),
    Column("prize_kind", "奖种", "choice", required=True, choices=_choices("prize_kind"), names=("奖项",)),
    Column("grade", "等级", "choice", choices=_choices("grade"), names=("奖励等级", "获奖等级")),
    Column("field", "领域", "choice", required=True, choices=_choices("field")),
    Column("unit_name", "第一完成单位", required=True, longest=100, names=("完成单位", "单位")),
    Column("region", "地区", "region", required=True, names=("县（市、区）", "县区")),
    Column("items", "件数", "count", help="汇总一行代表几项时写，逐项的空着"),
    Column("received_on", "受理日期", "date"),
    Column("recommended_on", "推荐日期", "date", help="报省、报国家的"),
    Column("passed_on", "通过公示日期", "date"),
    Column("awarded_on", "授奖日期", "date", help="授奖决定的日期，按它计入授奖"),
    Column("decided_doc", "授奖文号", longest=100),
    Column("certificate_number", "证书号", longest=60),
    Column("state", "现在状态", "state", required=True, choices=STATES, names=("状态",)),
)


def build(values: Mapping[str, Any], actor: Actor) -> Nomination:
    """A past nomination of one row. ValueError where the row contradicts itself or its round is still running here."""
    year, state = int(values["year"]), values["state"]
    if not 1978 <= year <= clock.today().year:
        raise ValueError(f"年度 {year} 不对，往年奖励写 1978 到今年")
    days = {name: values.get(name) for name, _ in DATES}
    _refuse_days(days, state)
    grade = values.get("grade") or ""
    if state in (S.AWARDED, S.REVOKED) and not grade:
        raise ValueError("授奖的要写等级，不分等级的写“不分等级”")
    items = values.get("items")
    if items is not None and int(items) < 1:
        raise ValueError("件数从 1 起")
    running = Round._base_manager.filter(
        prize__kind=values["prize_kind"], prize__level=values["level"], year=year
    )
    if running.exclude(state=Round.State.FINISHED).exists():
        raise ValueError(f"{year} 年度这个奖正在本系统里评，名额和公示都要走流程，不能补登")
    return Nomination(
        title=values["title"],
        year=year,
        level=values["level"],
        prize_kind=values["prize_kind"],
        track=Track.OURS if values["level"] in (Level.CITY, Level.COUNTY) else Track.ABOVE,
        grade=grade,
        field=values["field"],
        unit_name=values["unit_name"],
        region_id=values["region"],
        items=1 if items is None else int(items),
        nominator_kind=Nomination.Nominator.DEPARTMENT,
        decided_doc=values.get("decided_doc") or "",
        certificate_number=values.get("certificate_number") or "",
        counts_on=next((day for day in days.values() if day is not None), None),
        state=state,
        **days,
    )


def _refuse_days(days: Mapping[str, date | None], state: str) -> None:
    """The days of one row stand in order, none is to come, and the one its state speaks of is there."""
    needed = NEEDS.get(state)
    if needed is not None and days[needed] is None:
        raise ValueError(f"{dict(STATES)[state]}的要写{dict(DATES)[needed]}")
    if state not in (S.AWARDED, S.REVOKED) and days["awarded_on"] is not None:
        raise ValueError("写了授奖日期，状态却不是已授奖或已撤销，请核对")
    held = [(label, days[name]) for name, label in DATES if days[name] is not None]
    for label, day in held:
        if day is not None and day > clock.today():
            raise ValueError(f"{label} {day} 还没有到")
    for (before, first), (after, second) in pairwise(held):
        if first is not None and second is not None and first > second:
            raise ValueError(f"{before} {first} 晚于{after} {second}，请核对")


def rounds_for(rows: Iterable[Mapping[str, Any]]) -> Callable[[Nomination], None]:
    """The finished rounds under which past nominations stand, one a prize and year, made where they are missing."""
    rounds: dict[tuple[str, str, int], int] = {}
    for kind, level, year in sorted({(row["prize_kind"], row["level"], int(row["year"])) for row in rows}):
        found = Round._base_manager.filter(prize__kind=kind, prize__level=level, year=year).order_by("pk")
        made = found.first() or _round(kind, level, year)
        rounds[kind, level, year] = made.pk

    def finish(nomination: Nomination) -> None:
        nomination.round_id = rounds[nomination.prize_kind, nomination.level, nomination.year]

    return finish


def _round(kind: str, level: str, year: int) -> Round:
    prize = Prize._base_manager.filter(kind=kind, level=level).order_by("pk").first()
    if prize is None:
        ours = level in (Level.CITY, Level.COUNTY)
        prize = Prize(
            name=f"{Level(level).label}{PrizeKind(kind).label}",
            kind=kind,
            level=level,
            track=Track.OURS if ours else Track.ABOVE,
            issuer="本级人民政府" if ours else f"{Level(level).label}主管部门",
        )
        prize.save()
    made = Round(
        prize=prize,
        year=year,
        opens_at=datetime(year, 1, 2, 9, tzinfo=clock.TZ),
        nominate_until=datetime(year, 12, 31, 17, tzinfo=clock.TZ),
        accept_days=0,
        final_days=0,
        state=Round.State.FINISHED,
    )
    made.save()
    return made


BRINGING = Bringing(
    columns=COLUMNS,
    build=build,
    may=lambda actor: actor.can(Can.HANDLE_AWARDS),
    key=("title", "year", "level", "prize_kind", "grade", "region"),
    prepare=rounds_for,
    note="补登起用本系统以前受理、推荐和授奖的成果，各按自己的日期计入；正在本系统里评的走流程，不由文件改。",
)
