"""Arithmetic of a comparison before it becomes a filter: sums of columns with exact factors, and one quotient of two."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

TOO_LARGE = "里面的常数位数太多，不能保证和逐条计算完全一致"
LONGEST = 10**60  # a factor beyond this could be rounded when a row is worked out (200 digits)
LONGEST_QUOTIENT = 10**6  # in a quotient (60 digits) factors must stay shorter
LONGEST_LIMIT = 10**12  # and so must the constant that a quotient is compared with


class TooLarge(ValueError):
    """A constant so long that exactness cannot be promised."""


@dataclass(frozen=True)
class Linear:
    """Σ factor · column + rest; a column is the whole number that the database keeps."""

    factors: Mapping[str, Fraction]
    rest: Fraction

    def __post_init__(self) -> None:
        for number in (*self.factors.values(), self.rest):
            if abs(number.numerator) > LONGEST or number.denominator > LONGEST:
                raise TooLarge(TOO_LARGE)

    @classmethod
    def constant(cls, value: Fraction) -> "Linear":
        """A number without columns."""
        return cls({}, value)

    @classmethod
    def of(cls, column: str, factor: Fraction) -> "Linear":
        """One column."""
        return cls({column: factor}, Fraction(0))

    @property
    def is_constant(self) -> bool:
        """Whether no column is left."""
        return not self.factors

    def plus(self, other: "Linear") -> "Linear":
        """The sum; a column that cancels out is gone."""
        factors = dict(self.factors)
        for column, factor in other.factors.items():
            factors[column] = factors.get(column, Fraction(0)) + factor
        return Linear({c: f for c, f in factors.items() if f}, self.rest + other.rest)

    def times(self, number: Fraction) -> "Linear":
        """Every factor and the rest multiplied."""
        if not number:
            return Linear.constant(Fraction(0))
        return Linear({c: f * number for c, f in self.factors.items()}, self.rest * number)

    def whole(self) -> tuple[dict[str, int], int]:
        """The smallest whole numbers of the same sign: (factors, rest); multiplied by a positive number only."""
        common = lcm(self.rest.denominator, *(f.denominator for f in self.factors.values()))
        factors = {column: int(factor * common) for column, factor in self.factors.items()}
        rest = int(self.rest * common)
        shared = gcd(rest, *factors.values()) or 1
        return {column: factor // shared for column, factor in factors.items()}, rest // shared

    def require_short(self, longest: int) -> None:
        """Raises TooLarge when a number has more digits than ``longest``."""
        for number in (*self.factors.values(), self.rest):
            if abs(number.numerator) > longest or number.denominator > longest:
                raise TooLarge(TOO_LARGE)


@dataclass(frozen=True)
class Form:
    """A side of a comparison: a sum, or a sum divided by a sum."""

    above: Linear
    below: Linear | None = None

    def times(self, number: Fraction) -> "Form":
        """The form multiplied by a number."""
        return Form(self.above.times(number), self.below)

    def settled(self) -> "Form":
        """A division by a number whose result is a finite decimal, carried out: exact when a row is worked out too."""
        if self.below is None or not self.below.is_constant or not self.below.rest:
            return self
        divisor = self.below.rest
        size = abs(divisor.numerator)
        for prime in (2, 5):
            while size % prime == 0:
                size //= prime
        if size != 1:
            return self
        self.above.require_short(10**15)
        self.below.require_short(10**15)
        return Form(self.above.times(1 / divisor))

    def require_short(self, limit: Fraction) -> None:
        """Raises TooLarge when a quotient rounded to 60 digits might meet ``limit`` that it does not equal."""
        self.above.require_short(LONGEST_QUOTIENT)
        if self.below is not None:
            self.below.require_short(LONGEST_QUOTIENT)
        if abs(limit.numerator) > LONGEST_LIMIT or limit.denominator > LONGEST_LIMIT:
            raise TooLarge(TOO_LARGE)
