"""What the page of 给数 was asked: typed words, ticked choices, a period, a comparison. All of it stands in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from keshu.directory.models import Region
from keshu.figures.book import Book, UnknownName
from keshu.reports.parsing import LAST_PERIOD, LAST_YEAR, Question, Unclear, parse, things_named
from keshu.terms.period import Period, UnreadablePeriod

#: Figures of one answer: more than this is a table to export, not a number on the telephone.
FIGURES_AT_MOST = 200


@dataclass(frozen=True)
class Typed:
    """The parts of an address as they were sent."""

    words: str
    things: tuple[str, ...]
    regions: tuple[str, ...]
    period: str
    comparison: str
    asof: str

    @classmethod
    def of(cls, query: QueryDict) -> "Typed":
        """Read an address or a form; an unknown comparison counts as none."""
        comparison = query.get("compare", "")
        return cls(
            words=query.get("q", "").strip()[:300],
            things=tuple(query.getlist("thing"))[:FIGURES_AT_MOST],
            regions=tuple(query.getlist("region"))[:FIGURES_AT_MOST],
            period=query.get("period", "").strip()[:40],
            comparison=comparison if comparison in (LAST_YEAR, LAST_PERIOD) else "",
            asof=query.get("asof", "").strip()[:40],
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(name, value) as a form or an address carries them, without what is empty."""
        found = [
            ("q", self.words),
            ("period", self.period),
            ("compare", self.comparison),
            ("asof", self.asof),
        ]
        found += [("thing", code) for code in self.things] + [("region", code) for code in self.regions]
        return [pair for pair in found if pair[1]]

    @property
    def query(self) -> str:
        """The address after the question mark."""
        return urlencode(self.pairs)

    @property
    def asks(self) -> bool:
        """Whether anything was asked."""
        return bool(self.words or self.things)

    def without(self, words: str) -> str:
        """The address with other words in the field."""
        pairs = [pair for pair in self.pairs if pair[0] != "q"]
        return urlencode([("q", words), *pairs])


def question(typed: Typed, definitions: Book, root: Region | None, today: date) -> Question:
    """Words and choices together. A period or a name that cannot be read is named in ``unclear``, never dropped."""
    asked = parse(typed.words, definitions, root, today)
    ticked = _regions(typed.regions, definitions, asked)
    if ticked and not _names_a_region(typed, asked, root):
        asked.regions = []
    _add(asked.regions, ticked)
    for code in typed.things:
        try:
            _add(asked.things, list(things_named(definitions, [code])))
        except UnknownName as refusal:
            asked.unclear.append(Unclear(code, why=str(refusal)))
    if typed.period:
        try:
            asked.period = Period.parse(typed.period, default_year=today.year)
        except UnreadablePeriod as refusal:
            asked.unclear.append(Unclear(typed.period, why=str(refusal)))
    if typed.comparison:
        asked.comparison = typed.comparison
    if asked.things and not asked.regions and not asked.ambiguous and root is not None:
        asked.regions = [root]
    _limit(asked)
    return asked


def _names_a_region(typed: Typed, asked: Question, root: Region | None) -> bool:
    """Whether the words themselves name a region; the region served stands in only where nothing names one."""
    return bool(asked.regions) and (
        asked.regions != [root] or any(word in typed.words for word in ("全市", "全县", "本市"))
    )


def _regions(codes: Sequence[str], definitions: Book, asked: Question) -> list[Region]:
    found = []
    for code in codes:
        try:
            found.append(definitions.region(code))
        except UnknownName as refusal:
            asked.unclear.append(Unclear(code, why=str(refusal)))
    return found


def _limit(asked: Question) -> None:
    """So many things × regions at once that a reader can still read them."""
    if len(asked.things) * len(asked.regions) <= FIGURES_AT_MOST:
        return
    room = max(FIGURES_AT_MOST // len(asked.regions), 1)
    left = [thing.name for thing in asked.things[room:]]
    asked.things, asked.regions = asked.things[:room], asked.regions[:FIGURES_AT_MOST]
    more = f"没有答 {'、'.join(left[:3])}{'等' if len(left) > 3 else ''}：" if left else ""
    asked.unclear.append(Unclear("", why=f"{more}一次最多给 {FIGURES_AT_MOST} 个数，其余请导出调度表。"))


def _add(held: list, found: list) -> None:  # type: ignore[type-arg]
    held.extend(one for one in found if one not in held)
