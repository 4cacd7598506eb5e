"""The places of a document and the people in them: who applies, who recommends, who handles, who decides."""

from dataclasses import dataclass, field
from typing import Any

from keshu.directory.accounts import below
from keshu.directory.actors import ROLE_CAN, Actor, Role
from keshu.directory.models import Region, Unit

UNITS = 6  # organisations in each place


@dataclass
class Town:
    """The regions of a data set by their key, with the organisations in each."""

    regions: dict[str, Region] = field(default_factory=dict)
    units: dict[str, list[Unit]] = field(default_factory=dict)
    bureaus: dict[str, Unit] = field(default_factory=dict)
    _actors: dict[tuple[Role, str, int], Actor] = field(default_factory=dict)

    def settle(self, places: dict[str, dict[str, Any]]) -> None:
        """Found the places and what stands in them. Inside ``writing`` only."""
        nation = Region.objects.get(code="000000")
        for key, row in places.items():
            parent = self.regions[row["in"]] if "in" in row else nation
            region = Region(
                code=row["code"], name=row["name"], short_name=row["name"], level=row["level"], parent=parent
            )
            region.save()
            self.regions[key] = region
            self.bureaus[key] = self._unit(f"{row['code']}-KJ", f"{row['name']}科学技术局", region)
            self.units[key] = [
                self._unit(f"{row['code']}-{n:02}", f"{row['name']}第{n}研究所", region)
                for n in range(1, UNITS + 1)
            ]

    @staticmethod
    def _unit(code: str, name: str, region: Region) -> Unit:
        unit = Unit(code=code, name=name, region=region)
        unit.save()
        return unit

    def unit(self, place: str, number: int) -> Unit:
        """The organisation whose turn it is."""
        return self.units[place][number % UNITS]

    def actor(self, role: Role, place: str, unit: Unit | None = None) -> Actor:
        """A person of a role: of an organisation, of the place's bureau, or of the bureau that keeps the house."""
        whose = unit or self.bureaus[place]
        key = (role, place, whose.pk)
        if key not in self._actors:
            self._actors[key] = self._actor(role, place, whose, own=unit is not None)
        return self._actors[key]

    def _actor(self, role: Role, place: str, whose: Unit, *, own: bool) -> Actor:
        region = self.regions[place]
        above = role in (Role.OFFICE, Role.LEADER, Role.PLANNING)
        return Actor(
            account_id=None,
            name=f"{whose.name}（{role.value}）",
            unit_id=whose.pk,
            region_id=region.pk,
            roles=frozenset({role}),
            region_ids=frozenset() if above or own else below({region.pk}),
            unit_ids=frozenset({whose.pk}),
            sees_all=above,
            capabilities=ROLE_CAN[role],
        )
