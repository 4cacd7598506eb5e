"""The register of what was given out as a sheet: one line per figure."""

import io
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from keshu.ledger.intake.writing import Value, write_table
from keshu.reports.models import Issued, IssuedFigure
from keshu.terms import clock
from keshu.terms.period import Period

HEADS = (
    "时刻",
    "给谁",
    "用途",
    "途径",
    "经办人",
    "对象",
    "指标",
    "期间",
    "报出的数",
    "未舍入值",
    "口径",
    "缺数原因",
    "修订号",
    "原话",
)
#: Figures read at once.
CHUNK = 500


def register_xlsx(rows: QuerySet[Issued]) -> bytes:
    """The givings as an Excel workbook, one line per figure; text never becomes a formula."""
    return _written(rows, "xlsx")


def register_csv(rows: QuerySet[Issued]) -> bytes:
    """The same as CSV (UTF-8 with a byte order mark)."""
    return _written(rows, "csv")


def _written(rows: QuerySet[Issued], kind: str) -> bytes:
    out = io.BytesIO()
    write_table(HEADS, _lines(rows), out, title="报出数台账", sheet="报出数", kind=kind)  # type: ignore[arg-type]
    return out.getvalue()


def _lines(rows: QuerySet[Issued]) -> Iterator[list[Value]]:
    figures: Iterable[IssuedFigure] = (
        IssuedFigure.objects.for_system("导出报出数台账，已按范围取")
        .filter(issued__in=rows.order_by().values("pk"))
        .select_related("issued", "subject")
        .order_by("-issued__given_at", "-issued__pk", "pk")
        .iterator(chunk_size=CHUNK)
    )
    for figure in figures:
        issued = figure.issued
        yield [
            f"{issued.given_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            issued.receiver,
            issued.purpose,
            Issued.Channel(issued.channel).label,
            issued.given_by,
            figure.subject.name,
            figure.name,
            Period.parse(figure.period).label,
            figure.said if figure.text else "",
            figure.value,
            figure.definition_label,
            figure.missing,
            figure.revision,
            issued.sentence,
        ]
