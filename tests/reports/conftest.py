"""A city with four counties and 市本级, whose five indicators at the end of September can be worked by hand."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.directory.actors import Actor, Can, Role, system
from keshu.directory.models import Region
from keshu.figures.book import book
from keshu.figures.models import Indicator, RegionShown, Release, Target
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import scale
from tests import snapshots

TODAY = datetime(2026, 10, 12, 9, 30, tzinfo=clock.TZ)
YI = 100_000_000

# 2026年1—9月 and the same months of 2025, in 亿元: output contracts and GDP of each county.
# 望岭县: 0.70 / 250 = 0.28 %; a year before 0.7584 / 231.05 = 0.3282 %: numerator −7.7 %, denominator +8.2 %.
# 岚川县 stands one place higher: 0.89664 / 200 = 0.44832 %; 望岭县 needs 0.44832 % × 250 亿 − 0.70 亿 = 4208 万元.
CONTRACTS = {
    "云麓区": ("20.08", "800", "17.92", "800"),
    "枫桥县": ("4.50", "300", "4.20", "280"),
    "岚川县": ("0.89664", "200", "0.80", "190"),
    "望岭县": ("0.70", "250", "0.7584", "231.05"),
}
TARGETS = {"云麓区": "2.4", "枫桥县": "1.6", "岚川县": "0.44", "望岭县": "0.606"}
FISCAL = {
    "云麓区": ("1.80", "50"),
    "枫桥县": ("0.80", "32"),
    "岚川县": ("0.60", "30"),
    "望岭县": ("0.50", "25"),
    "市本级": ("2.58", "100"),
}
HITECH = {"云麓区": (250, 40000), "枫桥县": (90, None), "岚川县": (30, 10000), "望岭县": (38, 12000)}
RESEARCH = {
    "云麓区": ("31.2", "1000"),
    "枫桥县": ("8", "400"),
    "岚川县": ("3", "250"),
    "望岭县": ("4.8", "300"),
}


class Office:
    """The city, and the hands that type into it."""

    def __init__(self, actor):
        self.actor = actor
        with writing(actor, "建市"):
            nation = Region.objects.get(code="000000")
            self.top = self.region("990100", "青禾市", "青禾市", "city", nation)
            self.counties = {
                name: self.region(f"99010{n}", name, name, "county", self.top, order=n)
                for n, name in enumerate(CONTRACTS, 1)
            }
            self.counties["市本级"] = self.region(
                "990109", "市本级", "市本级", "county", self.top, part=Region.Part.OWN, order=9
            )
            self.release = Release(source="青禾市月报", label="2026年9月", released_on=date(2026, 10, 10))
            self.release.save()
        RegionShown.objects.all().delete()
        RegionShown.objects.create(region=self.top)

    @staticmethod
    def region(code, name, short, level, parent, **more):
        row = Region(code=code, name=name, short_name=short, level=level, parent=parent, **more)
        row.save()
        return row

    def __getitem__(self, name):
        return self.top if name == "青禾市" else self.counties[name]

    def put(self, measure, region, period, value, *, release=None, reason="录入", note="", entered_by="秦霁"):
        """Record one value in the measure's stored unit; None retracts."""
        found = book(moments.latest()).measure(measure)
        code = measure_period(found, Period.parse(period)).code
        scaled = None if value is None else scale(Decimal(str(value)), found.decimals)
        change = ValueChange(
            found.pk,
            self[region].pk,
            code,
            (release or self.release).pk,
            scaled,
            note=note,
            entered_by=entered_by,
            missing="" if value is not None else "已退回",
        )
        with writing(self.actor, reason) as block:
            record_values(block, [change])

    def put_many(self, rows):
        """Rows of (measure, region, period, value) in one writing."""
        definitions = book(moments.latest())
        changes = []
        for measure, region, period, value in rows:
            found = definitions.measure(measure)
            code = measure_period(found, Period.parse(period)).code
            scaled = scale(Decimal(str(value)), found.decimals)
            changes.append(
                ValueChange(found.pk, self[region].pk, code, self.release.pk, scaled, entered_by="秦霁")
            )
        with writing(self.actor, "录入") as block:
            record_values(block, changes)

    def aim(self, indicator, region, low, high=None, year=2026):
        """Set a target."""
        row = Indicator.objects.get(code=indicator)
        with writing(self.actor, "定目标"):
            Target(
                indicator=row,
                subject_id=self[region].pk,
                year=year,
                low=Decimal(low),
                high=Decimal(high) if high else None,
                doc_no="青政办〔2026〕3号",
            ).save()

    def fill(self):
        """Everything of the end of September."""
        rows = []
        for name, (now, gdp, before, gdp_before) in CONTRACTS.items():
            rows += [
                ("contract_output", name, "2026-01..09", Decimal(now) * YI),
                ("gdp", name, "2026-01..09", Decimal(gdp) * YI),
                ("contract_output", name, "2025-01..09", Decimal(before) * YI),
                ("gdp", name, "2025-01..09", Decimal(gdp_before) * YI),
            ]
        rows.append(("contract_output", "市本级", "2026-01..09", Decimal("0.86") * YI))
        for name, (spent, whole) in FISCAL.items():
            rows += [
                ("fiscal_st", name, "2026-01..09", Decimal(spent) * YI),
                ("budget_expenditure", name, "2026-01..09", Decimal(whole) * YI),
            ]
        for name, (valid, entities) in HITECH.items():
            rows.append(("hitech_valid", name, "2026-09", valid))
            if entities:
                rows.append(("legal_entities", name, "2025-12", entities))
        for name, (spent, gdp) in RESEARCH.items():
            rows += [
                ("rd_expenditure", name, "2025", Decimal(spent) * YI),
                ("gdp", name, "2025", Decimal(gdp) * YI),
            ]
        rows += [
            ("rd_large", "云麓区", "2026-01..09", Decimal("11.46") * YI),
            ("rd_large", "云麓区", "2025-01..09", Decimal("10") * YI),
            ("rd_large", "望岭县", "2026-01..09", Decimal("0.98") * YI),
            ("rd_large", "望岭县", "2025-01..09", Decimal("1") * YI),
        ]
        self.put_many(rows)
        for name, low in TARGETS.items():
            self.aim("contract_gdp", name, low)
        for name, low in {"云麓区": "3.5", "枫桥县": "2.4", "岚川县": "1.9", "望岭县": "1.95"}.items():
            self.aim("fiscal_share", name, low)
        for name, low in {"云麓区": "62", "岚川县": "31", "望岭县": "33"}.items():
            self.aim("hitech_density", name, low)
        self.aim("rd_gdp", "云麓区", "3.0", year=2025)
        self.aim("rd_gdp", "望岭县", "1.8", year=2025)
        self.aim("rd_large_growth", "云麓区", "10")
        self.aim("rd_large_growth", "望岭县", "10")
        return self


@pytest.fixture
def today():
    with clock.pretend(TODAY):
        yield TODAY


@pytest.fixture
def empty_office(today, base, actor) -> Office:
    return Office(actor)


@pytest.fixture(scope="session")
def kept_office(django_db_setup, django_db_blocker) -> Office:
    """The filled city upon the base package, kept beside the tables."""

    def build() -> Office:
        with clock.pretend(TODAY):
            return Office(system("测试")).fill()

    with django_db_blocker.unblock():
        return snapshots.take("office", build, on="base")


@pytest.fixture
def office(today, base, actor, kept_office) -> Office:
    return snapshots.begin("office", kept_office, lambda: Office(actor).fill())


@pytest.fixture
def clerk(db) -> Actor:
    """A clerk of the planning office."""
    return Actor(
        account_id=7,
        name="苏禾",
        post="青禾市科技局 规划科",
        roles=frozenset({Role.PLANNING}),
        sees_all=True,
        capabilities=frozenset(
            {Can.SEE_DISPATCH, Can.GIVE_FIGURES, Can.SEE_ISSUED, Can.COMPOSE, Can.SEE_TRACE}
        ),
    )


@pytest.fixture
def county_clerk(office) -> Actor:
    pk = office["望岭县"].pk
    return Actor(
        account_id=8,
        name="秦霁",
        post="望岭县科技局",
        roles=frozenset({Role.COUNTY_FILLER}),
        region_ids=frozenset({pk}),
        capabilities=frozenset({Can.SEE_DISPATCH, Can.FILL_MONTH}),
    )
