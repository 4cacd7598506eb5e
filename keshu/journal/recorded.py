"""Models that keep their history: every save inside ``writing(...)`` leaves the whole row under its revision."""

from collections.abc import Iterable
from typing import Any, NoReturn, Self

from django.db import models

from keshu.journal.models import HistoryRow
from keshu.journal.rows import canonical
from keshu.journal.writing import HistoryBypassed, current


class RecordedQuerySet(models.QuerySet):
    """A queryset that cannot write past the history."""

    def _refuse(self, name: str) -> NoReturn:
        raise HistoryBypassed(f"{self.model.__name__}.{name}() 不留痕，请逐条 save()。")

    def update(self, **kwargs: Any) -> int:
        self._refuse("update")

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse("delete")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        self._refuse("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        self._refuse("bulk_update")


class Recorded(models.Model):
    """Base of everything that "as of" covers besides values: definitions, targets, rules, regions, calendar."""

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        block = current()
        action = "create" if self._state.adding else "change"
        super().save(*args, **kwargs)
        block.record(self, action, self.recorded_data())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        block = current()
        pk = self.pk  # type: ignore[has-type]
        outcome = super().delete(*args, **kwargs)
        self.pk = pk
        block.record(self, "delete", None)
        return outcome

    def recorded_data(self) -> dict[str, Any]:
        """The row as plain JSON values, by column name."""
        return {f.attname: plain_value(f, getattr(self, f.attname)) for f in self._meta.concrete_fields}

    @classmethod
    def from_recorded(cls, data: dict[str, Any]) -> Self:
        """An unsaved instance rebuilt from history; columns added since then get their default."""
        values = {
            f.attname: f.to_python(data[f.attname]) for f in cls._meta.concrete_fields if f.attname in data
        }
        instance = cls(**values)
        instance._state.adding = False
        return instance

    @classmethod
    def as_of(cls, revision: int, pks: Iterable[int] | None = None) -> list[Self]:
        """All objects as they stood after ``revision``, ordered by primary key. One query."""
        rows = HistoryRow.objects.filter(model=cls._meta.label, revision__lte=revision)
        if pks is not None:
            rows = rows.filter(object_pk__in=list(pks))
        last: dict[int, Any] = {}
        for pk, data in rows.order_by("object_pk", "revision").values_list("object_pk", "data"):
            last[pk] = data
        return [cls.from_recorded(data) for data in last.values() if data is not None]

    def history(self) -> models.QuerySet[HistoryRow]:
        """Every recorded state of this object, oldest first."""
        return HistoryRow.objects.filter(model=self._meta.label, object_pk=self.pk).order_by("revision")


def plain_value(field: Any, value: Any) -> Any:
    """A column value as JSON keeps it: JSON columns as they are, others through the field's own text form."""
    if value is None or isinstance(field, models.JSONField) or isinstance(value, (bool, int, str)):
        return value
    return field.value_to_string(_Holder(field.attname, value))


class _Holder:
    """A stand-in object so that a field can print one value."""

    def __init__(self, attname: str, value: Any) -> None:
        setattr(self, attname, value)


def same(left: Recorded, right: Recorded) -> bool:
    """Whether two states of one object are equal in every column."""
    return canonical(left.recorded_data()) == canonical(right.recorded_data())
