from tests.assessment.conftest import in_april, planning  # noqa: F401
from tests.desk.dispatching.conftest import desk, kept_desk, today  # noqa: F401
