"""What a clerk types when somebody asks for a number: "高企 技术合同 望岭 岚川 上半年" → what × where × when × against what."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from keshu.directory.models import Region
from keshu.figures.book import Book
from keshu.figures.models import Indicator, Measure
from keshu.terms.period import Period, UnreadablePeriod
from keshu.terms.text import clean_name, nearest, region_key, repair_glyphs

Thing = Indicator | Measure
LAST_YEAR, LAST_PERIOD, NO_COMPARISON = "last_year", "last_period", ""

LONGEST_QUESTION = 300
LONGEST_PERIOD = 16
GOOD_ENOUGH = 0.5
OTHERS_WITHIN = 0.3

#: Long names that nobody says, and what is said instead; applied to names and questions alike.
SAID_SHORT = (
    ("高新技术企业", "高企"),
    ("研究与试验发展", "研发"),
    ("r&d", "研发"),
    ("地区生产总值", "gdp"),
    ("生产总值", "gdp"),
    ("规模以上", "规上"),
    ("经费投入", "投入"),
)
COMPARISONS = {
    **dict.fromkeys(
        ("去年同期", "上年同期", "同比", "比去年", "比上年", "较去年", "较上年", "同期"), LAST_YEAR
    ),
    **dict.fromkeys(("上期", "环比", "比上月", "较上月", "比上期", "较上期"), LAST_PERIOD),
}
WHOLE = ("全市", "全县", "全区", "本市", "本县", "全域", "合计")
EACH = ("各县市区", "各县区", "各区县", "所有县区", "全部县区", "各县", "各区", "县区", "各地", "分县区")
PROVINCES = ("各省", "31省", "各省份", "分省")
YEARS_BACK = {"今年": 0, "本年": 0, "当年": 0, "去年": 1, "上年": 1, "前年": 2}
FILLERS = (
    "请问", "多少", "情况", "数据", "一下", "分别", "有几", "现在", "目前", "是", "的", "和", "与", "及", "在", "要", "给", "报", "数",
    "呢", "吗", "了", "到", "我", "查", "看",
)  # fmt: skip
_BREAKS = re.compile(r"[\s,，、;；。？?！!：:/+]+")
_PERIOD_BEGINS = re.compile(
    r"\d|[上下]半年|前|第|全年|截|[一二三四]季|[一二三四五六七八九十]{1,2}月|[一二三四][至到—-]"
)
_PERIOD_SAYS = re.compile(r"[年月季半日QHqh]|^\d{4}$|^\d{4}[-.]")


@dataclass(frozen=True)
class Unclear:
    """Words that were not understood, and what they may have meant."""

    text: str
    near: tuple[str, ...] = ()
    why: str = ""

    @property
    def said(self) -> str:
        """For the page: 没看懂“…”。是不是 …？ A reason that is known stands in its place."""
        if self.why:
            return self.why
        hint = f"是不是 {'、'.join(self.near)}？" if self.near else "请写指标名、地名或期间。"
        return f"没看懂“{self.text}”。{hint}"


@dataclass(frozen=True)
class Ambiguous:
    """A name that several regions carry; nobody chooses for the clerk."""

    text: str
    choices: tuple[Region, ...]


@dataclass(frozen=True)
class Guess:
    """A short word that was taken for one thing although it may mean others."""

    text: str
    taken: Thing
    others: tuple[Thing, ...]


@dataclass
class Question:
    """What was understood. ``period`` None: the newest with data."""

    things: list[Thing] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    period: Period | None = None
    comparison: str = NO_COMPARISON
    unclear: list[Unclear] = field(default_factory=list)
    ambiguous: list[Ambiguous] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)

    @property
    def answerable(self) -> bool:
        """Whether there is something to look up."""
        return bool(self.things and self.regions)


def parse(text: str, definitions: Book, root: Region | None, today: date) -> Question:
    """Understand a question. ``root``: the region of the installation, whose children come first where names meet.

    Without a region it is about the root. What is not understood is named with the nearest names, never dropped.
    """
    words = _Words(definitions, root)
    reading = _Reading(words, today)
    for token in _BREAKS.split(_said(text[:LONGEST_QUESTION])):
        reading.take(token)
    return reading.finish()


def _said(text: str) -> str:
    """The question in the house's short words, keeping spaces between words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    for long, short in SAID_SHORT:
        folded = folded.replace(long, short)
    return folded


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """A name in the form in which names and questions are compared."""
    return _said(clean_name(name)).replace("(", "（").replace(")", "）")


def names_of(thing: Thing) -> list[str]:
    """Everything a measure or indicator is called."""
    if isinstance(thing, Indicator):
        return [thing.name, thing.short_name, thing.code]
    return [thing.name, *thing.aliases, thing.code]


class _Words:
    """The names of a book, ready to be looked up."""

    def __init__(self, definitions: Book, root: Region | None) -> None:
        self.book, self.root = definitions, root
        self.things: dict[str, Thing] = {}
        # Indicators last: where a measure and an indicator share a name, the indicator with its definition is meant.
        for thing in (*definitions.measures.values(), *definitions.indicators.values()):
            for name in names_of(thing):
                self.things[_key(name)] = thing
        self.main = {item.indicator_id for item in definitions.items if item.leads_id is None}
        self.regions: dict[str, list[tuple[int, Region]]] = {}
        for region in definitions.regions.values():
            keys = {_key(region_key(region.name)): 2, _key(region_key(region.name, county=True)): 2}
            keys |= {_key(region.short_name): 1, _key(region.name): 0, region.code: 0}
            for key, tier in keys.items():
                if len(key) >= 2:
                    self.regions.setdefault(key, []).append((tier, region))
        self.longest = max(map(len, (*self.things, *self.regions, *COMPARISONS)), default=0)

    def regions_called(self, name: str) -> list[Region]:
        """The regions that a name means best: its full name before its short one, those of this house before others."""
        found = self.regions.get(name, [])
        if not found:
            return []
        best = min(tier for tier, _ in found)
        meant = [region for tier, region in found if tier == best]
        own = [region for region in meant if self._is_own(region)]
        return own or meant

    def _is_own(self, region: Region) -> bool:
        at: Region | None = region
        while at is not None and self.root is not None:
            if at.pk == self.root.pk:
                return True
            at = self.book.regions.get(at.parent_id) if at.parent_id else None
        return False

    def group(self, word: str) -> list[Region] | None:
        """The regions that a group word names: 全市, 各县区, 全国, 各省."""
        nation = next((r for r in self.book.regions.values() if r.level == Region.Level.NATION), None)
        if word in WHOLE:
            return [self.root] if self.root else []
        if word in EACH and self.root is not None:
            return [r for r in self.book.children.get(self.root.pk, []) if r.is_ranked]
        if word in PROVINCES and nation is not None:
            return [r for r in self.book.children.get(nation.pk, []) if r.level == Region.Level.PROVINCE]
        if word == "全省" and self.root is not None and self.root.parent_id:
            return [self.book.regions[self.root.parent_id]]
        return None

    def like(self, word: str) -> list[tuple[float, Thing]]:
        """Measures and indicators that a short word may mean, best first."""
        scored: dict[tuple[str, int], tuple[float, int, Thing]] = {}
        for name, thing in self.things.items():
            score = _likeness(word, name)
            if score < GOOD_ENOUGH:
                continue
            if isinstance(thing, Indicator):
                score += 0.08 if thing.pk in self.main else 0.03
            key = (type(thing).__name__, thing.pk)
            if key not in scored or scored[key][0] < score:
                scored[key] = (score, len(name), thing)
        ordered = sorted(scored.values(), key=lambda found: (-found[0], found[1]))
        return [(score, thing) for score, _, thing in ordered]


def _likeness(word: str, name: str) -> float:
    """How well a short word stands for a name: as a piece of it, or its characters in order; 0 when it does not."""
    share = 0.4 * min(len(word), len(name)) / max(len(word), len(name))
    if len(word) < 2:
        return 0.0
    if word in name:
        return 0.6 + share + (0.05 if name.startswith(word) else 0.0)
    if len(name) >= 3 and name in word:
        return 0.5 + share
    letters = iter(name)
    return 0.4 + share if all(letter in letters for letter in word) else 0.0


class _Reading:
    """A question being read, word by word."""

    def __init__(self, words: _Words, today: date) -> None:
        self.words, self.today = words, today
        self.question = Question()
        self.year: int | None = None

    def take(self, token: str) -> None:
        """Read one token from left to right: the longest known name at each place, the rest by likeness."""
        rest, at = "", 0
        while at < len(token):
            length = self._known(token, at)
            if length:
                self._leftover(rest)
                rest = ""
                self._accept(token[at : at + length])
                at += length
            else:
                rest += token[at]
                at += 1
        self._leftover(rest)

    def _known(self, token: str, at: int) -> int:
        """The length of the longest known name that begins here, 0 for none."""
        for length in range(min(self.words.longest, len(token) - at), 1, -1):
            piece = token[at : at + length]
            if self._is_name(piece) or (length <= LONGEST_PERIOD and self._period(piece) is not None):
                return length
        return 0

    def _is_name(self, piece: str) -> bool:
        words = self.words
        if piece in COMPARISONS or piece in YEARS_BACK or piece in ("上月", "本月", "上季度", "本季度"):
            return True
        return piece in words.things or piece in words.regions or words.group(piece) is not None

    def _accept(self, piece: str) -> None:
        words, question = self.words, self.question
        if piece in COMPARISONS:
            question.comparison = COMPARISONS[piece]
        elif piece in YEARS_BACK:
            self.year = self.today.year - YEARS_BACK[piece]
        elif piece in words.things:
            _add(question.things, [words.things[piece]])
        elif (group := words.group(piece)) is not None:
            _add(question.regions, group)
        elif piece in words.regions:
            self._region(piece, words.regions_called(piece))
        else:
            self._period_said(piece)

    def _region(self, piece: str, found: list[Region]) -> None:
        if len(found) == 1:
            _add(self.question.regions, found)
        else:
            self.question.ambiguous.append(Ambiguous(piece, tuple(sorted(found, key=lambda r: r.code))))

    def _period_said(self, piece: str) -> None:
        period = self._period(piece)
        if period is None:
            return
        if self.question.period is not None and self.question.period != period:
            self.question.unclear.append(
                Unclear(piece, why=f"“{piece}”没有答：一次只答一个期间，先答 {self.question.period.label}。")
            )
            return
        self.question.period = period

    def _period(self, piece: str) -> Period | None:
        """The period a piece names; without a year the last one that has begun."""
        this = self.today
        near = {"本月": (0, 1), "上月": (1, 1), "本季度": (0, 3), "上季度": (1, 3)}.get(piece)
        if near is not None:
            back, size = near
            number = (this.year * 12 + this.month - 1) // size - back
            year, part = divmod(number, 12 // size)
            return Period.months(year, part * size + 1, part * size + size)
        if not _PERIOD_BEGINS.match(piece) or not _PERIOD_SAYS.search(piece):
            return None
        try:
            return Period.parse(piece)
        except UnreadablePeriod:
            pass
        try:
            period = Period.parse(piece, default_year=self.year or this.year)
        except UnreadablePeriod:
            return None
        return period if self.year or period.start <= this else period.previous_year()

    def _leftover(self, rest: str) -> None:
        word = _without_fillers(rest)
        if not word:
            return
        like = self.words.like(word)
        if like:
            best, taken = like[0]
            _add(self.question.things, [taken])
            others = tuple(thing for score, thing in like[1:4] if score >= best - OTHERS_WITHIN)
            if others:
                self.question.guesses.append(Guess(word, taken, others))
            return
        repaired = repair_glyphs(word)
        if repaired != word and repaired in self.words.regions:
            self._region(repaired, self.words.regions_called(repaired))
            return
        self.question.unclear.append(Unclear(word, tuple(self._near(word))))

    def _near(self, word: str) -> list[str]:
        book, root = self.words.book, self.words.root
        own = [root, *book.children.get(root.pk, [])] if root else []
        names = [region.name for region in own] + [row.short_name for row in book.indicators.values()]
        names += [row.name for row in book.measures.values()] + [r.name for r in book.regions.values()]
        return nearest(word, names, 3)

    def finish(self) -> Question:
        """The whole question: a bare 去年 is that year; without a region it is about the region served."""
        question = self.question
        if question.period is None and self.year is not None and self.year < self.today.year:
            question.period = Period.year(self.year)
        if (
            question.things
            and not question.regions
            and not question.ambiguous
            and self.words.root is not None
        ):
            question.regions = [self.words.root]
        return question


def _without_fillers(word: str) -> str:
    before = None
    while before != word:
        before = word
        for filler in FILLERS:
            word = word.removeprefix(filler).removesuffix(filler)
    return word


def _add(held: list, found: Iterable) -> None:  # type: ignore[type-arg]
    held.extend(thing for thing in found if thing not in held)


def things_named(definitions: Book, codes: Iterable[str]) -> Iterator[Thing]:
    """Indicators and measures by their codes, as a form sends them; unknown ones raise UnknownName."""
    for code in codes:
        try:
            yield definitions.indicator(code)
        except LookupError:
            yield definitions.measure(code)
