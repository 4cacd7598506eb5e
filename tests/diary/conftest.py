from tests.diary.world import in_september, world  # noqa: F401
