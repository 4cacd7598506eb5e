from tests.programmes.office import in_march, office  # noqa: F401
