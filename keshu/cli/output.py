"""How commands print."""

import json
import sys
from typing import Any


def print_json(data: Any) -> None:
    """JSON on standard output, keys in the order given."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
