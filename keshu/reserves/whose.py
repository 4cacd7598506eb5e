"""Whose step it is, where that differs from a programme's."""

from typing import Any

from keshu.directory.actors import Actor, Can


def recommends(actor: Actor, record: Any) -> bool:
    """The bureau of the county that the record lies in: entries and achievements have no other recommending body."""
    return actor.can(Can.RECOMMEND) and record.region_id in actor.region_ids
