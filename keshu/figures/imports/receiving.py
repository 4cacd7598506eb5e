"""Taking a file in: kept by its content, opened as a batch, read at once when it is small and by the worker when it is not."""

from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from keshu.directory.actors import Actor
from keshu.figures.imports.models import ImportBatch
from keshu.figures.imports.staging import LIMITS, stage
from keshu.figures.imports.tasks import stage_later
from keshu.ledger.intake.batches import BatchState, open_batch, path_of
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_space, check_upload, safe_name, store

ACCEPTED = (Found.XLSX, Found.TEXT)
# Above this a file is read by the worker, and the page shows how far it is. In bytes.
AT_ONCE = 1024 * 1024


def receive(stream: BinaryIO, filename: str, actor: Actor) -> ImportBatch:
    """Keep an uploaded file and open a batch for it; nothing is read yet.

    Errors: IntakeError — empty, too large, no table, a name that pretends, a zip bomb, no room on the disk.
    """
    name = safe_name(filename)
    check_upload(stream, name, accept=ACCEPTED, limits=LIMITS)
    size = stream.seek(0, 2)
    stream.seek(0)
    folder = Path(settings.MEDIA_ROOT)
    check_space(folder, size)
    kept = store(stream, folder, name=name, limits=LIMITS)
    return open_batch(ImportBatch, name, actor, size=kept.size, sha256=kept.sha256)


def read(batch: ImportBatch, actor: Actor) -> ImportBatch:
    """Read the batch's kept file: now when it is small, else by the worker. Errors as ``stage``."""
    if batch.size <= AT_ONCE:
        return stage(batch, path_of(batch), actor)
    stage_later(batch)
    return batch


def read_again(batch: ImportBatch, actor: Actor) -> ImportBatch:
    """Read a batch from the beginning: after a reading that broke off or failed, or to compare with what stands now.

    BatchState when it is applied or given up, when it is just being read, or when its file was not kept.
    """
    if not batch.is_open or (batch.is_underway and not batch.is_stalled):
        raise BatchState(f"{batch}现在是“{batch.standing}”，不能重读。")
    if not path_of(batch).is_file():
        raise BatchState(f"{batch}的文件没有留在服务器上，不能重读。请重新上传。")
    return read(batch, actor)
