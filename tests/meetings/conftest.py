import pytest
from django.test import override_settings

from keshu.terms import clock
from tests import snapshots
from tests.desk.staff import QUICK
from tests.meetings.world import TENTH, House, build


@pytest.fixture(autouse=True)
def on_the_tenth():
    with clock.pretend(TENTH):
        yield


@pytest.fixture(scope="session")
def kept_house(kept_staff, django_db_blocker) -> House:
    """The city with its figures, kept beside the tables."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK):
        return snapshots.take("meetings", lambda: build(kept_staff), on="staff")


@pytest.fixture
def house(staff, kept_house) -> House:
    return snapshots.begin("meetings", kept_house, lambda: build(staff))
