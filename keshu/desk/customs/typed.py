"""The form of a definition: what stands in it, and what somebody typed as something wanted."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from keshu.custom.columns import KINDS, WHO, Col, Count
from keshu.custom.models import Definition
from keshu.custom.wanted import Wanted

#: Empty lines under the columns and the measures, so that some can be added at once.
SPARE_COLUMNS, SPARE_MEASURES = 4, 1
MOST_LINES = 80
SPLIT = "、"


def wanted_from(post: QueryDict, code: str) -> Wanted:
    """What was typed, columns in the order asked for; lines without a name and lines marked as gone are left out."""
    lines = range(min(_number(post, "columns"), MOST_LINES))
    columns = [
        _column(post, at, name)
        for at in sorted(lines, key=lambda at: _place(post, at))
        if (name := _text(post, f"c{at}.name")) and not post.get(f"c{at}.gone")
    ]
    measures = [
        _measure(post, at, name)
        for at in range(min(_number(post, "measures"), MOST_LINES))
        if (name := _text(post, f"m{at}.name")) and not post.get(f"m{at}.gone")
    ]
    return Wanted(
        code=code,
        name=_text(post, "name"),
        about=_text(post, "about"),
        prefix=_text(post, "prefix").upper(),
        columns=tuple(columns),
        measures=tuple(measures),
        key=tuple(_listed(_text(post, "key"))),
        who=tuple(one for one in WHO if one in post.getlist("who")),
        counts_by=_text(post, "counts_by"),
        unit_use=_text(post, "unit_use") or str(Definition.Unit.OPTIONAL),
        batch=bool(post.get("batch")),
        active=bool(post.get("active")),
    )


def _place(post: QueryDict, at: int) -> tuple[int, int, int]:
    """Where a line is to stand: on the place typed, the column that stood there gives way. An empty place is its own."""
    own = at + 1
    wanted = _number(post, f"c{at}.place") or own
    return wanted, (wanted > own) - (wanted < own), at


def _column(post: QueryDict, at: int, name: str) -> Col:
    return Col(
        name=name,
        kind=_text(post, f"c{at}.kind") or "text",
        label=_text(post, f"c{at}.label"),
        slot=_text(post, f"c{at}.slot"),
        required=bool(post.get(f"c{at}.required")),
        choices=tuple(_listed(_text(post, f"c{at}.choices"))),
        shown=bool(post.get(f"c{at}.shown")),
        total=bool(post.get(f"c{at}.total")),
        searchable=bool(post.get(f"c{at}.searchable")),
        places=_number(post, f"c{at}.places"),
        help=_text(post, f"c{at}.help")[:100],
        off=bool(post.get(f"c{at}.off")),
    )


def _measure(post: QueryDict, at: int, name: str) -> Count:
    return Count(
        name=name,
        unit=_text(post, f"m{at}.unit") or "件",
        code=_text(post, f"m{at}.code"),
        field=_text(post, f"m{at}.field"),
        condition=_text(post, f"m{at}.condition"),
        date=_text(post, f"m{at}.date"),
        until=_text(post, f"m{at}.until"),
        nature="stock" if _text(post, f"m{at}.nature") == "stock" else "flow",
        verified=bool(post.get(f"m{at}.verified")),
        definition=_text(post, f"m{at}.definition")[:500],
    )


def _text(post: QueryDict, name: str) -> str:
    return (post.get(name) or "").strip()


def _number(post: QueryDict, name: str) -> int:
    text = _text(post, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _listed(text: str) -> list[str]:
    """Words separated as people do: 、 ， , or a line each."""
    for mark in ("，", ",", "\n", "；", ";"):
        text = text.replace(mark, SPLIT)
    return [word for one in text.split(SPLIT) if (word := one.strip())]


def form_of(
    wanted: Wanted,
    *,
    problems: Mapping[str, str] | None = None,
    used: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the template draws: a line per column and measure, and some empty ones. ``used``: by slot, what a column is used for."""
    said = problems or {}
    names = [col.name for col in wanted.columns if not col.off]
    return {
        "wanted": wanted,
        "problems": said,
        "columns": [
            _column_line(at, col, said.get(f"column.{at}", ""), (used or {}).get(col.slot, ""))
            for at, col in enumerate((*wanted.columns, *(Col("") for _ in range(SPARE_COLUMNS))))
        ],
        "measures": [
            _measure_line(at, count, said.get(f"measure.{at}", ""))
            for at, count in enumerate((*wanted.measures, *(Count("") for _ in range(SPARE_MEASURES))))
        ],
        "key": SPLIT.join(wanted.key),
        "who": [
            {"value": value, "label": label, "chosen": value in wanted.who} for value, label in WHO.items()
        ],
        "units": [
            {"value": str(value), "label": label, "chosen": value == wanted.unit_use}
            for value, label in Definition.Unit.choices
        ],
        "dates": [col.name for col in wanted.columns if col.kind == "date" and not col.off],
        "numbers": [
            col.name for col in wanted.columns if col.kind in ("money", "number", "count") and not col.off
        ],
        "names": names,
        "kinds": KINDS,
    }


def _column_line(at: int, col: Col, problem: str, used: str) -> dict[str, Any]:
    return {
        "at": at,
        "place": at + 1,
        "col": col,
        "problem": problem,
        "used": used,
        "choices": SPLIT.join(col.choices),
        "first": at == 0,
        "kinds": [
            {"value": value, "label": label, "chosen": value == col.kind} for value, label in KINDS.items()
        ],
    }


def _measure_line(at: int, count: Count, problem: str) -> dict[str, Any]:
    return {"at": at, "count": count, "problem": problem}
