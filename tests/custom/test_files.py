"""A definition leaves as a file and comes in elsewhere: whole or not at all, and what it would change is told first."""

from dataclasses import replace

import pytest

from keshu.custom.columns import Col
from keshu.custom.defining import define
from keshu.custom.files import FileRefused, compared, exported, read_file, ready_made
from keshu.custom.models import Definition
from keshu.custom.wanted import wanted_of
from keshu.ledger.registers import by_code

pytestmark = pytest.mark.django_db


def elsewhere(house, text: str, **changes: str) -> Definition:
    """The file loaded as another house would: the ledger there has another code here, because both are this one."""
    wanted = replace(read_file(text), **changes)
    renamed = tuple(replace(count, name=f"{count.name}（邻市）") for count in wanted.measures)
    return define(replace(wanted, measures=renamed), house.office)


def test_a_definition_makes_the_same_ledger_elsewhere(house):
    ledger = house.define()
    loaded = elsewhere(house, exported(ledger), code="visits2", name="走访登记（邻市）")
    there, here = wanted_of(loaded), wanted_of(ledger)
    assert there.columns == here.columns
    assert [count.condition for count in there.measures] == [count.condition for count in here.measures]
    assert (there.key, there.who, there.counts_by) == (here.key, here.who, here.counts_by)


def test_a_file_that_was_changed_or_cut_off_is_refused(house):
    text = exported(house.define())
    for damaged in (
        text.replace("走访登记", "来访登记"),
        text[: len(text) * 2 // 3],
        text.replace("现场", "电话", 1),
    ):
        with pytest.raises(FileRefused):
            read_file(damaged)
    for other in (
        "",
        "甲,乙\n1,2",
        "!!python/object/apply:os.system ['true']",
        "- 1",
        "format: other\nledger: {}",
        "a: &a [*a]",
    ):
        with pytest.raises(FileRefused):
            read_file(other)
    with pytest.raises(FileRefused, match="超过"):
        read_file("甲" * 200_000)
    with pytest.raises(FileRefused, match="第 9 版格式"):
        read_file(text.replace("version: 1", "version: 9"))


def test_slots_and_records_stay_at_home(house):
    ledger = house.define()
    house.enter(ledger)
    text = exported(ledger)
    assert "text1" not in text and "北岭" not in text and "slot" not in text


def test_loading_over_a_ledger_tells_the_differences_and_keeps_its_data(house):
    ledger = house.define()
    text = exported(ledger)
    now = house.change(
        ledger,
        about="改过的说明",
        columns=(*house.columns(ledger), Col("联系人")),
    )
    house.enter(now, 联系人="林见山")
    loading = compared(read_file(text))
    assert loading.stands == now
    assert loading.changes == ("说明：改过的说明 → 按走访日期计入", "列“联系人”：停用 否 → 是")
    after = define(loading.wanted, house.office, seen=now.edition)
    assert [col.name for col in after.cols if col.off] == ["联系人"]
    assert by_code("visits").records.get().text3 == "林见山"


def test_a_file_that_says_the_same_changes_nothing(house):
    ledger = house.define()
    assert compared(read_file(exported(ledger))).changes == ()


def test_a_file_that_only_puts_columns_in_another_order_says_so_and_does_it(house):
    ledger = house.define()
    text, cols = exported(ledger), house.columns(ledger)
    now = house.change(ledger, columns=(cols[0], cols[2], cols[1], *cols[3:]))
    loading = compared(read_file(text))
    (said,) = loading.changes
    assert said.startswith("列的顺序：") and said.endswith("、".join(col.name for col in cols))
    after = define(loading.wanted, house.office, seen=now.edition)
    assert [col.name for col in after.cols] == [col.name for col in cols]


def test_the_ready_made_ledgers_load_all_at_once_beside_the_base_measures(house):
    for wanted in ready_made():
        define(wanted, house.office)
    assert [d.name for d in Definition.objects.order_by("pk")] == [
        "专利申请登记", "人才引进登记", "农民培训登记", "科技特派员下乡日志",
    ]  # fmt: skip
    assert by_code("training_log").bringing.key == ("text1", "date1", "text2")
