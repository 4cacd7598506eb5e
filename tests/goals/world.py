"""A city that shares its targets out: two counties and its own level, offices of the bureau, a document, and a March morning."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from keshu.custom.defining import define
from keshu.custom.entering import enter
from keshu.custom.files import ready_made
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Region, Subject, Unit
from keshu.figures.book import book
from keshu.figures.models import Measure, Release
from keshu.figures.packages import put
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.goals import decomposing, documents, moving
from keshu.goals.models import Counter, Goal, SourceDocument
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import scale
from tests import snapshots

MARCH = datetime(2026, 3, 16, 9, 0, tzinfo=clock.TZ)
D = Decimal


@dataclass
class World:
    """Everybody and everything of this room's work."""

    staff: Any
    own: Region
    offices: list[Unit] = field(default_factory=list)
    sources: int = 0

    @property
    def planning(self) -> Actor:
        return actor_of(self.staff.accounts["planning"])

    def document(self, title: str = "年度目标任务", **values: Any) -> SourceDocument:
        """A document of the year, registered."""
        self.sources += 1
        said = {
            "issuer": "青禾市人民政府",
            "kind": "lead",
            "year": 2026,
            "doc_no": f"青政〔2026〕{self.sources}号",
        }
        return documents.keep_document(self.planning, title=title, **{**said, **values})

    def goal(self, low: Any = 150, **values: Any) -> Goal:
        """A goal of the city in state 测算, or as asked."""
        document = values.pop("document", None) or self.document(f"文件{self.sources + 1}")
        said = {
            "name": "专利申请", "kind": "total", "unit": "件", "year": 2026, "subject_id": self.staff.city.pk, "decimals": 0,
        }  # fmt: skip
        with writing(self.planning, "建目标"):
            goal = Goal(document=document, low=None if low is None else D(str(low)), **{**said, **values})
            goal.save()
        return goal

    def counter(self, goal: Goal, measure: str, where: str = "") -> None:
        """What counts towards a goal."""
        found = book(moments.latest()).measure(measure)
        with writing(self.planning, "计数来源"):
            Counter(goal=goal, measure_id=found.pk, where=where).save()

    def measure(self, code: str, name: str, unit: str, **values: Any) -> Measure:
        """A reported measure of the tests."""
        said = {
            "name": name, "unit": unit, "shown_unit": unit, "decimals": 0, "shown_decimals": 0, "nature": "flow",
            "authority": "本局", "frequency": "month",
        }  # fmt: skip
        with writing(self.planning, "定计量"):
            return put(Measure, {"code": code}, {**said, **values})

    def report(self, measure: str, subject: Subject, period: str, value: Any) -> None:
        """One reported value, in the stored unit."""
        found = book(moments.latest()).measure(measure)
        code = measure_period(found, Period.parse(period)).code
        scaled = scale(D(str(value)), found.decimals)
        with writing(self.planning, f"录入 {measure}") as block:
            release = put(Release, {"source": "年报", "label": ""}, {})
            record_values(block, [ValueChange(found.pk, subject.pk, code, release.pk, scaled)])

    def patent(self, number: str, on: str, kind: str = "发明专利", region: Region | None = None) -> Any:
        """One application for a patent in the ready ledger."""
        from keshu.custom.models import Definition

        definition = Definition.objects.get(code="patent_log")
        paths = {col.name: col.slot for col in definition.cols}
        texts = {"region": (region or self.staff.county).name, paths["申请号"]: number}
        texts |= {paths["专利名称"]: f"一种装置{number}", paths["类型"]: kind, paths["申请日"]: on}
        return enter(definition, actor_of(self.staff.accounts["office"]), texts)

    def portions(self, *lasts: Any, **values: Any) -> list[decomposing.Portion]:
        """Portions of 望岭县, 岚川县 and 市本级, by last year's figures."""
        subjects = (self.staff.county, self.staff.other, self.own)
        return [
            decomposing.Portion(subject, None if last is None else D(str(last)), **values)
            for subject, last in zip(subjects, lasts, strict=False)
        ]

    def share(self, goal: Goal, *lasts: Any, method: str = "share", **values: Any) -> list[Goal]:
        """A goal shared out to the three."""
        document = values.pop("document", None) or self.document(f"分解意见{self.sources + 1}", kind="bureau")
        portions = values.pop("portions", None) or self.portions(*lasts)
        return decomposing.decompose(
            goal, self.planning, portions=portions, method=method, document=document, **values
        )

    def issue(self, goals: list[Goal], document: SourceDocument | None = None) -> list[Goal]:
        """From 测算 to 文件下达."""
        cited = document or self.document(f"下达{self.sources + 1}", kind="bureau")
        moving.advance(goals, "consult", self.planning, given={"on": date(2026, 3, 2)})
        moving.advance(
            goals, "meet", self.planning, given={"on": date(2026, 3, 6), "minutes": "局务会〔2026〕3号"}
        )
        return moving.advance(
            goals, "issue", self.planning, given={"on": date(2026, 3, 10), "document": str(cited.pk)}
        )


def build(staff: Any) -> World:
    """The world upon the people of the small city."""
    with writing(staff.actor, "市本级和科室"):
        own = Region(
            code="991009",
            name="市本级",
            short_name="市本级",
            level="county",
            part="own",
            parent=staff.city,
            order=9,
        )
        own.save()
        world = World(staff, own)
        for code, name in (("QH-KJ-1", "规划科"), ("QH-KJ-2", "成果转化科")):
            office = Unit(code=code, name=name, region=staff.city, parent=staff.bureau)
            office.save()
            world.offices.append(office)
    office_actor = actor_of(staff.accounts["office"])
    for wanted in ready_made():
        if wanted.code in ("patent_log", "training_log"):
            define(wanted, office_actor)
    return world


@pytest.fixture(scope="session")
def kept_world(kept_staff, django_db_blocker) -> World:
    """The world, kept beside the tables."""
    with django_db_blocker.unblock():
        return snapshots.take("goals", lambda: build(kept_staff), on="staff")


@pytest.fixture
def world(base, actor, kept_world, quick_passwords, settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    from tests.desk.staff import Staff

    return snapshots.begin("goals", kept_world, lambda: build(Staff(actor)))


@pytest.fixture(autouse=True)
def in_march():
    with clock.pretend(MARCH):
        yield
