"""Keep a database of this version: ``python -m tests.kept.keeping NAME`` writes NAME.sqlite3.xz and NAME.json.xz here.

It holds the demonstration, or for a NAME that ends in ``-story`` what tests/kept/story.py tells. Done once when a version is finished; a kept file is never made again, or it would prove nothing.
"""

import lzma
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(name: str) -> None:
    """Fill a fresh folder and keep its database with the tables it shows."""
    if (HERE / f"{name}.json.xz").exists():
        raise SystemExit(f"{name} 已经留过，不能重做。")
    with tempfile.TemporaryDirectory() as folder:
        told = ["tests.kept.story", folder] if name.endswith("-story") else ["keshu.cli.main", "demo", "load"]
        subprocess.run(
            [sys.executable, "-m", *told],
            env={"PATH": "", "KESHU_HOME": folder, "LANG": "C.UTF-8"},
            check=True,
        )
        small = Path(folder) / "small.sqlite3"
        with sqlite3.connect(Path(folder) / "keshu.sqlite3") as connection:
            connection.execute("VACUUM INTO ?", (str(small),))
        packed = lzma.compress(small.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
        (HERE / f"{name}.sqlite3.xz").write_bytes(packed)
        said = subprocess.run(
            [sys.executable, "-m", "tests.kept.replaying", folder], capture_output=True, check=True
        ).stdout
    (HERE / f"{name}.json.xz").write_bytes(lzma.compress(said, preset=9))
    print(f"{name}: 数据库 {len(packed) // 1024} kB，表 {len(said) // 1024} kB")


if __name__ == "__main__":
    main(sys.argv[1])
