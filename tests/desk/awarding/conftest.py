from tests.awards.committee import awarding, in_april  # noqa: F401
