"""A county and its monthly form, with a year of earlier months behind it."""

from dataclasses import replace
from datetime import datetime

import pytest

from keshu.directory.actors import ROLE_CAN, Actor, Role, system
from keshu.figures.entry import cells, flow, loading
from keshu.figures.entry.models import FormRow
from keshu.terms import clock
from keshu.terms.period import Period
from tests import snapshots
from tests.figures.conftest import City

SPEC = {
    "code": "sy-01",
    "number": "试科统 01 表",
    "name": "科技统计月报",
    "issuer": "试验市科学技术局",
    "approval_no": "试统制〔2026〕1号",
    "valid_from": "2026-01-01",
    "valid_to": "2027-12-31",
    "sections": [
        {
            "title": "一、财政科技支出",
            "source": "县财政局月报 04 表",
            "authority": "财政局",
            "rows": [
                {"measure": "budget_expenditure", "label": "一般公共预算支出", "unit": "万元"},
                {"measure": "budget_own", "label": "县本级", "part_of": "budget_expenditure"},
                {"measure": "budget_towns", "label": "乡镇级", "part_of": "budget_expenditure"},
                {"measure": "fiscal_st", "label": "其中：科学技术支出", "in": "budget_expenditure"},
                {"measure": "fiscal_rd", "label": "其中：技术研究与开发", "in": "fiscal_st"},
                {"measure": "fiscal_popular", "label": "其中：科学技术普及", "in": "fiscal_st"},
            ],
        },
        {
            "title": "二、研发与技术合同",
            "source": "县统计局；技术合同由台账汇总",
            "rows": [
                {"measure": "rd_large", "label": "规上工业企业研发费用", "authority": "统计局"},
                {
                    "measure": "contract_output",
                    "label": "输出技术合同成交额",
                    "unit": "万元",
                    "fill": "auto",
                    "places": 2,
                },
            ],
        },
        {
            "title": "三、企业与服务",
            "rows": [
                {"measure": "tech_sme", "label": "科技型中小企业入库"},
                {"measure": "hitech_applied", "label": "高新技术企业申报"},
                {"measure": "st_loans", "label": "科技贷款发放额"},
                {"measure": "farm_training", "label": "农民技术培训"},
            ],
        },
    ],
}
#: September as the county's clerk types it.
SEPTEMBER = {
    "budget_expenditure": "198390",
    "budget_own": "171260",
    "budget_towns": "27130",
    "fiscal_st": "1980",
    "fiscal_rd": "701",
    "fiscal_popular": "535",
    "rd_large": "4725",
    "tech_sme": "4",
    "hitech_applied": "0",
    "st_loans": "350",
    "farm_training": "260",
}
#: What stood at the end of August, cumulative, in the form's units.
AUGUST = {
    "budget_expenditure": "176770",
    "budget_own": "152740",
    "budget_towns": "24030",
    "fiscal_st": "1762",
    "fiscal_rd": "627",
    "fiscal_popular": "487",
    "rd_large": "4200",
    "tech_sme": "27",
    "hitech_applied": "1",
    "st_loans": "2510",
    "farm_training": "2240",
}


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=clock.TZ)


class County:
    """One county's form with its people; types by code of measure."""

    def __init__(self, city, actor):
        self.city, self.system = city, actor
        self.form = loading.load_form(SPEC, actor)
        self.rows = {
            row.measure.code: row
            for row in FormRow.objects.filter(form=self.form).select_related("measure", "form")
        }
        self.region, self.other = city.a, city.b
        self.filler = self._person("郑澜", Role.COUNTY_FILLER)
        self.reviewer = self._person("贺一舟", Role.COUNTY_REVIEWER)
        self.head = self._person("黎川", Role.COUNTY_HEAD)
        self.planner = Actor(
            account_id=None,
            name="苏知衡",
            roles=frozenset({Role.PLANNING}),
            sees_all=True,
            capabilities=ROLE_CAN[Role.PLANNING],
        )
        self.stranger = replace(self.filler, name="外县人", region_ids=frozenset({city.b.pk}))

    def _person(self, name, *roles):
        can = frozenset(c for role in roles for c in ROLE_CAN[role])
        return Actor(
            account_id=None,
            name=name,
            roles=frozenset(roles),
            region_ids=frozenset({self.region.pk}),
            capabilities=can,
        )

    def open(self, period="2026-09", actor=None):
        return loading.open_sheet(self.form, self.region, period, actor or self.filler)

    def type(self, sheet, texts, actor=None):
        for code, text in texts.items():
            cells.type_cell(sheet, self.rows[code], actor or self.filler, text)

    def note(self, sheet, code, words):
        cells.write_note(sheet, self.rows[code], self.filler, words)

    def report(self, period, texts, when=None):
        """Fill a whole sheet and bring it to the city."""
        with clock.pretend(when or at(Period.parse(period).end.month + 1, 8)):
            sheet = self.open(period)
            self.type(sheet, texts)
            sheet = flow.hand_in(sheet, self.filler)
            sheet = flow.review(sheet, self.reviewer)
            return flow.sign(sheet, self.head)


@pytest.fixture(scope="session")
def kept_county(django_db_setup, django_db_blocker) -> County:
    """The county with its form upon the base package, kept beside the tables."""

    def build() -> County:
        actor = system("测试")
        return County(City(actor), actor)

    with django_db_blocker.unblock():
        return snapshots.take("county", build, on="base")


@pytest.fixture
def county(base, actor, kept_county) -> County:
    return snapshots.begin("county", kept_county, lambda: County(City(actor), actor))


@pytest.fixture
def september(county):
    """The county in September with the figures up to August recorded by the statistics side."""
    for code, value in AUGUST.items():
        row = county.rows[code]
        factor = 10000 if row.unit == "万元" else 1
        county.city.put(code, county.region, "2026-01..08", str(int(value) * factor), _release(county))
    return county


def _release(county):
    from keshu.figures.entry.past import release_of

    return release_of(county.form)
