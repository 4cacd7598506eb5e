"""What is asked of a register, from the address: search, conditions, order, columns, view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.http import QueryDict

from keshu.directory.actors import Actor
from keshu.directory.models import Region, Unit
from keshu.ledger.registers import Column, Register

MINE = "mine"
LONGEST = 100
MOST_UNITS = 500


@dataclass(frozen=True)
class Asked:
    """One question to one register. Unknown names in the address are left out, so that an old link still opens."""

    register: Register
    text: str = ""
    view: str = ""
    sort: str = ""
    descending: bool = False
    where: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, register: Register, query: QueryDict) -> "Asked":
        """From the address of the page."""
        paths = [column.path for column in register.columns]
        sort = query.get("sort", "")
        chosen = query.getlist("column") or query.get("columns", "").split(",")
        named = [path for path in chosen if path in paths]
        return cls(
            register=register,
            text=query.get("q", "").strip()[:LONGEST],
            view=MINE if query.get("view") == MINE else "",
            sort=sort if sort in paths else "",
            descending=query.get("dir") == "desc",
            where={name: value[:LONGEST] for name in register.filters if (value := query.get(name, ""))},
            region=query.get("region", "")[:30],
            columns=tuple(named),
        )

    def query(self, **changes: Any) -> str:
        """The address of this question with some parts changed; an empty part is left out."""
        return "?" + urlencode(self._pairs(changes))

    def _pairs(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "view": self.view,
            "q": self.text,
            **self.where,
            "region": self.region,
            "sort": self.sort,
            "dir": "desc" if self.descending else "",
            "columns": ",".join(self.columns),
            **changes,
        }
        return {name: value for name, value in pairs.items() if value not in ("", None)}

    @property
    def beside_text(self) -> dict[str, Any]:
        """What the search form carries along: everything but the text it asks for."""
        return self._pairs({"q": ""})

    @property
    def beside_columns(self) -> dict[str, Any]:
        """What the choice of columns carries along: everything but the columns."""
        return self._pairs({"columns": ""})

    @property
    def shown(self) -> list[Column]:
        """The columns to draw: those chosen, else those shown by default."""
        if self.columns:
            return [column for column in self.register.columns if column.path in self.columns]
        return [column for column in self.register.columns if column.shown]

    @property
    def filtered(self) -> bool:
        """Whether any condition stands."""
        return bool(self.text or self.where or self.region)

    def rows(self, actor: Actor) -> models.QuerySet[Any]:
        """The records asked for that the actor may see, in order."""
        register = self.register
        found = register.waiting(actor) if self.view == MINE else register.rows(actor)
        if self.text:
            found = found.filter(_search(register, self.text))
        for name, value in self.where.items():
            found = found.filter(**{name: value}) if _fits(register, name, value) else found.none()
        if self.region:
            region = Region.objects.filter(code=self.region).first()
            found = found.filter(region=region) if region else found.none()
        order = [("-" if self.descending else "") + _order(register, self.sort)] if self.sort else []
        return found.order_by(*order, *register.order)


def _search(register: Register, text: str) -> Q:
    """Any of the register's search columns. Organisations are looked up by themselves: joined, each row would be looked up."""
    condition = Q()
    for path in register.search:
        if path == "unit__name":
            units = list(Unit.objects.filter(name__icontains=text).values_list("pk", flat=True)[:MOST_UNITS])
            condition |= Q(unit_id__in=units)
        else:
            condition |= Q(**{f"{path}__icontains": text})
    return condition


def _fits(register: Register, name: str, value: str) -> bool:
    column: Any = register.model._meta.get_field(name)
    if column.choices:
        return value in dict(column.flatchoices)
    return (
        value.isascii() and value.isdigit() if column.get_internal_type().endswith("IntegerField") else True
    )


def _order(register: Register, path: str) -> str:
    column: Any = register.model._meta.get_field(path)
    return f"{path}__name" if column.is_relation else path
