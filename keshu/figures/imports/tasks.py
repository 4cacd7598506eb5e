"""Reading large files in the background."""

import contextlib
from pathlib import Path

from django.conf import settings
from django_tasks import task

from keshu.directory.accounts import actor_of
from keshu.directory.models import Account
from keshu.figures.imports.models import ImportBatch
from keshu.figures.imports.staging import stage
from keshu.ledger.intake.hazards import IntakeError


@task()
def read_file(batch_pk: int, account_pk: int, employment_pk: int | None) -> str:
    """Stage a stored file for the account in its post; what went wrong stands in the batch."""
    batch = ImportBatch._base_manager.get(pk=batch_pk)
    if batch.state != ImportBatch.State.READING:
        return batch.state
    actor = actor_of(Account.objects.get(pk=account_pk), employment_pk)
    path = Path(settings.MEDIA_ROOT) / batch.sha256[:2] / batch.sha256
    with contextlib.suppress(IntakeError, OSError):
        stage(batch, path, actor)
    return batch.state


def stage_later(batch: ImportBatch, account_pk: int, employment_pk: int | None) -> None:
    """Hand the batch to the worker."""
    read_file.enqueue(batch.pk, account_pk, employment_pk)
