"""A page of the register of projects at 1 k, 10 k and 100 k applications: plain, searched, filtered; beside a plain Django list of the same model."""

import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bench.measuring import house, in_own_process, keep, median_ms, table

SIZES = (1_000, 10_000, 100_000)
HEAD = ("项", "全部", "查名称", "按年按状态", "普通列表", "全部 / 普通")


def run(*, quick: bool = False) -> None:
    """Print milliseconds of server time for 50 rows."""
    rows = []
    for size in SIZES[:2] if quick else SIZES:
        plain, search, where, peer = (float(x) for x in in_own_process("bench.registers", str(size)).split())
        rows.append(
            (
                f"{size:,}",
                f"{plain:.0f}",
                f"{search:.0f}",
                f"{where:.0f}",
                f"{peer:.0f}",
                f"{plain / peer:.2f}×",
            )
        )
    table("项目台账，50 行一页（毫秒，服务器）", HEAD, rows)
    keep("registers", HEAD, rows)


def fill(size: int) -> Any:
    """A city with eight counties, four hundred enterprises and ``size`` applications; returns the actor's account."""
    from keshu.directory.actors import Role, system
    from keshu.directory.models import Account, Employment, Person, Region, RoleGrant, Unit
    from keshu.journal.writing import writing
    from keshu.programmes.models import Application, Call
    from keshu.terms import clock

    with writing(system("bench"), "建市"):
        nation = Region.objects.get(code="000000")
        city = Region(code="991000", name="试城", short_name="试城", level="city", parent=nation)
        city.save()
        counties = []
        for n in range(8):
            county = Region(
                code=f"99100{n + 1}", name=f"试{n}县", short_name=f"试{n}", level="county", parent=city
            )
            county.save()
            counties.append(county)
        units = []
        for n in range(400):
            unit = Unit(code=f"U{n}", name=f"试验企业{n}有限公司", region=counties[n % 8])
            unit.save()
            units.append(unit)
        call = Call(name="试", year=2026, opens_at=clock.now(), apply_until=clock.now() + timedelta(1),
                    recommend_until=clock.now() + timedelta(2))  # fmt: skip
        call.save()
        person = Person(code="P", name="张")
        person.save()
        post = Employment(person=person, unit=units[0], title="科员", valid_from=date(2020, 1, 1))
        post.save()
        RoleGrant(
            employment=post, role=Role.OFFICE, valid_from=date(2020, 1, 1), granted_by="a", approved_by="b"
        ).save()
    account = Account.objects.create_account(username="zhang", person=person, password="x")
    states = [s for s in Application.State.values if s != "draft"]
    made = [
        Application(
            call=call,
            number=f"XM-{n:06d}",
            title=f"项目{n}关键技术{n * 7919 % 1000}",
            year=2016 + n % 11,
            level="city",
            field=("industry", "agriculture", "social", "soft")[n % 4],
            unit=units[n % 400],
            region=counties[n % 8],
            asked=Decimal(100000 + n),
            granted=Decimal(100000),
            state=states[n % len(states)],
        )
        for n in range(size)
    ]
    # The bench measures reading; writing a hundred thousand histories would take minutes and change nothing read here.
    for at in range(0, size, 2000):
        Application._base_manager.bulk_create(made[at : at + 2000])
    return account


def one(size: int) -> None:
    """Measure one size and print."""
    house()
    account = fill(size)
    from django.template import Context, Template
    from django.test import Client

    from keshu.programmes.models import Application

    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    address = "/desk/registers/programmes/"
    assert client.get(address).status_code == 200
    peer = Template(
        "<table>{% for r in rows %}<tr><td>{{ r.number }}</td><td>{{ r.title }}</td><td>{{ r.unit }}</td><td>{{ r.region }}</td>"
        "<td>{{ r.get_level_display }}</td><td>{{ r.get_field_display }}</td><td>{{ r.year }}</td><td>{{ r.granted }}</td>"
        "<td>{{ r.get_state_display }}</td></tr>{% endfor %}</table>{{ count }}"
    )

    def plain_list() -> str:
        rows = Application.objects.for_system("bench").select_related("unit", "region").order_by("-pk")
        return peer.render(Context({"rows": rows[:50], "count": rows.count()}))

    print(
        median_ms(lambda: client.get(address)),
        median_ms(lambda: client.get(address, {"q": "技术77"})),
        median_ms(lambda: client.get(address, {"year": "2024", "state": "running"})),
        median_ms(plain_list),
    )


if __name__ == "__main__":
    one(int(sys.argv[1]))
