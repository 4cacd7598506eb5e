"""Amounts as scaled integers that speak Decimal; texts about persons that no page shows as they stand."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from keshu.terms.quantity import plain, scale, unscale


class PersonalField(models.CharField):
    """A text about a person (a telephone number): no page shows it as it stands; who needs it asks for it and is written down."""

    personal = True


class ScaledField(models.BigIntegerField):
    """A Decimal kept as an integer × 10^places, so that every database sums it exactly (decision 0003).

    Unlike DecimalField on SQLite, 1,000 × 0.10 is 100.00. A value with more places than declared is refused, not rounded.
    """

    def __init__(self, *args: Any, places: int = 2, **kwargs: Any) -> None:
        self.places = places
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "places": self.places}

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(f"“{value}”不是数。") from error

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else unscale(int(value), self.places)

    def get_prep_value(self, value: Any) -> int | None:
        number = self.to_python(value)
        return None if number is None else scale(number, self.places)

    def value_to_string(self, obj: Any) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else plain(value)
