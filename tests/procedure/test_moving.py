"""One function changes a state: who, from where, with what words, once."""

import threading

import pytest
from django.db import close_old_connections, connection

from keshu.directory.actors import Actor, Can
from keshu.directory.models import GrantRequest
from keshu.journal import moments
from keshu.journal.models import HistoryRow
from keshu.journal.writing import writing
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn, Procedure, StaleState, Transition, move, moves_of
from keshu.terms import clock
from tests.desk.staff import Staff

CLERK = Actor(account_id=1, name="苏知衡", capabilities=frozenset({Can.FILL_MONTH}))
CHIEF = Actor(account_id=2, name="林守一", capabilities=frozenset({Can.SIGN_MONTH}))


def short_reason(record, actor):
    return "事由太短，写明哪份文件。" if len(record.reason) < 4 else None


def stamp_it(record, step):
    record.decision = f"{step.actor.name}：{step.note}"


ASK = Procedure(
    code="请示",
    version="3",
    states={"asked": "待批", "approved": "已批准", "refused": "不批准", "taken_back": "已收回"},
    transitions=(
        Transition(
            "approve",
            "批准",
            frozenset({"asked"}),
            "approved",
            lambda actor, record: actor.can(Can.SIGN_MONTH),
            needs=(short_reason,),
            effect=stamp_it,
        ),
        Transition(
            "refuse",
            "退回",
            frozenset({"asked"}),
            "refused",
            lambda actor, record: actor.can(Can.SIGN_MONTH),
            note_required=True,
        ),
        Transition(
            "reopen", "重提", frozenset({"refused", "taken_back"}), "asked", lambda actor, record: True
        ),
    ),
)


def paper(staff, reason="青科〔2026〕1号"):
    with writing(staff.actor, "收件"):
        row = GrantRequest(
            employment=staff.accounts["office"].person.posts.get(),
            role="office",
            valid_from=clock.today(),
            reason=reason,
            asked_by="苏知衡",
            asked_at=clock.now(),
        )
        row.save()
    return row


@pytest.mark.django_db
def test_a_move_changes_the_state_leaves_an_entry_and_takes_one_revision(staff):
    row = paper(staff)
    before = moments.latest()
    moved = move(row, "approve", CHIEF, procedure=ASK, note="同意", evidence=["sha256:1"])
    assert (moved.state, moved.decision) == ("approved", "林守一：同意")
    assert moments.latest() == before + 1
    (entry,) = moves_of(row)
    assert (entry.before, entry.after, entry.action, entry.actor_name) == (
        "asked",
        "approved",
        "approve",
        "林守一",
    )
    assert (entry.procedure, entry.version, entry.note, entry.evidence) == ("请示", "3", "同意", ["sha256:1"])
    assert entry.revision == moments.latest()
    assert (
        HistoryRow.objects.get(model="directory.GrantRequest", revision=entry.revision).data["state"]
        == "approved"
    )
    assert list(moments.broken_links()) == []


@pytest.mark.django_db
def test_another_state_by_now_is_stale_and_says_what_happened(staff):
    row = paper(staff)
    move(row, "refuse", CHIEF, procedure=ASK, note="缺附件")
    with pytest.raises(StaleState, match="已经是“不批准”"):
        move(row, "approve", CHIEF, procedure=ASK, expected="asked")
    with pytest.raises(StaleState, match="现在是“不批准”，不能批准"):
        move(row, "approve", CHIEF, procedure=ASK)
    assert moves_of(row).count() == 1


@pytest.mark.django_db
def test_the_state_in_the_database_counts_not_the_one_in_hand(staff):
    row = paper(staff)
    old = GrantRequest.objects.get(pk=row.pk)
    move(row, "refuse", CHIEF, procedure=ASK, note="缺附件")
    assert old.state == "asked"
    with pytest.raises(StaleState):
        move(old, "approve", CHIEF, procedure=ASK)


@pytest.mark.django_db
def test_only_whose_turn_it_is_may_act(staff):
    row = paper(staff)
    with pytest.raises(NotYourTurn, match="苏知衡 不能批准"):
        move(row, "approve", CLERK, procedure=ASK)
    assert GrantRequest.objects.get(pk=row.pk).state == "asked"
    assert [t.action for t in ASK.possible(row, CLERK)] == []
    assert [t.action for t in ASK.possible(row, CHIEF)] == ["approve", "refuse"]


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["", "   ", "\n"])
def test_a_return_wants_words(staff, note):
    row = paper(staff)
    with pytest.raises(MoveRefused, match="退回要写明原因"):
        move(row, "refuse", CHIEF, procedure=ASK, note=note)
    assert moves_of(row).count() == 0


@pytest.mark.django_db
def test_what_must_hold_is_checked_and_said(staff):
    row = paper(staff, reason="急")
    before = moments.latest()
    with pytest.raises(MoveRefused, match="事由太短"):
        move(row, "approve", CHIEF, procedure=ASK)
    assert moments.latest() == before
    assert GrantRequest.objects.get(pk=row.pk).state == "asked"


@pytest.mark.django_db
def test_an_effect_that_fails_takes_the_move_down(staff):
    def fails(record, step):
        raise MoveRefused("没有配套。")

    broken = Procedure(
        "请示",
        "3",
        ASK.states,
        (Transition("approve", "批准", frozenset({"asked"}), "approved", lambda a, r: True, effect=fails),),
    )
    row = paper(staff)
    with pytest.raises(MoveRefused, match="没有配套"):
        move(row, "approve", CHIEF, procedure=broken)
    assert GrantRequest.objects.get(pk=row.pk).state == "asked"
    assert Move.objects.count() == 0


@pytest.mark.django_db
def test_an_unknown_step_is_refused_by_name(staff):
    with pytest.raises(MoveRefused, match="没有“fly”这一步"):
        move(paper(staff), "fly", CHIEF, procedure=ASK)


@pytest.mark.django_db
def test_a_way_back_and_forth_is_kept_in_order(staff):
    row = paper(staff)
    for action, note in (("refuse", "缺附件"), ("reopen", ""), ("approve", "同意")):
        row = move(row, action, CHIEF, procedure=ASK, note=note)
    assert [(m.before, m.after) for m in moves_of(row)] == [
        ("asked", "refused"),
        ("refused", "asked"),
        ("asked", "approved"),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_of_two_at_once_exactly_one_wins(base, actor, quick_passwords, round_):
    """Real threads: the row is locked before its state is compared, on SQLite by the one writer, on PostgreSQL by the row."""
    row = paper(Staff(actor))
    ready = threading.Barrier(2)
    won, lost, wrong = [], [], []

    def decide(action):
        close_old_connections()
        try:
            ready.wait(timeout=20)
            won.append(move(row, action, CHIEF, procedure=ASK, note="同意", expected="asked").state)
        except StaleState as stale:
            lost.append(str(stale))
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(action,)) for action in ("approve", "refuse")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (len(won), len(lost)) == (1, 1)
    assert "有人先办了" in lost[0]
    assert GrantRequest.objects.get(pk=row.pk).state == won[0]
    assert moves_of(row).count() == 1
    assert list(moments.broken_links()) == []
