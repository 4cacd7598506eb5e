"""The data folder: where one installation keeps its database, files, key and fixed today.

``KESHU_HOME`` names it; without it the folder ``var`` beside the package is used.
"""

import os
import secrets
from pathlib import Path


def home() -> Path:
    """The data folder as an absolute path, made when it is not there yet."""
    named = os.environ.get("KESHU_HOME")
    path = Path(named).expanduser() if named else Path(__file__).resolve().parent.parent / "var"
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def secret_key(folder: Path) -> str:
    """The installation's own signing key, made once and readable by its owner only."""
    path = folder / "secret.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


def today_file(folder: Path) -> Path:
    """The file that pins the date of a demonstration (see ``terms.clock.pin``)."""
    return folder / "today"
