from tests.custom.ledgers import house, in_march  # noqa: F401
