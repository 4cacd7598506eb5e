"""The counties' monthly sheets of the demonstration's year: filled, reviewed, signed, verified; September as the demonstration's day finds it."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from keshu.demo.people import FILLERS
from keshu.demo.series import Series, chance, stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Account, Region
from keshu.figures.entry import flow
from keshu.figures.entry.adjusting import ask, verify_adjustment
from keshu.figures.entry.cells import CellChange, change_cell
from keshu.figures.entry.estimates import record_estimate
from keshu.figures.entry.loading import load_form, open_sheet
from keshu.figures.entry.models import Form, FormRow, Sheet
from keshu.figures.entry.past import release_of
from keshu.figures.entry.sheets import rows_of
from keshu.figures.packages import put
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import Writing
from keshu.rules.models import Rule
from keshu.terms.period import Period

HERE = Path(__file__).resolve().parent
#: Cumulative of the first eight and of all nine months of 望岭县 (2026), and of nine months in 2025, as its monthly form shows.
WANGLING = {
    "budget_own": (152740, 171260, 165010),
    "budget_towns": (24030, 27130, 26190),
    "fiscal_rd": (627, 701, 718),
    "fiscal_popular": (487, 535, 541),
    "tech_sme": (27, 31, 28),
    "st_loans": (2510, 2860, 2140),
    "farm_training": (2240, 2480, 2085),
}
TYPED_IN_SEPTEMBER = {
    "budget_expenditure": "198400",
    "budget_own": "171260",
    "budget_towns": "27130",
    "fiscal_st": "1980",
    "fiscal_rd": "701",
    "fiscal_popular": "5350",
    "tech_sme": "4",
    "st_loans": "350",
}
#: Rows that are part of a total which the city publishes.
WITHIN = {"budget_towns": "budget_expenditure", "fiscal_rd": "fiscal_st", "fiscal_popular": "fiscal_st"}
#: Farmers trained, against 1000 in 望岭县, in the order of the counties: districts train few.
FARMERS = (180, 260, 940, 620, 1240, 1150, 860, 1000)
#: What the counties expected of 2025 in October and November: per mille of what the year became, drawn from this range.
GUESSED = {10: (900, 1130), 11: (955, 1050)}
LOANS_TWICE = 50  # 万元 counted twice in August, taken out by an adjustment
REVIEWERS = {"望岭县": ("贺一舟", "黎川")}
SIGNED_ONLY = ("苇湖区",)  # September waits for the city
RETURNED = "岚川县"
IN_WRONG_UNIT = ("fiscal_st", "19400")  # 1.94 亿元 where 1940 万元 is meant
RETURN_REASON = "科学技术支出 1.94 亿元疑为 1940 万元，请与县财政局 04 表核对后重报"
DRAFT = "望岭县"


class Months:
    """The sheets of 2026; every method is one stage."""

    def __init__(self) -> None:
        self.series = Series(stated())

    # ---- figures ------------------------------------------------------------------------------------------

    def cumulative(self, code: str, place: str, year: int, month: int) -> int:
        """A cumulative of a row that the city's own series does not hold, in 万元, 家 or 人次: 望岭县's shape, at the place's own size.

        What is part of a total that the city publishes is a share of it, so that it lies inside it and moves with it from year
        to year; the rest is 望岭县's amount at the place's size, last year's by a growth of the place's own.
        """
        if code == "budget_own":
            whole = self.series.values["budget_expenditure", place, Period.ytd(year, month)]
            return whole - self.cumulative("budget_towns", place, year, month)
        august, september, last = WANGLING[code]
        if code in WITHIN:
            total = self.series.values[WITHIN[code], place, Period.ytd(year, month)]
            part, whole = self._share_of(code, year, month)
            lean = 1000 if place == DRAFT else chance(code, place).randint(880, 1120)
            return round_share(total * lean, 1000 * whole, (part, 1))
        size = self._size(code, place)
        if year == 2025:
            grown = 1000 if place == DRAFT else chance(code, place, "growth").randint(900, 1080)
            return round_share(last * month * grown, 9 * 1000, size)
        if month == 9:
            return round_share(september, 1, size)
        return round_share(august * month, 8, size)

    def _share_of(self, code: str, year: int, month: int) -> tuple[int, int]:
        """望岭县's part and the total it lies in: of nine months last year, of eight or nine this year."""
        august, september, last = WANGLING[code]
        until = 9 if year == 2025 or month == 9 else 8
        total = self.series.values[WITHIN[code], DRAFT, Period.ytd(year, until)]
        return (last if year == 2025 else september if until == 9 else august), total

    def _size(self, code: str, place: str) -> tuple[int, int]:
        """A place's size against 望岭县's: by farmers for their training, by science expenditure for the rest."""
        if code == "farm_training":
            return FARMERS[self.series.counties.index(place)], FARMERS[self.series.counties.index(DRAFT)]
        values = self.series.values
        own = values["fiscal_st", place, Period.ytd(2026, 9)]
        return own, values["fiscal_st", DRAFT, Period.ytd(2026, 9)]

    def value(self, row: FormRow, place: str, period: Period) -> int | None:
        """What the county types: the cumulative, or the months of the period alone. None where the authority is not out yet."""
        code = row.measure.code
        month = period.end.month
        if code == "rd_large":
            return None
        if code in ("budget_expenditure", "fiscal_st"):
            return self.series.values[code, place, Period.ytd(2026, month)]
        if code == "hitech_applied":
            months = range(period.start.month, month + 1)
            return sum(self.series.values.get((code, place, Period.month(2026, m)), 0) for m in months)
        total = self.value_of(code, place, month)
        if row.typed == FormRow.Typed.CUMULATIVE:
            return total
        before = self.value_of(code, place, period.start.month - 1) if period.start.month > 1 else 0
        return total - before

    def value_of(self, code: str, place: str, month: int) -> int:
        """A cumulative of 2026."""
        return self.cumulative(code, place, 2026, month)

    # ---- stages -------------------------------------------------------------------------------------------

    def found(self, block: Writing) -> int:
        """The form, and last year's figures of the rows that only this form asks for."""
        spec: dict[str, Any] = yaml.safe_load((HERE / "month_form.yaml").read_text(encoding="utf-8"))
        put(
            Rule,
            {"kind": Rule.Kind.DEADLINE, "code": spec["deadline"], "valid_from": date(2026, 1, 1)},
            {"name": "青科统 01 表报送期限", "source_mark": "演示", "data": {"day": 12, "time": "17:30"}},
        )
        form = load_form(spec, people("苏知衡", None))
        changes: list[ValueChange] = []
        for place in self.series.counties:
            region = Region._base_manager.get(name=place)
            for row in rows_of(form):
                if row.measure.code in WANGLING:
                    changes += self._last_year(form, row, region)
        record_values(block, changes)
        self._expected(form)
        return len(changes)

    def more(self, block: Writing) -> int:
        """The department's quarterly form and the one up to a day; nobody has filled them yet."""
        spec: dict[str, Any] = yaml.safe_load((HERE / "other_forms.yaml").read_text(encoding="utf-8"))
        for rule in spec["deadlines"]:
            put(
                Rule,
                {"kind": Rule.Kind.DEADLINE, "code": rule["code"], "valid_from": date(2026, 1, 1)},
                {"name": rule["name"], "source_mark": "演示", "data": rule["data"]},
            )
        for form in spec["forms"]:
            load_form(form, people("苏知衡", None))
        return len(spec["forms"])

    def _expected(self, form: Form) -> None:
        """全年预计数 of last year, as the paper forms of October and November gave them, taken over when the form began."""
        for place in self.series.counties:
            region = Region._base_manager.get(name=place)
            for row in rows_of(form):
                if not row.is_typed:
                    continue
                whole = self._whole(row, place)
                for month, (low, high) in GUESSED.items():
                    guess = whole * chance("expected", row.measure.code, place, month).randint(low, high)
                    amount = (guess + 500) // 1000
                    scaled = amount * 1_000_000 if row.measure.unit == "元" else amount
                    filler = FILLERS.get(place, f"{place[:2]}填表人")
                    record_estimate(row, region, Period.month(2025, month), scaled, filler)

    def _whole(self, row: FormRow, place: str) -> int:
        """What 2025 became."""
        code, values = row.measure.code, self.series.values
        if code in WANGLING:
            return self.cumulative(code, place, 2025, 12)
        if code == "hitech_applied":
            return sum(values[code, place, Period.month(2025, month)] for month in range(1, 13))
        return values[code, place, Period.ytd(2025, 12)]

    def _last_year(self, form: Form, row: FormRow, region: Region) -> Iterator[ValueChange]:
        before = 0
        for month in range(1, 13):
            total = self.cumulative(row.measure.code, region.name, 2025, month)
            single = row.typed == FormRow.Typed.SINGLE
            period = Period.month(2025, month) if single else Period.ytd(2025, month)
            amount = total - before if single else total
            before = total
            scaled = amount * 1_000_000 if row.measure.unit == "元" else amount
            yield ValueChange(
                row.measure_id,
                region.pk,
                period.code,
                release_of(form).pk,
                scaled,
                origin="2025年月报",
                entered_by=FILLERS.get(region.name, "县局"),
            )

    def month(self, period: Period, block: Writing) -> int:
        """Every county's sheet of a period, filled and reported."""
        form = Form._base_manager.get(code="qhkt-01")
        rows = rows_of(form)
        count = 0
        for place in self.series.counties:
            region = Region._base_manager.get(name=place)
            filler = people(FILLERS.get(place, f"{place[:2]}填表人"), region)
            sheet = open_sheet(form, region, period, filler)
            if period.end.month == 9 and place == DRAFT:
                count += self._draft(sheet, rows, filler)
                continue
            count += self._fill(sheet, rows, place, period, filler)
            reviewer, head = REVIEWERS.get(place, (f"{place[:2]}审核人", f"{place[:2]}负责人"))
            sheet = flow.hand_in(sheet, filler)
            sheet = flow.review(sheet, people(reviewer, region))
            flow.sign(sheet, people(head, region))
        return count

    def _fill(self, sheet: Sheet, rows: list[FormRow], place: str, period: Period, filler: Actor) -> int:
        for row in rows:
            if not row.is_typed:
                continue
            value = self.value(row, place, period)
            if value is None:
                change = CellChange(absence="未发布")
            elif place == RETURNED and period.end.month == 9 and row.measure.code == IN_WRONG_UNIT[0]:
                change = CellChange(text=IN_WRONG_UNIT[1], note="与县财政局月报一致")
            elif row.measure.code == "st_loans" and place == DRAFT and period.end.month == 8:
                change = CellChange(text=str(value + LOANS_TWICE))
            else:
                change = CellChange(text=str(value), zero=value == 0 and row.typed == FormRow.Typed.SINGLE)
            change_cell(sheet, row, filler, change)
        return len(rows)

    def _draft(self, sheet: Sheet, rows: list[FormRow], filler: Actor) -> int:
        for row in rows:
            code = row.measure.code
            if code in TYPED_IN_SEPTEMBER:
                change_cell(sheet, row, filler, CellChange(text=TYPED_IN_SEPTEMBER[code]))
            elif code == "hitech_applied":
                change_cell(sheet, row, filler, CellChange(text="0", zero=True))
            elif code == "rd_large":
                change_cell(sheet, row, filler, CellChange(absence="未发布"))
        return len(rows)

    def verify(self, period: Period, block: Writing) -> int:
        """The city verifies what was reported; in September one county still waits and one is returned."""
        form = Form._base_manager.get(code="qhkt-01")
        checker = people("苏知衡", None)
        done = 0
        for sheet in Sheet._base_manager.filter(
            form=form, period=period.code, state=Sheet.State.SIGNED
        ).select_related("region", "form"):
            if period.end.month == 9 and sheet.region.name in SIGNED_ONLY:
                continue
            if period.end.month == 9 and sheet.region.name == RETURNED:
                rows = [row for row in rows_of(form) if row.measure.code == IN_WRONG_UNIT[0]]
                flow.return_sheet(sheet, checker, rows, RETURN_REASON)
            else:
                flow.verify(sheet, checker)
            done += 1
        return done

    def adjust(self, block: Writing) -> int:
        """追溯调整: a loan of August was counted twice; the sheet of August stays as it was sent."""
        form = Form._base_manager.get(code="qhkt-01")
        region = Region._base_manager.get(name=DRAFT)
        row = next(r for r in rows_of(form) if r.measure.code == "st_loans")
        new = str(self.value_of("st_loans", DRAFT, 8) - self.value_of("st_loans", DRAFT, 7))
        asked = ask(
            form, region, row, "2026-08", new, "一笔 50 万元续贷重复计入", people(FILLERS[DRAFT], region)
        )
        verify_adjustment(asked, people("苏知衡", None))
        return 1

    def stages(self) -> list[Stage]:
        """The form in January, a sheet and a verification per period, one adjustment."""
        found = [Stage(moment(1, 5, 10), "下发科技统计月报", self.found, by="苏知衡")]
        for period in (Period.months(2026, 1, 2), *(Period.month(2026, m) for m in range(3, 10))):
            day = date(2026, period.end.month + 1, 8)
            found.append(
                Stage(
                    moment(day.month, day.day, 15), f"{period.label}科技统计月报", partial(self.month, period)
                )
            )
            found.append(
                Stage(
                    moment(day.month, 10, 16, 40),
                    f"核实{period.label}科技统计月报",
                    partial(self.verify, period),
                    by="苏知衡",
                )
            )
        found.append(Stage(moment(9, 1, 10), "下发部门季报和截至日的表", self.more, by="苏知衡"))
        found.append(Stage(moment(9, 12, 10), "望岭县追溯调整8月科技贷款", self.adjust, by="苏知衡"))
        return found


def round_share(amount: int, parts: int, share: tuple[int, int]) -> int:
    """amount / parts × share, rounded half up, in whole numbers."""
    over, under = share
    return (2 * amount * over + parts * under) // (2 * parts * under)


def people(name: str, region: Region | None) -> Actor:
    """A person acting in the demonstration's past, by account where there is one: a county's clerk, reviewer and head, or the city."""
    account = Account.objects.filter(person__name=name).values_list("pk", flat=True).first()
    if region is None:
        can = frozenset({Can.VERIFY_MONTH, Can.ENTER_FOR_OTHERS, Can.FILL_MONTH})
        return Actor(account_id=account, name=name, sees_all=True, capabilities=can)
    can = frozenset({Can.FILL_MONTH, Can.REVIEW_MONTH, Can.SIGN_MONTH})
    return Actor(
        account_id=account,
        name=name,
        region_id=region.pk,
        region_ids=frozenset({region.pk}),
        capabilities=can,
    )


def stages() -> list[Stage]:
    """The sheets' stages."""
    return Months().stages()
