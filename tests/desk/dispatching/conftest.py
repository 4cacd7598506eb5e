"""Pages of the dispatch on the small city of tests/figures: three counties, 市本级, a zone; somebody of the bureau, somebody of 甲县."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from keshu.directory.actors import Actor, Role, system
from keshu.directory.models import Account, Employment, Person, RoleGrant, Unit
from keshu.figures.models import Indicator, RegionShown, Target
from keshu.journal.writing import writing
from keshu.terms import clock
from tests import snapshots
from tests.figures import conftest as figures

Q3 = "2026-01..09"


class Desk:
    """The city with its figures, and browsers that are signed in."""

    def __init__(self, city: figures.City) -> None:
        self.city = city
        self.accounts = {}
        with writing(city.actor, "建单位"):
            for username, region, role in (
                ("bureau", city.top, Role.PLANNING),
                ("county", city.a, Role.COUNTY_FILLER),
            ):
                unit = Unit(code=f"U-{username}", name=f"{region.name}科技局", region=region)
                unit.save()
                person = Person(code=f"P-{username}", name=username)
                person.save()
                post = Employment(person=person, unit=unit, title="科员", valid_from=date(2020, 1, 1))
                post.save()
                RoleGrant(
                    employment=post,
                    role=role.value,
                    valid_from=date(2020, 1, 1),
                    granted_by="甲",
                    approved_by="乙",
                ).save()
                account = Account(username=username, person=person)
                account.set_unusable_password()
                account.save()
                self.accounts[username] = account
        RegionShown.objects.create(region=city.top)

    def client(self, username: str = "bureau") -> Client:
        client = Client()
        client.force_login(self.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def aim(self, code: str, region, low: str, year: int = 2026) -> None:
        with writing(self.city.actor, "定目标"):
            Target(
                indicator=Indicator.objects.get(code=code), subject=region, year=year, low=Decimal(low)
            ).save()

    def see(self, path: str, username: str = "bureau", **headers) -> str:
        answer = self.client(username).get(path, headers=headers)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()


TODAY = date(2026, 10, 12)


@pytest.fixture
def today():
    """12 October 2026: the third quarter has ended."""
    with clock.pretend(TODAY) as moment:
        yield moment


def open_desk(actor: Actor) -> Desk:
    """甲 3000万/100亿 = 0.30%，乙 8000万/100亿 = 0.80%，丙 5000万/50亿 = 1.00%，市本级 2000万，没有地区生产总值；去年 GDP 是今年的八成。"""
    city = figures.City(actor)
    for region, amount, gdp in ((city.a, 3, 100), (city.b, 8, 100), (city.c, 5, 50)):
        city.put("contract_output", region, Q3, Decimal(amount) * 10**7)
        city.put("gdp", region, Q3, Decimal(gdp) * 10**8)
        city.put("contract_output", region, "2025-01..09", Decimal(amount) * 10**7 - 10**7)
        city.put("gdp", region, "2025-01..09", Decimal(gdp) * 10**8 * 8 / 10)
        city.put("contract_registered", region, "2026-01..08", Decimal(amount) * 10**8)
        city.put("contract_output", region, "2026-01..08", Decimal(amount) * 10**6)
    city.put("contract_output", city.own, Q3, "20000000")
    city.put("progress_index", city.a, "2025", "45.12")
    made = Desk(city)
    made.aim("contract_gdp", city.a, "0.60")
    made.aim("contract_gdp", city.b, "0.80")
    made.aim("st_progress", city.a, "46", 2025)
    return made


@pytest.fixture(scope="session")
def kept_desk(django_db_setup, django_db_blocker) -> Desk:
    """The desk upon the base package, kept beside the tables."""

    def build() -> Desk:
        with clock.pretend(TODAY):
            return open_desk(system("测试"))

    with django_db_blocker.unblock():
        return snapshots.take("desk", build, on="base")


@pytest.fixture
def desk(base, actor, today, kept_desk) -> Desk:
    return snapshots.begin("desk", kept_desk, lambda: open_desk(actor))
