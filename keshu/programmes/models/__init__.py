"""Calls, applications and projects, and what is kept of a running project."""

from keshu.programmes.models.applications import Application, Call, Field, Level
from keshu.programmes.models.running import Change, Goal, Inspection, Paper, Payment

__all__ = ["Application", "Call", "Change", "Field", "Goal", "Inspection", "Level", "Paper", "Payment"]
