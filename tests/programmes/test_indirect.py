"""间接费用: the ladder of 国办发〔2021〕32号 by hand, at its borders, and as properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.programmes.contracts import indirect_cost_bands, indirect_cost_limit, told_ladder
from keshu.programmes.dating import ruled

#: The document's own words: up to 500 万元 30 %, 500 to 1,000 万元 25 %, above 1,000 万元 20 %, of the direct cost less equipment.
LADDER = {"bands": [{"to": "5000000", "rate": "0.30"}, {"to": "10000000", "rate": "0.25"}, {"rate": "0.20"}]}
WAN = Decimal(10000)


@pytest.mark.parametrize(
    ("direct", "equipment", "limit"),
    [
        # 1500 − 300 = 1200: 500×30% 150, 500×25% 125, 200×20% 40
        ("1500", "300", "315"),
        ("500", "0", "150"),
        # one 元 above 500 万元 adds 0.25 元 = 0.000025 万元
        ("500.0001", "0", "150.000025"),
        ("1000", "0", "275"),
        ("1000.01", "0", "275.002"),
        ("600", "100", "150"),
        ("300", "300", "0"),
        ("0", "0", "0"),
    ],
)
def test_the_ladder_by_hand(direct, equipment, limit):
    found = indirect_cost_limit(Decimal(direct) * WAN, Decimal(equipment) * WAN, LADDER)
    assert found == Decimal(limit) * WAN


def test_the_arithmetic_is_shown_as_a_clerk_checks_it():
    bands = indirect_cost_bands(Decimal(15000000), Decimal(3000000), LADDER)
    assert told_ladder(bands) == "500×30% + 500×25% + 200×20%"


def yuan(most):
    return st.integers(0, most * 100).map(lambda cents: Decimal(cents) / 100)


@given(yuan(40_000_000), yuan(40_000_000))
def test_the_ladder_is_the_area_under_its_rates(direct, equipment):
    """An independent way: the sum of min over the three lines 0.30 b, 0.25 b + 25 万, 0.20 b + 75 万 (a concave ladder)."""
    base = max(direct - equipment, Decimal(0))
    lines = (
        base * Decimal("0.30"),
        base * Decimal("0.25") + 25 * WAN,
        base * Decimal("0.20") + 75 * WAN,
    )
    assert indirect_cost_limit(direct, equipment, LADDER) == min(lines)


@pytest.mark.django_db
def test_the_house_brings_the_ladder_as_a_dated_rule(base):
    assert ruled("rate", "indirect-cost")["bands"] == LADDER["bands"]
