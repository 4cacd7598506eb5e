"""Where two tables of one form differ: two replies of one sender, or this time against last time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from keshu.collecting.columns import Col
from keshu.collecting.models import Collection, Reply, ReplyRow
from keshu.collecting.reading import key_of
from keshu.terms.quantity import show_change
from keshu.terms.text import clean_name

Kind = Literal["added", "gone", "changed"]
S = Reply.State


@dataclass(frozen=True)
class Line:
    """One row to compare: values by column key, where it stands."""

    values: Mapping[str, str]
    reply: int
    at: int


@dataclass(frozen=True)
class Difference:
    """One difference: a row that came, went, or a cell that changed."""

    kind: Kind
    row: str
    col: Col | None
    before: str
    after: str
    old: Line | None = None
    new: Line | None = None

    @property
    def change(self) -> str:
        """By how much a number changed, with its sign; empty for texts."""
        if self.col is None or not self.col.is_number or not self.before or not self.after:
            return ""
        return show_change(Decimal(self.after) - Decimal(self.before), self.col.decimals)


def differences(cols: Sequence[Col], before: Iterable[Line], after: Iterable[Line]) -> list[Difference]:
    """What differs from ``before`` to ``after``, rows told apart by the key columns, in the order of ``after``, what went last."""
    old = {key_of(line.values, cols): line for line in before}
    seen = set()
    found: list[Difference] = []
    for line in after:
        key = key_of(line.values, cols)
        seen.add(key)
        other = old.get(key)
        name = " ".join(filter(None, (line.values.get(col.key, "") for col in cols if col.is_key)))
        if other is None:
            found.append(Difference("added", name, None, "", _whole(cols, line), None, line))
            continue
        for col in cols:
            first, second = other.values.get(col.key, ""), line.values.get(col.key, "")
            if not col.is_key and not _equal(col, first, second):
                found.append(Difference("changed", name, col, first, second, other, line))
    for key, line in old.items():
        if key not in seen:
            name = " ".join(filter(None, (line.values.get(col.key, "") for col in cols if col.is_key)))
            found.append(Difference("gone", name, None, _whole(cols, line), "", line, None))
    return found


def _equal(col: Col, first: str, second: str) -> bool:
    return first == second if col.is_number else clean_name(first) == clean_name(second)


def _whole(cols: Sequence[Col], line: Line) -> str:
    """The numbers of a row in a few words."""
    told = [f"{col.name} {line.values[col.key]}" for col in cols if col.is_number and col.key in line.values]
    return "、".join(told[:4])


def lines_of(reply: Reply) -> list[Line]:
    """The rows of a reply that are taken."""
    rows = ReplyRow.objects.for_system("比两份表").filter(reply=reply, wrong=False).order_by("at")
    return [Line(row.values, row.reply_id, row.at) for row in rows]


@dataclass(frozen=True)
class SinceLast:
    """One sender against the earlier collection: its differences, or why there is nothing to compare."""

    sender: str
    found: tuple[Difference, ...]
    said: str = ""


def since_last(collection: Collection) -> list[SinceLast]:
    """Every sender against the collection this one follows; columns are matched by their names. Empty without an earlier one."""
    earlier = collection.follows
    if earlier is None:
        return []
    now, then = _by_subject(collection), _by_subject(earlier)
    renamed = _renamed(earlier.cols, collection.cols)
    cols = [col for col in collection.cols if col.is_key or col.key in renamed.values()]
    found = []
    for subject, (name, lines) in now.items():
        if subject not in then:
            found.append(SinceLast(name, (), "上一次没有报"))
            continue
        before = [
            Line({renamed[k]: v for k, v in line.values.items() if k in renamed}, line.reply, line.at)
            for line in then[subject][1]
        ]
        found.append(SinceLast(name, tuple(differences(cols, before, lines))))
    found += [
        SinceLast(name, (), "上一次报过，这一次还没有")
        for subject, (name, _) in then.items()
        if subject not in now
    ]
    return found


def _renamed(before: Sequence[Col], after: Sequence[Col]) -> dict[str, str]:
    """Key then → key now, of columns with the same name, kind and unit."""
    now = {(clean_name(col.name), col.kind, col.unit): col.key for col in after}
    return {
        col.key: now[place] for col in before if (place := (clean_name(col.name), col.kind, col.unit)) in now
    }


def _by_subject(collection: Collection) -> dict[int, tuple[str, list[Line]]]:
    """Subject → (name, rows that count). Two queries."""
    replies = Reply.objects.for_system("和上次比").filter(collection=collection, state=S.COUNTED)
    ordered = replies.select_related("sender").order_by("sender__order", "sender_id")
    held = {reply.pk: reply for reply in ordered}
    found: dict[int, tuple[str, list[Line]]] = {
        reply.sender.subject_id: (reply.sender.name, []) for reply in held.values() if reply.sender
    }
    rows = (
        ReplyRow.objects.for_system("和上次比").filter(reply__in=held, wrong=False).order_by("reply_id", "at")
    )
    for row in rows:
        sender = held[row.reply_id].sender
        assert sender is not None
        found[sender.subject_id][1].append(Line(row.values, row.reply_id, row.at))
    return found
