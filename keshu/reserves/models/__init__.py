"""Reserve entries, needs with their answers and milestones, achievements, public documents."""

from keshu.reserves.models.achievements import Achievement, Stage
from keshu.reserves.models.needs import Answer, Milestone, Need
from keshu.reserves.models.publications import Publication
from keshu.reserves.models.reserve import Reserve

__all__ = ["Achievement", "Answer", "Milestone", "Need", "Publication", "Reserve", "Stage"]
