from tests.meetings.conftest import house, kept_house, on_the_tenth  # noqa: F401
