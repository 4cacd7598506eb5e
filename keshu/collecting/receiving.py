"""A file comes in: checked, read, matched to its sender, merged as a whole or not at all; the same file again changes nothing."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError

from keshu.collecting.columns import Col
from keshu.collecting.matching import Match, Matcher, WrongSender, refuse_other
from keshu.collecting.models import Collection, Reply, ReplyRow, Sender
from keshu.collecting.reading import ReadRow, read_reply, read_typed
from keshu.collecting.who import may_answer, require_collect
from keshu.directory.actors import Actor
from keshu.journal.rows import Plain, Shape, canonical
from keshu.journal.writing import Writing, writing
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import attach, check_received
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.limits import MEGABYTE, Limits
from keshu.ledger.intake.sniffing import CHUNK, Found
from keshu.ledger.intake.uploads import safe_name, store
from keshu.procedure.moving import NotYourTurn
from keshu.terms import clock
from keshu.terms.quantity import plain

S, W = Reply.State, Reply.Way
ACCEPTED = (Found.XLSX, Found.OLD_WORKBOOK, Found.TEXT)
#: Our own configuration: a county's form, not a register.
LIMITS = replace(Limits(), upload_bytes=20 * MEGABYTE)
#: Files of one dropping: what a city's counties and departments are, several times over.
MOST_FILES = 300
SAME, DUPLICATE, TURNED_AWAY = "same", "duplicate", "away"
_ROW = Shape(ReplyRow, "reply_id", "at", "values", "texts", "problems", "wrong", "revision")


class NotOpen(ValueError):
    """The collection takes no replies now."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(
            f"“{collection.title}”现在是“{collection.get_state_display()}”，不收表。要收请先{'发出' if collection.state == 'draft' else '再开'}。"
        )


class EntryWrong(ValueError):
    """Something typed that cannot be taken; ``problems``: (line, column key) → sentence."""

    def __init__(self, problems: dict[tuple[int, str], str]) -> None:
        self.problems = problems
        super().__init__(f"有 {len(problems)} 处要改，没有存。改好再交。")


class NothingSaid(ValueError):
    """Typed for another without a file and without who said it."""


@dataclass(frozen=True)
class Arrival:
    """What became of one file. ``outcome``: a state of the reply, or same, duplicate, away (nothing was kept)."""

    filename: str
    outcome: str
    said: str
    reply: Reply | None = None

    @property
    def is_new(self) -> bool:
        """Whether something was written."""
        return self.outcome not in (SAME, DUPLICATE, TURNED_AWAY)


class Receiving:
    """One collection that takes replies in; what every file needs is read once."""

    def __init__(self, collection: Collection, actor: Actor) -> None:
        self.collection, self.actor, self.cols = collection, actor, collection.cols
        rows = Sender.objects.for_system("收表认单位").filter(collection=collection)
        self.senders = list(rows.select_related("subject", "region", "unit"))
        self._matcher = Matcher(collection, self.senders, self.cols)
        self._folder = Path(settings.MEDIA_ROOT)

    def drop(self, stream: BinaryIO, filename: str) -> Arrival:
        """One of many files that the clerk drops in. Never raises for what is wrong with the file."""
        require_collect(self.actor)
        filename = safe_name(filename)
        try:
            return self._file(stream, filename, None, W.DROPPED)
        except (IntakeError, Classified, WrongSender) as refusal:
            return Arrival(filename, TURNED_AWAY, str(refusal))

    def hand_in(self, stream: BinaryIO, filename: str, sender: Sender) -> Arrival:
        """A file that the sender itself hands in. Raises NotYourTurn, WrongSender, IntakeError, Classified, NotOpen."""
        if not may_answer(self.actor, sender):
            raise NotYourTurn(f"{self.actor.name} 不能替{sender.name}交表。请由{sender.name}的人来交。")
        return self._file(stream, safe_name(filename), sender, W.UPLOADED)

    def _file(self, stream: BinaryIO, filename: str, sender: Sender | None, way: str) -> Arrival:
        if not self.collection.is_open:
            raise NotOpen(self.collection)
        digest = _digest(stream)
        held = self._held(digest)
        if held is not None:
            return _same(held, filename)
        check_received(stream, filename, accept=ACCEPTED, limits=LIMITS)
        try:
            read = read_reply(stream, filename, self.cols, limits=LIMITS)
            match = self._matcher.match(read, filename)
            if sender is not None:
                refuse_other(match, sender, filename)
                match = Match(sender, Reply.Matched.OWN, match.signs)
        except (IntakeError, WrongSender) as refusal:
            if sender is not None:
                raise
            return self._refused(stream, filename, digest, str(refusal))
        stored = store(stream_at_start(stream), self._folder, name=filename, limits=LIMITS)
        reply = Reply(
            way=way,
            filename=filename,
            sha256=digest,
            size=stored.size,
            letters=read.letters,
            notes=read.notes,
        )
        return self._keep(reply, read.rows, match)

    def _held(self, digest: str) -> Reply | None:
        rows = Reply.objects.for_system("同一个文件只收一次").filter(
            collection=self.collection, sha256=digest
        )
        return rows.select_related("sender", "collection").first()

    def _refused(self, stream: BinaryIO, filename: str, digest: str, why: str) -> Arrival:
        """A file that cannot be read is kept with the reason, so that its sender can be told."""
        stored = store(stream_at_start(stream), self._folder, name=filename, limits=LIMITS)
        named = self._matcher.named(Path(filename).stem)
        reply = Reply(
            way=W.DROPPED,
            filename=filename,
            sha256=digest,
            size=stored.size,
            refusal=why[:1000],
            sender=named[0] if len(named) == 1 else None,
            matched=Reply.Matched.FILENAME if len(named) == 1 else "",
            state=S.REFUSED,
        )
        with writing(self.actor, f"没有收下 {self.collection.title} {filename}"[:200]) as block:
            self._save(block, reply, [])
        return Arrival(filename, S.REFUSED, why, reply)

    def _keep(self, reply: Reply, rows: Sequence[ReadRow], match: Match) -> Arrival:
        """Write the reply with its rows in one revision, after a look at what counts for its sender, under its lock."""
        reply.content = digest_of(rows, self.cols)
        try:
            with writing(
                self.actor, f"收表 {self.collection.title} {reply.filename or match.sender}"[:200]
            ) as block:
                if match.sender is None:
                    reply.state, reply.candidates = S.UNCLAIMED, [sign.kept() for sign in match.signs]
                    self._save(block, reply, rows)
                    return Arrival(reply.filename, S.UNCLAIMED, match.said, reply)
                sender = Sender._base_manager.select_for_update().get(pk=match.sender.pk)
                mine = Reply.objects.for_system("一家只计一份").filter(sender=sender)
                twin = mine.filter(content=reply.content, state__in=[S.COUNTED, S.RIVAL]).first()
                if twin is not None:
                    return Arrival(reply.filename, DUPLICATE, _twin(twin, sender), twin)
                counted = mine.filter(state=S.COUNTED).first()
                reply.state = S.COUNTED if counted is None else S.RIVAL
                reply.sender, reply.matched = match.sender, match.by
                self._save(block, reply, rows)
        except IntegrityError:  # the same file came in twice at the same moment
            held = self._held(reply.sha256)
            if held is None:
                raise
            return _same(held, reply.filename)
        return Arrival(reply.filename, reply.state, _told(reply, counted), reply)

    def _save(self, block: Writing, reply: Reply, rows: Sequence[ReadRow]) -> None:
        reply.collection = self.collection
        reply.received_at, reply.received_by = clock.now(), self.actor.name
        taken = [row for row in rows if not row.wrong]
        reply.rows_taken, reply.rows_wrong = len(taken), len(rows) - len(taken)
        reply.sums = sums_of(taken, self.cols)
        reply.save()
        if rows:
            block.stamp(lambda number: _plain(reply.pk, rows, number))

    def enter(
        self,
        sender: Sender,
        lines: Sequence[Mapping[str, str]],
        *,
        nil: bool = False,
        said_by: str = "",
        file: tuple[BinaryIO, str] | None = None,
    ) -> Arrival:
        """What is typed on a page: by the sender itself (网上填), or by the clerk for it (代录) with the received file or who said it.

        ``lines``: texts by column key. ``nil``: 零报告, a deliberate "nothing to report". Raises EntryWrong, NothingSaid,
        NotYourTurn, NotOpen, IntakeError, Classified.
        """
        own = may_answer(self.actor, sender)
        if not own:
            require_collect(self.actor)
        if not self.collection.is_open:
            raise NotOpen(self.collection)
        if not own and file is None and not said_by.strip():
            raise NothingSaid("代录要附上收到的文件，或写明谁在电话里报的。补上一样再存。")
        rows = [] if nil else read_typed(lines, self.cols)
        problems = {(row.at, key): said for row in rows for key, said in row.problems}
        if problems:
            raise EntryWrong(problems)
        if not rows and not nil:
            raise EntryWrong({(1, self.cols[0].key): "一行都没有填。没有可报的请勾“零报告”"})
        reply = Reply(
            way=W.FILLED if own else W.TYPED,
            said_by=said_by.strip()[:100],
            notes=["零报告：没有可报的"] if nil else [],
        )
        by = Reply.Matched.OWN if own else Reply.Matched.HAND
        with writing(self.actor, f"{'网上填' if own else '代录'} {self.collection.title} {sender}"[:200]):
            arrival = self._keep(reply, rows, Match(sender, by, ()))
            if file is not None and arrival.reply is not None and arrival.is_new:
                attach(arrival.reply, self.actor, file[0], file[1], caption="收到的文件")
        return arrival


def stream_at_start(stream: BinaryIO) -> BinaryIO:
    """The stream, standing at 0."""
    stream.seek(0)
    return stream


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def digest_of(rows: Iterable[ReadRow], cols: Sequence[Col]) -> str:
    """By which two replies are equal: the values of all rows, whatever their order, and what stood in those that are not taken."""
    lines = [
        [[row.values.get(col.key) for col in cols], sorted(row.texts.items()) if row.wrong else []]
        for row in rows
    ]
    return hashlib.sha256(canonical(sorted(lines, key=canonical)).encode()).hexdigest()


def sums_of(rows: Iterable[ReadRow], cols: Sequence[Col]) -> dict[str, Any]:
    """Key of a number column → [sum, cells held, cells blank], exact, as texts."""
    taken = list(rows)
    found: dict[str, Any] = {}
    for col in cols:
        if col.is_number:
            held = [Decimal(row.values[col.key]) for row in taken if col.key in row.values]
            found[col.key] = [plain(sum(held, Decimal(0))), len(held), len(taken) - len(held)]
    return found


def _plain(reply: int, rows: Sequence[ReadRow], number: int) -> Iterator[Plain]:
    for row in rows:
        problems = [list(one) for one in row.problems]
        yield Plain(_ROW, (reply, row.at, row.values, row.texts, problems, row.wrong, number))


def _same(reply: Reply, filename: str) -> Arrival:
    when = reply.received_at.astimezone(clock.TZ)
    who = f"{reply.sender.name}的，" if reply.sender is not None else ""
    said = f"这个文件 {when:%m-%d %H:%M} 已经收过（{who}{reply.get_state_display()}），没有再收"
    return Arrival(filename, SAME, said, reply)


def _twin(twin: Reply, sender: Sender) -> str:
    when = twin.received_at.astimezone(clock.TZ)
    return f"和{sender.name} {when:%m-%d %H:%M} 的一份逐格相同，是重份，没有再收"


def _told(reply: Reply, counted: Reply | None) -> str:
    assert reply.sender is not None
    how = f"凭{reply.get_matched_display()}认作{reply.sender.name}" if reply.matched else reply.sender.name
    rows = f"{reply.rows_taken} 行" if reply.rows_taken or reply.rows_wrong else "零报告"
    if reply.rows_wrong:
        rows += f"，另有 {reply.rows_wrong} 行有错没有计入"
    if counted is not None:
        when = counted.received_at.astimezone(clock.TZ)
        return f"{how}，{rows}；和 {when:%m-%d %H:%M} 收到的不同，两份都留着，请定算哪份"
    return f"{how}，{rows}"
