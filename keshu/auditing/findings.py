"""What does not hold: a finding with its arithmetic."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``error`` is certain, ``warning`` likely or incomplete, ``note`` worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One fault (or doubt) about one or more claims.

    ``claims`` are indices into ``Reading.claims``, the one in doubt first. ``message`` is a Chinese sentence with the
    arithmetic in the document's own wording; ``stated`` what it says, ``expected`` what the arithmetic gives (both as printed).
    """

    kind: str
    severity: Severity
    claims: tuple[int, ...]
    message: str
    stated: str
    expected: str
