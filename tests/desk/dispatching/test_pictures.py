"""图 and 地图: no tile over another, steps of equal size, hatch for what is missing."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.pictures import TILES, steps
from keshu.directory.models import Region

pytestmark = pytest.mark.django_db


def test_every_province_has_a_tile_of_its_own(base):
    codes = set(Region.objects.filter(level="province").values_list("code", flat=True))
    assert set(TILES) == codes and len(codes) == 31
    assert len(set(TILES.values())) == 31


def row(pk: int, value: str | None):
    return SimpleNamespace(region=SimpleNamespace(pk=pk), value=None if value is None else Decimal(value))


def test_ten_values_fill_five_steps_two_by_two():
    level, ranges = steps([row(n, str(n)) for n in range(10)])
    assert [level[n] for n in range(10)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert ranges[0] == (Decimal(0), Decimal(1)) and ranges[4] == (Decimal(8), Decimal(9))


def test_equal_values_stand_on_one_step_and_a_missing_one_on_none():
    level, _ = steps([row(1, "2"), row(2, "2"), row(3, "2"), row(4, None)])
    assert level == {1: 0, 2: 0, 3: 0}


def test_the_map_hatches_a_missing_region_and_says_what_it_is_not(desk):
    html = desk.see("/desk/dispatch/?view=map&open=st_progress")
    assert '<g class="none">' in html or "fig none" in html
    assert "未发布" in html and "示意图" in html


def test_the_chart_brings_its_numbers_as_a_table(desk):
    html = desk.see("/desk/dispatch/?view=chart&open=contract_gdp")
    assert 'aria-label="技术合同占比：丙县 1.00 居首，甲县 0.30 居末，单位 %"' in html
    assert "看数据" in html


def test_an_address_with_a_choice_that_does_not_exist_falls_back():
    asked = Asked.of({"sort": "x", "view": "3d", "dir": "up", "open": "gdp"})
    assert (asked.sort, asked.view, asked.dir, asked.open) == ("value", "table", "", "gdp")
    assert asked.query() == "open=gdp"
