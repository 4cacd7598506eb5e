from tests.checking.room import in_july, kept_room, room  # noqa: F401
