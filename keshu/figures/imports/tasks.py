"""Reading large files in the background."""

import contextlib

from django_tasks import task

from keshu.directory.accounts import actor_of
from keshu.directory.models import Account
from keshu.figures.imports.models import ImportBatch
from keshu.figures.imports.staging import stage
from keshu.ledger.intake.batches import BatchState, path_of, wait
from keshu.ledger.intake.hazards import IntakeError


@task()
def read_file(batch_pk: int) -> str:
    """Stage a kept file for the account in the post that uploaded it; what went wrong stands in the batch."""
    batch = ImportBatch._base_manager.get(pk=batch_pk)
    if batch.state != ImportBatch.State.WAITING:
        return batch.state
    actor = actor_of(Account.objects.get(pk=batch.account), batch.employment)
    with contextlib.suppress(IntakeError, OSError, BatchState):
        stage(batch, path_of(batch), actor)
    return batch.state


def stage_later(batch: ImportBatch) -> None:
    """Hand the batch to the worker."""
    wait(batch)
    read_file.enqueue(batch.pk)
