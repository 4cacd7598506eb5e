"""Whose workbook is it: by the mark hidden in it, the sender written on it, its file name, or what its rows are about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from keshu.collecting.columns import Col
from keshu.collecting.models import Collection, Reply, Sender
from keshu.collecting.reading import CODE, COLLECTION, ReadReply
from keshu.terms.text import clean_name, region_key

M = Reply.Matched


class WrongSender(ValueError):
    """A workbook that was made for another sender, or for another collection."""


@dataclass(frozen=True)
class Sign:
    """One thing that points at a sender."""

    sender: Sender
    by: str
    said: str

    def kept(self) -> dict[str, object]:
        """As a reply keeps it."""
        return {"sender": self.sender.pk, "by": self.by, "said": self.said}


@dataclass(frozen=True)
class Match:
    """The sender where everything points at one, else None with all the signs."""

    sender: Sender | None
    by: str
    signs: tuple[Sign, ...]

    @property
    def said(self) -> str:
        """Why a hand has to decide."""
        if not self.signs:
            return "看不出是谁报的：表里没有标记，表上、文件名里也没有写单位"
        told = "；".join(dict.fromkeys(f"{sign.said}是{sign.sender.name}" for sign in self.signs))
        return f"说的不是一家：{told}"


class Matcher:
    """The senders of one collection by everything they are called."""

    def __init__(self, collection: Collection, senders: Sequence[Sender], cols: Sequence[Col]) -> None:
        self._collection, self._cols = collection, cols
        self._by_code = {sender.code: sender for sender in senders}
        names: dict[str, set[int]] = {}
        held = {sender.pk: sender for sender in senders}
        for sender in senders:
            for name in names_of(sender):
                names.setdefault(name, set()).add(sender.pk)
        # A name that two senders share tells neither from the other.
        self._names = {name: held[next(iter(pks))] for name, pks in names.items() if len(pks) == 1}

    def match(self, read: ReadReply, filename: str) -> Match:
        """The sender of a file. Raises WrongSender when it was made for another collection."""
        signs: list[Sign] = []
        number = read.mark.get(COLLECTION, "")
        code = read.mark.get(CODE, "") or read.said_code
        if number and number != self._collection.number:
            raise WrongSender(
                f"“{filename}”是收表 {number} 的表，不是这一次（{self._collection.number}）的。请核对后交到那一次里。"
            )
        if code in self._by_code:
            signs.append(Sign(self._by_code[code], M.MARK, "表里的标记"))
        signs += (Sign(one, M.INSIDE, f"表上写的“{read.said}”") for one in self.named(read.said))
        stem = PurePath(filename).stem
        signs += (Sign(one, M.FILENAME, "文件名") for one in self.named(stem))
        signs += self._content(read)
        found = {sign.sender.pk for sign in signs}
        if len(found) == 1:
            return Match(signs[0].sender, signs[0].by, tuple(signs))
        return Match(None, "", tuple(signs))

    def named(self, text: str) -> list[Sender]:
        """The senders whose names stand in a text; a name inside a longer one that stands there too does not count."""
        folded = clean_name(text)
        hits = [name for name in self._names if name in folded]
        hits = [name for name in hits if not any(name != other and name in other for other in hits)]
        return list({self._names[name].pk: self._names[name] for name in hits}.values())

    def _content(self, read: ReadReply) -> list[Sign]:
        """A column of texts that holds one sender's name in every row."""
        for col in self._cols:
            if col.is_number:
                continue
            texts = {row.values[col.key] for row in read.rows if col.key in row.values}
            senders = {one.pk: one for text in texts for one in self.named(text)} if len(texts) <= 50 else {}
            exact = [text for text in texts if clean_name(text) in self._names]
            if senders and len(exact) == len(texts):
                return [Sign(one, M.CONTENT, f"“{col.name}”一列写的") for one in senders.values()]
        return []


def names_of(sender: Sender) -> Iterable[str]:
    """Everything a sender is called that is long enough to mean it."""
    found = [sender.name, sender.code]
    if sender.subject.kind == "region":
        region = sender.region
        found += [region.short_name, region_key(region.name, county=True)]
        if sender.unit is not None:
            found.append(sender.unit.name)
    else:
        found.append(re.sub(r"^.{2,4}[市县区](?=.{2,}[局委办院所会社]$)", "", sender.name))
    return {name for one in found if len(name := clean_name(one)) >= 2}


def refuse_other(match: Match, sender: Sender, filename: str) -> None:
    """WrongSender when a file handed in by a sender says that it is another's."""
    others = [sign for sign in match.signs if sign.sender.pk != sender.pk and sign.by != M.FILENAME]
    if others:
        first = others[0]
        raise WrongSender(
            f"“{filename}”没有收：{first.said}是{first.sender.name}，这里交的是{sender.name}的。"
            f"请用发给{sender.name}的那一份填好再交。"
        )
