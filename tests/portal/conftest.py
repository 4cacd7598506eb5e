from tests.programmes.office import office  # noqa: F401
from tests.reserves.room import room  # noqa: F401
