import pytest

from tests.desk.staff import quick_passwords, staff  # noqa: F401
from tests.reports.conftest import kept_office, office, today  # noqa: F401


@pytest.fixture
def house(staff, office, settings, tmp_path):  # noqa: F811
    """The people of the desk in the city whose figures are filled."""
    settings.MEDIA_ROOT = tmp_path
    staff.office = office
    return staff
