"""The demonstration city in the order of its year: founding, history, monthly reports, targets, corrections, what came back."""

from collections.abc import Callable, Container, Iterable
from datetime import date
from decimal import Decimal
from functools import partial

from keshu.demo import publishing as p
from keshu.demo.people import FILLERS, make_people
from keshu.demo.people import stated as people_stated
from keshu.demo.publishing import Press, Publication
from keshu.demo.series import FIRST_YEAR, Series, stated
from keshu.demo.stages import Stage, moment
from keshu.directory.models import Region
from keshu.figures.models import Indicator, RegionShown, Standing, Target
from keshu.figures.packages import put
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import Writing
from keshu.rules.lamp_sets import HOUSE
from keshu.rules.models import Rule
from keshu.terms.period import Period

#: period, the day of its gross product, the day of the tax bureau's figure
QUARTERLY = (
    ("2026Q1", (4, 20), (5, 15)),
    ("2026H1", (7, 3), (8, 15)),
    ("2026-01..09", (10, 9), None),
)
RANKED = ("rd_gdp", "st_progress", "contract_gdp", "fiscal_share", "hitech_density")
Run = Callable[[Writing], int]
OLD_DEFINITION = "输出技术合同成交额与地区生产总值之比；含已受理未登记的合同"


class City:
    """What happens in 青禾市; every method is one stage and returns how many values it wrote."""

    def __init__(self) -> None:
        self.series = Series(stated())
        self.stated = self.series.stated
        self.press = Press(self.series, FILLERS)

    # ---- founding -----------------------------------------------------------------------------------------

    def found(self, block: Writing) -> int:
        """Regions, the region this house serves, and the definition as it stood before 2026."""
        nation = Region._base_manager.get(code="000000")
        top = self.stated["region"]
        city = put(
            Region,
            {"code": top["code"]},
            {
                "name": top["name"],
                "short_name": top["short"],
                "level": "city",
                "parent": nation,
                "order": 100,
            },
        )
        for order, row in enumerate(self.stated["places"], 1):
            part = row.get("part", "area")
            values = {
                "name": row["name"],
                "short_name": row.get("short") or (row["name"][:-1] if part == "area" else row["name"]),
                "level": "county",
                "part": part,
                "parent": city,
                "group": row.get("group", ""),
                "order": order,
            }
            put(Region, {"code": row["code"]}, values)
        if not RegionShown.objects.exists():
            RegionShown.objects.create(region=city)
        self._definition(OLD_DEFINITION, "2025版")
        return len(self.stated["places"]) + 1

    def _definition(self, text: str, label: str) -> None:
        put(Indicator, {"code": "contract_gdp"}, {"definition": text, "definition_label": label})

    # ---- figures ------------------------------------------------------------------------------------------

    def yearly_past(self, block: Writing) -> int:
        """Fixed figures of the years before 2025, with the province's ranks."""
        changes: list[ValueChange] = []
        for year in range(2018, 2025):
            for publication in (p.RESEARCH, p.INDEX):
                changes += self.press.issue(publication, Period.year(year), date(year + 1, 9, 28))
            if year < FIRST_YEAR:
                changes += self.press.issue(p.GDP, Period.year(year), date(year + 1, 1, 25))
        for year in range(2021, 2025):
            changes += self.press.issue(p.ENTITIES, Period.month(year, 12), date(year + 1, 3, 20))
        record_values(block, changes)
        self._standings(0, 2025, RANKED)
        return len(changes)

    def monthly_past(self, block: Writing) -> int:
        """Monthly and quarterly figures of 2022—2025."""
        changes: list[ValueChange] = []
        for year in range(FIRST_YEAR, 2026):
            for month in range(1, 13):
                at = Period.ytd(year, month)
                on = _reported_on(at)
                for publication in (*p.MONTHLY, p.LARGE):
                    changes += self.press.issue(publication, at, on)
                if month % 3 == 0:
                    for publication in (p.GDP, p.DEDUCTION):
                        changes += self.press.issue(publication, at, on)
        record_values(block, changes)
        return len(changes)

    def month(self, month: int, block: Writing) -> int:
        """The monthly report of one month of 2026, as it was first known."""
        at = Period.ytd(2026, month)
        first = self._first_known(month)
        without = [self.stated["fiscal"]["returned"]] if month == 9 else []
        changes: list[ValueChange] = []
        for publication in p.MONTHLY:
            left_out = without if publication is p.BUDGET else ()
            changes += self.press.issue(publication, at, _reported_on(at), first=first, without=left_out)
        record_values(block, changes)
        return len(changes)

    def _first_known(self, month: int) -> dict[tuple[str, str], int]:
        at = Period.ytd(2026, month)
        values, contracts, fiscal = self.series.values, self.stated["contracts"], self.stated["fiscal"]
        if month == 6:
            late = contracts["half_2026_late"]
            found = {
                (code, late["place"]): values[(code, late["place"], at)] - late["amount"]
                for code in _CONTRACTS
            }
            more = fiscal["half_2026_first"]
            found["fiscal_st", more["place"]] = values["fiscal_st", more["place"], at] + more["science_more"]
            return found
        if month == 8:
            august = contracts["august_2026"]
            return {(code, august["place"]): august["first"] for code in _CONTRACTS}
        return {}

    def publish(self, publication: Publication, period: str, on: date, block: Writing) -> int:
        """One issue of one publication."""
        at = Period.parse(period)
        first = {}
        if publication is p.GDP and at == Period.half(2026, 1):
            first = {("gdp", "苇湖区"): self.series.values["gdp", "苇湖区", at] + 12_000}
        changes = list(self.press.issue(publication, at, on, first=first))
        record_values(block, changes)
        self._standings(2025, 2026, {p.RESEARCH: ("rd_gdp",), p.INDEX: ("st_progress",)}.get(publication, ()))
        return len(changes)

    # ---- targets, definitions, rules ----------------------------------------------------------------------

    def issue_targets(self, block: Writing) -> int:
        """The year's targets, its lamp rule and the new wording of one definition, by one document."""
        data = self.stated["targets"]
        doc_no, on = data["issued"]["doc_no"], data["issued"]["from"]
        count = 0
        places = [*self.series.counties, "市本级"]
        for year, group in ((2025, data["fixed"]), (2026, data["current"])):
            for code, lows in group.items():
                for place, low in zip(places, lows, strict=False):
                    if low:
                        adjusted = data["adjusted"]
                        early = (code, place) == (adjusted["indicator"], adjusted["place"])
                        count += self._target(code, place, year, adjusted["before"] if early else low, doc_no)
        for code, low in data["city"].items():
            count += self._target(code, self.stated["region"]["name"], 2026, low, doc_no)
        for code, by_place in data["amounts"].items():
            for place, values in by_place.items():
                count += self._target(code, place, 2026, values["low"], doc_no, values["stretch"])
        lamps = {
            **HOUSE,
            "doc_no": doc_no,
            "issuer": "青禾市科学技术局（演示）",
            "note": "演示：阈值同默认规则",
        }
        put(
            Rule,
            {"kind": Rule.Kind.LAMPS, "code": "house", "valid_from": on},
            {
                "name": "2026版",
                "doc_no": doc_no,
                "issuer": lamps["issuer"],
                "source_mark": "演示",
                "data": lamps,
            },
        )
        return count

    def _target(
        self, code: str, place: str, year: int, low: str, doc_no: str, stretch: str | None = None
    ) -> int:
        put(
            Target,
            {
                "indicator": Indicator._base_manager.get(code=code),
                "subject_id": self.press.subjects[place],
                "year": year,
            },
            {"low": Decimal(low), "doc_no": doc_no, **({"stretch": Decimal(stretch)} if stretch else {})},
        )
        return 1

    def adjust_target(self, block: Writing) -> int:
        """One target is raised in June by a second document."""
        data = self.stated["targets"]
        change = data["adjusted"]
        place = self.series.counties.index(change["place"])
        low = data["current"][change["indicator"]][place]
        return self._target(change["indicator"], change["place"], 2026, low, change["doc_no"])

    def redefine(self, block: Writing) -> int:
        """The definition of one indicator gets its present wording: registered contracts only."""
        row = Indicator._base_manager.get(code="contract_gdp")
        base = row.history()[0].data
        assert base is not None
        self._definition(base["definition"], base["definition_label"])
        return 1

    def _standings(self, since: int, before: int, codes: Container[str]) -> None:
        for number, (code, by_period) in enumerate(self.stated["standings"]["ranks"].items(), 21):
            for text, rank in by_period.items():
                at = Period.parse(text)
                if since <= at.year < before and code in codes:
                    self._standing(code, at, rank, number)

    def _standing(self, code: str, at: Period, rank: int, number: int) -> None:
        data = self.stated["standings"]
        put(
            Standing,
            {
                "indicator": Indicator._base_manager.get(code=code),
                "subject_id": self.press.subjects[self.stated["region"]["name"]],
                "period": at.code,
                "kind": Standing.Kind.RANK,
            },
            {
                "value": Decimal(rank),
                "population": data["population"],
                "assessor": data["assessor"],
                "doc_no": data["doc_no"].replace("{year}", str(at.year)).replace("{number}", str(number)),
            },
        )

    def standings(self, since: int, before: int, block: Writing) -> int:
        """Ranks the province published for the indicators that are not fixed with a yearly figure."""
        self._standings(since, before, RANKED[2:])
        return 0

    # ---- what was corrected, what came back ---------------------------------------------------------------

    def contract_registered_late(self, block: Writing) -> int:
        """A contract that missed the half-year is registered: the half-year of one county rises."""
        late = self.stated["contracts"]["half_2026_late"]
        return self._correct_contracts(
            block, late["place"], Period.half(2026, 1), "合同 QH-2026-0391 于 7-02 登记，补入上半年，820 万元"
        )

    def august_adjusted(self, block: Writing) -> int:
        """A county takes an unregistered letter of intent out of August (追溯调整)."""
        august = self.stated["contracts"]["august_2026"]
        return self._correct_contracts(
            block, august["place"], Period.ytd(2026, 8), "56 万元是未登记的意向合同"
        )

    def _correct_contracts(self, block: Writing, place: str, at: Period, note: str) -> int:
        for code, publication in (("contract_output", p.CONTRACTS), ("contract_registered", p.REGISTER)):
            value = self.series.values[code, place, at]
            self.press.correct(block, publication, code, place, at, value, note)
        return 2

    def budget_adjusted(self, block: Writing) -> int:
        """The finance bureau moves an item out of science expenditure after the half-year table."""
        place, at = self.stated["fiscal"]["half_2026_first"]["place"], Period.half(2026, 1)
        value = self.series.values["fiscal_st", place, at]
        return self.press.correct(block, p.BUDGET, "fiscal_st", place, at, value, "260 万元改列其他科目")

    def gdp_settled(self, block: Writing) -> int:
        """The statistics bureau settles the half-year product of one county."""
        at = Period.half(2026, 1)
        value = self.series.values["gdp", "苇湖区", at]
        return self.press.correct(block, p.GDP, "gdp", "苇湖区", at, value, "统计局核定，快报数减 1.20 亿元")

    def daily(self, publication: Publication, block: Writing) -> int:
        """What is counted day by day, on the last day before the demonstration's own; the holidays brought nothing new."""
        changes = list(self.press.issue_of_day(publication, p.DAILY[publication], Period.ytd(2026, 9)))
        record_values(block, changes)
        return len(changes)

    def people(self, block: Writing) -> int:
        """Units, people, posts, roles and accounts."""
        return make_people(people_stated(), self.press.subjects)

    # ---- the year -----------------------------------------------------------------------------------------

    def stages(self) -> list[Stage]:
        """Everything in the order in which it happened."""
        found = [
            Stage(moment(1, 5), "建市", self.found),
            Stage(moment(1, 5, 10), "单位、人员和账号", self.people),
            Stage(moment(1, 20), "2018—2024年度数", self.yearly_past),
            Stage(moment(1, 21), "2022—2025月度数", self.monthly_past),
            Stage(moment(3, 12, 15), "下达2026年目标", self.issue_targets, by="规划科（演示）"),
            Stage(moment(3, 12, 16), "技术合同占比口径改为只计已登记", self.redefine, by="规划科（演示）"),
            Stage(moment(3, 20), "2025年末企业法人数", self._issue(p.ENTITIES, "2025-12", date(2026, 3, 20))),
            Stage(moment(3, 25), "省通报2025年位次", partial(self.standings, 2025, 2026)),
            Stage(moment(6, 18, 10), "调整岚川县技术合同目标", self.adjust_target, by="规划科（演示）"),
            Stage(moment(6, 25), "省通报2025年科技进步水平", self._issue(p.INDEX, "2025", date(2026, 6, 25))),
            Stage(moment(7, 8, 11), "补登记合同", self.contract_registered_late),
            Stage(moment(7, 16, 11), "财政支出调整科目", self.budget_adjusted),
            Stage(moment(7, 28, 11), "上半年生产总值核定", self.gdp_settled),
            Stage(moment(9, 11, 10), "望岭县追溯调整8月", self.august_adjusted, by="苏知衡"),
            Stage(moment(9, 28), "省反馈2025年研发经费", self._issue(p.RESEARCH, "2025", date(2026, 9, 28))),
            Stage(moment(10, 10, 18), "研发统计名录10月10日", partial(self.daily, p.SURVEY)),
            Stage(moment(10, 10, 18, 10), "到期复审10月10日", partial(self.daily, p.REVIEW)),
            Stage(moment(10, 11, 9), "省通报2026年前三季度位次", partial(self.standings, 2026, 2027)),
            Stage(moment(10, 11, 18), "技术合同登记10月11日", partial(self.daily, p.REGISTER)),
        ]
        return [*found, *self._routine()]

    def _issue(self, publication: Publication, period: str, on: date) -> Run:
        return partial(self.publish, publication, period, on)

    def _routine(self) -> Iterable[Stage]:
        for month in range(1, 10):
            at = Period.ytd(2026, month)
            on = _reported_on(at)
            yield Stage(moment(on.month, on.day, 16, 22), f"2026年{month}月月报", partial(self.month, month))
            if 2 <= month <= 8:
                when = date(2026, month + 1, 27)
                yield Stage(
                    moment(when.month, when.day, 10),
                    f"规上研发费用{at.label}",
                    self._issue(p.LARGE, at.code, when),
                )
        for period, gdp, tax in QUARTERLY:
            yield Stage(moment(*gdp, 11), f"生产总值{period}", self._issue(p.GDP, period, date(2026, *gdp)))
            if tax:
                yield Stage(
                    moment(*tax), f"加计扣除{period}", self._issue(p.DEDUCTION, period, date(2026, *tax))
                )


_CONTRACTS = ("contract_output", "contract_registered")


def _reported_on(at: Period) -> date:
    """When a month is reported: on the 10th of the next, the half-year a week earlier for the mid-year meeting."""
    year, month = (at.year + 1, 1) if at.end.month == 12 else (at.year, at.end.month + 1)
    return date(year, month, 3 if month == 7 else 10)


def stages() -> list[Stage]:
    """The city's stages."""
    return City().stages()
