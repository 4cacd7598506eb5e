"""Writing an assessment down as its document gives it, and who answers for an item until when."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from keshu.assessment.models import Assessment, Item
from keshu.assessment.moving import NotPoints, keeps, read_points
from keshu.directory.actors import BUREAU_ROLES, COUNTY_ROLES, Actor, Can
from keshu.directory.models import Region, Unit
from keshu.figures.models import Indicator, RegionShown, Standing
from keshu.figures.packages import put
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import plain

#: The indicator under which the overall score and rank stand as reported.
OVERALL = "assessed"
FIRST_YEAR, LAST_YEAR = 2000, 2199


class AssessmentRefused(MoveRefused):
    """What was typed cannot stand; ``problems`` says why, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(self.problems.values()))


class NoRegionYet(MoveRefused):
    """The house serves no region yet, so there is nobody who is assessed."""


def assessed_region() -> Region:
    """The region this house serves: the one that is assessed. Raises NoRegionYet."""
    shown = RegionShown.objects.select_related("region").first()
    if shown is None:
        raise NoRegionYet("这里还没有定本级地区，登记不了考核。请系统管理员先初始化地区。")
    return shown.region


def report(
    *,
    indicator: Indicator,
    subject: Region,
    period: Period,
    kind: Any,
    value: Decimal,
    assessment: Assessment,
    correcting: Standing | None = None,
) -> Standing:
    """The reported standing of an indicator: the one that says the same already, else a new one of this document. ``correcting``:
    the standing that this document stated so far; it is brought to what is said now. Inside ``writing`` only.
    """
    if correcting is not None:
        return _told(correcting, assessment, period=period.code, value=value)
    same = Standing.objects.for_system("登记考核").filter(
        indicator=indicator, subject=subject, period=period.code, kind=kind, assessor=assessment.assessor
    )
    for row in same:
        if row.value == value and row.population in (None, assessment.population):
            return row
    return put(
        Standing,
        {
            "indicator": indicator,
            "subject_id": subject.pk,
            "period": period.code,
            "kind": kind,
            "assessor": assessment.assessor,
            "doc_no": assessment.doc_no,
        },
        {
            "value": value,
            "population": assessment.population if kind == Standing.Kind.RANK else None,
            "exclusions": assessment.exclusions,
            "released_on": assessment.released_on,
        },
    )


def stated_by(standing: Standing | None, assessment: Assessment) -> Standing | None:
    """The standing, where it is this assessment's own document that states it; another notice's is never corrected from here."""
    if standing is None:
        return None
    own = (standing.assessor, standing.doc_no) == (assessment.assessor, assessment.doc_no)
    return standing if own else None


def _told(standing: Standing, assessment: Assessment, **values: Any) -> Standing:
    values |= {
        "population": assessment.population if standing.kind == Standing.Kind.RANK else None,
        "exclusions": assessment.exclusions,
        "assessor": assessment.assessor,
        "doc_no": assessment.doc_no,
        "released_on": assessment.released_on,
    }
    return put(Standing, {"pk": standing.pk}, values)


def keep_assessment(actor: Actor, texts: Mapping[str, str], found: Assessment | None = None) -> Assessment:
    """Write an assessment from what was typed, or correct one.

    Raises NotYourTurn without the capability 管上级考核, AssessmentRefused naming every field that cannot stand, Classified,
    NoRegionYet.
    """
    if not actor.can(Can.KEEP_ASSESSMENT):
        raise NotYourTurn(f"{actor.name} 不能登记上级考核。请由规划科登记。")
    region = assessed_region() if found is None else found.region
    values, score, rank = _read(texts, region, found)
    refuse_classified(*(str(value) for value in values.values()))
    made = Assessment(region=region) if found is None else found
    stood = {name: stated_by(getattr(made, name), made) for name in ("score", "rank")}
    ranks = _item_ranks(found) if found is not None else []
    for name, value in values.items():
        setattr(made, name, value)
    with writing(actor, f"{'登记' if found is None else '更正'}{made}"):
        overall = Indicator.objects.get(code=OVERALL)
        for name, kind, value in (("score", Standing.Kind.SCORE, score), ("rank", Standing.Kind.RANK, rank)):
            stands = None
            if value is not None:
                stands = report(
                    indicator=overall,
                    subject=region,
                    period=Period.year(made.year),
                    kind=kind,
                    value=value,
                    assessment=made,
                    correcting=stood[name],
                )
            setattr(made, name, stands)
        made.save()
        for standing in ranks:
            _told(standing, made)
        for name, before in stood.items():
            if before is not None and getattr(made, name) is None:
                before.delete()
    return made


def _item_ranks(found: Assessment) -> list[Standing]:
    """The ranks of items that this assessment's document states: they follow when the document is corrected."""
    rows = Item.objects.for_system("更正考核").filter(assessment=found, rank__isnull=False)
    return [item.rank for item in rows.select_related("rank") if stated_by(item.rank, found) is not None]


def texts_of(found: Assessment) -> dict[str, str]:
    """An assessment as its form shows it."""
    return {
        "year": str(found.year),
        "assessor": found.assessor,
        "scheme": found.scheme,
        "document": found.document,
        "doc_no": found.doc_no,
        "released_on": found.released_on.isoformat() if found.released_on else "",
        "total": plain(found.total),
        "score": plain(found.score.value) if found.score else "",
        "rank": plain(found.rank.value) if found.rank else "",
        "population": str(found.population or ""),
        "exclusions": found.exclusions,
    }


class _Typed:
    """Fields read one by one; every problem is kept under its name."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.problems: dict[str, str] = {}

    def text(self, name: str, label: str, longest: int, *, required: bool = False) -> str:
        value = self.texts.get(name, "").strip()
        if required and not value:
            self.problems[name] = f"{label}没有填。"
        if len(value) > longest:
            self.problems[name] = f"{label}写了 {len(value)} 字，最多 {longest} 字。"
        return value

    def read(
        self, name: str, label: str, kind: Callable[[str], Any], *, required: bool = False, like: str
    ) -> Any:
        value = self.text(name, label, 40, required=required)
        if not value:
            return None
        try:
            return kind(value)
        except (ValueError, NotPoints):
            self.problems[name] = f"{label}“{value[:20]}”读不懂。写成 {like}。"
            return None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError(text)
    return int(text)


def _read(
    texts: Mapping[str, str], region: Region, found: Assessment | None
) -> tuple[dict[str, Any], Decimal | None, Decimal | None]:
    typed = _Typed(texts)
    values = {
        "year": typed.read("year", "考核年度", _whole, required=True, like="2025"),
        "assessor": typed.text("assessor", "考核单位", 100, required=True),
        "scheme": typed.text("scheme", "考核办法", 200, required=True),
        "document": typed.text("document", "通报文件", 200),
        "doc_no": typed.text("doc_no", "文号", 100),
        "released_on": typed.read("released_on", "通报日期", date.fromisoformat, like="2026-03-25"),
        "total": typed.read("total", "满分", read_points, required=True, like="100"),
        "population": typed.read("population", "参评数", _whole, like="13"),
        "exclusions": typed.text("exclusions", "不参评", 200),
    }
    score = typed.read("score", "得分", read_points, like="86.5")
    rank = typed.read("rank", "位次", _whole, like="12")
    problems = typed.problems
    year, total, released = values["year"], values["total"], values["released_on"]
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        problems["year"] = f"考核年度 {year} 不在 {FIRST_YEAR}—{LAST_YEAR} 里。请核对。"
    if total is not None and total <= 0:
        problems["total"] = f"满分 {plain(total)} 不大于 0。请照通报填。"
    if rank == 0 or (rank is not None and values["population"] is not None and rank > values["population"]):
        problems["rank"] = f"位次 {rank} 不在参评的 {values['population']} 个里。请核对位次和参评数。"
    if released is not None and released > clock.today():
        problems["released_on"] = f"通报日期 {released} 还没到。改成今天或以前。"
    if not problems:
        twin = Assessment.objects.for_system("查重").filter(
            region=region, year=year, assessor=values["assessor"], scheme=values["scheme"]
        )
        if twin.exclude(pk=found.pk if found else None).exists():
            problems["scheme"] = f"{year}年度“{values['scheme']}”已经登记过。请打开那一份更正。"
    if problems:
        raise AssessmentRefused(problems)
    return values, score, None if rank is None else Decimal(rank)


# ---- who answers for an item -------------------------------------------------------------------------------


def may_plan(actor: Actor, item: Item) -> bool:
    """Whether an actor may write how lost points are regained: who keeps the assessment, the office or county that answers."""
    if keeps(actor, item):
        return True
    mine = item.unit_id in actor.unit_ids or item.region_id in actor.region_ids
    return mine and actor.can(Can.CHECK_ITEMS)


def keep_plan(actor: Actor, item: Item, texts: Mapping[str, str]) -> Item:
    """Write who answers for an item, why it lost points, and what can be regained how and by when.

    Who keeps the assessment writes all of it; the office or county that answers writes ``plan`` and ``regain_by`` only. A filed
    item is not changed. Raises NotYourTurn, AssessmentRefused, Classified.
    """
    if not may_plan(actor, item):
        raise NotYourTurn(f"{item} 不归 {actor.name} 落实。请由规划科或责任单位填写。")
    if item.state == Item.State.FILED:
        raise AssessmentRefused({"plan": f"{item} 已归档，不能再改。要改请先重新核对。"})
    typed = _Typed(texts)
    values: dict[str, Any] = {
        "plan": typed.text("plan", "怎么争取", 4000),
        "regain_by": typed.read("regain_by", "争取期限", date.fromisoformat, like="2026-11-30"),
    }
    if keeps(actor, item):
        values |= _assigned(typed, item)
    points = values.get("regainable", item.regainable)
    if values["regain_by"] is None and "regain_by" not in typed.problems and points:
        typed.problems["regain_by"] = "有可争取分值，没有写期限。补上期限再存。"
    if typed.problems:
        raise AssessmentRefused(typed.problems)
    refuse_classified(values["plan"], values.get("reason", ""))
    with writing(actor, f"落实 {item}"):
        locked = Item._base_manager.select_for_update().get(pk=item.pk)
        if locked.state == Item.State.FILED:
            raise AssessmentRefused({"plan": f"{item} 已归档，不能再改。要改请先重新核对。"})
        for name, value in values.items():
            setattr(locked, name, value)
        locked.save()
    return locked


def _assigned(typed: _Typed, item: Item) -> dict[str, Any]:
    """The fields that only the planning office writes."""
    points = typed.read("regainable", "可争取分值", read_points, like="1.25")
    if points is not None and not 0 <= points <= item.lost:
        typed.problems["regainable"] = (
            f"可争取 {plain(points)} 分，这一项只扣了 {plain(item.lost)} 分。改成不超过扣分的数。"
        )
    unit, region = typed.texts.get("unit", ""), typed.texts.get("region", "")
    units = {str(one.pk): one for one in offices(item)}
    top = item.assessment.region
    regions = {str(one.pk): one for one in (top, *counties(item.assessment))}
    if unit and unit not in units:
        typed.problems["unit"] = "责任科室不在列出的里面。请从列出的里面选。"
    if region and region not in regions:
        typed.problems["region"] = "责任县区不在列出的里面。请从列出的里面选。"
    return {
        "reason": typed.text("reason", "扣分原因", 4000),
        "regainable": points,
        "appeal_by": typed.read("appeal_by", "申诉截止", date.fromisoformat, like="2026-04-10"),
        "unit": units.get(unit),
        "region": regions.get(region, top),
    }


def offices(item: Item) -> list[Unit]:
    """The organisations that can answer for an item: those of the assessed region and its counties whose people work on
    business here, and the one that answers already. One query.
    """
    top = item.assessment.region_id
    works = Q(posts__grants__role__in=[role.value for role in BUREAU_ROLES | COUNTY_ROLES])
    here = Q(region=top) | Q(region__parent=top)
    rows = Unit.objects.filter((works & here) | Q(pk=item.unit_id)).distinct()
    return list(rows.order_by("region__order", "code"))


def counties(assessment: Assessment) -> list[Region]:
    """The regions below the assessed one that can answer for an item, in order. One query."""
    return list(
        Region.objects.filter(parent=assessment.region_id, part=Region.Part.AREA).order_by("order", "code")
    )
