"""A sheet as the checks see it: its lines, what is said of them, and what that adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """How much a remark asks of the clerk."""

    RED = "red"
    OPEN = "open"
    AMBER = "amber"
    FINE = "fine"


ORDER = (Severity.RED, Severity.OPEN, Severity.AMBER, Severity.FINE)


@dataclass(frozen=True)
class Line:
    """One row of a sheet as the checks see it; all amounts are in the row's unit, ``before`` and ``last_year`` cumulative
    (a stock: at the end of the period)."""

    key: int
    label: str
    unit: str = ""
    typed: str = "cumulative"
    code: str = ""
    text: str = ""
    value: Decimal | None = None
    unreadable: str = ""
    meant: str | None = None
    absence: str = ""
    late_supply: str = ""
    zero: str = ""
    note: str = ""
    auto: bool = False
    included_in: int | None = None
    part_of: int | None = None
    authority: str = ""
    first: bool = False
    before: Decimal | None = None
    before_label: str = "上月"
    before_word: str = "上月"
    before_months: int = 1
    last_year: Decimal | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    asks_estimate: bool = False
    estimate: Decimal | None = None
    estimate_unreadable: str = ""
    target: Decimal | None = None
    fine: str = ""

    @property
    def name(self) -> str:
        """The label without 其中."""
        return self.label.removeprefix("其中：").removeprefix("其中:")

    @property
    def cumulative(self) -> Decimal | None:
        """From January: typed, or what stood before plus the month; None when either is missing."""
        if self.value is None or self.typed != "single":
            return self.value
        if self.first:
            return self.value
        return None if self.before is None else self.before + self.value

    @property
    def single(self) -> Decimal | None:
        """Of the period alone: typed, or the cumulative less what stood before. None for a stock."""
        if self.value is None or self.typed == "single":
            return self.value
        if self.typed == "stock":
            return None
        if self.first:
            return self.value
        return None if self.before is None else self.value - self.before

    @property
    def is_empty(self) -> bool:
        """Nothing typed and no reason given."""
        return not self.auto and not self.text and not self.absence

    @property
    def is_noted(self) -> bool:
        """Whether words stand beside the figure."""
        return bool(self.note.strip())


@dataclass(frozen=True)
class Proposal:
    """A correction one click away: which row, what text, and the words of the button."""

    key: int
    text: str
    label: str


@dataclass(frozen=True)
class Remark:
    """What a check says: its severity, the rows it is about (the first carries the note), the words, what may be done."""

    severity: Severity
    keys: tuple[int, ...]
    text: str
    proposal: Proposal | None = None
    wants_note: bool = False
    noted: str = ""
    kind: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the sheet cannot be handed in with it: red, empty, or words still missing."""
        return self.severity in (Severity.RED, Severity.OPEN) or (self.wants_note and not self.noted)


@dataclass(frozen=True)
class Examination:
    """All remarks of a sheet, and what they add up to."""

    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    place: dict[int, int] = field(default_factory=dict)

    def of(self, keys: Iterable[int]) -> list[Remark]:
        """The remarks to show beside these rows, worst first; fine ones only where nothing worse is said."""
        wanted = set(keys)
        found = [remark for remark in self.remarks if remark.keys[0] in wanted]
        worse = [remark for remark in found if remark.severity != Severity.FINE]
        return sorted(worse or found, key=lambda remark: ORDER.index(remark.severity))

    def severity(self, key: int) -> Severity | None:
        """The worst thing still to be settled on one row."""
        found = [r.severity for r in self.remarks if key == _seat(r) and r.is_open]
        return min(found, key=ORDER.index, default=None)

    @property
    def open(self) -> list[Remark]:
        """What is still to be done, in the order of the form."""
        found = [remark for remark in self.remarks if remark.is_open]
        return sorted(found, key=lambda remark: (self.place[_seat(remark)], ORDER.index(remark.severity)))

    @property
    def red(self) -> int:
        return sum(remark.severity == Severity.RED for remark in self.remarks)

    @property
    def amber(self) -> int:
        """Remarks that still want words."""
        return sum(remark.severity == Severity.AMBER and remark.is_open for remark in self.remarks)

    @property
    def empty(self) -> int:
        return sum(remark.severity == Severity.OPEN for remark in self.remarks)

    @property
    def done(self) -> int:
        """Rows that hold a number or a reason and nothing red."""
        undone = {_seat(r) for r in self.remarks if r.severity in (Severity.RED, Severity.OPEN)}
        return len(self.lines) - len(undone)

    @property
    def first_open(self) -> int | None:
        """The row to jump to."""
        found = self.open
        return _seat(found[0]) if found else None


def _seat(remark: Remark) -> int:
    """The row a remark is settled on: the one it proposes to change, else the first it names."""
    return remark.proposal.key if remark.proposal else remark.keys[0]
