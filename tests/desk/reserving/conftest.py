from tests.reserves.room import in_march, room  # noqa: F401
