"""Reading what stands in a form field."""

from datetime import date

from django.utils.dateparse import parse_date


class UnreadableField(ValueError):
    """A field holds something else than it asks for."""


def key(text: str | None) -> int:
    """A primary key; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def day(text: str | None) -> date | None:
    """The date of a date field, None when it is empty. Raises UnreadableField."""
    if not text or not text.strip():
        return None
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise UnreadableField(f"日期“{text}”读不懂。写成 2026-10-12。")
    return found
