import pytest

from tests.figures.imports.making import Desk


@pytest.fixture
def desk(base, actor, tmp_path) -> Desk:
    """The planning office's desk over the base package."""
    return Desk(tmp_path, actor)
