import pytest

from tests.desk.reporting.conftest import house  # noqa: F401
from tests.desk.staff import quick_passwords, staff  # noqa: F401
from tests.filling.conftest import receive
from tests.filling.forms import monthly
from tests.reports.conftest import kept_office, office, today  # noqa: F401


@pytest.fixture
def planner(house):  # noqa: F811
    """The browser of the planning office."""
    return house.client("planning")


@pytest.fixture
def form(house):  # noqa: F811
    return receive(house.actor_as("planning"), monthly())
