"""Two people at the same moment: one reply of a sender counts, one file comes in once."""

import io

import pytest

from keshu.collecting.claiming import act
from keshu.collecting.merging import standings
from keshu.collecting.models import Reply
from keshu.journal import moments
from keshu.procedure.moving import StaleState
from tests.collecting.office import book
from tests.programmes.calls_world import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_different_replies_of_one_county_at_once_leave_one_that_counts(house):
    files = [book([("甲公司", "技术开发", n + 1, 1, None)]) for n in range(3)]
    assert at_once(3, lambda n: house.drop(files[n], f"望岭县{n}.xlsx")) == []
    states = sorted(Reply.objects.for_system("测试").values_list("state", flat=True))
    assert states == ["counted", "rival", "rival"]
    rivals = list(Reply.objects.for_system("测试").filter(state="rival"))
    refused = at_once(2, lambda n: act(rivals[n], "count", house.clerk))
    assert all(isinstance(one, StaleState) for one in refused)
    assert sorted(Reply.objects.for_system("测试").values_list("state", flat=True)) == [
        "aside",
        "aside",
        "counted",
    ]


@pytest.mark.parametrize("name", ["望岭县.xlsx", "没写名字.xlsx"])
def test_one_file_dropped_by_three_at_once_comes_in_once(house, name):
    data = book([("甲公司", "技术开发", 1, 1, None)]).getvalue()
    outcomes: list[str] = []
    assert at_once(3, lambda n: outcomes.append(house.drop(io.BytesIO(data), name).outcome)) == []
    first = "counted" if name.startswith("望岭") else "unclaimed"
    assert outcomes.count(first) == 1 and set(outcomes) <= {first, "same", "duplicate"}
    assert Reply.objects.for_system("测试").count() == 1
    assert sum(not one.is_missing for one in standings(house.collection)) == (first == "counted")
    assert list(moments.broken_links()) == []
