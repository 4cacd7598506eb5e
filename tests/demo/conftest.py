"""The demonstration, loaded once for all tests of this folder; the half-year's table is exported on its own day."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from keshu.demo import loading
from keshu.demo.stages import moment
from keshu.figures.canonical import dispatch_json
from keshu.figures.dispatch import dispatch
from keshu.figures.models import RegionShown
from keshu.terms import clock
from keshu.terms.period import Period

ON_THE_DAY = moment(7, 5, 23, 59)


@dataclass
class Loaded:
    """What the loading left behind."""

    then: dict
    lines: list[str] = field(default_factory=list)
    home: Path = Path()

    def table(self, period: str = "2026-01..09", scheme: str = "strong-st-5", **asked):
        """A dispatch of the installation's own region."""
        return dispatch(scheme, Period.parse(period), root=RegionShown.objects.get().region, **asked)


@pytest.fixture(scope="package")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole demonstration inside one transaction that is rolled back at the end."""
    home = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(HOME=home), transaction.atomic():
        lines: list[str] = []
        loading.load(lines.append, until=ON_THE_DAY)
        found = Loaded({}, lines, home)
        with clock.pretend(ON_THE_DAY):
            found.then = dispatch_json(found.table("2026H1"))
        loading.load(lines.append)
        yield found
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _day():
    """The demonstration's own day."""
    with clock.pretend(moment(10, 12)):
        yield


def pytest_collection_modifyitems(items):
    """Whatever needs the whole demonstration is left out of the quick run."""
    for item in items:
        if "demo" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
