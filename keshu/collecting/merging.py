"""The merged table: every sender with where it stands, the rows that count, and sums that name whom they leave out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, QuerySet

from keshu.collecting.columns import Col
from keshu.collecting.models import Collection, Reply, ReplyRow, Sender

S = Reply.State


@dataclass
class Standing:
    """One sender: the reply that counts, others that wait for a decision, what was sent back or not taken."""

    sender: Sender
    counted: Reply | None = None
    rivals: list[Reply] = field(default_factory=list)
    returned: list[Reply] = field(default_factory=list)
    refused: list[Reply] = field(default_factory=list)
    aside: list[Reply] = field(default_factory=list)

    @property
    def is_missing(self) -> bool:
        """Whether nothing of this sender is in the table."""
        return self.counted is None

    @property
    def word(self) -> str:
        """Where it stands, in a word: what is missing carries its reason."""
        if self.counted is None:
            if self.rivals:
                return "没有定算哪份"
            if self.returned:
                return "已退回，没有再报"
            return "报来的没有收下" if self.refused else "未报"
        words = ["零报告" if not self.counted.rows_taken and not self.counted.rows_wrong else "已报"]
        if self.counted.is_late:
            words.append("迟报")
        if self.counted.is_unconfirmed:
            words.append("代录待确认")
        if self.counted.rows_wrong:
            words.append(f"{self.counted.rows_wrong} 行有错")
        if self.rivals:
            words.append("另有一份不同")
        return "，".join(words)

    @property
    def is_sound(self) -> bool:
        """Whether nothing of it waits for anybody."""
        counted = self.counted
        return (
            counted is not None and not counted.rows_wrong and not self.rivals and not counted.is_unconfirmed
        )


@dataclass(frozen=True)
class Total:
    """The sum of one column over what counts, and whom it leaves out, by name. ``value`` is None where nothing is held."""

    col: Col
    value: Decimal | None
    held: int
    left_out: tuple[str, ...]

    @property
    def said(self) -> str:
        """未含…, or empty when it is whole."""
        return f"未含{'、'.join(self.left_out)}" if self.left_out else ""


def standings(collection: Collection) -> list[Standing]:
    """Every sender in order, with its replies. Two queries."""
    senders = Sender.objects.for_system("收表的填报单位").filter(collection=collection)
    rows = senders.select_related("subject", "region", "unit", "reminder").order_by("order", "pk")
    found = {sender.pk: Standing(sender) for sender in rows}
    replies = Reply.objects.for_system("收表的报来的表").filter(collection=collection, sender__isnull=False)
    for reply in replies.order_by("received_at", "pk"):
        reply.collection, reply.sender = collection, found[reply.sender_id].sender
        place = found[reply.sender_id]
        if reply.state == S.COUNTED:
            place.counted = reply
        else:
            kept = {S.RIVAL: place.rivals, S.RETURNED: place.returned, S.REFUSED: place.refused}
            kept.get(reply.state, place.aside).append(reply)
    return list(found.values())


def unclaimed(collection: Collection) -> list[Reply]:
    """Files of which nobody knows yet whose they are, and those not taken that name nobody."""
    rows = Reply.objects.for_system("收表待认领").filter(collection=collection)
    found = rows.filter(state=S.UNCLAIMED) | rows.filter(state=S.REFUSED, sender__isnull=True)
    return list(found.order_by("received_at", "pk"))


def totals(cols: Sequence[Col], found: Sequence[Standing]) -> list[Total]:
    """The sums of the number columns; each names every sender it is not whole for."""
    result = []
    for col in cols:
        if not col.is_number:
            continue
        value, held, left_out = Decimal(0), 0, []
        for one in found:
            name = one.sender.name
            if one.counted is None:
                left_out.append(f"{name}（{one.word}）")
                continue
            amount, cells, blank = one.counted.sums.get(col.key, ["0", 0, 0])
            value += Decimal(amount)
            held += cells
            parts = [f"{one.counted.rows_wrong} 行有错"] if one.counted.rows_wrong else []
            parts += [f"{blank} 格空着"] if blank else []
            if parts:
                left_out.append(f"{name}（{'、'.join(parts)}）")
        result.append(Total(col, value if held else None, held, tuple(left_out)))
    return result


def merged(collection: Collection, *, wrong: bool = False) -> QuerySet[ReplyRow]:
    """The rows of the merged table, by sender and row; with ``wrong`` those that are not taken."""
    rows = ReplyRow.objects.for_system("合表").filter(
        reply__collection=collection, reply__state=S.COUNTED, wrong=wrong
    )
    order = rows.annotate(place=F("reply__sender__order")).order_by("place", "reply_id", "at")
    return order.select_related("reply__sender")


def amount_of(reply: Reply, key: str) -> Decimal | None:
    """The sum of one reply in one column; None where every cell is blank."""
    amount, held, _ = reply.sums.get(key, ["0", 0, 0])
    return Decimal(amount) if held else None
