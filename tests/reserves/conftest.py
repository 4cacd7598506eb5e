from tests.programmes.office import office  # noqa: F401
from tests.reserves.room import both, in_march, room  # noqa: F401
