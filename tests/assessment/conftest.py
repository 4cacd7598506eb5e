from datetime import date

import pytest

from keshu.terms import clock
from tests.figures.conftest import city  # noqa: F401


@pytest.fixture
def in_april():
    """10 April 2024: the assessment of 2023 has been published three weeks ago."""
    with clock.pretend(date(2024, 4, 10)) as moment:
        yield moment


@pytest.fixture
def planning(staff, in_april, settings, tmp_path):
    """The planning office, which keeps the assessment."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return staff.actor_as("planning")
