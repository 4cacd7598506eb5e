"""Taking a file of records in: kept by its content, opened as a batch, read at once when small and by the worker when not."""

import contextlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django_tasks import task

from keshu.bringing.columns import bringing_of
from keshu.bringing.models import Batch
from keshu.bringing.staging import LIMITS, stage
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Account
from keshu.ledger.intake.batches import BatchState, open_batch, path_of, wait
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_space, check_upload, safe_name, store
from keshu.ledger.registers import Register, by_code

ACCEPTED = (Found.XLSX, Found.TEXT)
# Above this a file is read by the worker, and the page shows how far it is. In bytes.
AT_ONCE = 1024 * 1024


def receive(stream: BinaryIO, filename: str, actor: Actor, register: Register) -> Batch:
    """Keep an uploaded file and open a batch for it; nothing is read yet.

    Errors: IntakeError — empty, too large, no table, a name that pretends, a zip bomb, no room on the disk; LookupError where the
    register takes no files.
    """
    bringing_of(register)
    name = safe_name(filename)
    check_upload(stream, name, accept=ACCEPTED, limits=LIMITS)
    size = stream.seek(0, 2)
    stream.seek(0)
    folder = Path(settings.MEDIA_ROOT)
    check_space(folder, size)
    kept = store(stream, folder, name=name, limits=LIMITS)
    return open_batch(Batch, name, actor, size=kept.size, sha256=kept.sha256, register=register.code)


def read(batch: Batch, actor: Actor, register: Register) -> Batch:
    """Read the batch's kept file: now when it is small, else by the worker. Errors as ``stage``."""
    if batch.size <= AT_ONCE:
        return stage(batch, path_of(batch), actor, register)
    wait(batch)
    read_file.enqueue(batch.pk)
    return batch


def read_again(batch: Batch, actor: Actor, register: Register) -> Batch:
    """Read a batch from the beginning, after a reading that broke off or to compare with what stands now. BatchState otherwise."""
    if not batch.is_open or (batch.is_underway and not batch.is_stalled):
        raise BatchState(f"{batch}现在是“{batch.standing}”，不能重读。")
    if not path_of(batch).is_file():
        raise BatchState(f"{batch}的文件没有留在服务器上，不能重读。请重新上传。")
    return read(batch, actor, register)


@task()
def read_file(batch_pk: int) -> str:
    """Stage a kept file for the account in the post that uploaded it; what went wrong stands in the batch."""
    batch = Batch._base_manager.get(pk=batch_pk)
    register = by_code(batch.register)
    if batch.state != Batch.State.WAITING or register is None:
        return batch.state
    actor = actor_of(Account.objects.get(pk=batch.account), batch.employment)
    with contextlib.suppress(IntakeError, OSError, BatchState):
        stage(batch, path_of(batch), actor, register)
    return batch.state
