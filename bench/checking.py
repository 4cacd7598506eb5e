"""The sheet of a month (对照检查) at 20, 200 and 2,000 items, half of them frozen: the figures behind it, the whole page on the server, and the
plain way of doing it (each item asked for by itself)."""

import random
import sys
from datetime import date
from decimal import Decimal
from typing import Any

from bench.measuring import house, in_own_process, keep, median_ms, table

SIZES = (20, 200, 2_000)
RECORDS = 4_000
#: What the goals count: five slices of one register, so that conditions are asked as well as whole measures.
WHERE = ("", "储备类别 == '项目'", "储备类别 == '企业研发机构'", "拟报级别 == '省级'", "拟报级别 == '市级'")
HEAD = ("事项", "台账记录", "取数亮灯", "整页", "逐项取数亮灯", "逐项 / 科枢", "查询数")


def run(*, quick: bool = False) -> None:
    """Print milliseconds: ours, the page, one item after the other; and how many queries the page asks."""
    rows = []
    for size in SIZES[: 2 if quick else 3]:
        ours, page, plain, queries = (
            float(word) for word in in_own_process("bench.checking", str(size)).split()
        )
        row = (
            f"{size:,}",
            f"{RECORDS:,}",
            f"{ours:.0f}",
            f"{page:.0f}",
            f"{plain:.0f}",
            f"{plain / ours:.1f}×",
        )
        rows.append((*row, f"{queries:.0f}"))
    table("月度对照（毫秒）；要求：200 项整页 ≤ 200", HEAD, rows)
    keep("checking", HEAD, rows)


def built(size: int) -> tuple[list[Any], Any]:
    """A city of eight counties with a register, goals over slices of it, items, and a month of which half is reviewed."""
    from keshu.checking.lighting import lamps_for, standing
    from keshu.checking.models import Check, Item
    from keshu.checking.steps import frozen_words
    from keshu.directory.actors import system
    from keshu.directory.models import Region, Unit
    from keshu.figures.models import Measure, RegionShown
    from keshu.goals.models import Counter, Goal, SourceDocument
    from keshu.journal import moments
    from keshu.journal.writing import writing
    from keshu.reserves.models import Reserve
    from keshu.terms.period import Period

    chance, month = random.Random(size), Period.month(2026, 6)
    with writing(system("测速"), "城市") as block:
        nation = Region.objects.get(code="000000")
        city = Region(code="990000", name="测速市", short_name="测速", level=Region.Level.CITY, parent=nation)
        city.save()
        counties = []
        for n in range(8):
            county = Region(
                code=f"99000{n + 1}", name=f"县{n}", short_name=f"县{n}", level="county", parent=city
            )
            county.save()
            counties.append(county)
        bureau = Unit(code="QH", name="测速市科学技术局", region=city)
        bureau.save()
        offices = [Unit(code=f"KS{n}", name=f"科室{n}", region=city, parent=bureau) for n in range(10)]
        for office in offices:
            office.save()
        document = SourceDocument(title="任务", issuer="测速", kind="bureau", year=2026)
        document.save()
        kinds, levels = ("project", "body", "financing"), ("city", "province", "county")
        entries = [
            Reserve(
                number=f"CB2026-{n:05d}", title=f"储备{n}", region=chance.choice(counties), kind=chance.choice(kinds),
                level=chance.choice(levels), field="industry", year=2026, state="held",
                entered_on=date(2026, chance.randint(1, 6), chance.randint(1, 28)),
            )
            for n in range(RECORDS)
        ]  # fmt: skip
        block.bring(lambda: entries)
    RegionShown.objects.create(region=city)
    measure = Measure.objects.get(code="reserve_projects_entered")
    goals = Goal._base_manager.bulk_create(
        Goal(
            document=document, year=2026, order=n, name=f"目标{n}", kind="new", unit="项", low=Decimal(chance.randint(100, 900)),
            subject=chance.choice([city, *counties]), state="issued",
        )
        for n in range(size)
    )  # fmt: skip
    Counter._base_manager.bulk_create(
        Counter(goal=goal, measure=measure, where=chance.choice(WHERE)) for goal in goals
    )
    items = Item._base_manager.bulk_create(
        Item(
            number=f"ZR2026-{n:04d}", year=2026, order=n, name=f"责任事项{n}", unit=chance.choice(offices), region=city,
            goal=goal, target_said=f"{goal.low} 项", begins_on=date(2026, 1, 1), due_on=date(2026, 12, 31),
            timetable="milestones", plan={"3": "0.2", "6": "0.5", "9": "0.8", "12": "1"},
        )
        for n, goal in enumerate(goals, 1)
    )  # fmt: skip
    stands, lamps = standing(items, until=month.end), lamps_for(month.end)
    Check._base_manager.bulk_create(
        Check(
            item=one.item, name=one.item.name, number=f"{one.item.number}-06", region=city, unit_id=one.item.unit_id,
            period=month.code, state="reviewed" if n % 2 else "submitted", verdict="going", progress="按安排推进，已办到一半",
            reason="两家企业材料没有备齐", next_step="七月底前补齐", filled_by="科员",
            frozen=frozen_words(one, lamps, moments.latest()) if n % 2 else {},
        )
        for n, one in enumerate(stands)
    )  # fmt: skip
    return items, month


def plainly(items: list[Any], month: Any) -> list[str]:
    """One item after the other, as a page that asks in a loop would."""
    from keshu.checking.lighting import standing
    from keshu.checking.models import Check

    words = []
    for item in items:
        Check._base_manager.filter(item=item, period=month.code).first()
        words.append(standing([item], until=month.end)[0].lamp.word)
    return words


def measure(size: int) -> str:
    """Ours, the page, the plain way, and the page's queries, at one size."""
    house()
    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext

    from keshu.checking.monthly import month_sheet
    from keshu.directory.actors import system
    from keshu.directory.models import Account, Employment, Person, RoleGrant, Unit
    from keshu.journal.writing import writing

    items, month = built(size)
    with writing(system("测速"), "规划科"):
        person = Person(code="P-1", name="规划员")
        person.save()
        post = Employment(
            person=person, unit=Unit.objects.get(code="KS0"), title="科员", valid_from=date(2020, 1, 1)
        )
        post.save()
        grant = {"valid_from": date(2020, 1, 1), "granted_by": "系统管理员", "approved_by": "安全管理员"}
        RoleGrant(employment=post, role="planning", **grant).save()
    account = Account(username="plan", person=person)
    account.set_password("not-used-to-sign-in")
    account.save()
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/desk/checking/?month={month.code}"
    actor = system("测速")
    ours = median_ms(lambda: month_sheet(actor, month), runs=5)
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        assert client.get(address).status_code == 200
        page = median_ms(lambda: client.get(address), runs=5)
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
    plain = median_ms(lambda: plainly(items, month), runs=1, warm=0)
    return f"{ours:.1f} {page:.1f} {plain:.1f} {len(caught)}"


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
