"""What may be done with a register as a whole, beside its title: rooms declare it when they are loaded."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from keshu.ledger.registers import Register


@dataclass(frozen=True)
class Door:
    """One button above a list."""

    label: str
    href: str
    icon: str = ""
    primary: bool = False


Builder = Callable[[HttpRequest, Register], Door | None]
_builders: list[Builder] = []


def door(builder: Builder) -> Builder:
    """Declare a door: ``(request, register) -> Door | None``; None where it is not open."""
    if builder not in _builders:
        _builders.append(builder)
    return builder


def doors_of(request: HttpRequest, register: Register) -> list[Door]:
    """The doors of one register for this reader, the primary one last."""
    found = [made for builder in _builders if (made := builder(request, register)) is not None]
    return sorted(found, key=lambda one: one.primary)
