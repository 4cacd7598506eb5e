"""The demonstration city's figures: what ``city.yaml`` states, and a history that leads up to it, made with a fixed seed.

All values are whole numbers: amounts in 万元, counts, and rates in ten-thousandths, so that the same figures come out on
every machine. Each series has its own generator of chance, named by its content; nothing here depends on the order of calls.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import yaml

from keshu.terms.period import Period

SEED = "青禾 2026"
FIRST_YEAR, THIS_YEAR, THIS_MONTH = 2022, 2026, 9
OWN, ZONE = "市本级", "青禾高新区"
BUDGET_PACE = (75, 140, 235, 310, 385, 490, 565, 645, 735, 800, 880, 1000)
SCIENCE_PACE = (50, 105, 190, 260, 335, 455, 520, 600, 690, 750, 835, 1000)
RESEARCH_PACE = (55, 120, 215, 300, 385, 490, 575, 660, 750, 825, 905, 1000)

Key = tuple[str, str, Period]


def chance(*names: object) -> Random:
    """A generator of chance of its own for one series."""
    return Random(":".join([SEED, *map(str, names)]))  # noqa: S311 (made-up figures, no secrets)


def ten_thousand(amount: str) -> int:
    """亿元 with at most four decimals as whole 万元."""
    return int(Decimal(amount) * 10_000)


def rate(text: str) -> int:
    """A rate as ten-thousandths."""
    return int(Decimal(text) * 10_000)


def spread(knots: Mapping[int, int], pace: Iterable[int], rng: Random, until: int = 12) -> dict[int, int]:
    """Cumulative values of the months 1—``until`` through the known months; between them the pace decides, a little unevenly."""
    steps = list(pace)
    steps = [steps[0], *(after - before for before, after in pairwise(steps))]
    found = {0: 0}
    start = 0
    for end in sorted(knots):
        months = range(start + 1, end + 1)
        weights = [steps[m - 1] * rng.randint(960, 1040) for m in months]
        rise, given, whole = knots[end] - found[start], 0, sum(weights)
        for month, weight in zip(months, weights, strict=True):
            given += weight
            found[month] = found[start] + rise * given // whole
        start = end
    return {month: value for month, value in sorted(found.items()) if 1 <= month <= until}


class Series:
    """Every generated figure by (measure, place, period)."""

    def __init__(self, stated: dict[str, Any]) -> None:
        self.stated = stated
        self.counties: list[str] = stated["county_order"]
        self.values: dict[Key, int] = {}
        self._gdp()
        self._contracts()
        self._fiscal()
        self._annual()
        self._hitech()
        self._leading()

    def put(self, measure: str, place: str, period: Period, value: int) -> None:
        self.values[(measure, place, period)] = value

    def of(self, measure: str, period: Period) -> dict[str, int]:
        """The values of one measure and period by place."""
        return {
            place: value
            for (code, place, at), value in self.values.items()
            if code == measure and at == period
        }

    @cached_property
    def index(self) -> dict[tuple[str, Period], dict[str, int]]:
        """Values by (measure, period), then place."""
        found: dict[tuple[str, Period], dict[str, int]] = {}
        for (measure, place, period), value in self.values.items():
            found.setdefault((measure, period), {})[place] = value
        return found

    def _cumulative(self, measure: str, place: str, year: int, months: Mapping[int, int]) -> None:
        for month, value in months.items():
            self.put(measure, place, Period.ytd(year, month), value)

    # ---- gross domestic product ---------------------------------------------------------------------------

    def _gdp(self) -> None:
        data = self.stated["gdp"]
        self.gdp: dict[tuple[str, int, int], int] = {}
        for n, county in enumerate(self.counties):
            share = data["nine_months_share"][n]
            this = ten_thousand(data["nine_months_2026"][n])
            last = ten_thousand(data["nine_months_2025"][n])
            whole = {2026: this * 1000 // share, 2025: last * 1000 // share}
            for year, growth in zip((2024, 2023, 2022), data["past_growth"], strict=True):
                rng = chance("gdp", county, year)
                whole[year] = whole[year + 1] * 1000 // (1000 + growth + rng.randint(-6, 6))
            for year in range(2018, 2022):
                whole[year] = whole[2022] * 1000 // (1000 + 62 * (2022 - year))
            for year, amount in whole.items():
                rng = chance("gdp quarters", county, year)
                wiggle = rng.randint(-2, 2) if year < 2025 else 0
                shares = {
                    3: data["first_quarter_share"],
                    6: data["half_share"] + wiggle,
                    9: share + wiggle,
                    12: 1000,
                }
                for month, part in shares.items():
                    value = {(2026, 9): this, (2025, 9): last}.get((year, month), amount * part // 1000)
                    self.gdp[(county, year, month)] = value // 100 * 100
                    held = year >= FIRST_YEAR or month == 12
                    if held and (year, month) <= (THIS_YEAR, THIS_MONTH):
                        self.put("gdp", county, Period.ytd(year, month), self.gdp[(county, year, month)])

    # ---- technology contracts -----------------------------------------------------------------------------

    def _contracts(self) -> None:
        data = self.stated["contracts"]
        knots: dict[str, dict[int, dict[int, int]]] = {}
        knots[OWN] = {2026: dict(data["own_2026"]), 2025: dict(data["own_2025"])}
        for n, county in enumerate(self.counties):
            knots[county] = self._contract_knots(data, n, county)
        for year in (2025, 2026):
            self._meet_the_city(knots, year, data[f"city_{year}"])
        own = knots[OWN]
        for year in (2024, 2023, 2022):
            own[year] = {m: v * (940 - 60 * (2024 - year)) // 1000 for m, v in own[2025].items()}
        for place, years in knots.items():
            for year, known in years.items():
                city = data.get(f"city_{year}", data["city_2025"])
                course = spread(known, city, chance("contracts", place, year))
                if year == THIS_YEAR and place == data["august_2026"]["place"]:
                    course[8] = data["august_2026"]["corrected"]
                self._cumulative("contract_output", place, year, course)
        for year in (2025, 2026):
            self._close_the_months(year, data[f"city_{year}"])
        for (measure, place, period), value in tuple(self.values.items()):
            if measure != "contract_output":
                continue
            if place == self.counties[0]:
                self.put(measure, ZONE, period, value * data["zone_share"] // 1000)
            self.put("contract_registered", place, period, value)

    def _contract_knots(self, data: dict[str, Any], n: int, county: str) -> dict[int, dict[int, int]]:
        def amount(year: int, month: int, share: int) -> int:
            return self.gdp[(county, year, month)] * share // 1_000_000

        known: dict[int, dict[int, int]] = {
            2026: {
                3: amount(2026, 3, data["first_quarter_2026"][n]),
                6: amount(2026, 6, data["half_2026"][n]),
                9: data["nine_months_2026"][n],
            },
            2025: {
                3: amount(2025, 3, data["first_quarter_2025"][n]),
                6: amount(2025, 6, data["half_2025"][n]),
                9: data["nine_months_2025"][n],
                12: amount(2025, 12, data["whole_2025"][n]),
            },
        }
        levels = [1000, *data["past_level"]]
        for back, year in enumerate((2024, 2023, 2022)):
            rng = chance("contract level", county, year)
            level = levels[back] + (rng.randint(-15, 15) if back else 0)
            whole = amount(year, 12, data["whole_2024"][n] * level // 1000)
            parts = {3: 203, 6: 432, 9: 748 + rng.randint(-12, 12)}
            if county == data["late"]["place"]:
                parts = {3: 165, 6: 352, 9: data["late"]["nine_months"][back]}
            known[year] = {**{month: whole * part // 1000 for month, part in parts.items()}, 12: whole}
        return known

    def _meet_the_city(self, knots: dict[str, dict[int, dict[int, int]]], year: int, city: list[int]) -> None:
        """Bring the counties' quarter-ends to the stated city total; what is stated per county stays as it is."""
        late = self.stated["contracts"]["late"]["place"]
        for month in (3, 6, 12):
            if month > len(city):
                continue
            fixed = knots[OWN][year][month] + knots[late][year][month]
            free = [county for county in self.counties if county != late]
            sum_free = sum(knots[county][year][month] for county in free)
            for county in free:
                knots[county][year][month] = (
                    knots[county][year][month] * (city[month - 1] - fixed) // sum_free
                )
            rest = city[month - 1] - fixed - sum(knots[county][year][month] for county in free)
            knots[free[0]][year][month] += rest

    def _close_the_months(self, year: int, city: list[int]) -> None:
        """The largest county takes what rounding leaves over, so that the months add up to the stated city total."""
        for month, whole in enumerate(city, 1):
            period = Period.ytd(year, month)
            held = self.of("contract_output", period)
            largest = self.counties[0]
            self.put("contract_output", largest, period, held[largest] + whole - sum(held.values()))

    # ---- budget -------------------------------------------------------------------------------------------

    def _fiscal(self) -> None:
        data = self.stated["fiscal"]
        for n, place in enumerate((*self.counties, OWN)):
            budget = {2026: data["budget_2026"][n], 2025: data["budget_2025"][n]}
            science = {2026: data["science_2026"][n], 2025: data["science_2025"][n]}
            for year in (2024, 2023, 2022):
                rng = chance("fiscal", place, year)
                budget[year] = budget[year + 1] * 1000 // (1035 + rng.randint(-8, 8))
                science[year] = science[year + 1] * 1000 // (1055 + rng.randint(-15, 15))
            for year in range(FIRST_YEAR, THIS_YEAR + 1):
                for measure, nine, pace in (
                    ("budget_expenditure", budget[year], BUDGET_PACE),
                    ("fiscal_st", science[year], SCIENCE_PACE),
                ):
                    known = {9: nine}
                    if year < THIS_YEAR:
                        known[12] = nine * pace[11] // pace[8]
                    course = spread(known, pace, chance(measure, place, year))
                    if year == THIS_YEAR and place == data["august_2026"]["place"]:
                        course[8] = data["august_2026"][
                            "budget" if measure == "budget_expenditure" else "science"
                        ]
                    self._cumulative(measure, place, year, course)

    # ---- fixed figures of whole years ---------------------------------------------------------------------

    def _annual(self) -> None:
        index, intensity = self.stated["index"], self.stated["rd_intensity"]
        for n, county in enumerate(self.counties):
            for year in range(2018, 2026):
                rng = chance("annual", county, year)
                if str(year) in index:
                    score, share = rate(index[str(year)][n]), rate(intensity[str(year)][n])
                else:
                    score = rate(index["2024"][n]) - (2024 - year) * (9_000 + rng.randint(-900, 900))
                    share = (
                        rate(intensity["2024"][n]) * (1000 - 32 * (2024 - year) + rng.randint(-6, 6)) // 1000
                    )
                self.put("progress_index", county, Period.year(year), score // 100 * 100)
                self.put(
                    "rd_expenditure",
                    county,
                    Period.year(year),
                    self.gdp[(county, year, 12)] * share // 1_000_000,
                )
            for year in range(2021, 2026):
                rng = chance("entities", county)
                count = self.stated["legal_entities_2025"][n]
                growth = (2025 - year) * (48 + rng.randint(-3, 3))
                self.put("legal_entities", county, Period.month(year, 12), count * 1000 // (1000 + growth))
        for year, score in index["city"].items():
            self.put("progress_index", self.stated["region"]["name"], Period.year(int(year)), rate(score))

    # ---- high-tech enterprises ----------------------------------------------------------------------------

    def _hitech(self) -> None:
        known = sorted((Period.parse(code), counts) for code, counts in self.stated["hitech"].items())
        for n, county in enumerate(self.counties):
            for (before, low), (after, high) in pairwise(known):
                span = (after.year - before.year) * 12 + after.end.month - before.end.month
                for step in range(span + 1):
                    month = before.end.month + step
                    at = Period.month(before.year + (month - 1) // 12, (month - 1) % 12 + 1)
                    self.put("hitech_valid", county, at, low[n] + (high[n] - low[n]) * step // span)
        for (measure, place, period), value in tuple(self.values.items()):
            if measure == "hitech_valid" and place == self.counties[0]:
                self.put(measure, ZONE, period, value * 36 // 100)

    # ---- leading figures ----------------------------------------------------------------------------------

    def _leading(self) -> None:
        stated = self.stated
        for n, county in enumerate(self.counties):
            research = {2026: stated["rd_large"]["2026"][n], 2025: stated["rd_large"]["2025"][n]}
            for year in (2024, 2023, 2022):
                research[year] = (
                    research[year + 1] * 1000 // (1090 + chance("research", county, year).randint(-25, 25))
                )
            for year, eight in research.items():
                known = (
                    {8: eight}
                    if year == THIS_YEAR
                    else {8: eight, 12: eight * RESEARCH_PACE[11] // RESEARCH_PACE[7]}
                )
                course = spread(known, RESEARCH_PACE, chance("rd_large", county, year))
                if year == 2025 and county == "望岭县":
                    course[9] = 4870
                course.pop(1)
                self._cumulative("rd_large", county, year, course)
            half = stated["deduction_half_2026"][n]
            for year in range(FIRST_YEAR, THIS_YEAR + 1):
                base = half * 1000 // (1000 + 110 * (THIS_YEAR - year))
                parts = {3: 460, 6: 1000, 9: 1540, 12: 2150}
                for month, part in parts.items():
                    if (year, month) <= (THIS_YEAR, 6):
                        self.put("deduction", county, Period.ytd(year, month), base * part // 1000)
            self._enterprises(n, county)

    def _enterprises(self, n: int, county: str) -> None:
        stated = self.stated
        for year, key in ((2026, "applied_2026"), (2025, "applied_2025")):
            total = stated[key][n]
            batches = {5: total * 40 // 100, 6: total * 30 // 100}
            batches[8] = total - sum(batches.values())
            for month in range(1, 13 if year < THIS_YEAR else THIS_MONTH + 1):
                self.put("hitech_applied", county, Period.month(year, month), batches.get(month, 0))
        for month in range(1, THIS_MONTH + 1):
            at = Period.month(THIS_YEAR, month)
            survey, review = stated["survey_2026"], stated["review_2026"]
            self.put("should_survey", county, at, survey["due"][n])
            self.put("surveyed", county, at, survey["done"][n] * (64 + month * 4) // 100)
            self.put("review_due", county, at, review["due"][n])
            self.put(
                "review_filed",
                county,
                at,
                review["done"][n] if month >= 8 else review["done"][n] * month // 9,
            )


def stated() -> dict[str, Any]:
    """What ``city.yaml`` states."""
    path = Path(__file__).resolve().parent / "city.yaml"
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
