"""``make replay``: build each document's data set in an empty database, recompute its figures, print the table. Exit 1 on a difference."""

import os
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Print every figure, the coverage by row and the mutation run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshu.settings")
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(KESHU_HOME=home, KESHU_DATABASE="")  # never a house in use
        return replay()


def replay() -> int:
    """The same in the data folder that is set."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from keshu.directory.actors import system
    from keshu.figures import book
    from keshu.figures.packages import load_definitions
    from tests.replay import printing
    from tests.replay.building import build
    from tests.replay.proving import prove, undone
    from tests.replay.stated import documents

    call_command("migrate", verbosity=0)
    load_definitions(system("复算"))
    began = time.monotonic()
    proofs = []
    for document in documents():
        with transaction.atomic(), undone():
            book.forget()
            proofs.append(prove(document, build(document), every=True))
            print(printing.figures(proofs[-1]), flush=True)
        book.forget()
    print(printing.summary(proofs, time.monotonic() - began))
    return 1 if any(proof.wrong for proof in proofs) else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main())
