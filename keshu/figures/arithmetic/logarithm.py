"""The logarithm of a quotient: what the split of a change takes twice for every row of a table.

``Decimal.ln`` gives the same digits some ten times slower; a dispatch of all counties asks for tens of thousands. Whole
numbers throughout, so the result is the same on every machine.
"""

from decimal import Context, Decimal
from functools import cache

from .ratio import WIDE

_BITS = 192  # binary places kept: 57 decimal ones, of which WIDE keeps 50
_ONE = Decimal(1 << _BITS)
_STEPS = 9  # the table divides 1 … 2 into 2^9 steps
_PRECISE = Context(prec=75)


def ln_of_quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """ln(numerator / denominator) of two positive numbers; exactly 0 where they are equal.

    The quotient is brought to 1 … 2 by a power of two, then divided by the middle c of its step of the table:
    ln m = ln c + 2·artanh((m − c)/(m + c)), where a few terms of the series suffice.
    """
    if numerator == denominator:
        return Decimal(0)
    quotient = _PRECISE.divide(numerator, denominator)
    # A quotient far below 1 gets more places, so that its first digits are not lost.
    places = _BITS + max(0, -4 * quotient.adjusted())
    fixed = int(_PRECISE.multiply(quotient, Decimal(1 << places)))
    power = fixed.bit_length() - 1
    mantissa = fixed >> (power - _BITS) if power >= _BITS else fixed << (_BITS - power)
    step = (mantissa >> (_BITS - _STEPS)) - (1 << _STEPS)
    middle = (2 * step + 1 + (2 << _STEPS)) << (_BITS - _STEPS - 1)
    z = ((mantissa - middle) << _BITS) // (mantissa + middle)
    total = 2 * (_artanh(z) if z >= 0 else -_artanh(-z)) + _ln_of_step(step) + (power - places) * _ln_of_two()
    return WIDE.divide(Decimal(total), _ONE)


def _artanh(z: int) -> int:
    """z + z³/3 + z⁵/5 + … for a small z that is not negative."""
    square, power, total, divisor = (z * z) >> _BITS, z, z, 1
    while power:
        power = (power * square) >> _BITS
        divisor += 2
        total += power // divisor
    return total


def _fixed(value: Decimal) -> int:
    return int(_PRECISE.multiply(value, _ONE).to_integral_value())


@cache
def _ln_of_step(step: int) -> int:
    return _fixed(_PRECISE.ln(Decimal(2 * step + 1 + (2 << _STEPS)) / Decimal(2 << _STEPS)))


@cache
def _ln_of_two() -> int:
    return _fixed(_PRECISE.ln(Decimal(2)))
