"""The logarithm of a quotient: what the split of a change takes twice for every row of a table.

``Decimal.ln`` gives the same digits some ten times slower; a dispatch of all counties asks for tens of thousands. Whole
numbers throughout, so the result is the same on every machine.
"""

from decimal import Context, Decimal
from functools import cache, lru_cache

from .ratio import WIDE

_BITS = 224  # binary places kept: 67 decimal ones, of which WIDE keeps 50
_ONE = 1 << _BITS
_STEPS = 7  # the table divides 1 … 2 into 2^7 steps
_PRECISE = Context(prec=75)


def ln_of_quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """ln(numerator / denominator) of two positive numbers; exactly 0 where they are equal.

    The quotient is brought to 1 … 2 by a power of two, then divided by the middle c of its step of the table:
    ln m = ln c + 2·artanh((m − c)/(m + c)), where a few terms of the series suffice.
    """
    if numerator == denominator:
        return Decimal(0)
    above, below = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    top, bottom = above[0] * below[1], above[1] * below[0]
    power = top.bit_length() - bottom.bit_length()
    mantissa = _shifted(top, bottom, _BITS - power)
    if mantissa < _ONE:
        power -= 1
        mantissa = _shifted(top, bottom, _BITS - power)
    step = (mantissa >> (_BITS - _STEPS)) - (1 << _STEPS)
    middle = (2 * step + 1 + (2 << _STEPS)) << (_BITS - _STEPS - 1)
    total = (
        _series(((mantissa - middle) << _BITS) // (mantissa + middle))
        + _ln_of_step(step)
        + power * _ln_of_two()
    )
    return WIDE.divide(Decimal(total), Decimal(_ONE))


def _shifted(top: int, bottom: int, places: int) -> int:
    """top / bottom × 2^places, rounded down."""
    return (top << places) // bottom if places >= 0 else top // (bottom << -places)


def _series(z: int) -> int:
    """2·artanh(z) for a small z: 2(z + z³/3 + z⁵/5 + …)."""
    square, power, total, divisor = (z * z) >> _BITS, z, z, 1
    while power:
        power = (power * square) >> _BITS if power > 0 else -((-power * square) >> _BITS)
        divisor += 2
        total += power // divisor if power > 0 else -(-power // divisor)
    return 2 * total


def _fixed(value: Decimal) -> int:
    return int(_PRECISE.multiply(value, Decimal(_ONE)).to_integral_value())


@cache
def _ln_of_step(step: int) -> int:
    return _fixed(_PRECISE.ln(Decimal(2 * step + 1 + (2 << _STEPS)) / Decimal(2 << _STEPS)))


@lru_cache(maxsize=1)
def _ln_of_two() -> int:
    return _fixed(_PRECISE.ln(Decimal(2)))
