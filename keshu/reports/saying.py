"""The one sentence and the small table of an answer, ready to be copied into a chat."""

from collections.abc import Sequence

from keshu.figures.models import Indicator
from keshu.reports.giving import Answer, Given
from keshu.reports.parsing import LAST_YEAR
from keshu.reports.wording import change_figure, change_unit, change_words, day_words

#: Regions of one thing that the sentence names one by one; of more it names first and last.
NAMED_AT_MOST = 6
HEADS = ("地区", "指标", "期间", "数值", "单位")


def sentence(answer: Answer) -> str:
    """截至2026年10月12日，望岭县技术合同…0.28%（输出技术口径，2026年1—9月）。 Never without date and definition; 已定, why a figure is
    missing, what a total leaves out and 演示 travel in it. "" when nothing was asked."""
    if not answer.figures:
        return ""
    clauses = [_clause(figures) for _, figures in answer.by_thing]
    return f"截至{day_words(answer.day)}，{'；'.join(clauses)}。"


def _clause(figures: Sequence[Given]) -> str:
    name = figures[0].thing.name
    held = [given for given in figures if given.value is not None]
    if len(held) > NAMED_AT_MOST:
        told = _ends(name, held, len(figures))
    elif len(figures) == 1:
        told = f"{figures[0].region.name}{name}{_value(figures[0])}"
    else:
        told = name + "、".join(f"{given.region.name}{_value(given)}" for given in figures)
    return f"{told}（{'，'.join(_terms(figures))}）"


def _ends(name: str, held: Sequence[Given], asked: int) -> str:
    """Too many regions to name: the whole by itself, of the others the first and the last."""
    whole = [given for given in held if not given.region.is_ranked or given.place is None][:NAMED_AT_MOST]
    parts = [given for given in held if given not in whole]
    told = name + "、".join(f"{given.region.name}{given.amount}" for given in whole)
    if parts:
        ordered = sorted(parts, key=lambda given: given.value or 0, reverse=True)
        high, low = ordered[0], ordered[-1]
        told += f"{'，' if whole else ''}{len(parts)}地中最高{high.region.name}{high.amount}、最低{low.region.name}{low.amount}"
    lacking = f"，{asked - len(held)}地缺数" if asked > len(held) else ""
    return f"{told}{lacking}，分地区数见表"


def _value(given: Given) -> str:
    if given.amount is None:
        return f"还没有数，{given.held.missing}"
    told = str(given.amount)
    if given.change is not None and given.before_period is not None:
        words = change_words(given.change, given.unit, given.decimals)
        base = (
            "去年同期" if given.before_period == given.period.previous_year() else given.before_period.label
        )
        told += f"，{words}" if given.change.value is None else f"，比{base}{words}"
    if given.place is not None:
        lacking = f"，缺{given.lacking}" if given.lacking else ""
        told += f"，{'并列' if given.tied else ''}第{given.place}位（共{given.of}{lacking}）"
    return told


def _terms(figures: Sequence[Given]) -> list[str]:
    """What must travel with the figures: definition, period, 已定, what totals hold, 推算, 演示."""
    first = figures[0]
    terms = [first.label, period_words(first)]
    if first.fixed:
        terms.append("已定")
    for given in figures:
        if given.held.note:
            terms.append(given.held.note if len(figures) == 1 else f"{given.region.name}{given.held.note}")
    if any(given.held.estimated for given in figures):
        terms.append("推算数")
    if any(given.demonstration for given in figures):
        terms.append("演示数据")
    return [term for term in dict.fromkeys(terms) if term]


def period_words(given: Given) -> str:
    """The period; of a stock the end of its month (2026年9月末)."""
    stock = (
        given.thing.period_rule == Indicator.PeriodRule.STOCK
        if isinstance(given.thing, Indicator)
        else given.thing.nature == "stock"
    )
    return f"{given.period.label}末" if stock and given.period.kind == "month" else given.period.label


def heads(answer: Answer) -> list[str]:
    """Heads of the table; the comparison and the place only where they are asked for or there is one."""
    found = list(HEADS)
    if any(given.change is not None for given in answer.figures):
        found.append("与去年同期比" if answer.question.comparison == LAST_YEAR else "与上期比")
    if any(given.place is not None for given in answer.figures):
        found.append("位次")
    return found


def line(answer: Answer, given: Given) -> list[str]:
    """One line of the table, as text under :func:`heads`."""
    told = given.amount
    unit = told.unit if told else ""
    cells = [
        given.region.name,
        given.thing.name,
        period_words(given),
        told.text if told else given.held.missing,
        unit,
    ]
    wanted = heads(answer)
    if len(wanted) > len(HEADS) and wanted[len(HEADS)] != "位次":
        cells.append(_moved(given))
    if wanted[-1] == "位次":
        lacking = f"，缺{given.lacking}" if given.lacking else ""
        tied = "并列" if given.tied else ""
        cells.append(f"{tied}{given.place}（共{given.of}{lacking}）" if given.place is not None else "不排位")
    return cells


def _moved(given: Given) -> str:
    if given.change is None:
        return ""
    figure = change_figure(given.change, given.unit, given.decimals)
    return f"{figure} {change_unit(given.unit, given.change)}" if given.change.value is not None else figure
