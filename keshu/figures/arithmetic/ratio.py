"""The one division of the house: a ratio of two held values, or missing."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

#: "up": the larger the better; "down": the smaller the better.
Direction = Literal["up", "down"]

#: Every calculation of this package runs in this context, so a result never depends on the caller's own.
#: Fifty digits keep sums of scaled integers exact and leave the last digit of a quotient far below anything
#: shown; 四舍五入 comes at presentation.
WIDE = Context(prec=50, rounding=ROUND_HALF_EVEN)

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Refused:
    """An answer that is not given. ``reason`` is a Chinese clause for the page."""

    reason: str


def ratio(
    numerator: Decimal | None, denominator: Decimal | None, factor: Decimal = HUNDRED
) -> Decimal | None:
    """``factor`` × numerator / denominator, unrounded.

    ``factor`` carries the unit: 100 for % of equal units, 0.01 for 万元 over 亿元 in % (1 亿元 = 10 000
    万元), 10 000 for 家/万家 over 家. A missing side or a zero denominator gives None: missing, never zero.

    One multiplication and one division, in this order, so that two ratios equal on paper are equal here and
    tie in a rank.
    """
    if numerator is None or denominator is None or denominator == 0:
        return None
    return WIDE.divide(WIDE.multiply(factor, numerator), denominator)
