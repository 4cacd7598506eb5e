"""The small city of tests/figures for commands."""

from tests.figures.conftest import city

__all__ = ["city"]
