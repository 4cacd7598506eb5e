"""What is told outside: words for a chat group, reminders in the outbox, the merged workbook."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from keshu.collecting.merging import Standing, Total, merged, standings, totals
from keshu.collecting.models import Collection, ReplyRow, Sender
from keshu.collecting.who import require_collect
from keshu.diary import outbox
from keshu.diary.models import Reminder
from keshu.directory.actors import Actor
from keshu.directory.models import Employment
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.intake.writing import Kind, Value, write_table
from keshu.procedure.moving import MoveRefused
from keshu.terms import clock
from keshu.terms.quantity import plain

#: Cells that are named one by one in a chat; more are counted.
NAMED = 12
SENDER, FILE, AT, REASON = "填报单位", "来自", "行号", "原因"
WAITING = (Reminder.State.PREPARED, Reminder.State.EDITED)


# ---- words for a chat group


def group_text(collection: Collection, found: Sequence[Standing], where: str = "") -> str:
    """Plain text to paste into a chat: due time, who is missing, whose cell is wrong, where to send."""
    due = collection.due_at.astimezone(clock.TZ)
    late = "（已过）" if collection.is_overdue else ""
    lines = [f"【{collection.title}】{due.month} 月 {due.day} 日 {due:%H:%M} 截止{late}"]
    missing = [one for one in found if one.is_missing]
    lines.append(f"已报 {len(found) - len(missing)} / {len(found)}。")
    plainly = [one.sender.name for one in missing if one.word == "未报"]
    if plainly:
        lines.append(f"还没有报：{'、'.join(plainly)}。")
    for one in missing:
        if one.word != "未报":
            why = one.refused[-1].refusal.rstrip("。") if one.refused and not one.returned else ""
            lines.append(f"{one.sender.name}：{one.word}{f'（{why}）' if why else ''}。")
    lines += wrong_cells(collection, found)
    for one in found:
        if one.counted is not None and one.rivals:
            lines.append(f"{one.sender.name}：报来两份不一样，请说清以哪份为准。")
    if missing or len(lines) > 2:
        lines.append(f"请在系统“交表”里上传或填报{f'：{where}' if where else ''}，也可以把表发给我。")
    else:
        lines.append("都报齐了，谢谢各位。")
    return "\n".join(lines)


def wrong_cells(collection: Collection, found: Sequence[Standing]) -> list[str]:
    """One sentence per sender with rows that are not taken: row, column, what is wrong. One query."""
    if not any(one.counted is not None and one.counted.rows_wrong for one in found):
        return []
    by_reply: dict[int, list[ReplyRow]] = {}
    for row in merged(collection, wrong=True):
        by_reply.setdefault(row.reply_id, []).append(row)
    lines = []
    for one in found:
        rows = by_reply.get(one.counted.pk, []) if one.counted is not None else []
        cells = [f"第 {row.at} 行{said}" for row in rows for _, said in row.problems]
        if cells:
            more = f"；还有 {len(cells) - NAMED} 处" if len(cells) > NAMED else ""
            lines.append(f"{one.sender.name}：{'；'.join(cells[:NAMED])}{more}。")
    return lines


# ---- contacts and reminders


def contacts(senders: Iterable[Sender]) -> dict[int, tuple[str, str]]:
    """Sender → (name, telephone): what was written for this collection, else somebody in a post there today. One query."""
    rows = list(senders)
    units = {one.unit_id for one in rows if one.unit_id is not None and not one.contact}
    posts = Employment.objects.filter(unit__in=units).select_related("person").order_by("pk")
    held: dict[int, tuple[str, str]] = {}
    for post in posts:
        if post.in_force():
            held.setdefault(post.unit_id, (post.person.name, post.person.phone))
    return {
        one.pk: (one.contact, one.phone) if one.contact else held.get(one.unit_id or 0, ("", ""))
        for one in rows
    }


def set_contact(sender: Sender, actor: Actor, *, name: str, phone: str) -> Sender:
    """Write down whom to telephone. No name takes both away. Raises NotYourTurn, MoveRefused, Classified."""
    require_collect(actor)
    name, phone = " ".join(name.split()), "".join(phone.split())
    if len(name) > 40 or not re.fullmatch(r"[0-9+()（）转-]{0,20}", phone):
        raise MoveRefused("联系人最多 40 字，电话只写数字和横线，最多 20 位。改好再存。")
    refuse_classified(name)
    with writing(actor, f"联系人 {sender.collection.title} {sender}"[:200]):
        locked = Sender._base_manager.select_for_update().get(pk=sender.pk)
        locked.contact, locked.phone = name, (phone or locked.phone) if name else ""
        locked.save()
    return locked


def remind(collection: Collection, actor: Actor, *, where: str = "") -> tuple[list[Reminder], list[str]]:
    """A reminder in the outbox for every sender that has not replied; (the new ones, names of those without an organisation).

    Who is reminded already and has not been sent it yet gets no second one. Raises NotYourTurn.
    """
    require_collect(actor)
    due = collection.due_at.astimezone(clock.TZ)
    made: list[Reminder] = []
    nowhere: list[str] = []
    with writing(actor, f"催未报 {collection.title}"[:200]):
        for one in standings(collection):
            if not one.is_missing:
                continue
            sender = one.sender
            if sender.unit is None:
                nowhere.append(sender.name)
                continue
            if sender.reminder is not None and sender.reminder.state in WAITING:
                continue
            text = (
                f"{sender.name}：“{collection.title}”{due.month} 月 {due.day} 日 {due:%H:%M} 截止，现在{one.word}。"
                f"请在系统“交表”里上传或填报{f'（{where}）' if where else ''}，标记 {sender.code}。"
            )
            sender.reminder = outbox.write(
                actor, sender.unit, subject=f"催报 {collection.title}"[:200], text=text, due_on=due.date()
            )
            sender.save()
            made.append(sender.reminder)
    return made, nowhere


def reminded(sender: Sender) -> str:
    """When the sender was reminded last, in words; empty when never."""
    reminder = sender.reminder
    if reminder is None or reminder.state == Reminder.State.DROPPED:
        return ""
    if reminder.sent_at is None:
        return "催办待发"
    return f"{reminder.sent_at.astimezone(clock.TZ):%m-%d %H:%M} 催过"


# ---- the merged workbook


def export(collection: Collection, out: Path | BinaryIO, *, kind: Kind | None = None) -> int:
    """The merged table as a workbook: the rows that count, then those that do not with their reason, then the sums and whom they
    leave out. The number of rows."""
    cols = collection.cols
    found = standings(collection)
    names = {
        one.counted.pk: one.counted.filename or one.counted.get_way_display() for one in found if one.counted
    }
    return write_table(
        [SENDER, *(col.label for col in cols), FILE, AT, REASON],
        _lines(collection, names),
        out,
        title=collection.title,
        notes=_notes(collection, found, totals(cols, found)),
        kind=kind,
        sheet="合表",
        tinted=[REASON],
    )


def _lines(collection: Collection, names: dict[int, str]) -> Iterator[list[Value]]:
    cols = collection.cols
    for wrong in (False, True):
        for row in merged(collection, wrong=wrong).iterator(chunk_size=2000):
            cells: list[Value] = []
            for col in cols:
                held = row.values.get(col.key)
                if held is not None and col.is_number:
                    cells.append(Decimal(held))
                else:
                    cells.append(held if held is not None else (row.text(col.key) or None))
            reason = "；".join(said for _, said in row.problems)
            assert row.reply.sender is not None
            yield [row.reply.sender.name, *cells, names.get(row.reply_id), row.at, reason or None]


def _notes(collection: Collection, found: Sequence[Standing], sums: Sequence[Total]) -> list[str]:
    now = clock.now().astimezone(clock.TZ)
    due = collection.due_at.astimezone(clock.TZ)
    notes = [f"{collection.number}　截止 {due:%Y-%m-%d %H:%M}　导出 {now:%Y-%m-%d %H:%M}"]
    for total in sums:
        value = "没有数" if total.value is None else f"{plain(total.value)}{total.col.unit}"
        notes.append(f"合计 {total.col.name} {value}{f'（{total.said}）' if total.said else ''}")
    missing = [f"{one.sender.name}（{one.word}）" for one in found if one.is_missing]
    notes.append(f"未报：{'、'.join(missing)}" if missing else "都报了")
    notes += [f"代录待确认：{one.sender.name}" for one in found if one.counted and one.counted.is_unconfirmed]
    return notes
