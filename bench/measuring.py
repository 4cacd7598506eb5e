"""How the benches time things and print tables."""

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from keshu.terms import clock


def median_ms(work: Callable[[], object], runs: int = 5, warm: int = 1) -> float:
    """Median wall time of some work in milliseconds."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(runs):
        begun = clock.monotonic()
        work()
        times.append((clock.monotonic() - begun) * 1000)
    return statistics.median(times)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a small table."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def house(database: str | None = None) -> Path:
    """A fresh data folder with Django set up on it; once per process."""
    home = Path(tempfile.mkdtemp(prefix="keshu-bench-"))
    os.environ["KESHU_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "keshu.settings"
    if database:
        os.environ["KESHU_DATABASE"] = database
    else:
        os.environ.pop("KESHU_DATABASE", None)
    import django

    django.setup()
    from keshu.cli.prepare import prepare

    prepare()
    return home


def in_own_process(module: str, *words: str) -> str:
    """Run one size of a bench in a process of its own (own database, own memory) and return what it prints."""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout.strip().splitlines()[-1]
