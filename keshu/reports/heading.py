"""What every paper made from a dispatch carries: period, as-of, revision, lamp rule, replay code, definitions, what is missing."""

from dataclasses import dataclass

from keshu.directory.models import Region
from keshu.figures.dispatch import Column, Dispatch, Row
from keshu.figures.instead import ShownColumn, rows_shown
from keshu.figures.models import Indicator, Target
from keshu.figures.reading import NOT_APPLICABLE
from keshu.reports.wording import indicator_amount, minute_words, share

VINTAGES = {"latest": "最新修订数", "first": "首次发布数"}
RULES = {"annual": "年度数，已定", "to_date": "年初到期末", "stock": "期末存量"}


@dataclass(frozen=True)
class Definition:
    """An indicator's definition as it stood: what the notes of a paper say about it."""

    name: str
    period: str
    label: str
    text: str
    formula: str
    doc_no: str
    office: str


@dataclass(frozen=True)
class Absence:
    """A figure that is not there, and why."""

    indicator: str
    region: str
    period: str
    reason: str


def title(table: Dispatch) -> str:
    """The name of the table: 青禾市强科技行动五项指标."""
    return table.scheme.name if table.parent.parent_id is None else f"{table.parent.name}{table.scheme.name}"


def replay_code(table: Dispatch) -> str:
    """The code with which anyone gets this very table again: ``r`` and the revision."""
    return f"r{table.revision}"


def progress(table: Dispatch) -> str:
    """序时进度 of the period; "" for whole years."""
    return "" if table.period.kind == "year" else share(table.period.elapsed_share())


def rule_name(table: Dispatch) -> str:
    """The lamp rule with its document, or that none is set."""
    rule = table.lamp_rule
    if rule is None:
        return "未定"
    return f"{rule.name}（{rule.doc_no}）" if rule.doc_no else f"{rule.name}（{rule.valid_from:%Y-%m-%d}起）"


def lines(table: Dispatch) -> list[tuple[str, str]]:
    """(label, value) pairs: 期间, 序时进度, 数据截至, 亮灯规则, 取数, 修订号, 复现码."""
    pairs = [
        ("期间", table.period.label),
        ("序时进度", progress(table)),
        ("数据截至", minute_words(table.as_of)),
        ("亮灯规则", "" if table.scheme.annual else rule_name(table)),
        ("取数", VINTAGES.get(table.vintage, table.vintage)),
        ("修订号", str(table.revision)),
        ("复现码", replay_code(table)),
    ]
    return [pair for pair in pairs if pair[1]]


def one_line(table: Dispatch) -> str:
    """The pairs in one line, as under a title."""
    return "　".join(f"{label} {value}" for label, value in lines(table))


def kept(rows: list[Row], shown: set[int] | None) -> list[Row]:
    """The rows that may be shown; ``shown`` None means all. Ranks stay those of the whole."""
    return rows if shown is None else [row for row in rows if row.region.pk in shown]


def state(row: Row, leading: bool = False) -> str:
    """已定, 先行 or 当期."""
    return "先行" if leading else "已定" if row.fixed else "当期"


def target_words(indicator: Indicator, target: Target | None) -> str:
    """A target in the form of its document: 2.40%, 1—2%."""
    if target is None:
        return ""
    unit = "%" if indicator.change_as_growth else None
    low = indicator_amount(indicator, target.low, unit)
    if target.high is None:
        return str(low)
    return f"{low.text}—{indicator_amount(indicator, target.high, low.unit)}"


def instead_words(column: ShownColumn) -> str:
    """没有分母，代替技术合同占比: what an amount stands for in a month without denominators; "" for a column of its own."""
    return f"没有分母，代替{column.instead.short_name}" if column.instead else ""


def definitions(table: Dispatch) -> list[Definition]:
    """The definitions of all indicators of the table, the leading ones last."""
    found = []
    for column in (*table.columns, *table.leading):
        row = column.indicator
        found.append(
            Definition(
                name=row.name,
                period=f"{column.period.label}，{RULES[row.period_rule]}",
                label=row.definition_label,
                text=row.definition,
                formula=formula_words(row),
                doc_no=row.doc_no,
                office=row.office,
            )
        )
    return found


def formula_words(indicator: Indicator) -> str:
    """Numerator over denominator in their own names; "" for an amount."""
    if not indicator.denominator_label:
        return ""
    return f"{indicator.numerator_label} ÷ {indicator.denominator_label}"


def absences(table: Dispatch, shown: set[int] | None = None) -> list[Absence]:
    """Every figure that is not there, with its reason; 不单列 is not an absence, nor is a ratio whose amount stands in its place."""
    found = []
    in_table = rows_shown(table)
    told = {row.indicator.pk for row in in_table}
    for row in kept([*in_table, *(r for r in table.leading_rows if r.indicator.pk not in told)], shown):
        if row.missing and row.missing != NOT_APPLICABLE:
            found.append(
                Absence(row.indicator.short_name, row.region.name, row.figure.period.label, reason(row))
            )
    return found


def reason(row: Row) -> str:
    """Why a figure is missing; the name of what is missing only where it is not the indicator itself."""
    return row.missing if row.figure.denominator is not None else row.missing.partition("（")[0]


def mixed(table: Dispatch, shown: set[int] | None = None) -> list[Row]:
    """Rows whose two ends come from different publications: their change mixes."""
    return [row for row in kept(table.rows, shown) if row.mixes]


def total_note(column: Column) -> str:
    """What is in the figure of the whole: 含市本级，未含岚川县; a figure published for the whole says so itself. Zones reported
    inside their county are named once under the table (:func:`inside_note`)."""
    if column.parent.held:
        return "本级公布数"
    total = column.total
    if total is None or total.value is None:
        return ""
    zones = [out.name for out in total.left_out if out.reason.startswith("其中数")]
    return (
        total.note.removesuffix(f"{'、'.join(zones)}为其中数，不另加").rstrip("，") if zones else total.note
    )


def inside(table: Dispatch) -> list[str]:
    """The zones whose figures are reported inside their county and never added."""
    return [region.name for region in table.regions if region.part == Region.Part.ZONE_INSIDE]


def inside_note(table: Dispatch) -> str:
    """青禾高新区的数已在所在县（市、区）内，不另加。 "" without such a zone."""
    names = inside(table)
    return f"{'、'.join(names)}的数已在所在县（市、区）内，不另加。" if names else ""
