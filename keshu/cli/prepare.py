"""Preparing a data folder: database, base definitions, the region served. Safe to repeat and fast when nothing is to do."""

import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from keshu.directory.actors import system
from keshu.journal.models import HistoryRow
from keshu.ledger.registers import declared as declared_registers

BASE_STAMP = "base-package"


def database_is_current() -> bool:
    """Whether every migration has run."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def prepare(*, quiet: bool = True) -> None:
    """Bring the data folder to this version: migrate, load the base definitions when they are new or changed."""
    if not database_is_current():
        if not quiet:
            print("准备数据库……", file=sys.stderr, flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    stamp = Path(settings.HOME) / BASE_STAMP
    mark = _package_mark()
    if not stamp.exists() or stamp.read_text() != mark or not HistoryRow.objects.exists():
        from keshu.figures.packages import load_definitions

        if not quiet:
            print("载入指标包……", file=sys.stderr, flush=True)
        load_definitions(system("基础指标包"))
        stamp.write_text(mark)


def _package_mark() -> str:
    spec = find_spec("keshu.figures.packages")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "base.yaml"
    status = path.stat()
    declared = hashlib.sha256(
        repr([register.measures for register in declared_registers()]).encode()
    ).hexdigest()
    return f"{status.st_size}:{status.st_mtime_ns}:{declared}"
