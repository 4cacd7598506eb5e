"""How the benches time things and print tables."""

import json
import os
import platform
import statistics
import sys
import tempfile
import unicodedata
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
    """Print a small table; a Chinese character is two columns wide."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(_width(row[n]) for row in cells) for n in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        print(
            "  " + "  ".join(" " * (w - _width(c)) + c for c, w in zip(row, widths, strict=True)), flush=True
        )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def house(database: str | None = None, settings: str = "keshu.settings") -> Path:
    """A fresh data folder with Django set up on it; once per process. ``database``: an address of PostgreSQL."""
    home = Path(tempfile.mkdtemp(prefix="keshu-bench-"))
    os.environ["KESHU_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
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

    done = subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout.strip().splitlines()[-1]


def keep(name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write what a bench measured to ``bench/results/<name>.json`` (not under version control), with the machine's load."""
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    data = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "head": list(head),
        "rows": [list(row) for row in rows],
    }
    (folder / f"{name}.json").write_text(
        json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def said(begun: float, what: str) -> None:
    """Progress on the error stream: what was done and how long it took."""
    print(f"  {clock.monotonic() - begun:7.1f} s  {what}", file=sys.stderr, flush=True)
