"""The book of definitions as of a revision: regions, measures, indicators, schemes and rules, loaded once and shared."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from django.db.models import Max

from keshu.directory.models import Region
from keshu.figures.models import Indicator, Measure, Scheme, SchemeItem
from keshu.journal.models import HistoryRow
from keshu.rules.dated import pick
from keshu.rules.models import Rule
from keshu.terms import formula
from keshu.terms.text import clean_name, nearest, region_key

DEFINITIONS = (Region, Measure, Indicator, Scheme, SchemeItem, Rule)
LABELS = [model._meta.label for model in DEFINITIONS]


class UnknownName(LookupError):
    """A measure, indicator, scheme or region that the book does not hold; names the nearest."""


@dataclass(frozen=True)
class Ratio:
    """An indicator's formula: the whole, and numerator / denominator × factor where it is a ratio."""

    whole: formula.Expression
    numerator: formula.Expression
    denominator: formula.Expression | None
    factor: Decimal


class Book:
    """Everything that is defined, as it stood after one revision. Read only."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.regions: dict[int, Region] = {row.pk: row for row in Region.as_of(revision)}
        self.measures: dict[int, Measure] = {row.pk: row for row in Measure.as_of(revision)}
        self.indicators: dict[int, Indicator] = {row.pk: row for row in Indicator.as_of(revision)}
        self.schemes: dict[int, Scheme] = {row.pk: row for row in Scheme.as_of(revision)}
        self.items: list[SchemeItem] = sorted(
            SchemeItem.as_of(revision), key=lambda row: (row.scheme_id, row.order)
        )
        self.rules: list[Rule] = Rule.as_of(revision)
        self._ratios: dict[int, Ratio] = {}

    @cached_property
    def measure_names(self) -> dict[str, Measure]:
        """Measures by code, name and alias (cleaned)."""
        names: dict[str, Measure] = {}
        for measure in self.measures.values():
            for name in (measure.code, measure.name, *measure.aliases):
                names[clean_name(name)] = measure
        return names

    @cached_property
    def symbols(self) -> dict[str, Measure]:
        """Measures by the identifier a formula uses: the code and the name where it is an identifier."""
        found = {}
        for measure in self.measures.values():
            for name in (measure.code, measure.name):
                if name.isidentifier():
                    found[name] = measure
        return found

    @cached_property
    def children(self) -> dict[int | None, list[Region]]:
        """Regions by parent, in their declared order."""
        found: dict[int | None, list[Region]] = {}
        for region in sorted(self.regions.values(), key=lambda r: (r.order, r.code)):
            found.setdefault(region.parent_id, []).append(region)
        return found

    def below(self, subject: int) -> list[int]:
        """A region and every region under it; a subject that is no region stands alone."""
        found = [subject]
        for pk in found:
            found += [child.pk for child in self.children.get(pk, ())]
        return found

    @cached_property
    def region_names(self) -> dict[str, list[Region]]:
        """Regions by code, name, short name and bare name."""
        names: dict[str, list[Region]] = {}
        for region in self.regions.values():
            for name in {
                region.code,
                clean_name(region.name),
                clean_name(region.short_name),
                region_key(region.name),
            }:
                names.setdefault(name, []).append(region)
        return names

    def measure(self, name: str) -> Measure:
        """A measure by code, name or alias; UnknownName with the nearest ones."""
        found = self.measure_names.get(clean_name(name))
        if found is None:
            raise UnknownName(_unknown("指标或计量", name, [m.name for m in self.measures.values()]))
        return found

    def indicator(self, name: str) -> Indicator:
        """An indicator by code, name or short name."""
        wanted = clean_name(name)
        for row in self.indicators.values():
            if wanted in (row.code, clean_name(row.name), clean_name(row.short_name)):
                return row
        raise UnknownName(_unknown("指标", name, [row.name for row in self.indicators.values()]))

    def scheme(self, name: str) -> Scheme:
        """A scheme by code or name."""
        wanted = clean_name(name)
        for row in self.schemes.values():
            if wanted in (row.code, clean_name(row.name)):
                return row
        raise UnknownName(_unknown("调度方案", name, [row.name for row in self.schemes.values()]))

    def region(self, name: str) -> Region:
        """A region by code or name; several of one name: the highest level first."""
        wanted = clean_name(name)
        found = self.region_names.get(wanted) or self.region_names.get(region_key(wanted))
        if not found:
            raise UnknownName(_unknown("地区", name, [r.name for r in self.regions.values()]))
        order = Region.Level.values
        return min(found, key=lambda r: (order.index(r.level), r.code))

    def items_of(self, scheme: Scheme, *, leading: bool = False) -> list[SchemeItem]:
        """The scheme's own indicators in order, or its leading ones."""
        return [
            row for row in self.items if row.scheme_id == scheme.pk and (row.leads_id is not None) == leading
        ]

    def ratio(self, indicator: Indicator) -> Ratio:
        """The parsed formula of an indicator, kept."""
        kept = self._ratios.get(indicator.id)
        if kept is None:
            whole = formula.parse(indicator.formula, dict.fromkeys(self.symbols, "number"))
            fraction = whole.fraction()
            if fraction is None:
                kept = Ratio(whole, whole, None, Decimal(1))
            else:
                numerator, denominator, factor = fraction
                kept = Ratio(whole, numerator, denominator, factor)
            self._ratios[indicator.id] = kept
        return kept

    def amount_indicator(self, indicator: Indicator) -> Indicator | None:
        """The indicator that is the bare numerator of a ratio (输出技术合同成交额 of 技术合同占比), where one is defined."""
        ratio = self.ratio(indicator)
        if ratio.denominator is None:
            return None
        source = ratio.numerator.source
        return next((row for row in self.indicators.values() if row.formula == source), None)

    def rule(self, kind: str, code: str, on: date) -> Rule | None:
        """The rule in force on a day."""
        return pick(self.rules, kind, code, on)

    def under(self, parent: Region, level: str) -> list[Region]:
        """The regions of a level below a parent, with the parts (市本级, zones) that stand beside them."""
        found: list[Region] = []
        edge = [parent]
        while edge:
            below = [child for region in edge for child in self.children.get(region.pk, [])]
            found.extend(row for row in below if row.level == level)
            edge = [row for row in below if row.level != level]
        return found


def _unknown(kind: str, name: str, names: list[str]) -> str:
    close = nearest(clean_name(name), names, 3)
    hint = f"是不是 {'、'.join(close)}？" if close else "请对照模板里的名称。"
    return f"没有{kind}“{name}”。{hint}"


@lru_cache(maxsize=8)
def _load(definitions: int) -> Book:
    return Book(definitions)


def book(revision: int) -> Book:
    """The book as of a revision; shared between requests until a definition changes."""
    definitions = HistoryRow.objects.filter(model__in=LABELS, revision__lte=revision).aggregate(
        Max("revision")
    )
    return _load(definitions["revision__max"] or 0)


def forget() -> None:
    """Drop the kept books (another database stands behind the same numbers: tests, restores)."""
    _load.cache_clear()
