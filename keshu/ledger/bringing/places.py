"""Which region and which organisation a file or a form means, by name or code, inside what the writer may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from keshu.directory.actors import Actor
from keshu.directory.models import Region, Unit
from keshu.ledger.bringing.values import ValueRefused
from keshu.terms.text import clean_name, nearest, region_key

#: How many names nobody knows get a proposal; a file with the wrong column would ask for a hundred thousand.
PROPOSALS = 200
MOST_COMPARED = 5000


@dataclass
class Places:
    """Look-ups that are remembered for all rows of one file."""

    actor: Actor
    units: dict[str, tuple[int, int] | str] = field(default_factory=dict)
    regions: dict[str, int | str] = field(default_factory=dict)
    _all_regions: list[tuple[int, str, str, str]] | None = None
    _names: list[str] | None = None
    _proposed: int = 0

    def load_units(self, texts: Iterable[str]) -> None:
        """Fetch the organisations of some rows at once: two queries however many."""
        wanted = {text for text in texts if text and text not in self.units}
        if not wanted:
            return
        cleaned = {clean_name(text): text for text in wanted}
        rows = Unit.objects.filter(name__in={*wanted, *cleaned}) | Unit.objects.filter(code__in=wanted)
        found: dict[str, set[tuple[int, int]]] = {}
        for pk, code, name, region in rows.values_list("pk", "code", "name", "region_id"):
            for said in {code, name, cleaned.get(clean_name(name), "")} & wanted:
                found.setdefault(said, set()).add((pk, region))
        for text in wanted:
            several = found.get(text, set())
            if len(several) == 1:
                self.units[text] = next(iter(several))
            elif several:
                self.units[text] = (
                    f"叫“{text[:40]}”的单位有 {len(several)} 个，请改写统一社会信用代码或单位代码"
                )
            else:
                self.units[text] = self._unknown(text)

    def unit(self, text: str) -> tuple[int, int]:
        """(primary key, region) of an organisation. Raises ValueRefused with a proposal."""
        if text not in self.units:
            self.load_units([text])
        found = self.units[text]
        if isinstance(found, str):
            raise ValueRefused(found)
        return found

    def _unknown(self, text: str) -> str:
        said = f"没有叫“{text[:40]}”的单位"
        self._proposed += 1
        near = nearest(text, self._known_names(), n=2) if self._proposed <= PROPOSALS else []
        if near:
            return (
                f"{said}。是不是{'、'.join(f'“{one}”' for one in near)}？是的话照着改；新单位请先登记单位再传"
            )
        return f"{said}。请核对名称，或写统一社会信用代码；新单位请先登记单位再传"

    def _known_names(self) -> list[str]:
        if self._names is None:
            rows = Unit.objects.all()
            if not self.actor.sees_all:
                rows = rows.filter(region_id__in=self.actor.region_ids)
            self._names = list(rows.order_by("pk").values_list("name", flat=True)[:MOST_COMPARED])
        return self._names

    def region(self, text: str) -> int:
        """The primary key of a region by code, name or short name. Raises ValueRefused."""
        if text not in self.regions:
            self.regions[text] = self._region(text)
        found = self.regions[text]
        if isinstance(found, str):
            raise ValueRefused(found)
        return found

    def _region(self, text: str) -> int | str:
        known = self.known_regions()
        wanted = {region_key(text), region_key(text, county=True)}
        exact = [pk for pk, code, name, short in known if text in (code, name, short)]
        near = [
            pk for pk, _, name, short in known if wanted & {region_key(name, county=True), region_key(short)}
        ]
        found = exact or near
        if len(found) == 1:
            return found[0]
        if found:
            return f"“{text[:30]}”说的是哪一个地区分不清，请改写行政区划代码"
        names = nearest(text, [name for _, _, name, _ in known], n=2)
        hint = f"是不是{'、'.join(f'“{name}”' for name in names)}？" if names else ""
        return f"没有“{text[:30]}”这个地区，或它不在现在这个岗位的范围里。{hint}请改写名称或行政区划代码"

    def known_regions(self) -> list[tuple[int, str, str, str]]:
        """(primary key, code, name, short name) of the regions that the writer may name. One query."""
        if self._all_regions is None:
            rows = Region.objects.filter(valid_to__isnull=True)
            if not self.actor.sees_all:
                rows = rows.filter(pk__in=self.actor.region_ids)
            self._all_regions = list(rows.values_list("pk", "code", "name", "short_name"))
        return self._all_regions
