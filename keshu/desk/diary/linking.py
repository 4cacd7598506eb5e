"""Where a due thing opens: the record's page, or what its source says."""

from collections.abc import Callable

from django.urls import reverse

from keshu.diary.sources import Due
from keshu.directory.actors import Actor

Opener = Callable[[Due, Actor], str]
_openers: dict[str, Opener] = {}


def opens(source: str) -> Callable[[Opener], Opener]:
    """Declare the address of a source's items."""

    def declare(opener: Opener) -> Opener:
        _openers[source] = opener
        return opener

    return declare


def href(item: Due, actor: Actor) -> str:
    """The address that an item opens for an actor."""
    opener = _openers.get(item.source)
    return opener(item, actor) if opener else reverse("desk:record", args=[item.source, item.link[0]])
