"""Documents in, documents out: the file of tasks, what contradicts itself, the way to issue, adjustments, letters."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from keshu.directory.accounts import actor_of
from keshu.figures.models import Target
from keshu.goals import adjusting, documents, letters
from keshu.goals.actuals import actual
from keshu.goals.adjusting import AdjustmentRefused
from keshu.goals.decomposing import branch
from keshu.goals.documents import DocumentRefused, correct, correct_whole
from keshu.goals.importing import GoalsRefused, bring_goals, kind_of_source
from keshu.goals.models import Adjustment, Goal, SourceDocument
from keshu.goals.moving import MayNotSetGoals, UnitDiffers, advance
from keshu.goals.registers import ADJUSTMENTS, LETTERS
from keshu.goals.taskfile import read_goals
from keshu.journal import moments
from keshu.ledger.evidence import attach, evidence_of
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, move, moves_of
from keshu.terms import clock

pytestmark = pytest.mark.django_db
D = Decimal
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEAD = ["序号", "任务", "来源", "目标值", "上年完成", "责任科室", "完成时限", "计数来源", "只计"]
#: What the 14 tasks of seed 004 look like: sources merged down, ranges, tens of thousands, sentences.
ROWS = [
    ["1", "有效发明专利", "上级考核责任书", "1件", "", "规划科"],
    ["2", "高企销售额与规上企业销售额比值", None, "25.6%", "", "高新科"],
    ["3", "申请专利", "市政府工作报告牵头", "150项", "120", "规划科", "2026-12-20", "登记的专利申请数"],
    ["4", "引进高层次科技创新人才", None, "1-2名", "", "人才科"],
    ["5", "科技进步水平", "省科技厅考核", "保9争8", "", "规划科"],
    ["6", "农民适用技术培训", "市政府工作报告协助", "1万人次", "", "农村科"],
    ["7", "新立科技项目", None, "60项以上，其中80项以上省级", "", "计划科"],
    ["8", "科技创新券", None, "出台管理办法", "", "规划科"],
]


@pytest.fixture
def taskfile(tmp_path):
    def write(*rows, head=HEAD):
        book = Workbook()
        sheet = book.active
        sheet.append(["2026年目标任务分解表"])
        sheet.append(head)
        for row in rows or ROWS:
            sheet.append(row)
        if not rows:
            for area in ("C3:C4", "C5:C6", "C8:C10"):
                sheet.merge_cells(area)
        path = tmp_path / "任务分解.xlsx"
        book.save(path)
        return path

    return write


def bring(world, path, **values):
    said = {"document": world.document("2026年任务分解意见"), "year": 2026, "issued": True}
    return bring_goals(path, path.name, world.planning, **{**said, **values})


def named(name):
    return Goal.objects.for_system("测试").select_related("document").get(name=name)


# ---- 导入任务


def test_a_file_of_tasks_is_read_as_its_documents_wrote_it(world, taskfile):
    found = bring(world, taskfile())
    # “150项” cannot be counted by a measure in 件: the row comes back, the others stand.
    assert [(refused.row.number, refused.reasons[0][0]) for refused in found.refused] == [(5, "measure")]
    assert found.count("新增") == 7
    talents, place = named("引进高层次科技创新人才"), named("科技进步水平")
    assert (talents.kind, talents.low, talents.high, talents.owner) == ("range", 1, 2, "人才科")
    assert (place.kind, place.low, place.stretch, place.direction) == ("rank", 9, 8, "down")
    assert (named("农民适用技术培训").unit, named("科技创新券").demand) == ("万人次", "出台管理办法")
    kinds = {
        goal.document.title: goal.document.kind
        for goal in Goal.objects.for_system("测试").select_related("document")
    }
    assert kinds == {
        "上级考核责任书": "assessment", "市政府工作报告牵头": "lead", "省科技厅考核": "assessment", "市政府工作报告协助": "assist",
    }  # fmt: skip
    assert all(goal.state == "issued" for goal in Goal.objects.for_system("测试"))
    assert kind_of_source("“十五五”科技创新规划") == "plan"


def test_refused_rows_go_back_and_come_in_again_corrected(world, taskfile, tmp_path):
    path = taskfile(
        ["1", "申请专利", "", "150件", "120件", "", "", "登记的专利申请数", '类型 == "发明专利"'],
        ["2", "引进人才", "", "3-1名"],
        ["3", "平台建设", "", "5家", "", "", "2026-02-30"],
        ["4", "申请专利", "", "160件"],
        ["5", "授权专利", "", "80件", "", "", "", "登记的专利申请数", '类型 == "软件"'],
        ["", "", "", ""],
    )
    found = bring(world, path)
    said = " ".join(reason for refused in found.refused for _, reason in refused.reasons)
    for words in ("上限 1 小于下限 3", "“2026-02-30”读不成日期", "和第 3 行是同一个任务", "没有“软件”这一项"):
        assert words in said
    out = io.BytesIO()
    assert found.write_refused(out) == 4
    back = load_workbook(out)
    sheet = back.active
    for row in sheet.iter_rows(min_row=3):
        fixed = {
            "引进人才": (3, "1-3名"),
            "平台建设": (6, "2026-06-30"),
            "授权专利": (8, '类型 == "发明专利"'),
        }
        if row[1].value in fixed:
            at, text = fixed[row[1].value]
            row[at].value = text
    again = tmp_path / "改好.xlsx"
    back.save(again)
    document = SourceDocument.objects.get()
    found = bring_goals(again, again.name, world.planning, document=document, year=2026, issued=True)
    assert Goal.objects.for_system("测试").count() == 4
    assert [refused.row.cells[1].text for refused in found.refused] == ["申请专利"]


def test_an_issued_number_is_not_changed_by_a_second_file(world, taskfile):
    path = taskfile(["1", "申请专利", "", "150件"], ["2", "授权专利", "", "80件"])
    bring(world, path)
    document = SourceDocument.objects.get()
    same = read_goals(path, path.name, document=document, year=2026)
    assert (same.count("相同"), same.refused) == (2, [])
    other = taskfile(["1", "申请专利", "", "160件"])
    with pytest.raises(GoalsRefused, match="1 行都有问题"):
        bring_goals(other, other.name, world.planning, document=document, year=2026, issued=True)
    assert named("申请专利").low == 150
    with pytest.raises(MayNotSetGoals):
        bring_goals(
            path,
            path.name,
            actor_of(world.staff.accounts["office"]),
            document=document,
            year=2026,
            issued=True,
        )


def test_the_yearly_nodes_of_a_plan_stand_in_their_own_years_and_are_not_added_up(world, taskfile):
    rows = [
        ["1", "研发人员", "", "900人", 2030],
        ["1.1", "研发人员", "", "500人", 2026],
        ["1.2", "研发人员", "", "1000人", 2027],
    ]
    found = bring(world, taskfile(*rows, head=["序号", "任务", "来源", "目标值", "年度"]))
    assert (found.count("新增"), found.refused) == (3, [])
    goals = {goal.year: goal for goal in Goal.objects.for_system("测试")}
    assert [goals[year].low for year in (2026, 2027, 2030)] == [500, 1000, 900]
    assert goals[2026].parent == goals[2027].parent == goals[2030]
    assert branch(goals[2030]).sums() == {}


# ---- 原文有误


def test_a_part_above_its_whole_stands_as_issued_until_a_correcting_document_is_cited(world, taskfile):
    world.measure("made", "新立项目", "项")
    bring(world, taskfile(["1", "新立科技项目", "", "60项以上，其中80项以上省级", "", "", "", "made"]))
    part = named("省级")
    assert (part.low, part.flaw, part.within) == (80, "80 > 60，大 20", True)
    assert named("新立科技项目").low == 60
    with pytest.raises(AdjustmentRefused, match="更正文件"):
        adjusting.ask(part, world.planning, low=D(40), why="笔误")
    stranger = world.document("别的文件", kind="correction", corrects=world.document("另一份"))
    with pytest.raises(DocumentRefused, match="不是更正"):
        correct(part, world.planning, document=stranger, low=D(40))
    paper = world.document("关于更正任务分解意见的通知", kind="correction", corrects=part.document)
    with pytest.raises(DocumentRefused, match="70 > 60，大 10"):
        correct(part, world.planning, document=paper, low=D(70))
    before = moments.latest()
    fixed = correct(part, world.planning, document=paper, low=D(40))
    assert (fixed.low, fixed.flawed, fixed.flaw) == (40, False, "80 > 60，大 20")
    assert Goal.as_of(before, [part.pk])[0].low == 80


def test_the_correcting_document_may_change_the_whole_instead(world, taskfile):
    bring(world, taskfile(["1", "新立科技项目", "", "60项以上，其中80项以上省级"]))
    whole = named("新立科技项目")
    paper = world.document("更正通知", kind="correction", corrects=whole.document)
    with pytest.raises(DocumentRefused, match="80 > 70，大 10"):
        correct_whole(whole, world.planning, document=paper, low=D(70))
    assert correct_whole(whole, world.planning, document=paper, low=D(100)).low == 100
    assert not named("省级").flawed
    with pytest.raises(DocumentRefused, match="要写明更正哪一份"):
        documents.keep_document(world.planning, title="更正", issuer="市政府", kind="correction", year=2026)


# ---- 文件下达


def test_issuing_writes_the_target_that_the_dispatch_reads_in_its_unit(world):
    from keshu.figures.book import book

    indicator = book(moments.latest()).indicator("output_amount")
    goal = world.goal(
        "3.5", unit="亿元", decimals=2, indicator_id=indicator.pk, name="技术合同", stretch=D(4)
    )
    made = world.share(goal, 61, 40, 20)
    assert Target.objects.for_system("测试").count() == 0
    document = world.document("分解意见", kind="bureau", doc_no="青科〔2026〕8号")
    issued = world.issue(made, document)
    target = Target.objects.for_system("测试").get(subject=world.staff.county)
    assert (target.low, target.doc_no) == (made[0].low * 100_000_000, "青科〔2026〕8号")
    assert [entry.action for entry in moves_of(issued[0])] == ["consult", "meet", "issue"]
    assert "局务会〔2026〕3号" in moves_of(issued[0])[1].note
    with pytest.raises(StaleState, match="现在是“文件下达”"):
        advance(issued, "meet", world.planning, given={"on": date(2026, 3, 6), "minutes": "x"})
    wrong = world.goal(5, unit="件", indicator_id=indicator.pk, name="单位不对")
    with pytest.raises(UnitDiffers, match="对不上"):
        world.issue([wrong])
    assert Goal.objects.for_system("测试").get(pk=wrong.pk).state == "met"
    empty = world.goal(None, name="没有数")
    with pytest.raises(MoveRefused, match="还没有数"):
        advance([empty], "consult", world.planning, given={"on": date(2026, 3, 2)})


# ---- 调整申请


def test_an_adjustment_holds_from_its_day_on_and_what_was_before_stays(world):
    world.measure("made", "新立项目", "件")
    world.report("made", world.staff.county, "2026-01..02", 30)
    goal = world.goal(150, subject_id=world.staff.county.pk)
    world.counter(goal, "made")
    goal = world.issue([goal])[0]
    county = actor_of(world.staff.accounts["county_head"])
    other = adjusting.may_ask(county, world.goal(1, subject_id=world.staff.other.pk))
    assert not other
    with pytest.raises(NotYourTurn):
        adjusting.ask(goal, actor_of(world.staff.accounts["office"]), low=D(120), why="企业外迁")
    asked = adjusting.ask(goal, county, low=D(120), why="两家企业外迁")
    with pytest.raises(AdjustmentRefused, match=asked.number):
        adjusting.ask(goal, county, low=D(110), why="再少一些")
    paper = world.document("同意调整的批复", kind="lead")
    given = {"document": str(paper.pk), "effect_on": date(2026, 4, 1)}
    with pytest.raises(AdjustmentRefused, match="2026-04-01 还没到"):
        move(asked, "agree", world.planning, procedure=adjusting.PROCEDURE, given=given)
    before = moments.latest()
    with clock.pretend(datetime(2026, 4, 7, 9, 0, tzinfo=clock.TZ)):
        with pytest.raises(NotYourTurn):
            move(asked, "agree", county, procedure=adjusting.PROCEDURE, given=given)
        move(asked, "agree", world.planning, procedure=adjusting.PROCEDURE, given=given)
    goal = Goal.objects.for_system("测试").get(pk=goal.pk)
    assert goal.low == 120
    world.report("made", world.staff.county, "2026Q1", 60)
    assert actual(goal, until=date(2026, 3, 31)).completion == D(60) / D(150)
    later = actual(goal, until=date(2026, 4, 3))
    assert (later.completion, later.bounds.adjusted) == (D("0.5"), True)
    then = Goal.as_of(before, [goal.pk])[0]
    assert actual(then, until=date(2026, 3, 5), revision=before).completion == D("0.2")
    assert Adjustment.objects.visible_to(county).get().document == paper


def test_a_refused_adjustment_changes_nothing(world):
    goal = world.issue([world.goal(150)])[0]
    with pytest.raises(AdjustmentRefused, match="一样的数"):
        adjusting.ask(goal, world.planning, low=D(150), why="没有变")
    asked = adjusting.ask(goal, world.planning, low=D(10), why="太高")
    move(asked, "refuse", world.planning, procedure=adjusting.PROCEDURE, note="依据不足")
    assert Goal.objects.for_system("测试").get(pk=goal.pk).low == 150
    with pytest.raises(AdjustmentRefused, match="没有下达"):
        adjusting.ask(world.goal(5), world.planning, low=D(4), why="太高")


# ---- 责任书


def test_a_letter_is_drawn_from_what_was_issued_and_signed_with_its_scan(world):
    goal = world.goal(150)
    made = world.share(goal, 61, 40, 20)
    with pytest.raises(letters.LetterRefused, match="没有已下达的目标"):
        letters.draw_up(world.staff.county, 2026, world.planning)
    world.issue(made)
    letter = letters.draw_up(world.staff.county, 2026, world.planning)
    assert letters.draw_up(world.staff.county, 2026, world.planning).pk == letter.pk
    assert [goal.low for goal in letters.goals_of(letter)] == [76]
    given = {"signed_on": date(2026, 3, 12), "signed_by": "秦霁"}
    with pytest.raises(MoveRefused, match="没有签字盖章的扫描件"):
        move(letter, "sign", world.planning, procedure=letters.PROCEDURE, given=given)
    attach(letter, world.planning, io.BytesIO(PDF), "责任书扫描件.pdf", caption="签字盖章的责任书")
    move(letter, "sign", world.planning, procedure=letters.PROCEDURE, given=given)
    states = dict(Goal.objects.for_system("测试").values_list("subject__name", "state"))
    assert states["望岭县"] == "signed" and states["岚川县"] == "issued"


def test_a_signed_letter_keeps_what_was_signed_and_later_goals_get_one_of_their_own(world):
    def sign(letter, day):
        attach(letter, world.planning, io.BytesIO(PDF), "扫描件.pdf", caption="签字盖章的责任书")
        given = {"signed_on": day, "signed_by": "秦霁"}
        return move(letter, "sign", world.planning, procedure=letters.PROCEDURE, given=given)

    county = world.staff.county
    first = world.issue([world.goal(150, subject_id=county.pk)])[0]
    signed = sign(letters.draw_up(county, 2026, world.planning), date(2026, 3, 12))
    later = world.issue([world.goal(20, subject_id=county.pk, name="技术合同")])[0]
    asked = adjusting.ask(
        Goal.objects.for_system("测试").get(pk=first.pk), world.planning, low=D(9), why="外迁"
    )
    given = {"document": str(world.document("批复", kind="lead").pk), "effect_on": date(2026, 3, 12)}
    move(asked, "agree", world.planning, procedure=adjusting.PROCEDURE, given=given)
    assert [(goal.pk, goal.low) for goal in letters.goals_of(signed)] == [(first.pk, 150)]
    second = letters.draw_up(county, 2026, world.planning)
    assert second.pk != signed.pk and [goal.pk for goal in letters.goals_of(second)] == [later.pk]
    sign(second, date(2026, 3, 12))
    assert [goal.pk for goal in letters.goals_of(signed)] == [first.pk]
    assert letters.draw_up(county, 2026, world.planning).pk == second.pk


def test_a_document_keeps_its_paper_and_the_registers_are_known(world):
    document = world.document("考核办法", file=io.BytesIO(PDF), filename="考核办法.pdf")
    assert [paper.caption for paper in evidence_of(document)] == ["文件原件"]
    assert {ADJUSTMENTS.code, LETTERS.code} == {"goal_adjustments", "goal_letters"}
