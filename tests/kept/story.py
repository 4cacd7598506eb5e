"""Ten months of a small city with what the demonstration does not do: files imported and revised, rules changed, figures given.

``python -m tests.kept.story HOME`` writes them into an empty data folder; ``tests.kept.keeping`` keeps the result.
"""

import os
import random
import sys
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshu.settings")
if __name__ == "__main__":
    os.environ["KESHU_HOME"] = sys.argv[1]
    django.setup()

from django.core.management import call_command

from keshu.directory.actors import ROLE_CAN, Actor, Can, Role, system
from keshu.figures.book import book
from keshu.figures.entry import adjusting, flow
from keshu.figures.entry.estimates import record_estimate
from keshu.figures.entry.past import release_of
from keshu.figures.models import Indicator, RegionShown
from keshu.figures.packages import load_base
from keshu.figures.targets import apply_targets
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.giving import answer
from keshu.reports.issuing import leaving_answer, record_issue
from keshu.reports.parsing import parse
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period
from tests.desk.staff import Staff
from tests.figures.conftest import City
from tests.figures.entry.conftest import AUGUST, SEPTEMBER, County
from tests.figures.imports.making import Desk
from tests.figures.test_replay import edit

TARGETS = """指标,地区,年度,目标,上限,单位,文号
技术合同占比,甲县,2026,0.60,,%,试〔2026〕1号
技术合同占比,乙县,2026,0.80,0.95,%,试〔2026〕1号
财政科技支出占一般公共预算支出比重,丙县,2026,2.10,,%,试〔2026〕1号
已登记合同额,甲县,2026,3500,,万元,试〔2026〕1号
"""


def tell(folder: Path) -> None:
    """Everything, in order of its days. ``folder`` takes the files that are sent."""
    actor = system("保存的库")
    with day(1, 5):
        load_base(actor)
        city = City(actor)
        Staff(actor)
        RegionShown.objects.update(region=city.top)
        county = County(city, actor)
        _targets(folder, actor)
    with day(2, 20):
        _provinces(Desk(folder, actor), revised=False)
    with day(7, 10):
        _to_date(city, "2026H1", "2025H1", 1)
    with day(7, 28):
        _provinces(Desk(folder, actor), revised=True)
    _random_edits(city)
    _month(county)
    with day(10, 11, 15):
        _to_date(city, "2026-01..09", "2025-01..09", Decimal("1.6"))
    with day(10, 12):
        _definition_and_rule(actor)
    with day(10, 13):
        _given(city)


def day(month: int, number: int, hour: int = 10):
    """The clock at an hour of a day of 2026."""
    return clock.pretend(datetime(2026, month, number, hour, tzinfo=clock.TZ))


def _targets(folder: Path, actor: Actor) -> None:
    path = folder / "目标.csv"
    path.write_text(TARGETS, encoding="utf-8")
    apply_targets(path, path.name, actor)


def _provinces(desk: Desk, *, revised: bool) -> None:
    """GDP and R&D of three provinces; the second publication revises the first."""
    label = "2023年修订" if revised else "2023年首次"
    rows = [
        (year, place, measure, value + (37 if revised else 0), "亿元", label)
        for year, factor in (("2022年", 9), ("2023年", 10))
        for place, gdp, research in (("北京", 4376, 295), ("浙江", 8255, 264), ("安徽", 4705, 126))
        for measure, value in (("地区生产总值", gdp * factor), ("研究与试验发展经费", research * factor))
    ]
    desk.take(desk.csv(*rows, head=("期间", "地区", "指标", "数值", "单位", "发布")))


def _to_date(city: City, now: str, before: str, scale: Decimal | int) -> None:
    """Contracts, GDP and fiscal spending of the three counties to date and a year before."""
    for region, amount, gdp in ((city.a, 15, 48), (city.b, 42, 49), (city.c, 21, 24)):
        for period, factor in ((now, 100 * scale), (before, 87 * scale)):
            city.put("contract_output", region, period, amount * factor * 10_000)
            city.put("gdp", region, period, gdp * factor * 10_000_000)
            city.put("fiscal_st", region, period, amount * factor * 8_000)
            city.put("budget_expenditure", region, period, gdp * factor * 300_000)


def _random_edits(city: City) -> None:
    """Sixty edits of values, targets, definitions and rules over sixty hours."""
    chance = random.Random(2026)
    for number in range(60):
        with day(8, 1 + number // 6, 8 + number % 6):
            edit(city, chance, number)


def _month(county: County) -> None:
    """September of one county: filled with a returned row and an adjusted August, verified by the city."""
    with day(9, 8):
        for code, value in AUGUST.items():
            factor = 10000 if county.rows[code].unit == "万元" else 1
            release = release_of(county.form)
            county.city.put(code, county.region, "2026-01..08", int(value) * factor, release)
        with writing(county.system, "全年预计"):
            row = county.rows["fiscal_st"]
            record_estimate(row, county.region, Period.month(2025, 10), 440000_000000, county.filler.name)
    with day(10, 8):
        sheet = county.report("2026-09", SEPTEMBER, when=clock.now())
    with day(10, 9):
        sheet = flow.return_sheet(sheet, county.planner, [county.rows["st_loans"]], "与银行数不符")
    with day(10, 9, 15):
        county.type(sheet, {"st_loans": "340"}, county.filler)
        sheet = flow.sign(flow.review(flow.hand_in(sheet, county.filler), county.reviewer), county.head)
    with day(10, 10):
        flow.verify(sheet, county.planner)
    with day(10, 11):
        asked = adjusting.ask(
            county.form, county.region, county.rows["tech_sme"], "2026-09", "3", "重复一家", county.filler
        )
        adjusting.verify_adjustment(asked, county.planner)


def _definition_and_rule(actor: Actor) -> None:
    with writing(actor, "改口径"):
        row = Indicator.objects.get(code="contract_gdp")
        row.definition, row.formula = "按吸纳口径", "contract_absorbed / gdp * 100"
        row.save()
    with writing(actor, "改亮灯"):
        rule = Rule.objects.get(kind="lamps", code="house")
        bands = [dict(band) for band in rule.data["bands"]]
        bands[0]["when"] = [{"pace_below": "0.77"}]
        rule.data = {**rule.data, "bands": bands}
        rule.save()


def _given(city: City) -> None:
    """One figure leaves by telephone."""
    clerk = Actor(
        account_id=None,
        name="苏禾",
        post="试验市科技局 规划科",
        roles=frozenset({Role.PLANNING}),
        sees_all=True,
        capabilities=ROLE_CAN[Role.PLANNING] | {Can.GIVE_FIGURES},
    )
    made = answer(parse("甲县 财政科技支出", book(moments.latest()), city.top, clock.today()))
    record_issue(
        clerk,
        leaving_answer(made),
        receiver="市政府办",
        sentence="……",
        revision=made.revision,
        region=city.top,
    )


if __name__ == "__main__":
    call_command("migrate", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory() as sent:
        tell(Path(sent))
