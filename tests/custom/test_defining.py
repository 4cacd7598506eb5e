"""Defining a ledger: what works, what is refused in words, what a change may not take away, two people at once."""

from dataclasses import replace

import pytest

from keshu.custom.columns import Col, Count, free_slot
from keshu.custom.defining import DefinitionRefused, EditedMeanwhile, MayNotDefine, define
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.uses import uses
from keshu.custom.wanted import wanted_of
from keshu.journal.models import Revision
from keshu.ledger.models import SavedView
from keshu.ledger.registers import by_code, registers
from keshu.terms import clock
from tests.custom.ledgers import VISITS

pytestmark = pytest.mark.django_db


def problems(house, **changes) -> dict[str, str]:
    with pytest.raises(DefinitionRefused) as refused:
        house.define(**changes)
    return refused.value.problems


def column(house, *columns: Col) -> str:
    """What is said of the columns behind the name."""
    return next(
        iter(problems(house, columns=(Col("企业名称"), *columns), measures=(), key=(), counts_by="").values())
    )


def condition(house, text: str) -> str:
    return problems(house, measures=(Count("走访次数", "次", condition=text),))["measure.0"]


def test_a_ledger_has_slots_and_codes_after_its_first_saving(house):
    ledger = house.define()
    assert {col.name: col.slot for col in ledger.cols} == {
        "企业名称": "text1", "走访日期": "date1", "方式": "text2", "意向金额": "number1", "人数": "number2",
        "满意度": "number3", "需要回访": "flag1", "情况": "long1",
    }  # fmt: skip
    assert [count.code for count in ledger.counts] == ["visits_1", "visits_2"]
    assert ledger.edition == 1
    assert by_code("visits").name == "走访登记"


def test_saving_the_same_again_takes_no_revision(house):
    ledger = house.define()
    before = Revision.objects.count()
    assert house.change(ledger).edition == 1
    assert Revision.objects.count() == before


def test_only_who_keeps_ledgers_for_the_bureau_defines(house):
    with pytest.raises(MayNotDefine, match="不能定义台账"):
        define(VISITS, house.county)
    with pytest.raises(MayNotDefine):
        define(VISITS, house.staff.actor_as("leader"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('方势 == "现场"', "方式"),  # the wrong word and the nearest right one
        ("企业名称 / 2 > 1", "文字"),  # text divided
        ("意向金额 + 1", "条件"),
        ('情况 == "好"', "情况"),  # long texts are no conditions
        ("意向金额 * 人数 > 5", "两个名称相乘"),
        ('走访日期 > "2026"', "日期"),
        ("(人数 > 3", "括号"),
        ("人数 > " + "9" * 3000, "字"),
    ],
)
def test_a_condition_that_cannot_work_is_refused_at_saving_with_the_word_that_is_wrong(house, text, said):
    assert said in condition(house, text)


def test_columns_that_cannot_work_are_refused_in_words(house):
    assert "不能用" in column(house, Col("金额（万元）", "money"))
    assert "每个台账都有" in column(house, Col("状态"))
    assert "有两列都叫" in column(house, Col("企业名称"))
    assert "要写有哪些可选" in column(house, Col("方式", "choice"))
    assert "没有“video”这种列" in column(house, Col("录像", "video"))
    assert "小数位最多 4 位" in column(house, Col("分", "number", places=7))
    assert "不能用" in column(house, Col("甲" * 10_000))
    assert "第一列" in problems(house, columns=(Col("走访日期", "date"),), key=(), measures=())["column.0"]


def test_there_are_as_many_columns_as_slots(house):
    texts = [Col(f"文{n}") for n in range(12)]
    assert "已经用完" in column(house, *texts)
    assert free_slot("text", [f"text{n}" for n in range(1, 13)]) is None


def test_the_same_code_twice_is_refused(house):
    house.define()
    assert "已经有一个台账在用" in problems(house, name="又一个")["code"]
    assert "已经有一个台账在用" in problems(house, code="programmes", name="又一个")["code"]
    assert "已经有一个台账叫" in problems(house, code="again")["name"]


def test_renaming_a_column_keeps_data_condition_key_and_date(house):
    ledger = house.define()
    row = house.enter(ledger, 方式="现场", 意向金额="1")
    renamed = house.change(
        ledger,
        columns=house.columns(
            ledger, 方式=replace(ledger.cols[2], name="形式"), 走访日期=replace(ledger.cols[1], name="日期")
        ),
    )
    assert renamed.counts[1].condition == '形式 == "现场"'
    assert renamed.key == ["企业名称", "日期"] and renamed.counts_by == "日期"
    row.refresh_from_db()
    assert row.text2 == "现场" and row.edition == 1
    assert by_code("visits").contributions(row)[1].amount == 1_000_000  # 1 万元 in 分


def test_two_columns_may_exchange_their_names(house):
    ledger = house.define(
        columns=(Col("企业名称"), Col("甲", "count"), Col("乙", "count")),
        measures=(Count("走访次数", "次", condition="甲 > 1 and 乙 > 2"),),
        key=(), counts_by="",
    )  # fmt: skip
    first, a, b = ledger.cols
    swapped = house.change(ledger, columns=(first, replace(a, name="乙"), replace(b, name="甲")))
    assert swapped.counts[0].condition == "乙 > 1 and 甲 > 2"


def test_a_column_in_use_is_not_removed_and_every_use_is_named(house):
    ledger = house.define()
    house.enter(ledger, 方式="现场")
    SavedView.objects.create(
        register="visits", name="只看现场", question="text2=%E7%8E%B0%E5%9C%BA", account_id=1, made_by="何叙",
        made_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(DefinitionRefused) as refused:
        house.change(ledger, columns=house.columns(ledger, 方式=None))
    said = refused.value.problems
    assert "1 条记录填了它" in said["columns"] and "何叙存的视图“只看现场”用它" in said["columns"]
    assert "方式" in said["measure.1"]
    assert uses(ledger, ledger.cols[2]) == [
        "1 条记录填了它",
        "何叙存的视图“只看现场”用它",
        "计量“现场走访意向金额”的条件里有它",
    ]


def test_a_column_that_is_switched_off_keeps_its_data(house):
    ledger = house.define()
    row = house.enter(ledger, 满意度="4.5")
    off = house.change(ledger, columns=house.columns(ledger, 满意度=replace(ledger.cols[5], off=True)))
    row.refresh_from_db()
    assert row.number3 == 4.5
    assert "满意度" not in [column.label for column in by_code("visits").columns]
    on = house.change(off, columns=house.columns(off, 满意度=replace(off.cols[5], off=False)))
    assert on.used[5].name == "满意度"


def test_a_column_that_a_measure_needs_is_not_switched_off(house):
    ledger = house.define()
    with pytest.raises(DefinitionRefused, match="的条件里有它"):
        house.change(ledger, columns=house.columns(ledger, 方式=replace(ledger.cols[2], off=True)))


def test_a_slot_is_never_given_to_another_column(house):
    ledger = house.define()
    without = house.change(ledger, columns=house.columns(ledger, 满意度=None))
    assert without.spent == ["number3"]
    again = house.change(without, columns=(*without.cols, Col("户数", "count")))
    assert again.cols[-1].slot == "number4"


def test_another_kind_is_another_column(house):
    ledger = house.define()
    with pytest.raises(DefinitionRefused, match="请停用这一列，另加一列"):
        house.change(ledger, columns=house.columns(ledger, 人数=replace(ledger.cols[4], kind="money")))


def test_two_people_edit_one_definition_and_the_second_is_told(house):
    ledger = house.define()
    house.change(ledger, house.planning, about="先改的说明")
    with pytest.raises(EditedMeanwhile, match=r"第 2 版.*先改的说明.*没有丢"):
        define(replace(wanted_of(ledger), name="走访记录"), house.office, seen=1)
    assert Definition.objects.get(code="visits").name == "走访登记"


def test_a_renamed_ledger_counts_on_under_the_release_it_began_with(house):
    ledger = house.define()
    house.enter(ledger)
    ledger = house.change(ledger, name="企业走访")
    house.enter(ledger, 企业名称="南塘机电")
    from keshu.figures import counting

    assert counting.differing()[1] == []


def test_a_definition_saved_elsewhere_is_seen_without_a_restart(house):
    """Another process leaves nothing but rows: the register follows them."""
    house.define()
    assert by_code("visits").name == "走访登记"
    Definition._base_manager.filter(code="visits").update(name="换了名", digest="0" * 64)
    assert by_code("visits").name == "换了名"


def test_asking_for_the_registers_costs_one_query_however_many_there_are(house, django_assert_num_queries):
    house.define()
    house.define(code="calls", name="来电登记", prefix="LD", measures=())
    registers()
    with django_assert_num_queries(1):
        assert len(registers()) >= 3
    with django_assert_num_queries(0):
        by_code("programmes")


def test_a_record_keeps_the_edition_it_was_written_with(house):
    ledger = house.define()
    first = house.enter(ledger)
    ledger = house.change(ledger, about="改了说明")
    second = house.enter(ledger, 企业名称="南塘机电")
    assert (first.edition, second.edition) == (1, 2)
    assert CustomRecord.objects.for_system("测试").count() == 2
