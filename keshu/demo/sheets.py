"""Monthly sheets of the demonstration's counties: filled, reviewed, signed and verified by the same functions as in service."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from keshu.demo.series import THIS_MONTH, THIS_YEAR, Series, chance, spread
from keshu.directory.accounts import actor_of
from keshu.directory.actors import ROLE_CAN, Actor, Role, system
from keshu.directory.models import Account, Region
from keshu.figures.entry import adjusting, flow
from keshu.figures.entry.cells import CellChange, change_cell, give_reason, type_cell
from keshu.figures.entry.loading import load_form, open_sheet
from keshu.figures.entry.models import Adjustment, Form, FormRow, Sheet
from keshu.figures.entry.sheets import content_of, rows_of
from keshu.figures.packages import put
from keshu.journal.writing import Writing
from keshu.rules.models import Rule
from keshu.terms.period import Period

ROLES = (Role.COUNTY_FILLER, Role.COUNTY_REVIEWER, Role.COUNTY_HEAD)
EVEN = tuple(range(83, 1000, 83))
SINGLE = ("tech_sme", "st_loans", "farm_training")
UNPUBLISHED = "未发布"


def stated() -> dict[str, Any]:
    """What ``form.yaml`` states."""
    path = Path(__file__).resolve().parent / "form.yaml"
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def add_rows(series: Series, data: Mapping[str, Any]) -> None:
    """Add what only the sheets hold to the series: parts of the budget rows, and services month by month, 2025 and 2026."""
    shares = (("budget_own", "budget_expenditure", "own_share"), ("fiscal_rd", "fiscal_st", "research_share"))
    for measure, whole, share in (*shares, ("fiscal_popular", "fiscal_st", "popular_share")):
        for (code, place, at), value in tuple(series.values.items()):
            if code == whole and place in series.counties and at.year in (THIS_YEAR - 1, THIS_YEAR):
                series.put(measure, place, at, value * data[share] // 1000)
    special = data["open"]
    for at, values in ((Period.ytd(2026, 8), special["august"]), (Period.ytd(2025, 9), special["year_before"])):
        for measure, value in values.items():
            series.put(measure, special["place"], at, value)
    for (code, place, at), value in tuple(series.values.items()):
        if code == "budget_own":
            series.put("budget_towns", place, at, series.values["budget_expenditure", place, at] - value)
    for measure in SINGLE:
        for n, county in enumerate(series.counties):
            known = data["rows"][measure]
            for year, knots in (
                (2026, {8: known["august"][n], 9: known["september"][n]}),
                (2025, {9: known["year_before"][n], 12: known["year_before"][n] * 4 // 3}),
            ):
                course = spread(knots, EVEN, chance(measure, county, year))
                for month, value in course.items():
                    series.put(measure, county, Period.month(year, month), value - course.get(month - 1, 0))


class Desk:
    """The counties' clerks and the city's, at work on 青科统 01 表."""

    def __init__(self, series: Series) -> None:
        self.series = series
        self.stated = stated()
        add_rows(series, self.stated)

    def found(self, block: Writing) -> int:
        """The form and its deadline."""
        put(
            Rule,
            {"kind": Rule.Kind.DEADLINE, "code": "qinghe-monthly", "valid_from": date(2026, 1, 1)},
            {"name": "青科统 01 表报送期限", "source_mark": "演示", "data": self.stated["deadline"]},
        )
        load_form(self.stated["form"], system("演示数据"))
        return 0

    @cached_property
    def form(self) -> Form:
        """The form as loaded."""
        return Form.objects.get(code=self.stated["form"]["code"])

    @cached_property
    def rows(self) -> dict[str, FormRow]:
        """The form's rows by measure."""
        return {row.measure.code: row for row in rows_of(self.form)}

    @cached_property
    def city(self) -> Actor:
        """The planning office's clerk."""
        return actor_of(Account.objects.get(username="suzhiheng"))

    @cached_property
    def regions(self) -> dict[str, Region]:
        """The counties by name."""
        return {row.name: row for row in Region.objects.filter(name__in=self.series.counties)}

    def signer(self, county: str, step: int) -> Actor:
        """Who fills (0), reviews (1) or signs (2): the account's actor where the person has one."""
        name = self.stated["signers"][county][step]
        account = Account.objects.filter(person__name=name, person__posts__unit__region=self.regions[county]).first()
        if account is not None:
            return actor_of(account)
        role = ROLES[step]
        return Actor(
            account_id=None,
            name=name,
            post=f"{county}科学技术局",
            region_id=self.regions[county].pk,
            region_ids=frozenset({self.regions[county].pk}),
            roles=frozenset({role}),
            capabilities=ROLE_CAN[role],
        )

    # ---- a month ------------------------------------------------------------------------------------------

    def report(self, month: int, block: Writing) -> int:
        """Every county's sheet of a month, up to 报市局; in September one county is still typing."""
        count = 0
        for county in self.series.counties:
            sheet = self._open(county, month)
            if month == THIS_MONTH and county == self.stated["open"]["place"]:
                count += self._half_done(sheet, county)
                continue
            count += self._fill(sheet, county, month)
            filler, reviewer, head = (self.signer(county, step) for step in range(3))
            self._explain(sheet, filler)
            sheet = flow.hand_in(sheet, filler)
            sheet = flow.review(sheet, reviewer)
            flow.sign(sheet, head)
        return count

    def _open(self, county: str, month: int) -> Sheet:
        return open_sheet(self.form, self.regions[county], Period.month(THIS_YEAR, month), self.signer(county, 0))

    def _fill(self, sheet: Sheet, county: str, month: int) -> int:
        filler = self.signer(county, 0)
        wrong = self.stated["returned"]
        for measure, row in self.rows.items():
            if not row.is_typed:
                continue
            at = Period.month(THIS_YEAR, month) if row.typed == FormRow.Typed.SINGLE else Period.ytd(THIS_YEAR, month)
            value = self.series.values.get((measure, county, at))
            # The statistics bureau publishes a month's research expenses after the sheets are due.
            if measure == "rd_large" or value is None:
                give_reason(sheet, row, filler, UNPUBLISHED)
            elif month == THIS_MONTH and (county, measure) == (wrong["place"], wrong["row"]):
                type_cell(sheet, row, filler, wrong["typed"])
            else:
                change_cell(sheet, row, filler, CellChange(text=str(value), zero=value == 0))
        return len(self.rows) - 1

    def _explain(self, sheet: Sheet, filler: Actor) -> None:
        """Words beside what the checks ask about."""
        for remark in content_of(sheet).examination.open:
            row = next(row for row in self.rows.values() if row.pk == remark.keys[0])
            change_cell(sheet, row, filler, CellChange(note="已与县财政局月报核对"))

    def _half_done(self, sheet: Sheet, county: str) -> int:
        filler, special = self.signer(county, 0), self.stated["open"]
        for measure, text in special["typed"].items():
            type_cell(sheet, self.rows[measure], filler, text)
        for measure in special["unpublished"]:
            give_reason(sheet, self.rows[measure], filler, UNPUBLISHED)
        for measure in special["zero"]:
            change_cell(sheet, self.rows[measure], filler, CellChange(text="0", zero=True))
        return len(special["typed"]) + len(special["zero"])

    def verify(self, month: int, block: Writing) -> int:
        """The city verifies what was signed; in September two sheets wait."""
        waiting = self.stated["awaiting"] if month == THIS_MONTH else []
        signed = Sheet.objects.for_system("演示：核实").filter(
            form=self.form, period=Period.month(THIS_YEAR, month).code, state=Sheet.State.SIGNED
        )
        for sheet in signed.select_related("region", "form"):
            if sheet.region.name not in waiting:
                flow.verify(sheet, self.city)
        return 0

    def send_back(self, block: Writing) -> int:
        """The city returns one row of one sheet: an amount in the wrong unit."""
        data = self.stated["returned"]
        sheet = self._sheet(data["place"], THIS_MONTH)
        flow.return_sheet(sheet, self.city, [self.rows[data["row"]]], data["reason"])
        return 0

    def _sheet(self, county: str, month: int) -> Sheet:
        period = Period.month(THIS_YEAR, month).code
        found = Sheet.objects.for_system("演示").select_related("region", "form")
        return found.get(form=self.form, region=self.regions[county], period=period)

    def adjust(self, county: str, month: int, old: int, new: int, reason: str, at: Any) -> None:
        """追溯调整 of a row that the register fills: written beside the sheet as the county asked and the city agreed."""
        asked = Adjustment(
            row=self.rows["contract_output"],
            region=self.regions[county],
            period=Period.month(THIS_YEAR, month).code,
            old=old,
            new=new,
            reason=reason,
            asked_by=self.stated["signers"][county][0],
            asked_at=at,
        )
        asked.save()
        adjusting.verify_adjustment(asked, self.city)
