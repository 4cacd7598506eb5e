"""Files that prove a sheet: the sealed scan, the received file behind a 代录."""

from typing import BinaryIO

from keshu.directory.actors import Actor
from keshu.figures.entry.models import Sheet
from keshu.ledger import evidence
from keshu.ledger.models import Evidence

SEALED, SENT = "盖章扫描件", "收到的文件"


class NotYet(ValueError):
    """The paper cannot be attached now."""


def attach(sheet: Sheet, actor: Actor, stream: BinaryIO, filename: str, caption: str) -> Evidence:
    """Keep a file and tie it to the sheet. ``caption`` is SEALED or SENT.

    Every refusal is an IntakeError. A sealed scan is of a printed, finished sheet: NotYet while it is a draft.
    """
    if caption == SEALED and sheet.state == Sheet.State.DRAFT:
        raise NotYet("还是草稿，没有可盖章的表。先送审核，打印盖章后再传扫描件。")
    accept = evidence.SCANS if caption == SEALED else evidence.RECEIVED
    return evidence.attach(sheet, actor, stream, filename, caption=caption, accept=accept)
