"""States of the database that hundreds of tests begin with, made once per run by the product itself and put back by SQL.

A snapshot is a copy of every table of the house beside the tables (``kept_<name>_<table>``). Putting one back is one
``INSERT … SELECT`` per table that has rows: what a test finds is what the loading wrote, byte for byte.
"""

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from keshu.desk import shell
from keshu.figures import book
from keshu.journal import moments
from keshu.terms import clock

Made = TypeVar("Made")
#: Loaded in the past: a test that pretends an earlier day still writes after it.
DAY = datetime(2020, 1, 2, 9, 0, tzinfo=clock.TZ)
#: Name → the tables of the snapshot that have rows.
_taken: dict[str, list[str]] = {}
#: Name → what its building returned.
_made: dict[str, Any] = {}
#: The snapshot for which the sequences were set last.
_sequenced: list[str] = []
#: Name → the revision of the snapshot that it was built upon.
_below: dict[str, int] = {}


def forget() -> None:
    """Drop what the process keeps by revision number."""
    book.forget()
    shell.forget()


def take(name: str, build: Callable[[], Made], on: str | None = None) -> Made:
    """Build a state in the empty database or upon another snapshot, keep it under the name, and leave the database as it was
    before. What ``build`` returned is for ``begin`` to copy. A state is built once per process, whoever asks for it.
    """
    if name in _made:
        return _made[name]
    _keep("before", _tables())
    forget()
    try:
        if on is not None:
            put_back(on)
            _below[name] = moments.latest()
        with clock.pretend(DAY):
            made = build()
        _keep(name, _tables())
    finally:
        put_back("before")
        forget()
        for table in _taken.pop("before"):
            _run(f"DROP TABLE {_kept('before', table)}")
    _made[name] = made
    return made


def begin(name: str, made: Made, build: Callable[[], Made]) -> Made:
    """Begin a test with a snapshot and a copy of what it was built as.

    A test that has already written something upon the snapshot below keeps that: the state is then built anew.
    """
    if moments.latest() != _below[name]:
        return build()
    put_back(name)
    return copy.deepcopy(made)


def put_back(name: str) -> None:
    """Make the tables of the house hold what the snapshot holds; sequences go on after it."""
    with transaction.atomic(), connection.constraint_checks_disabled():
        _run_all([f"DELETE FROM {table}" for table in _with_rows(_tables())])
        _run_all([f"INSERT INTO {table} SELECT * FROM {_kept(name, table)}" for table in _taken[name]])
    # A sequence does not run back with a transaction: once set behind a snapshot's rows it stays behind them until another
    # snapshot sets it elsewhere.
    if _sequenced != [name]:
        _run_all(connection.ops.sequence_reset_sql(no_style(), _models()))
        _sequenced[:] = [name]


def _keep(name: str, tables: list[str]) -> None:
    held = _with_rows(tables)
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


def _with_rows(tables: list[str]) -> list[str]:
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    return [str(table) for (table,) in _run(asked)]


def _run_all(statements: list[str]) -> None:
    """PostgreSQL takes them in one message; SQLite one by one."""
    if connection.vendor == "postgresql" and statements:
        _run("; ".join(statement.rstrip(";") for statement in statements))
        return
    for statement in statements:
        _run(statement)


def _run(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
