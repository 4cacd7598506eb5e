"""日志: filters, export, and the chain shown to the audit administrator."""

import csv
import io
from datetime import datetime

import pytest
from django.db import connection
from django.urls import reverse

from keshu.journal import audit
from keshu.journal.models import AuditEntry
from keshu.terms import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(staff):
    for day, kind, target in ((9, "登录", "甲"), (10, "导出", "=HYPERLINK(1)"), (11, "登录", "乙")):
        with clock.pretend(datetime(2026, 10, day, 23, 30, tzinfo=clock.TZ)):
            audit.note(staff.actor, kind, target)
    return staff.client("audit_admin")


def shown(client, **query):
    return [entry.target for entry in client.get(reverse("desk:audit"), query).context["page"]]


def test_newest_first_and_filtered_by_the_address(entries):
    assert shown(entries) == ["乙", "=HYPERLINK(1)", "甲"]
    assert shown(entries, kind="登录") == ["乙", "甲"]
    assert shown(entries, who="甲") == ["甲"]
    assert shown(entries, **{"from": "2026-10-10", "to": "2026-10-10"}) == ["=HYPERLINK(1)"]
    assert shown(entries, to="2026-10-09") == ["甲"]
    assert shown(entries, outcome="拒绝") == []


def test_an_unreadable_date_is_said(entries):
    assert "日期“昨天”读不懂" in entries.get(reverse("desk:audit"), {"from": "昨天"}).content.decode()
    assert entries.get(reverse("desk:audit_export"), {"from": "昨天"}).status_code == 422


def test_the_export_is_harmless_to_a_spreadsheet_and_itself_an_entry(entries):
    answer = entries.get(reverse("desk:audit_export"), {"kind": "导出"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert "'=HYPERLINK(1)" in [row["客体"] for row in rows]
    last = AuditEntry.objects.order_by("pk").last()
    assert (last.kind, last.target, last.detail) == ("导出", "审计日志", {"kind": "导出"})


def test_a_sound_chain_is_said_and_the_check_is_noted(entries):
    page = entries.post(reverse("desk:audit_chain")).content.decode()
    assert "两条链都完整" in page
    assert AuditEntry.objects.order_by("pk").last().kind == "校验链"


def test_a_break_is_named(entries):
    second = AuditEntry.objects.order_by("pk")[1]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_auditentry SET target = 'x' WHERE id = %s", [second.pk])
        cursor.execute("UPDATE journal_revision SET reason = 'x' WHERE number = 1")
    page = entries.post(reverse("desk:audit_chain")).content.decode()
    assert "链上有断点" in page
    assert f"审计记录 {second.pk} 的链值对不上" in page
    assert "修订 1 的链值对不上" in page
    assert AuditEntry.objects.order_by("pk").last().outcome == "有断点"
