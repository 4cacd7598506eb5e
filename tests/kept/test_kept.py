"""A database kept from an earlier version migrates and replays equal."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
KEPT = sorted(path.name.removesuffix(".sqlite3.xz") for path in HERE.glob("*.sqlite3.xz"))
#: The version before this one. Older ones are asked in continuous integration only: each takes a whole load and a replay.
LAST = ("2026-11-registers", "2026-11-registers-story")


def without_news(kept: object, now: object) -> object:
    """What stands now, without the fields that a later version added to the rows."""
    if isinstance(kept, dict) and isinstance(now, dict):
        return {key: without_news(value, now[key]) for key, value in kept.items() if key in now}
    if isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        return [without_news(one, other) for one, other in zip(kept, now, strict=True)]
    return now


def test_there_is_a_kept_database():
    assert KEPT


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name if name in LAST else pytest.param(name, marks=pytest.mark.older) for name in KEPT]
)
def test_it_migrates_and_every_table_is_what_it_was(name, tmp_path):
    (tmp_path / "keshu.sqlite3").write_bytes(lzma.decompress((HERE / f"{name}.sqlite3.xz").read_bytes()))
    then = json.loads(lzma.decompress((HERE / f"{name}.json.xz").read_bytes()))
    done = subprocess.run(
        [sys.executable, "-m", "tests.kept.replaying", str(tmp_path), str(then["last"])],
        capture_output=True,
        check=False,
        cwd=HERE.parent.parent,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    now = json.loads(done.stdout)
    assert (now["differing"], now["broken"], now["broken_audit"]) == (0, [], [])
    assert now["cells"] >= then["cells"]
    assert now["tables"].keys() == then["tables"].keys()
    for table, rows in then["tables"].items():
        assert without_news(rows, now["tables"][table]) == rows, table
