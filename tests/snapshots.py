"""States of the database that hundreds of tests begin with, made once per run by the product itself and put back by SQL.

A snapshot is a copy of every table of the house beside the tables (``kept_<name>_<table>``). Putting one back is one
``INSERT … SELECT`` per table that has rows: what a test finds is what the loading wrote, byte for byte.
"""

from collections.abc import Callable
from datetime import datetime

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from keshu.terms import clock

#: Loaded in the past: a test that pretends an earlier day still writes after it.
DAY = datetime(2020, 1, 2, 9, 0, tzinfo=clock.TZ)
#: Name → the tables of the snapshot that have rows.
_taken: dict[str, list[str]] = {}


def take(name: str, build: Callable[[], object]) -> None:
    """Build a state in the empty database, keep it under the name, and leave the database as it was before."""
    before = _tables()
    _keep("before", before)
    try:
        with clock.pretend(DAY):
            build()
        _keep(name, _tables())
    finally:
        put_back("before")
        for table in _taken.pop("before"):
            _run(f"DROP TABLE {_kept('before', table)}")


def put_back(name: str) -> None:
    """Make the tables of the house hold what the snapshot holds; sequences go on after it."""
    with transaction.atomic(), connection.constraint_checks_disabled():
        for table in _tables():
            _run(f"DELETE FROM {table}")
        for table in _taken[name]:
            _run(f"INSERT INTO {table} SELECT * FROM {_kept(name, table)}")
    for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
        _run(statement)


def _keep(name: str, tables: list[str]) -> None:
    held = [table for table in tables if _run(f"SELECT 1 FROM {table} LIMIT 1")]
    for table in held:
        _run(f"DROP TABLE IF EXISTS {_kept(name, table)}")
        _run(f"CREATE TABLE {_kept(name, table)} AS SELECT * FROM {table}")
    _taken[name] = held


def _kept(name: str, table: str) -> str:
    return f"kept_{name}_{table}"


def _models() -> list[type[models.Model]]:
    return [
        model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("keshu.")
    ]


def _tables() -> list[str]:
    return [model._meta.db_table for model in _models()]


def _run(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
