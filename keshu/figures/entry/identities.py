"""Identities between measures (勾稽关系) as data: two sums that must agree within a tolerance."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from keshu.figures.arithmetic.ratio import WIDE
from keshu.terms.quantity import show_number


class BadIdentity(ValueError):
    """A declared identity that cannot be read."""


@dataclass(frozen=True)
class Identity:
    """Σ left = Σ right within ``tolerance`` (in the unit of the values); sides are codes of measures."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    tolerance: Decimal
    message: str
    source: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every measure it speaks of, left first."""
        return (*self.left, *self.right)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Identity":
        """From data: left and right (lists of codes), tolerance (text), message. Raises BadIdentity."""
        try:
            left, right = tuple(data["left"]), tuple(data["right"])
            tolerance = Decimal(str(data.get("tolerance", "0")))
            message = str(data["message"])
        except (KeyError, TypeError, ArithmeticError) as error:
            raise BadIdentity(
                f"勾稽关系 {dict(data)} 读不懂：要有 left、right、message。对照说明改好再载入。"
            ) from error
        if not left or not right or tolerance < 0:
            raise BadIdentity(f"勾稽关系“{message}”两边都要有计量，允许误差不能是负数。改好再载入。")
        return cls(left, right, tolerance, message, str(data.get("source", "")))

    def as_data(self) -> dict[str, Any]:
        """As JSON keeps it."""
        sides = {"left": list(self.left), "right": list(self.right)}
        return {**sides, "tolerance": str(self.tolerance), "message": self.message, "source": self.source}


@dataclass(frozen=True)
class Failure:
    """An identity that does not hold, with both sides."""

    identity: Identity
    left: tuple[Decimal, ...]
    right: tuple[Decimal, ...]

    @property
    def gap(self) -> Decimal:
        """Left less right."""
        return sum(self.left, Decimal(0)) - sum(self.right, Decimal(0))

    def words(self, names: Mapping[str, str]) -> str:
        """The arithmetic in one sentence, with the names the reader knows."""
        sides = []
        for codes, values in ((self.identity.left, self.left), (self.identity.right, self.right)):
            terms = " + ".join(f"{names.get(c, c)} {shown(v)}" for c, v in zip(codes, values, strict=True))
            sides.append(terms if len(values) == 1 else f"{terms} = {shown(sum(values, Decimal(0)))}")
        return f"{self.identity.message}：{sides[0]}，{sides[1]}，差 {shown(abs(self.gap))}。"


def broken(identities: Iterable[Identity], values: Mapping[str, Decimal | None]) -> Iterator[Failure]:
    """The identities that fail on values by code; one with a missing side says nothing."""
    for identity in identities:
        left = [values.get(code) for code in identity.left]
        right = [values.get(code) for code in identity.right]
        if any(value is None for value in (*left, *right)):
            continue
        failure = Failure(
            identity, tuple(v for v in left if v is not None), tuple(v for v in right if v is not None)
        )
        if abs(failure.gap) > identity.tolerance:
            yield failure


@lru_cache(maxsize=1)
def contract_identities() -> tuple[Identity, ...]:
    """What monthly statistics of technology contracts must satisfy (identities.yaml names the source)."""
    text = (Path(__file__).parent / "identities.yaml").read_text(encoding="utf-8")
    return tuple(Identity.read(row) for row in yaml.safe_load(text)["contracts"])


def shown(value: Decimal) -> str:
    """A figure inside a sentence: its own decimals, at most two."""
    exponent = value.normalize(WIDE).as_tuple().exponent
    return show_number(value, min(2, max(0, -int(exponent))))
