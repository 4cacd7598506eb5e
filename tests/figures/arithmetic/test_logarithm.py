"""The oracle is ``Decimal.ln``, which the standard library promises to be correctly rounded."""

from decimal import Context, Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from keshu.figures.arithmetic.logarithm import ln_of_quotient

PRECISE = Context(prec=80)
positive = st.one_of(
    st.integers(1, 10**20).map(Decimal),
    st.decimals("1e-9", "1e15", allow_nan=False, allow_infinity=False, places=9),
).filter(lambda value: value > 0)


@given(positive, positive)
@example(Decimal(1), Decimal(2))
@example(Decimal(2), Decimal(1))
@example(Decimal(1), Decimal(10**20))
@example(Decimal(10**15 + 1), Decimal(10**15))
@example(Decimal(10**15), Decimal(10**15 + 1))
@example(Decimal("126058200000000.07"), Decimal("126058200000000.08"))
def test_the_logarithm_agrees_with_decimal_to_fifty_digits(numerator, denominator):
    exact = PRECISE.ln(PRECISE.divide(numerator, denominator))
    assert abs(ln_of_quotient(numerator, denominator) - exact) <= Decimal("1e-48") * max(1, abs(exact))


@given(positive, positive)
def test_the_logarithm_is_zero_only_for_equal_numbers(numerator, denominator):
    assert (ln_of_quotient(numerator, denominator) == 0) == (numerator == denominator)


@given(positive, positive, st.integers(2, 10**6))
@example(
    Decimal(1), Decimal("999999999999999.999931528"), 16302
)  # 29 digits: more than a plain Decimal product keeps
def test_equal_quotients_have_equal_logarithms(numerator, denominator, times):
    """A numerator and a denominator that grow alike leave nothing of their difference."""
    grown = [PRECISE.multiply(value, times) for value in (numerator, denominator)]
    assert ln_of_quotient(numerator, denominator) == ln_of_quotient(*grown)
