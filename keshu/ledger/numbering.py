"""Numbers of records: one series per prefix and year, without gaps and without doubles, however many write at once."""

from typing import ClassVar

from django.db import models

from keshu.journal.writing import current


class Series(models.Model):
    """The last number given out in a series. Its row is locked until the record that carries the number is committed."""

    prefix = models.CharField("字头", max_length=30)
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("已编到", default=0)

    class Meta:
        app_label = "ledger"
        verbose_name = "编号"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["prefix", "year"], name="series_once_a_year")
        ]


def next_number(prefix: str, year: int, *, digits: int = 4) -> str:
    """The next number of a series: ``QH-XM2026-0001``. Inside ``writing`` only: a rollback gives the number back."""
    return next_numbers(prefix, year, 1, digits=digits)[0]


def next_numbers(prefix: str, year: int, many: int, *, digits: int = 4) -> list[str]:
    """The next ``many`` numbers of a series, in order, taken at once. Inside ``writing`` only."""
    current()
    Series.objects.get_or_create(prefix=prefix, year=year)
    series = Series.objects.select_for_update().get(prefix=prefix, year=year)
    first = series.last + 1
    series.last += many
    series.save(update_fields=["last"])
    return [f"{prefix}{year}-{number:0{digits}d}" for number in range(first, first + many)]
