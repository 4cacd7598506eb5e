"""Work over many rows without looking through the whole process for cycles every few hundred objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

#: New objects between two looks during such work; Python's own 700 costs two fifths of a large import.
APART = 50_000

_lock = Lock()
_open: list[tuple[int, int, int]] = []


@contextmanager
def looked_for_seldom() -> Iterator[None]:
    """What stands in the process already is left alone, and new objects are looked through every ``APART`` of them.

    Cycles are still found, so memory stays bounded. Several such blocks may be open at once (threads, one within another): the last
    to end restores what the first found.
    """
    with _lock:
        _open.append(_open[0] if _open else gc.get_threshold())
        if len(_open) == 1:
            gc.freeze()
            gc.set_threshold(APART, *_open[0][1:])
    try:
        yield
    finally:
        with _lock:
            found = _open.pop()
            if not _open:
                gc.set_threshold(*found)
                gc.unfreeze()
