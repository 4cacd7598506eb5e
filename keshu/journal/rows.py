"""Rows of append-only models in bulk: their insertion and their place in a revision's digest, without an object for each.

An import writes two rows for every value. Made as model instances, most of its time would go into making them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router

AT_ONCE = 500  # rows of one INSERT where a database has no cheaper way
#: Fields whose values every database takes as they are.
_AS_THEY_ARE = frozenset(
    (
        models.CharField,
        models.TextField,
        models.BooleanField,
        models.IntegerField,
        models.PositiveIntegerField,
        models.BigIntegerField,
        models.ForeignKey,
    )
)


class Shape:
    """Which columns the plain rows of a model give, in which order: all but the primary key.

    Values are whole numbers, text, booleans and None, as the database takes them, and whatever JSON columns hold; other columns
    need an object.
    """

    def __init__(self, model: type[models.Model], *columns: str) -> None:
        self.model, self.columns = model, columns

    @cached_property
    def fields(self) -> list[models.Field]:
        """The fields in the order of the columns. AssertionError when the model has other columns."""
        held = {field.attname: field for field in self.model._meta.concrete_fields if not field.primary_key}
        assert set(held) == set(self.columns), f"{self.model.__name__} has other columns: {sorted(held)}"
        return [held[name] for name in self.columns]

    @cached_property
    def written(self) -> list[tuple[str, int]]:
        """(a column's key in canonical JSON, its place in a row), in the order of the keys."""
        return _keys(self.columns)

    def _adapted(self, rows: Sequence[Sequence[Any]], connection: Any) -> Sequence[Sequence[Any]]:
        """The rows with their JSON columns as the database takes them."""
        found = [(at, one) for at, one in enumerate(self.fields) if isinstance(one, models.JSONField)]
        if not found:
            return rows
        adapted = [list(row) for row in rows]
        as_text = connection.vendor == "sqlite"  # it keeps JSON as the text it is given
        for row in adapted:
            for at, one in found:
                value = row[at]
                if type(value) is Written:
                    row[at] = str(value) if as_text else one.get_db_prep_save(value.data, connection)
                elif value is not None:
                    row[at] = canonical(value) if as_text else one.get_db_prep_save(value, connection)
        return adapted

    def insert(self, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows. Plain SQL of every database: INSERT INTO … VALUES."""
        if not rows:
            return
        connection = connections[router.db_for_write(self.model)]
        rows = self._adapted(rows, connection)
        quote = connection.ops.quote_name
        names = ", ".join(quote(field.column) for field in self.fields)
        into = f"INSERT INTO {quote(self.model._meta.db_table)} ({names}) VALUES "  # noqa: S608 (names of our own models)
        marks = f"({', '.join(['%s'] * len(self.columns))})"
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.executemany(into + marks, rows)
                return
            for at in range(0, len(rows), AT_ONCE):
                some = rows[at : at + AT_ONCE]
                cursor.execute(
                    into + ", ".join([marks] * len(some)), [value for row in some for value in row]
                )


def insert_new(objects: Sequence[models.Model]) -> None:
    """Insert new objects of one model and give them their primary keys; columns that are empty in all of them are left out.

    What ``bulk_create`` does, several times faster for wide tables of which a row fills a few columns. The database's own default of
    a column that is left out must be null.
    """
    model = type(objects[0])
    connection = connections[router.db_for_write(model)]
    if not connection.features.can_return_rows_from_bulk_insert:
        model._base_manager.bulk_create(objects)
        return
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and (not field.null or any(getattr(one, field.attname) is not None for one in objects))
    ]
    quote = connection.ops.quote_name
    pk = quote(model._meta.pk.column)  # type: ignore[union-attr]
    names = ", ".join(quote(field.column) for field in fields)
    into = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 (names of our own models)
    marks = f"({', '.join(['%s'] * len(fields))})"
    readers = [
        (field.attname, None if type(field) in _AS_THEY_ARE else field.get_db_prep_save) for field in fields
    ]
    with connection.cursor() as cursor:
        for at in range(0, len(objects), AT_ONCE):
            some = objects[at : at + AT_ONCE]
            values = [
                value
                if (value := getattr(one, name)) is None or prepare is None
                else prepare(value, connection)
                for one in some
                for name, prepare in readers
            ]
            cursor.execute(f"{into}{', '.join([marks] * len(some))} RETURNING {pk}", values)
            for one, (key,) in zip(some, cursor.fetchall(), strict=True):
                one.pk = key
                one._state.adding = False
                one._state.db = connection.alias


class Plain(NamedTuple):
    """One row of a shape."""

    shape: Shape
    values: Sequence[Any]


class Written(str):
    """A JSON value that is already written canonically: for the digest and, where JSON is kept as text, for the database."""

    data: Any
    __slots__ = ("data",)

    @classmethod
    def of(cls, data: Any) -> "Written":
        """The value with its text."""
        made = cls(canonical(data))
        made.data = data
        return made


# ---- canonical JSON --------------------------------------------------------------------------------------------


_PLAIN = DjangoJSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
#: The encoder makes a new engine for each call, which takes longer than a row of an import; one engine serves all of them.
_engine = c_make_encoder and c_make_encoder(
    None, _PLAIN.default, encode_basestring, None, ":", ",", True, False, True
)


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces: the form that is hashed and compared."""
    if _engine is None:
        return _PLAIN.encode(data)
    return "".join(_engine(data, 0))


def canonical_rows(columns: list[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as lines of canonical JSON: what ``canonical`` gives for the dict of each row, several times faster."""
    write = _WRITERS.get
    lines = []
    for row in rows:
        parts = [key + write(type(row[at]), canonical)(row[at]) for key, at in columns]
        lines.append("{" + ",".join(parts) + "}\n")
    return "".join(lines)


def columns_of(model: type[models.Model]) -> tuple[tuple[str, ...], list[tuple[str, int]]]:
    """(a model's columns but its primary key, their keys in canonical JSON)."""
    names = tuple(field.attname for field in model._meta.concrete_fields if not field.primary_key)
    return names, _keys(names)


def _keys(columns: Sequence[str]) -> list[tuple[str, int]]:
    return [
        (f"{encode_basestring(columns[at])}:", at)
        for at in sorted(range(len(columns)), key=columns.__getitem__)
    ]


def _moment(value: datetime) -> str:
    """A moment in UTC: databases give it back in different zones."""
    return canonical(value.astimezone(UTC))


_WRITERS: dict[type, Callable[[Any], str]] = {
    int: int.__repr__,
    str: encode_basestring,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
    datetime: _moment,
    Written: str.__str__,
}
