"""One step for many records, while others do the same."""

import threading

import pytest
from django.db import close_old_connections, connection

from keshu.directory.models import GrantRequest
from keshu.journal import moments
from keshu.ledger.bulk import BulkRefused, move_all, take
from keshu.procedure.models import Move
from keshu.procedure.moving import StaleState
from tests.desk.staff import Staff
from tests.procedure.test_moving import ASK, CHIEF, paper


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(2))
def test_two_bulk_steps_over_the_same_rows_neither_lock_each_other_out_nor_mix(
    base, actor, quick_passwords, round_
):
    """One asks for the rows forwards, the other backwards: one moves all three, the other none."""
    staff = Staff(actor)
    rows = [paper(staff, f"青科〔2026〕{n}号") for n in range(3)]
    ready = threading.Barrier(2)
    won, lost, wrong = [], [], []

    def decide(action, order):
        close_old_connections()
        try:
            ready.wait(timeout=20)
            expected = {row.pk: "asked" for row in rows}
            won.append(move_all(rows[::order], action, CHIEF, procedure=ASK, note="同意", expected=expected))
        except BulkRefused as refusal:
            lost.append(refusal)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=pair) for pair in (("approve", 1), ("refuse", -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (len(won), len(lost)) == (1, 1)
    assert lost[0].stale and len(lost[0].problems) == 3
    assert len({row.state for row in GrantRequest.objects.all()}) == 1
    assert Move.objects.count() == 3
    assert list(moments.broken_links()) == []


@pytest.mark.django_db
def test_a_step_that_leaves_the_state_as_it_was_is_taken_once_per_look_at_the_history(staff):
    from dataclasses import replace

    chase = replace(
        ASK,
        transitions=(
            *ASK.transitions,
            replace(
                ASK.transition("approve"), action="chase", label="催办", after="asked", needs=(), effect=None
            ),
        ),
    )
    row = paper(staff)
    take(row, "chase", CHIEF, procedure=chase, expected="asked", seen=0)
    with pytest.raises(StaleState, match="同一步点了两次"):
        take(row, "chase", CHIEF, procedure=chase, expected="asked", seen=0)
    take(row, "chase", CHIEF, procedure=chase, expected="asked", seen=1)
    assert Move.objects.count() == 2
