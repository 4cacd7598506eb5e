"""The engine that reads the lake, chosen by ``KESHU_LAKE_BACKEND``: DuckDB inside this process, or a Spark cluster.

Both are reached through Ibis, so a query is written once. Nothing here is imported until the lake is used: an
installation without ``requirements/lake.txt`` does all its other work.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

BACKENDS = ("duckdb", "spark")
NEEDED = {"pyarrow": "pyarrow", "ibis": "ibis-framework", "duckdb": "duckdb", "pyspark": "pyspark"}


class LakeNotInstalled(RuntimeError):
    """A package that the lake needs is absent."""

    def __init__(self, module: str) -> None:
        if module == "pyspark":
            how = "用 Spark 要另装和集群同版本的 pyspark，或把 KESHU_LAKE_BACKEND 设回 duckdb。"
        else:
            how = "请运行 .venv/bin/pip install --require-hashes -r requirements/lake.txt 后再试；其他功能不受影响。"
        super().__init__(
            f"列存文件要用 {NEEDED.get(module, module)}，这里没有装（见 requirements/lake.txt）。{how}"
        )


class UnknownBackend(ValueError):
    """``KESHU_LAKE_BACKEND`` names something else."""


def needed(module: str) -> Any:
    """The module, or LakeNotInstalled."""
    try:
        return import_module(module)
    except ImportError as error:
        raise LakeNotInstalled(module.partition(".")[0]) from error


def backend() -> str:
    """The configured backend: duckdb unless the environment says spark."""
    name = os.environ.get("KESHU_LAKE_BACKEND", "duckdb")
    if name not in BACKENDS:
        raise UnknownBackend(
            f"KESHU_LAKE_BACKEND 写的是“{name}”，只能是 {'、'.join(BACKENDS)}。请改正后再试。"
        )
    return name


def connect() -> Any:
    """A connection of the configured backend. Spark takes its master and resources from its own configuration files."""
    ibis = needed("ibis")
    if backend() == "spark":
        session = needed("pyspark.sql").SparkSession.builder.appName("keshu-lake").getOrCreate()
        return ibis.pyspark.connect(session)
    needed("duckdb")
    return ibis.duckdb.connect()


def parquet(connection: Any, files: Sequence[Path], name: str) -> Any:
    """The Ibis table over some Parquet files of one schema."""
    paths = [str(path) for path in files]
    if connection.name == "pyspark":
        needed("pyspark.sql").SparkSession.active().read.parquet(*paths).createOrReplaceTempView(name)
        return connection.table(name)
    return connection.read_parquet(paths, table_name=name)
