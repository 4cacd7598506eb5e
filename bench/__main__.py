"""``python -m bench [name …] [--quick]``: run the benches and print what was measured.

Each bench prints ours, the peer, and their ratio at sizes that grow tenfold. Times are the median of several runs on this machine;
read the ratios, not the seconds.
"""

import importlib
import sys
from pathlib import Path

NAMES = ("fresh", "page", "imports", "registers", "records", "collecting", "goals", "checking", "nation")


def main() -> int:
    """Run the named benches, or all of them."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    quick = "--quick" in sys.argv
    for name in words or NAMES:
        if not (Path(__file__).parent / f"{name}.py").exists():
            print(f"没有“{name}”这一项。有：{'、'.join(NAMES)}", file=sys.stderr)
            return 2
        importlib.import_module(f"bench.{name}").run(quick=quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
