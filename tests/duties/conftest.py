from tests.duties.room import in_october, room  # noqa: F401
