"""The audit log only grows, and shows when somebody changed it behind the house."""

import json

import pytest
from django.db import connection

from keshu.journal import audit
from keshu.journal.models import AuditEntry

pytestmark = pytest.mark.django_db


def three(actor):
    for kind in ("登录", "导出", "退出"):
        audit.note(actor, kind, "甲", address="127.0.0.1", detail={"份数": 1})


def raw(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_entries_close_over_the_one_before(actor):
    three(actor)
    first, second, third = AuditEntry.objects.order_by("pk")
    assert first.previous == ""
    assert (second.previous, third.previous) == (first.digest, second.digest)
    assert len({first.digest, second.digest, third.digest}) == 3
    assert audit.broken_entries() == []


def test_an_entry_without_an_account_is_by_somebody_not_signed_in():
    entry = audit.note(None, "登录失败", "zhang", outcome="拒绝")
    assert (entry.actor_id, entry.actor_name) == (None, "未登录")


@pytest.mark.parametrize(
    "change",
    [
        "kind = '看'",
        "actor_name = '别人'",
        "actor_id = 7",
        "outcome = '拒绝'",
        "address = '10.0.0.1'",
        "target = '乙'",
        "previous = 'x'",
        "digest = 'x'",
    ],
)
def test_a_changed_entry_breaks_the_chain_there(actor, change):
    three(actor)
    second = AuditEntry.objects.order_by("pk")[1]
    raw(f"UPDATE journal_auditentry SET {change} WHERE id = %s", second.pk)
    assert second.pk in audit.broken_entries()


def test_changed_details_break_the_chain(actor):
    three(actor)
    second = AuditEntry.objects.order_by("pk")[1]
    raw("UPDATE journal_auditentry SET detail = %s WHERE id = %s", json.dumps({"份数": 2}), second.pk)
    assert audit.broken_entries() == [second.pk]


def test_a_removed_entry_breaks_the_next_one(actor):
    three(actor)
    _, second, third = AuditEntry.objects.order_by("pk")
    raw("DELETE FROM journal_auditentry WHERE id = %s", second.pk)
    assert audit.broken_entries() == [third.pk]


def test_the_last_entries_cut_off_are_found(actor):
    three(actor)
    last = AuditEntry.objects.order_by("pk").last()
    raw("DELETE FROM journal_auditentry WHERE id = %s", last.pk)
    assert audit.broken_entries() == [last.pk]


def test_an_emptied_log_is_found(actor):
    three(actor)
    raw("DELETE FROM journal_auditentry")
    assert audit.broken_entries() == [1]


def test_long_targets_are_cut_before_they_are_hashed(actor):
    audit.note(actor, "导出", "长" * 500)
    assert audit.broken_entries() == []
