"""The long form of a dispatch: one line per indicator and region with every field, for sheets and CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from keshu.figures.arithmetic.forecast import Forecast
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE, Refused
from keshu.figures.canonical import target_text
from keshu.figures.dispatch import Dispatch, Row
from keshu.reports.heading import kept, state
from keshu.reports.wording import change_unit, reached

Value = str | Decimal | int | None


@dataclass(frozen=True)
class Field:
    """A field of the long form: head (with its unit where it is fixed), and how it is read from a row."""

    head: str
    read: Callable[[Row, bool], Value]
    width: int = 10


def _hundred(value: Decimal | None) -> Decimal | None:
    return None if value is None else WIDE.multiply(value, HUNDRED)


def _side_unit(row: Row, below: bool) -> str:
    side = row.figure.denominator if below else row.figure.numerator
    units = {measure.unit for measure, _, _ in side.parts} if side else set()
    return units.pop() if len(units) == 1 else ""


def _forecast(row: Row, end: str) -> Value:
    if isinstance(row.forecast, Forecast):
        return getattr(row.forecast, end)  # type: ignore[no-any-return]
    return None


def _basis(row: Row) -> str:
    if isinstance(row.forecast, Forecast):
        return row.forecast.basis_text
    return row.forecast.reason if isinstance(row.forecast, Refused) else ""


FIELDS = (
    Field("指标", lambda r, _: r.indicator.name, 30),
    Field("地区", lambda r, _: r.region.name, 12),
    Field("数据期间", lambda r, _: r.figure.period.label, 14),
    Field("性质", state, 6),
    Field("数值", lambda r, _: r.value, 12),
    Field("单位", lambda r, _: r.indicator.unit, 8),
    Field("缺数原因", lambda r, _: r.missing, 16),
    Field("位次", lambda r, _: r.rank, 6),
    Field("并列", lambda r, _: "并列" if r.tied else "", 6),
    Field("参排数", lambda r, _: r.of if r.rank else None, 7),
    Field("位次变化", lambda r, _: r.rank_change, 8),
    Field("类别", lambda r, _: r.region.group, 8),
    Field("类内位次", lambda r, _: r.class_rank, 8),
    Field("类内参排数", lambda r, _: r.class_of, 8),
    Field("目标", lambda r, _: target_text(r.target), 10),
    Field("目标依据", lambda r, _: r.target.doc_no if r.target else "", 18),
    Field("完成率（%）", lambda r, _: _hundred(r.completion), 10),
    Field("序时或计划进度（%）", lambda r, _: _hundred(r.progress), 10),
    Field("灯", lambda r, _: r.lamp.word if r.lamp else "", 8),
    Field("亮灯理由", lambda r, _: r.lamp.reason if r.lamp else "", 24),
    Field("达否", lambda r, _: reached(r), 6),
    Field("分子", lambda r, _: r.figure.numerator.value, 16),
    Field("分子单位", lambda r, _: _side_unit(r, below=False), 8),
    Field("分母", lambda r, _: r.figure.denominator.value if r.figure.denominator else None, 18),
    Field("分母单位", lambda r, _: _side_unit(r, below=True), 8),
    Field("去年同期", lambda r, _: r.previous.value, 12),
    Field("去年同期期间", lambda r, _: r.previous.period.label, 14),
    Field("变化", lambda r, _: r.change.value, 10),
    Field("变化单位", lambda r, _: change_unit(r.indicator.unit, r.change), 8),
    Field("变化说明", lambda r, _: r.change.reason or "", 14),
    Field("分子影响", lambda r, _: r.split.numerator_effect if r.split else None, 10),
    Field("分母影响", lambda r, _: r.split.denominator_effect if r.split else None, 10),
    Field("两期发布不同", lambda r, _: "是" if r.mixes else "", 8),
    Field("县区均值", lambda r, _: r.mean, 10),
    Field("与均值差", lambda r, _: r.gap_to_mean, 10),
    Field("与上级差", lambda r, _: r.gap_to_parent, 10),
    Field("上一位", lambda r, _: r.next_up.name if r.next_up else "", 10),
    Field("与上一位差", lambda r, _: r.gap_to_next, 10),
    Field("全年预计下限", lambda r, _: _forecast(r, "low"), 12),
    Field("全年预计上限", lambda r, _: _forecast(r, "high"), 12),
    Field("预计依据或不预计的原因", lambda r, _: _basis(r), 30),
    Field("指标代码", lambda r, _: r.indicator.code, 16),
    Field("地区代码", lambda r, _: r.region.code, 10),
    Field("期间代码", lambda r, _: r.figure.period.code, 12),
)
HEADS = tuple(field.head for field in FIELDS)


def rows(table: Dispatch, shown: set[int] | None = None) -> list[list[Value]]:
    """All lines in the table's order, the leading indicators last. Values are unrounded Decimals in the indicator's unit."""
    found = []
    for group, leading in ((table.rows, False), (table.leading_rows, True)):
        found += [[field.read(row, leading) for field in FIELDS] for row in kept(group, shown)]
    return found
