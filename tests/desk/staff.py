"""People of a small city, one per role, who sign in by the name of their role."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client, override_settings

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role, system
from keshu.directory.models import Account, Employment, Person, Region, RoleGrant, Unit
from keshu.figures.models import RegionShown
from keshu.journal.writing import writing
from tests import snapshots

PASSWORD = "Qinghe-2026-keshu"
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ANONYMOUS = "anonymous"
#: Everyone a route is tried as: nobody, then every role there is.
WHO = (ANONYMOUS, *(role.value for role in Role))


class Staff:
    """A city with two counties; every role of the bureau and of the first county has one person with one account."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.accounts: dict[str, Account] = {}
        with writing(actor, "建单位和人员"):
            nation = Region.objects.get(code="000000")
            self.city = self.region("991000", "青禾市", Region.Level.CITY, nation)
            self.county = self.region("991001", "望岭县", Region.Level.COUNTY, self.city)
            self.other = self.region("991002", "岚川县", Region.Level.COUNTY, self.city)
            self.town = self.region("991001101", "石桥镇", Region.Level.TOWN, self.county)
            self.bureau = self.unit("QH-KJ", "青禾市科学技术局", self.city)
            self.county_bureau = self.unit("WL-KJ", "望岭县科学技术局", self.county)
            self.other_bureau = self.unit("LC-KJ", "岚川县科学技术局", self.other)
            for role in Role:
                home = self.county_bureau if role.value.startswith("county") else self.bureau
                self.hire(role.value, home, role)
        RegionShown.objects.create(region=self.city)

    @staticmethod
    def region(code: str, name: str, level: str, parent: Region) -> Region:
        made = Region(code=code, name=name, short_name=name, level=level, parent=parent)
        made.save()
        return made

    @staticmethod
    def unit(code: str, name: str, region: Region) -> Unit:
        made = Unit(code=code, name=name, region=region)
        made.save()
        return made

    def hire(self, username: str, unit: Unit, *roles: Role) -> Account:
        """A person with a post, an account and roles. Inside ``writing`` only."""
        person = Person(code=f"P-{username}", name=f"人员{len(self.accounts) + 1}", phone="13800001234")
        person.save()
        post = Employment(person=person, unit=unit, title="科员", valid_from=date(2020, 1, 1))
        post.save()
        for role in roles:
            RoleGrant(
                employment=post,
                role=role.value,
                valid_from=date(2020, 1, 1),
                granted_by="系统管理员",
                approved_by="安全管理员",
            ).save()
        account = Account(username=username, person=person)
        account.set_password(PASSWORD)
        account.save()
        self.accounts[username] = account
        return account

    def actor_as(self, username: str) -> Actor:
        """The actor of an account in its first post."""
        return actor_of(self.accounts[username])

    def client(self, username: str = ANONYMOUS, **options: object) -> Client:
        """A browser, signed in unless anonymous."""
        client = Client(**options)
        if username != ANONYMOUS:
            client.force_login(self.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture
def quick_passwords(settings) -> Iterator[None]:
    """Hashing of passwords made cheap: a suite signs in hundreds of times."""
    settings.PASSWORD_HASHERS = QUICK
    return


@pytest.fixture(scope="session")
def kept_staff(django_db_setup, django_db_blocker) -> Staff:
    """The people upon the base package, kept beside the tables; their passwords are hashed the quick way."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK):
        return snapshots.take("staff", lambda: Staff(system("测试")), on="base")


@pytest.fixture
def staff(base, actor, kept_staff, quick_passwords) -> Staff:
    return snapshots.begin("staff", kept_staff, lambda: Staff(actor))
