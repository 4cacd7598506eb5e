"""A nation of counties for the benches: regions, targets and a scheme of the five indicators."""

from typing import Any

COUNTIES = 2844


def counties(count: int = COUNTIES) -> list[Any]:
    """That many counties under the 31 provinces, with codes of the national form; made once."""
    from keshu.directory.actors import system
    from keshu.directory.models import Region
    from keshu.journal.writing import writing

    made = list(Region._base_manager.filter(level="county").order_by("code"))
    if made:
        return made
    provinces = list(Region._base_manager.filter(level="province").order_by("code"))
    with writing(system("测速"), "建县"):
        for number in range(count):
            province = provinces[number % len(provinces)]
            code = f"{province.code[:2]}{number // len(provinces) + 101:04d}"
            name = f"{province.short_name}{number // len(provinces) + 1}县"
            row = Region(code=code, name=name, short_name=name, level="county", parent=province, order=number)
            row.save()
            made.append(row)
    return sorted(made, key=lambda row: row.code)


def scheme_of_five() -> str:
    """The scheme of the five indicators without its leading ones; made once."""
    from keshu.directory.actors import system
    from keshu.figures.packages import load

    items = [
        {"indicator": "st_progress", "lag": 1},
        {"indicator": "rd_gdp", "lag": 1},
        {"indicator": "fiscal_share", "plan": "full"},
        {"indicator": "contract_gdp", "plan": "full"},
        {"indicator": "hitech_density", "plan": "full"},
    ]
    package = {"schemes": [{"code": "bench-5", "name": "测速五项", "lamp_rule": "house", "items": items}]}
    load(package, system("测速"), "测速方案")
    return "bench-5"


def targets(regions: list[Any], indicators: tuple[str, ...] = ("fiscal_share", "contract_gdp")) -> None:
    """A target of 2026 for every region, so that completion and lamps are computed too."""
    from decimal import Decimal

    from keshu.directory.actors import system
    from keshu.figures.models import Indicator, Target
    from keshu.journal.writing import writing

    with writing(system("测速"), "定目标"):
        for code in indicators:
            indicator = Indicator.objects.get(code=code)
            for number, region in enumerate(regions):
                low = Decimal(number % 40 + 5) / 10
                Target(indicator=indicator, subject_id=region.pk, year=2026, low=low).save()


def month_codes(measure: Any, months: list[tuple[int, int]]) -> list[str]:
    """The period codes under which a measure keeps these months: the year to date, or the single month of a stock."""
    from keshu.terms.period import Period

    return [
        (Period.month(year, month) if measure.nature == "stock" else Period.ytd(year, month)).code
        for year, month in months
    ]
