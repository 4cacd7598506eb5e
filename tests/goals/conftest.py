from tests.goals.world import in_march, kept_world, world  # noqa: F401
