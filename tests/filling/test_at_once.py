"""Two clerks note one form as sent: it left once."""

import pytest

from keshu.filling.working import AlreadySent, export, fill_period, record_sent
from keshu.reports.models import Issued
from tests.programmes.calls_world import at_once


@pytest.mark.django_db(transaction=True)
def test_of_two_who_note_one_form_as_sent_one_is_told(mapped, clerk):
    filled = export(clerk, fill_period(clerk, mapped, "2026-09"), note="未发布")
    refused = at_once(2, lambda n: record_sent(clerk, filled))
    assert [type(one) for one in refused] == [AlreadySent]
    assert Issued.objects.for_system("测试").count() == 1
