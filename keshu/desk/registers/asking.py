"""What is asked of a register, from the address: search, conditions, order, columns, view, what a measure counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Collate
from django.db.models.lookups import IContains
from django.http import QueryDict

from keshu.diary.organisation import renamed_from
from keshu.directory.actors import Actor
from keshu.directory.models import Region, Unit
from keshu.ledger.registers import Column, Register, RegisterMeasure
from keshu.ledger.standing import counted
from keshu.terms import clock

MINE = "mine"
LONGEST = 100
MOST_UNITS = 500


@dataclass(frozen=True)
class Question:
    """One question to one register. Unknown names in the address are left out, so that an old link still opens.

    ``counted``: only what a measure of the register counts; ``since`` and ``until`` bound it by the measure's own date, and a
    stock is what was there at the end of ``until``.
    """

    register: Register
    text: str = ""
    view: str = ""
    sort: str = ""
    descending: bool = False
    where: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    columns: tuple[str, ...] = ()
    counted: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, register: Register, query: QueryDict) -> "Question":
        """From the address of the page."""
        paths = [column.path for column in register.columns]
        sort = query.get("sort", "")
        chosen = query.getlist("column") or query.get("columns", "").split(",")
        named = [path for path in chosen if path in paths]
        measure = query.get("counted", "")
        known = measure in {one.code for one in register.measures}
        return cls(
            register=register,
            text=query.get("q", "").strip()[:LONGEST],
            view=MINE if query.get("view") == MINE else "",
            sort=sort if sort in paths else "",
            descending=query.get("dir") == "desc",
            where={name: value[:LONGEST] for name in register.filters if (value := query.get(name, ""))},
            region=query.get("region", "")[:30],
            columns=tuple(named),
            counted=measure if known else "",
            since=_day(query.get("from", "")) if known else None,
            until=_day(query.get("until", "")) if known else None,
        )

    @classmethod
    def read(cls, register: Register, query: str) -> "Question":
        """From the text behind the question mark, as a form or a saved view carries it."""
        return cls.of(register, QueryDict(query.removeprefix("?")))

    def query(self, **changes: Any) -> str:
        """The address of this question with some parts changed; an empty part is left out."""
        return "?" + urlencode(self._pairs(changes))

    def _pairs(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "view": self.view,
            "q": self.text,
            **self.where,
            "region": self.region,
            "counted": self.counted,
            "from": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
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
        return bool(self.text or self.where or self.region or self.counted)

    @property
    def measure(self) -> RegisterMeasure | None:
        """The measure whose records are asked for."""
        return next((one for one in self.register.measures if one.code == self.counted), None)

    @property
    def uncounted(self) -> "Question":
        """The same question without what a measure counts: the records that stock and flow are summed over."""
        return replace(self, counted="", since=None, until=None)

    def conditions(self) -> list[tuple[str, str, str]]:
        """Every condition as (what, value, address without it), for chips and for the head of a print."""
        found = [("查找", self.text, self.query(q=""))] if self.text else []
        found += [("视图", "等我办", self.query(view=""))] if self.view else []
        for name, value in self.where.items():
            shown = self.register.choices_of(name).get(value, value)
            found.append((self.register.label_of(name), shown, self.query(**{name: ""})))
        if self.region:
            region = Region.objects.filter(code=self.region).first()
            found.append(("地区", region.name if region else self.region, self.query(region="")))
        return found + self.counting()

    def counting(self) -> list[tuple[str, str, str]]:
        """The condition of a measure, in words."""
        measure = self.measure
        if measure is None:
            return []
        ends = [day.isoformat() for day in (self.since, self.until) if day]
        if measure.nature == "stock":
            said = f"{self.until} 在册" if self.until else "历来在册"
            said += f"，{self.since} 起新增" if self.since else ""
        else:
            said = "—".join(ends) if ends else "全部"
        without = self.query(counted="", until="", **{"from": ""})
        return [(f"计入{measure.name}", said, without)]

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
        measure = self.measure
        if measure is not None:
            until = self.until or (clock.today() if measure.nature == "stock" else None)
            found = found.filter(counted(register, measure, since=self.since, until=until))
        order = [("-" if self.descending else "") + _order(register, self.sort)] if self.sort else []
        return found.order_by(*order, *register.order)


def _search(register: Register, text: str) -> Q:
    """Any of the register's search columns. Organisations are looked up by themselves, by what they are called and were:
    joined, each row would be looked up."""
    condition = Q()
    for path in register.search:
        if path == "unit__name":
            units = list(Unit.objects.filter(name__icontains=text).values_list("pk", flat=True)[:MOST_UNITS])
            once = renamed_from(text).values_list("object_pk", flat=True)[:MOST_UNITS]
            condition |= Q(unit_id__in={*units, *once})
        else:
            condition |= _holds(path, text)
    return condition


def _holds(path: str, text: str) -> Q:
    """The text anywhere in a column, small and capital letters alike.

    PostgreSQL folds every row by the rules of all scripts, which takes longer than the search: Chinese and digits have nothing to
    fold, and Latin letters are folded as plain bytes.
    """
    if text.upper() == text.lower():
        return Q(**{f"{path}__contains": text})
    plain = all(mark.isascii() or mark.upper() == mark.lower() for mark in text)
    if plain and connection.vendor == "postgresql":
        return Q(IContains(Collate(F(path), "C"), text))
    return Q(**{f"{path}__icontains": text})


def _fits(register: Register, name: str, value: str) -> bool:
    choices = register.choices_of(name)
    if choices:
        return value in choices
    column: Any = register.model._meta.get_field(name)
    if column.get_internal_type().endswith("IntegerField"):
        return value.isascii() and value.isdigit()
    return column.get_internal_type() != "DateField" or _day(value) is not None


def _order(register: Register, path: str) -> str:
    column: Any = register.model._meta.get_field(path)
    return f"{path}__name" if column.is_relation else path


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
