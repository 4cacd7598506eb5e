"""Publishing the demonstration's figures: every release holds its period and the same period of the year before, as monthly
tables do, so that a change takes both ends from one release."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from keshu.demo.series import Series
from keshu.directory.models import Region
from keshu.figures.models import Measure, Release
from keshu.figures.packages import put
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import Writing
from keshu.terms.period import Period

CITY_ST = "青禾市科学技术局（演示）"
STATISTICS = "青禾市统计局（演示）"
FINANCE = "青禾市财政局（演示）"
TAX = "青禾市税务局（演示）"
PROVINCE_ST = "演示省科学技术厅（演示）"
PROVINCE_STATISTICS = "演示省统计局（演示）"


@dataclass(frozen=True)
class Publication:
    """A table that comes out again and again: who publishes it, what it is called, which measures it holds."""

    source: str
    title: str
    measures: tuple[str, ...]
    kind: str = str(Release.Kind.AUTHORITY)
    entered_by: str = ""
    verified_by: str = ""

    def label(self, period: Period) -> str:
        """The release label of one issue."""
        return f"{self.title} {period.label}"


GDP = Publication(STATISTICS, "生产总值核算", ("gdp",), verified_by="何叙")
CONTRACTS = Publication(PROVINCE_ST, "技术合同统计", ("contract_output",), verified_by="何叙")
REGISTER = Publication(CITY_ST, "技术合同登记", ("contract_registered",), verified_by="何叙")
BUDGET = Publication(FINANCE, "预算执行月报", ("budget_expenditure", "fiscal_st"), verified_by="苏知衡")
RESEARCH = Publication(PROVINCE_STATISTICS, "研发经费反馈", ("rd_expenditure",), verified_by="苏知衡")
INDEX = Publication(PROVINCE_ST, "科技进步水平通报", ("progress_index",), str(Release.Kind.BULLETIN))
ENTITIES = Publication(STATISTICS, "企业法人单位数", ("legal_entities",))
HITECH = Publication(CITY_ST, "高新技术企业名录", ("hitech_valid",), verified_by="高新科")
REVIEW = Publication(CITY_ST, "到期复审进度", ("review_due", "review_filed"), verified_by="高新科")
LARGE = Publication(STATISTICS, "规上工业研发", ("rd_large",))
DEDUCTION = Publication(TAX, "加计扣除", ("deduction",))
SURVEY = Publication(STATISTICS, "研发统计名录", ("surveyed", "should_survey"))
APPLIED = Publication(CITY_ST, "高企申报受理名单", ("hitech_applied",), verified_by="高新科")
MONTHLY = (CONTRACTS, REGISTER, BUDGET, HITECH, SURVEY, REVIEW, APPLIED)
#: What is counted day by day, and the last day before the demonstration's own.
DAILY = {SURVEY: date(2026, 10, 10), REVIEW: date(2026, 10, 10), REGISTER: date(2026, 10, 11)}


@dataclass
class Press:
    """Turns the generated series into values of releases."""

    series: Series
    people: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def subjects(self) -> dict[str, int]:
        """Subjects of the city by name."""
        names = {self.series.stated["region"]["name"], *(row["name"] for row in self.series.stated["places"])}
        return dict(Region._base_manager.filter(name__in=names).values_list("name", "pk"))

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Measures by code."""
        return {measure.code: measure for measure in Measure._base_manager.all()}

    def scaled(self, measure: Measure, value: int) -> int:
        """A generated value (万元, a count or ten-thousandths) as it is stored."""
        return value * 1_000_000 if measure.unit == "元" else value

    def release(self, issue: Publication, period: Period, on: date) -> Release:
        """The release of one issue, made when it is not there yet."""
        key = {"source": issue.source, "label": issue.label(period)}
        return put(Release, key, {"kind": issue.kind, "released_on": on})

    def issue(
        self,
        publication: Publication,
        period: Period,
        on: date,
        *,
        first: Mapping[tuple[str, str], int] | None = None,
        without: Collection[str] = (),
    ) -> Iterator[ValueChange]:
        """One issue: its period and the year before. ``first`` gives values as they were first published."""
        release = self.release(publication, period, on)
        for code in publication.measures:
            measure = self.measures[code]
            for at in (period, period.previous_year()):
                own = at.single_month() if measure.nature == "stock" or measure.typed == "single" else at
                for place, value in self.series.index.get((code, own), {}).items():
                    if at == period and place in without:
                        continue
                    stated = (first or {}).get((code, place), value) if at == period else value
                    yield self.change(measure, place, own, release, stated, publication)

    def issue_of_day(self, publication: Publication, day: date, month: Period) -> Iterator[ValueChange]:
        """What stands on a day after a month's end: as at that end, because nothing came in since."""
        today = Period.day(day)
        release = self.release(publication, today, day)
        for code in publication.measures:
            measure = self.measures[code]
            for at, end in ((today, month), (today.previous_year(), month.previous_year())):
                own = end.single_month() if measure.nature == "stock" else end
                for place, value in self.series.index.get((code, own), {}).items():
                    yield self.change(measure, place, at, release, value, publication)

    def change(
        self,
        measure: Measure,
        place: str,
        at: Period,
        release: Release,
        value: int | None,
        by: Publication,
        note: str = "",
    ) -> ValueChange:
        """One value of one release."""
        return ValueChange(
            measure.pk,
            self.subjects[place],
            at.code,
            release.pk,
            None if value is None else self.scaled(measure, value),
            note=note,
            origin=by.title,
            entered_by=by.entered_by or self.people.get(place, ""),
            verified_by=by.verified_by,
        )

    def correct(
        self,
        block: Writing,
        publication: Publication,
        code: str,
        place: str,
        period: Period,
        value: int,
        note: str,
    ) -> int:
        """A later version of a published value, with its reason."""
        release = Release._base_manager.get(source=publication.source, label=publication.label(period))
        record_values(
            block, [self.change(self.measures[code], place, period, release, value, publication, note)]
        )
        return 1
