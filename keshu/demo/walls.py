"""The wall of the demonstration: what 规划科 let through by name; the rest stays 未公开, so that both can be seen."""

from keshu.demo.stages import Stage, moment
from keshu.directory.accounts import actor_of
from keshu.directory.models import Account
from keshu.figures.models import Indicator
from keshu.journal.writing import Writing
from keshu.terms.period import Period
from keshu.walls.clearing import clear

CLERK = "suzhiheng"
#: Indicator, last data period, basis. Invented like the city itself.
CLEARED = (
    ("st_progress", "2025", "省科学技术厅通报随文印发到市，局党组会同意在局内大屏使用"),
    ("hitech_density", "2026-09", "本局核定的高企名单，局党组会同意在局内大屏使用"),
    ("rd_large_growth", "2026-08", "市统计局 10 月 9 日函复，可在局内大屏使用"),
    ("hitech_applications", "2026-09", "本局受理数，局党组会同意在局内大屏使用"),
    ("contract_gdp", "2026-09", "市统计局 10 月 9 日函复，可在局内大屏使用"),
)


def stages() -> list[Stage]:
    """One stage: the releases before the third quarter's meeting."""
    return [Stage(moment(10, 10, 19, 10), "放行上屏的数", _clear, by="苏知衡")]


def _clear(block: Writing) -> int:
    actor = actor_of(Account.objects.get(username=CLERK))
    for code, until, basis in CLEARED:
        clear(actor=actor, indicator=Indicator.objects.get(code=code), until=Period.parse(until), basis=basis)
    return 0
