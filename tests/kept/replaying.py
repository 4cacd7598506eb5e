"""Replay the tables of a data folder as JSON on standard output: ``python -m tests.kept.replaying HOME``.

Runs in a process of its own, because a data folder is chosen when Django starts.
"""

import json
import os
import sys

#: (scheme, level, period, vintage) of the tables that are kept.
TABLES = (
    ("strong-st-5", "county", "2026H1", "latest"),
    ("strong-st-5", "county", "2026-01..09", "latest"),
    ("provinces", "province", "2023", "latest"),
    ("provinces", "province", "2023", "first"),
)
STEP = 12  # every twelfth revision, and the last


def tables(last: int) -> dict[str, object]:
    """Every kept table as of every twelfth revision up to ``last``, by a name that says which."""
    from keshu.figures.canonical import dispatch_json
    from keshu.figures.dispatch import dispatch
    from keshu.terms.period import Period

    found: dict[str, object] = {}
    for revision in sorted({*range(STEP, last + 1, STEP), last}):
        for scheme, level, period, vintage in TABLES:
            name = f"{scheme} {period} {vintage} r{revision}"
            try:
                table = dispatch(
                    scheme, Period.parse(period), level=level, vintage=vintage, as_of=f"r{revision}"
                )
            except LookupError as refusal:
                found[name] = str(refusal)
                continue
            found[name] = dispatch_json(table)
    return found


def main(home: str, last: str | None = None) -> None:
    """Migrate the folder's database as any command does, then print its tables and what its checks say."""
    os.environ["KESHU_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "keshu.settings"
    os.environ.pop("KESHU_DATABASE", None)
    import django

    django.setup()
    from keshu.cli.prepare import prepare
    from keshu.figures import cube
    from keshu.journal import audit, moments

    number = int(last) if last else moments.latest()
    prepare()
    cells, differing = cube.verify()
    said = {
        "last": number,
        "cells": cells,
        "differing": len(differing),
        "broken": list(moments.broken_links()),
        "broken_audit": audit.broken_entries(),
        "tables": tables(number),
    }
    json.dump(said, sys.stdout, ensure_ascii=False, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
