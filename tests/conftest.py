"""Shared fixtures: an installation with the base definitions, a small city, and people in it."""

from collections import Counter

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from keshu.directory.actors import Actor, system
from keshu.figures.packages import load_definitions
from tests import snapshots
from tests.desk.staff import kept_staff, quick_passwords, staff  # noqa: F401
from tests.ledger.contract import RegisterContract

# A loaded machine is no reason to fail: how fast something is, is measured in bench/, not here.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
# `make quick` asks for this one on the command line; tests that want more than usual ask for a multiple of the profile's.
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("house"), max_examples=25)
hypothesis.settings.load_profile("house")


def pytest_configure():
    """WhiteNoise looks a static file up when it is asked for one: reading the folder anew for each of two thousand browsers
    takes longer than the pages. Badges are counted on every page: a page that was opened before must not look cheaper."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.KEEP_BADGES = False


@pytest.fixture(autouse=True)
def _fresh_book():
    """What is kept by revision number is dropped; another test's database has other things under the same number."""
    snapshots.forget()
    yield
    snapshots.forget()


@pytest.fixture
def actor() -> Actor:
    return system("测试")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of a run, with the base package kept beside it."""
    with django_db_blocker.unblock():
        snapshots.take("base", lambda: load_definitions(system("测试")))


@pytest.fixture
def base(db):
    """The base package: nation, provinces, measures, indicators, schemes, rules."""
    snapshots.put_back("base")


@pytest.fixture
def on_postgres() -> bool:
    return connection.vendor == "postgresql"


def pytest_addoption(parser):
    parser.addoption("--engine", default="sqlite", help="postgres: only tests that use the database")
    parser.addoption("--pages", default="", help="of the tests that open pages: only them, or leave them out")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The second engine reruns the database tests only. Long files come first, so that no process ends alone."""
    if config.getoption("--engine") == "postgres":
        kept, left = [], []
        for item in items:
            (kept if uses_database(item) and not item.get_closest_marker("browser") else left).append(item)
        config.hook.pytest_deselected(items=left)
        items[:] = kept
    if config.getoption("--pages"):
        only = config.getoption("--pages") == "only"
        config.hook.pytest_deselected(items=[item for item in items if is_page(item) != only])
        items[:] = [item for item in items if is_page(item) == only]
    tests = Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, -tests[item.path]))


PAGES = ("tests/desk/", "tests/portal/", "tests/test_routes.py", "tests/test_systems.py")


def is_page(item) -> bool:
    """Whether a test mostly opens pages: those of the desk and the portal, the tables of routes, what every register's pages owe."""
    owed = getattr(item, "cls", None) is not None and issubclass(item.cls, RegisterContract)
    return owed or item.nodeid.startswith(PAGES)


def uses_database(item) -> bool:
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One process loads the demonstration once for all files that look at it."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            path = super()._split_scope(nodeid)
            return "tests/demo" if path.startswith("tests/demo/") else path

    return ByFile(config, log)
