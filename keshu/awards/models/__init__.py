"""Prizes and rounds; nominations with their people and their basis; objections."""

from keshu.awards.models.nominations import Basis, Nomination, Winner
from keshu.awards.models.objections import Objection
from keshu.awards.models.rounds import Days, Field, Grade, Level, Prize, PrizeKind, Round, Track

__all__ = [
    "Basis",
    "Days",
    "Field",
    "Grade",
    "Level",
    "Nomination",
    "Objection",
    "Prize",
    "PrizeKind",
    "Round",
    "Track",
    "Winner",
]
