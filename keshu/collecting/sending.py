"""One workbook per sender: the blank that was uploaded, or one made from the columns, with whose it is on a hidden sheet."""

import io
import zipfile
from typing import BinaryIO

from keshu.collecting.blanks import blank_of
from keshu.collecting.columns import sending_columns
from keshu.collecting.models import Collection, Sender
from keshu.collecting.reading import CODE, COLLECTION, NAME
from keshu.ledger.intake.marking import with_mark
from keshu.ledger.intake.templates import write_template
from keshu.ledger.intake.uploads import safe_name
from keshu.terms import clock


def write_workbook(collection: Collection, sender: Sender, out: BinaryIO) -> None:
    """The workbook of one sender. Errors: DiskFull."""
    _write(collection, sender, out, blank_of(collection))


def _write(collection: Collection, sender: Sender, out: BinaryIO, blank: bytes | None) -> None:
    mark = {COLLECTION: collection.number, CODE: sender.code, NAME: sender.name}
    if blank is not None:
        out.write(with_mark(blank, mark, collection.title))
        return
    cols = collection.cols
    due = collection.due_at.astimezone(clock.TZ)
    notes = [collection.note] if collection.note else []
    notes += [
        "第二行写着填报单位和代码，请留着；改文件名、挪动列不要紧。",
        "一行一条；合计不用写，系统自己加；没有数据的格留空，不要填 0。",
    ]
    write_template(
        sending_columns(cols),
        out,
        title=collection.title,
        notes=notes,
        dropdowns={col.key: col.choices for col in cols if col.kind == "choice"},
        above=(
            collection.title,
            f"填报单位：{sender.name}　代码：{sender.code}　截止：{due:%Y-%m-%d %H:%M}",
        ),
        mark=mark,
    )


def file_name(collection: Collection, sender: Sender) -> str:
    """What a sender's workbook is called."""
    return safe_name(f"{collection.title}-{sender.name}.xlsx")


def write_all(collection: Collection, out: BinaryIO) -> int:
    """All workbooks as a zip, in the order of the senders; the number of them."""
    senders = Sender.objects.for_system("发表").filter(collection=collection).order_by("order", "pk")
    count, blank = 0, blank_of(collection)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for count, sender in enumerate(senders, 1):
            book = io.BytesIO()
            _write(collection, sender, book, blank)
            package.writestr(f"{count:02d} {file_name(collection, sender)}", book.getvalue())
    return count
