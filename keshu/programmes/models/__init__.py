"""Calls, applications and projects, and what is kept of a running project."""

from keshu.programmes.models.applications import Application, Call, Field, LeadKind, Level, Objection
from keshu.programmes.models.running import Change, Goal, Inspection, Paper, Payment, Phase

__all__ = [
    "Application", "Call", "Change", "Field", "Goal", "Inspection", "LeadKind", "Level", "Objection", "Paper", "Payment", "Phase",
]  # fmt: skip
