"""What a document states: claims with their place in the raw text, and what holds them together."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """What kind of statement a figure makes."""

    ACTUAL = "actual"
    TARGET = "target"
    PLAN = "plan"
    ESTIMATE = "estimate"
    COMPLETION_RATE = "completion_rate"
    GROWTH_RATE = "growth_rate"
    SHARE = "share"
    RANK = "rank"
    BACKGROUND = "background"
    FURNITURE = "furniture"


@dataclass(frozen=True)
class Claim:
    """One figure that says something measurable.

    ``start`` and ``end`` are characters of the raw text; ``text`` is that slice. ``value`` is in the base unit (万 and 亿
    multiplied out, 万元 → 元), None when the digits are missing before a unit (``redacted``). A range has its upper bound in
    ``value_max``. ``modifier`` is one of ``= > >= < <= ~``. Declines are positive with ``falling``. ``suspect`` says that the
    digits are damaged (20220%), ``candidate`` gives the likely reading; the digits themselves are never rewritten.
    ``step`` is one unit of the last printed place in the base unit (1.82亿元 → 1000000), for tolerances.
    ``sentence`` and ``paragraph`` number what the claim stands in.
    """

    start: int
    end: int
    text: str
    value: Decimal | None
    value_max: Decimal | None
    unit: str
    modifier: str
    measure: str
    status: Status
    subject: str
    period: str
    redacted: bool = False
    suspect: bool = False
    candidate: Decimal | None = None
    falling: bool = False
    step: Decimal = Decimal(1)
    sentence: int = 0
    paragraph: int = 0


@dataclass(frozen=True)
class Span:
    """A stretch of the raw text."""

    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """A document read: the raw text, the cleaned text with the raw offset of each of its characters, and its claims.

    ``clean`` is what rules match against; ``origins[i]`` is the raw offset of ``clean[i]``. ``sentences`` and
    ``paragraphs`` are spans of the raw text, in order. ``repeated`` are spans of machine summaries and repeated text that say
    again what stands elsewhere: their claims are kept, not counted twice. ``year`` is the document's own year when it names one.
    """

    raw: str
    clean: str
    origins: tuple[int, ...]
    sentences: tuple[Span, ...]
    paragraphs: tuple[Span, ...]
    claims: tuple[Claim, ...]
    repeated: tuple[Span, ...] = ()
    washed: bool = False
    year: int | None = None
    notes: tuple[str, ...] = field(default=())
