from tests.desk.dispatching.conftest import desk, kept_desk, today

__all__ = ["desk", "kept_desk", "today"]
