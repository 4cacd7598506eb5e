"""任务书: goals are taken apart from the application, the signing asks for what the paper says, days follow from rules."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.ledger.classified import Classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.contracts import (
    Contract,
    ContractBroken,
    ContractStands,
    goals_of,
    phases_of,
    split_goals,
    write_contract,
)
from keshu.programmes.dating import add_months
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("形成样机 1 台套，申请发明专利 2 件", [("形成样机", "1 台套"), ("申请发明专利", "2 件")]),
        ("每吨能耗 ≤ 85 kWh", [("每吨能耗", "≤ 85 kWh")]),
        (
            "1. 建成中试线1条，通过鉴定\n（2）新增销售收入不少于 300 万元",
            [("建成中试线", "1条，通过鉴定"), ("新增销售收入", "不少于 300 万元")],
        ),
        ("完成研究报告；良率 95%", [("完成研究报告", ""), ("良率", "95%")]),
        ("", []),
    ],
)
def test_goals_are_taken_apart_with_their_promised_values(text, goals):
    assert split_goals(text) == goals


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2027, 6, 20), 6, date(2027, 12, 20)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),  # 2028 is a leap year
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 5, 31), -3, date(2026, 2, 28)),
        (date(2026, 1, 15), -3, date(2025, 10, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_are_counted_by_the_calendar(day, months, found):
    assert add_months(day, months) == found


def test_signing_takes_the_days_of_the_paper_and_counts_from_them(office):
    row = office.to(office.draft(goals="良率 95%"), "running")
    assert (row.starts_on, row.ends_on) == (date(2026, 6, 1), date(2028, 5, 31))
    # six months after 2028-05-31 is 30 November; three before it is 29 February of a leap year
    assert (row.accept_by, row.extend_by) == (date(2028, 11, 30), date(2028, 2, 29))
    assert row.contract_doc == "青科合〔2026〕8号"


def test_without_goals_nothing_is_signed(office):
    row = office.to(office.draft(), "approved")
    with pytest.raises(MoveRefused, match="任务书还没有考核指标"):
        office.step(row, "sign", "office", "", GIVEN["sign"])


def test_an_end_before_the_beginning_is_refused(office):
    row = office.to(office.draft(), "approved")
    write_contract(row, Contract([("良率", "95%")]), office.actors["north"])
    given = {**GIVEN["sign"], "ends_on": date(2026, 6, 1)}
    with pytest.raises(MoveRefused, match="执行止 2026-06-01 不在执行起 2026-06-01 之后"):
        office.step(row, "sign", "office", "", given)


def test_the_organisation_writes_the_contract_and_writing_again_takes_its_place(office):
    row = office.to(office.draft(), "approved")
    stages = [(date(2026, 12, 31), "完成样机"), (date(2028, 5, 31), "中试验证")]
    contract = Contract(
        [("良率", "95%"), ("专利", "2 件")],
        stages,
        direct_cost=Decimal("15000000"),
        equipment_cost=Decimal("3000000"),
        indirect_cost=Decimal("3150000"),
    )
    row = write_contract(row, contract, office.actors["north"])
    assert [(g.order, g.text, g.promised) for g in goals_of(row)] == [(1, "良率", "95%"), (2, "专利", "2 件")]
    assert [p.task for p in phases_of(row)] == ["完成样机", "中试验证"]
    row = write_contract(row, Contract([("良率", "96%")]), office.actors["office"])
    assert [g.promised for g in goals_of(row)] == ["96%"] and phases_of(row) == []
    assert row.direct_cost is None
    with pytest.raises(NotYourTurn):
        write_contract(row, contract, office.actors["south"])


def test_a_signed_contract_is_not_rewritten(office):
    row = office.to(office.draft(), "running")
    with pytest.raises(ContractStands, match="请提变更申请"):
        write_contract(row, Contract([("良率", "90%")]), office.actors["office"])


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        (Contract([]), "至少要有一条考核指标"),
        (Contract([("良率", "")]), "第 1 条“良率”没有约定值"),
        (Contract([("", "95%")]), "第 1 条指标没有写内容"),
        (Contract([("良", "9" * 61)]), "第 1 条的约定值写了 61 字"),
        (Contract([("良率", "95%")], [(date(2027, 1, 1), "乙"), (date(2026, 1, 1), "甲")]), "一个比一个晚"),
        (Contract([("良率", "95%")], equipment_cost=Decimal("100000")), "直接费用没有填"),
        (
            Contract([("良率", "95%")], direct_cost=Decimal("100000"), equipment_cost=Decimal("110000")),
            "设备购置费 11 万元包含在直接费用里，直接费用10 万元",
        ),
        (
            # 1200 of base allow 315; a cent more is refused
            Contract(
                [("良率", "95%")],
                direct_cost=Decimal("15000000"),
                equipment_cost=Decimal("3000000"),
                indirect_cost=Decimal("3150000.01"),
            ),
            "间接费用 315.000001 万元，超过上限 315 万元",
        ),
    ],
)
def test_a_contract_that_cannot_stand_is_refused_with_the_row(office, contract, said):
    row = office.to(office.draft(), "approved")
    with pytest.raises(ContractBroken, match=said):
        write_contract(row, contract, office.actors["north"])


def test_classified_marks_do_not_get_into_a_contract(office):
    row = office.to(office.draft(), "approved")
    with pytest.raises(Classified):
        write_contract(row, Contract([("某装备（机密级）", "1 台")]), office.actors["north"])
