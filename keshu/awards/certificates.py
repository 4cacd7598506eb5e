"""The list of certificates and the decision to award: what stands in them, in which order."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from keshu.awards.models import Grade, Nomination, Round, Winner

S = Nomination.State


@dataclass(frozen=True)
class Certificate:
    """One certificate: of a person (R01, R02 …) or of a unit (D01 …) under the number of the award."""

    number: str
    grade: str
    title: str
    holder: str
    place: int
    kind: str
    unit: str


def awarded(round: Round, *states: str) -> list[Nomination]:
    """The awards of a round, highest grade first, then by rank and number; ``states`` instead of 已授奖."""
    rows = Nomination.objects.for_system("证书").filter(round=round, state__in=states or (S.AWARDED,))
    winners = Winner.objects.for_system("证书").order_by("order")
    rows = rows.prefetch_related(models.Prefetch("winners", winners, to_attr="people"))
    order = [str(grade) for grade in Grade]
    return sorted(
        rows,
        key=lambda row: (
            order.index(row.grade) if row.grade else len(order),
            row.rank if row.rank is not None else 10**6,
            row.pk,
        ),
    )


def certificates(round: Round) -> Iterator[Certificate]:
    """Every certificate of a round: of each award first its units, then its people, in their order."""
    for row in awarded(round):
        grade = row.get_grade_display()
        for place, unit in enumerate([row.unit_name, *row.other_units], 1):
            number = f"{row.certificate_number}-D{place:02d}"
            yield Certificate(number, grade, row.title, str(unit), place, "单位", str(unit))
        for winner in row.people:  # type: ignore[attr-defined]
            number = f"{row.certificate_number}-R{winner.order:02d}"
            yield Certificate(number, grade, row.title, winner.name, winner.order, "个人", winner.unit_name)
