from tests.collecting.office import house, in_october  # noqa: F401
