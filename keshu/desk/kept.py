"""Counts that are the same until something is written: made once per revision and day, and remembered."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.conf import settings

from keshu.journal import moments
from keshu.terms import clock

Counted = TypeVar("Counted")
MOST = 2000
_kept: dict[Hashable, Any] = {}


def once_a_revision(count: Callable[[], Counted], *key: Hashable) -> Counted:
    """What ``count`` gives for ``key``, asked again after every revision and every midnight.

    Only of recorded objects, whose every change takes a revision, and only with everything in the key that the answer depends on:
    the actor too, where its scope matters. A count that was made while somebody wrote is kept under the number before, which
    nobody asks for any more.
    """
    if not settings.KEEP_BADGES:
        return count()
    place = (clock.today(), moments.latest(), *key)
    found = _kept.get(place)
    if found is None:
        found = count()
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[place] = found
    return found


def forget() -> None:
    """Drop what was counted (another database stands behind the same numbers: tests, restores)."""
    _kept.clear()
