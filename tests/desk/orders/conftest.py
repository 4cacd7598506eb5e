from tests.desk.dispatching.conftest import desk, kept_desk, today  # noqa: F401
from tests.duties.room import in_october, room  # noqa: F401
