"""Shared fixtures: an installation with the base definitions, a small city, and people in it."""

import hypothesis
import pytest
from django.db import connection

from keshu.directory.actors import Actor, system
from keshu.figures import book
from keshu.figures.packages import load_base, load_registers
from tests import snapshots
from tests.desk.staff import quick_passwords, staff  # noqa: F401

# A loaded machine is no reason to fail: how fast something is, is measured in bench/, not here.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _fresh_book():
    """Definitions are kept by revision number; another test's database has other definitions under the same number."""
    book.forget()
    yield
    book.forget()


@pytest.fixture
def actor() -> Actor:
    return system("测试")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of a run, with the base package kept beside it."""
    with django_db_blocker.unblock():
        snapshots.take("base", _definitions)


def _definitions() -> None:
    load_base(system("测试"))
    load_registers(system("测试"))


@pytest.fixture
def base(db):
    """The base package: nation, provinces, measures, indicators, schemes, rules."""
    snapshots.put_back("base")


@pytest.fixture
def on_postgres() -> bool:
    return connection.vendor == "postgresql"


def pytest_addoption(parser):
    parser.addoption("--engine", default="sqlite", help="postgres: only tests that use the database")


def pytest_collection_modifyitems(config, items):
    """The second engine reruns the database tests only."""
    if config.getoption("--engine") != "postgres":
        return
    kept, left = [], []
    for item in items:
        uses = set(getattr(item, "fixturenames", ()))
        database = uses & {"db", "transactional_db", "django_db_setup"} or item.get_closest_marker(
            "django_db"
        )
        (kept if database and not item.get_closest_marker("browser") else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept
