from tests.programmes.office import office  # noqa: F401
