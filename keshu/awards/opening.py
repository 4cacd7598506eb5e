"""Opening a round: what the form asks, what the dated rules propose, what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from keshu.awards.holds import placed
from keshu.awards.models import Days, Grade, Level, Prize, PrizeKind, Round, Track
from keshu.awards.policy import grade_limits, limit, span
from keshu.awards.steps.who import handles
from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

FIRST_YEAR, LAST_YEAR = 1978, 2100
MOST = 999


class RoundRefused(MoveRefused):
    """What was typed for a round cannot stand; ``problems`` says why, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(self.problems.values()))


@dataclass(frozen=True)
class Proposal:
    """What the rules in force propose for a round of a prize."""

    quotas: dict[str, int]
    limits: dict[str, dict[str, int]]
    accept_days: int
    accept_unit: Days
    final_days: int
    final_unit: Days
    window_days: int


def proposal(prize: Prize, on: date) -> Proposal:
    """The values a new round begins with. A superior's prize has no places of ours. Raises NoRuleInForce."""
    grades = {} if prize.track == Track.ABOVE else grade_limits(prize.grade_rule, on)
    accept, final = span("award-accept-notice", on), span("award-final-notice", on)
    return Proposal(
        quotas={grade: row["quota"] for grade, row in grades.items()},
        limits={grade: {"people": row["people"], "units": row["units"]} for grade, row in grades.items()},
        accept_days=accept.days,
        accept_unit=accept.unit,
        final_days=final.days,
        final_unit=final.unit,
        window_days=limit("award-window", "days", on),
    )


def texts_of(found: Round) -> dict[str, str]:
    """A round as the form shows it."""
    texts = {
        "year": str(found.year),
        "year_from": str(found.year_from or ""),
        "doc_no": found.doc_no,
        "guide": found.guide,
        "opens": f"{found.opens_at.astimezone(clock.TZ):%Y-%m-%d}",
        "until": f"{found.nominate_until.astimezone(clock.TZ):%Y-%m-%d}",
        "accept_days": str(found.accept_days),
        "accept_unit": found.accept_unit,
        "final_days": str(found.final_days),
        "final_unit": found.final_unit,
        "committee": str(found.committee or ""),
        "self_nomination": "1" if found.self_nomination else "",
    }
    for grade in found.grades:
        texts |= _grade_texts(grade, found.quotas[grade], found.limits.get(grade, {}))
    return texts


def texts_proposed(prize: Prize, on: date) -> dict[str, str]:
    """A new round as the form shows it, with what the rules propose."""
    found = proposal(prize, on)
    texts = {
        "year": str(on.year),
        "opens": on.isoformat(),
        "accept_days": str(found.accept_days),
        "accept_unit": str(found.accept_unit),
        "final_days": str(found.final_days),
        "final_unit": str(found.final_unit),
    }
    for grade, quota in found.quotas.items():
        texts |= _grade_texts(grade, quota, found.limits[grade])
    return texts


def _grade_texts(grade: str, quota: int, limits: Mapping[str, int]) -> dict[str, str]:
    found = {f"quota.{grade}": str(quota)}
    return found | {f"{name}.{grade}": str(limits.get(name, "")) for name in ("people", "units")}


def keep_round(actor: Actor, prize: Prize, texts: Mapping[str, str], found: Round | None = None) -> Round:
    """Make a round from what was typed, or change one that has not ended.

    Raises NotYourTurn without the capability 办奖励, RoundRefused naming every field that cannot stand, Classified.
    """
    if not handles(actor, found):
        raise NotYourTurn(f"{actor.name} 不能开评奖。请由奖励工作的科室办理。")
    values = _read(prize, texts, found)
    refuse_classified(values["guide"], values["doc_no"])
    made = Round(prize=prize) if found is None else found
    with writing(actor, f"{'开' if found is None else '改'}年度评奖 {values['year']} {prize.name}"):
        if found is not None:
            made = Round._base_manager.select_for_update().get(pk=found.pk)
            _refuse_fixed(made, values["year"])
        for name, value in values.items():
            setattr(made, name, value)
        _refuse_too_few(made)
        made.save()
    return made


def _refuse_fixed(made: Round, year: int) -> None:
    """What has ended stays as it ended; the year stands once somebody was nominated."""
    if made.state == Round.State.FINISHED:
        raise RoundRefused({"year": f"“{made}”已经结束，不能再改"})
    if year != made.year and made.nominations.for_system("改年度").exists():
        raise RoundRefused({"year": f"{made.year} 年度已经有提名，年度不能改"})


def _refuse_too_few(made: Round) -> None:
    """A quota is not cut below what stands on the proposed list already."""
    if made.pk is None:
        return
    for grade, used in placed(made).items():
        if used > int(made.quotas.get(grade, 0)):
            label = Grade(grade).label
            raise RoundRefused(
                {f"quota.{grade}": f"{label}已用 {used} 项名额，不能改成 {made.quotas.get(grade, 0)} 项"}
            )


class _Reader:
    """Reads the texts of the form and collects what is wrong."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.problems: dict[str, str] = {}

    def text(self, name: str, most: int) -> str:
        text = self.texts.get(name, "").strip()
        if len(text) > most:
            self.problems[name] = f"写了 {len(text)} 字，最多 {most} 字"
        return text[:most]

    def number(self, name: str, label: str, low: int, high: int, *, empty: bool = False) -> int | None:
        text = self.texts.get(name, "").strip()
        if not text and empty:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 6 and low <= int(text) <= high):
            self.problems[name] = f"{label}“{text[:12]}”不对，请写 {low} 到 {high} 的整数"
            return None
        return int(text)

    def moment(self, name: str, label: str, hour: int, minute: int) -> datetime | None:
        text = self.texts.get(name, "").strip()
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.problems[name] = f"{label}“{text[:12]}”不是日期，请写成 2026-05-31"
            return None
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.TZ)

    def choice(self, name: str, values: Sequence[str], label: str) -> str:
        text = self.texts.get(name, "")
        if text not in values:
            self.problems[name] = f"{label}请从列出的里面选"
        return text

    def unit(self, name: str) -> str:
        text = self.texts.get(name, "")
        if text not in Days.values:
            self.problems[name] = "请选自然日或工作日"
        return text


def _read(prize: Prize, texts: Mapping[str, str], found: Round | None) -> dict[str, Any]:
    reader = _Reader(texts)
    year = reader.number("year", "年度", FIRST_YEAR, LAST_YEAR)
    year_from = reader.number("year_from", "起始年度", FIRST_YEAR, LAST_YEAR, empty=True)
    opens, until = reader.moment("opens", "开始", 9, 0), reader.moment("until", "截止", 17, 30)
    values: dict[str, Any] = {
        "year": year,
        "year_from": year_from,
        "doc_no": reader.text("doc_no", 100),
        "guide": reader.text("guide", 2000),
        "opens_at": opens,
        "nominate_until": until,
        "accept_days": reader.number("accept_days", "受理公示天数", 1, 366),
        "accept_unit": reader.unit("accept_unit"),
        "final_days": reader.number("final_days", "拟奖公示天数", 1, 366),
        "final_unit": reader.unit("final_unit"),
        "committee": reader.number("committee", "评审委员会人数", 1, MOST, empty=True),
        "self_nomination": texts.get("self_nomination") == "1",
        "quotas": {},
        "limits": {},
    }
    for grade in asked_grades(prize, found):
        values["quotas"][grade] = reader.number(f"quota.{grade}", f"{Grade(grade).label}名额", 0, MOST)
        values["limits"][grade] = {
            name: reader.number(f"{name}.{grade}", f"{Grade(grade).label}{label}上限", 1, MOST)
            for name, label in (("people", "人数"), ("units", "单位数"))
        }
    if year and year_from and year_from > year:
        reader.problems["year_from"] = f"起始年度 {year_from} 晚于 {year}"
    if opens and until and opens >= until:
        reader.problems["until"] = f"截止 {until:%Y-%m-%d} 不晚于开始 {opens:%Y-%m-%d}"
    if year:
        same = Round.objects.filter(prize=prize, year=year)
        if same.exclude(pk=found.pk if found else None).exists():
            reader.problems["year"] = f"{prize} {year} 年度已经开过了，请到那一轮里改"
    if reader.problems:
        raise RoundRefused(reader.problems)
    return values


def asked_grades(prize: Prize, found: Round | None) -> list[str]:
    """The grades that the form asks quotas for."""
    if found is not None:
        return [str(grade) for grade in found.grades]
    return list(proposal(prize, clock.today()).quotas)


def short_window(found: Round) -> str:
    """A word of warning when nominations are open for less than the dated limit ``award-window``; empty otherwise."""
    least = limit("award-window", "days", found.opens_at.astimezone(clock.TZ).date())
    days = (
        found.nominate_until.astimezone(clock.TZ).date() - found.opens_at.astimezone(clock.TZ).date()
    ).days
    return f"提名期 {days} 天，少于规则里的 {least} 天。" if days < least else ""


def keep_prize(actor: Actor, texts: Mapping[str, str]) -> Prize:
    """Register a prize as its regulation sets it up. Raises NotYourTurn, RoundRefused, Classified."""
    if not handles(actor, None):
        raise NotYourTurn(f"{actor.name} 不能登记奖种。请由奖励工作的科室办理。")
    reader = _Reader(texts)
    made = Prize(
        name=reader.text("name", 60),
        kind=reader.choice("kind", PrizeKind.values, "类别"),
        level=reader.choice("level", Level.values, "级别"),
        track=reader.choice("track", Track.values, "渠道"),
        graded=texts.get("graded") == "1",
        issuer=reader.text("issuer", 60),
        certificate_prefix=reader.text("certificate_prefix", 20),
        beside=texts.get("beside") == "1",
        doc_no=reader.text("doc_no", 100),
    )
    made.grade_rule = "award-grades" if made.graded else "award-ungraded"
    for name, label in (("name", "奖种名称"), ("issuer", "授奖机关")):
        if not getattr(made, name):
            reader.problems[name] = f"{label}没有填"
    if made.name and Prize.objects.filter(name=made.name, level=made.level).exists():
        reader.problems["name"] = f"“{made.name}”已经登记过了"
    if reader.problems:
        raise RoundRefused(reader.problems)
    refuse_classified(made.name, made.doc_no)
    with writing(actor, f"登记奖种 {made.name}"):
        made.save()
    return made
