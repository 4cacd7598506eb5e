"""The tree of targets, the panel beside it, one target, documents and tasks, as people work with them."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from openpyxl import Workbook, load_workbook

from keshu.goals.decomposing import children_of
from keshu.goals.models import Adjustment, Goal, Letter, SourceDocument
from keshu.journal.models import AuditEntry

pytestmark = pytest.mark.django_db
TREE = reverse("desk:targets")
D = Decimal


def at(name, *args):
    return reverse(f"desk:{name}", args=args)


def lines(page):
    return [line for group in page.context["groups"] for line in group.lines]


@pytest.fixture
def planning(world):
    return world.staff.client("planning")


def test_the_tree_says_who_is_short_by_how_much_and_what_is_not_ranked(world, planning):
    goal = world.goal(150, last_year=D(121), name="专利申请")
    portions = [
        row.__class__(**{**row.__dict__, "low": D(low)})
        for row, low in zip(world.portions(61, 40, 20), (80, 47, 20), strict=True)
    ]
    world.share(goal, method="hand", portions=portions)
    page = planning.get(TREE)
    top, *below = lines(page)
    assert (top.low, top.last_year, top.growth, top.total, top.gap, top.short) == (
        "150", "121", "+24.0%", "147", "少 3", True,
    )  # fmt: skip
    assert [(line.title, line.low) for line in below] == [
        ("望岭县", "80"),
        ("岚川县", "47"),
        ("市本级", "20"),
    ]
    assert "不排位" in below[2].tags
    said = page.content.decode()
    assert "下级之和 147，比目标" in said and "含 3 个未下达" in said
    closed = planning.get(TREE, {"open": "0"})
    assert len(lines(closed)) == 1
    branch = planning.get(TREE, {"at": goal.pk})
    assert [line.depth for line in lines(branch)] == [0, 1, 1, 1]


def test_a_county_sees_its_own_targets_and_no_other_s(world):
    goal = world.goal(150)
    made = world.share(goal, 61, 40, 20)
    county = world.staff.client("county_head")
    assert lines(county.get(TREE)) == []  # 测算 is the bureau's own business
    world.issue(made)
    assert [line.title for line in lines(county.get(TREE))] == ["专利申请"]
    assert county.get(at("target", made[0].pk)).status_code == 200
    assert county.get(at("target", made[1].pk)).status_code == 404
    assert AuditEntry.objects.latest("pk").kind == "拒绝"
    assert county.get(TREE, {"at": goal.pk}).status_code == 404
    assert county.post(at("target_adjust", made[1].pk), {"low": "1", "why": "x"}).status_code == 404


def test_the_panel_works_out_then_records_and_shares_again(world, planning):
    goal = world.goal(150)
    document = world.document("分解意见", kind="bureau")
    panel = planning.get(TREE, {"split": goal.pk}).context["panel"]
    assert [row.name for row in panel.rows] == ["望岭县", "岚川县", "市本级"]
    form = {"level": "county", "method": "share", "margin": "1", "margin_low": "1", "margin_high": "1"}
    for row, last in zip(panel.rows, (61, 40, 20), strict=True):
        form |= {f"in-{row.pk}": "1", f"last-{row.pk}": str(last)}
    worked = planning.post(at("target_split", goal.pk), {**form, "do": "compute"})
    assert [row.computed for row in worked.context["panel"].rows] == ["76", "49", "25"]
    assert "取整后合计恰好 150" in worked.content.decode()
    assert children_of(goal) == []
    refused = planning.post(at("target_split", goal.pk), {**form, "do": "record"})
    assert refused.status_code == 422 and "没有选分解依据的文件" in refused.content.decode()
    assert refused.context["panel"].rows[0].texts["last"] == "61"
    typo = planning.post(
        at("target_split", goal.pk), {**form, f"last-{panel.rows[0].pk}": "6l", "do": "compute"}
    )
    assert typo.status_code == 422 and "望岭县的上年数写的“6l”不是数" in typo.content.decode()
    done = planning.post(at("target_split", goal.pk), {**form, "document": str(document.pk), "do": "record"})
    assert done.status_code == 302
    first = children_of(goal)[0]
    planning.post(at("target_lock", first.pk), {"back": "?year=2026"})
    assert Goal.objects.for_system("测试").get(pk=first.pk).locked
    planning.post(at("target_change", first.pk), {"low": "90", "do": "number"})
    planning.post(at("target_again", goal.pk))
    assert [int(child.low) for child in children_of(goal)] == [90, 40, 20]


def test_weights_are_filled_from_a_measure(world, planning):
    goal = world.goal(30)
    world.report("hitech_valid", world.staff.county, "2025-12", 60)
    page = planning.post(
        at("target_split", goal.pk), {"level": "county", "do": "weigh", "measure": "高新技术企业有效数"}
    )
    assert [row.texts["weight"] for row in page.context["panel"].rows] == ["60", "", ""]
    page = planning.post(at("target_split", goal.pk), {"level": "county", "do": "weigh", "measure": "高企"})
    assert page.status_code == 422 and "没有指标或计量“高企”" in page.content.decode()


def test_a_figure_of_a_target_opens_to_the_records_behind_it(world, planning):
    record = world.patent("2026-1", "2026-02-03")
    goal = world.goal(2, name="专利申请")
    planning.post(
        at("target_change", goal.pk),
        {"do": "count", "measure": "登记的专利申请数", "where": '类型 == "发明专利"'},
    )
    page = planning.get(at("target", goal.pk))
    said = page.content.decode()
    assert (page.context["value"], page.context["percent"]) == ("1", "50.0")
    assert reverse("desk:record", args=["patent_log", record.pk]) in said
    again = planning.post(
        at("target_change", goal.pk),
        {"do": "count", "measure": "登记的专利申请数", "where": '类型 == "发明专利"'},
    )
    assert again.status_code == 422 and "数了两遍" in again.content.decode()
    counter = page.context["counters"][0]
    planning.post(at("target_change", goal.pk), {"do": "uncount", "counter": str(counter.pk)})
    assert "没有指定计数来源" in planning.get(at("target", goal.pk)).content.decode()


def test_children_go_to_issue_together_and_a_county_asks_for_less(world, planning):
    goal = world.goal(150)
    world.share(goal, 61, 40, 20)
    document = world.document("下达文件", kind="bureau")
    step = at("target_step", goal.pk)
    for action, given in (
        ("consult", {"consult.on": "2026-03-02"}),
        ("meet", {"meet.on": "2026-03-06", "meet.minutes": "局务会〔2026〕3号"}),
    ):
        assert planning.post(step, {"of": "children", "action": action, **given}).status_code == 302
    refused = planning.post(step, {"of": "children", "action": "issue", "issue.on": "2026-03-10"})
    assert refused.status_code == 422 and "下达文件没有填" in refused.content.decode()
    issue = {
        "of": "children",
        "action": "issue",
        "issue.on": "2026-03-10",
        "issue.document": str(document.pk),
    }
    planning.post(step, issue)
    mine = next(child for child in children_of(goal) if child.subject == world.staff.county.subject_ptr)
    assert mine.state == "issued"
    county = world.staff.client("county_head")
    asked = county.post(at("target_adjust", mine.pk), {"low": "60", "why": "两家企业外迁"})
    adjustment = Adjustment.objects.for_system("测试").get()
    assert asked.headers["Location"] == reverse("desk:record", args=["goal_adjustments", adjustment.pk])
    assert "两家企业外迁" in planning.get(asked.headers["Location"]).content.decode()
    assert (adjustment.before, adjustment.after) == ("76件", "60件")
    assert adjustment.number in county.get(at("target", mine.pk)).content.decode()


def test_a_letter_is_made_and_its_word_file_names_the_targets(world, planning):
    goal = world.goal(150)
    made = world.issue(world.share(goal, 61, 40, 20))
    answer = planning.post(at("target_letter", made[0].pk))
    letter = Letter.objects.for_system("测试").get()
    page = planning.get(answer.headers["Location"])
    assert "望岭县承担的目标" in page.content.decode()
    paper = Document(io.BytesIO(planning.get(at("target_letter_word", letter.pk)).content))
    cells = [cell.text for row in paper.tables[0].rows for cell in row.cells]
    assert "76件" in cells and any("专利申请" in cell for cell in cells)
    assert any("乙方：望岭县" in paragraph.text for paragraph in paper.paragraphs)
    assert world.staff.client("county_head").get(at("target_letter_word", letter.pk)).status_code == 200
    other = planning.post(at("target_letter", made[1].pk)).headers["Location"].rstrip("/").rsplit("/", 1)[1]
    assert world.staff.client("county_head").get(at("target_letter_word", int(other))).status_code == 404


def test_tasks_come_in_after_a_look_and_what_contradicts_itself_is_flagged(world, planning):
    document = world.document("任务分解意见", kind="lead")
    book = Workbook()
    for row in (["任务", "目标值"], ["新立科技项目", "60项以上，其中80项以上省级"], ["引进人才", "3-1名"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    sent = SimpleUploadedFile("任务.xlsx", out.getvalue())
    page = planning.post(
        at("target_tasks_preview"), {"document": str(document.pk), "year": "2026", "file": sent}
    )
    assert "80 &gt; 60，大 20" in page.content.decode() and not Goal.objects.for_system("测试").exists()
    kept = {name: str(value) for name, value in page.context["kept"].items()}
    back = planning.post(at("target_tasks_apply"), {**kept, "do": "refused"})
    assert "引进人才" in [
        cell.value for row in load_workbook(io.BytesIO(back.content)).active for cell in row
    ]
    planning.post(at("target_tasks_apply"), {**kept, "do": "apply", "issued": "1"})
    part = Goal.objects.for_system("测试").get(within=True)
    tree = planning.get(TREE)
    assert "原文有误 80 &gt; 60，大 20" in tree.content.decode()
    paper = SimpleUploadedFile("更正.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    registered = planning.post(
        at("target_document_new"),
        {
            "title": "更正通知", "issuer": "青禾市人民政府", "kind": "correction", "year": "2026",
            "corrects": str(document.pk), "file": paper,
        },
    )  # fmt: skip
    assert registered.status_code == 302
    correcting = SourceDocument.objects.get(kind="correction")
    change = {"do": "correct", "document": str(correcting.pk)}
    refused = planning.post(at("target_change", part.pk), {**change, "low": "70"})
    assert refused.status_code == 422 and "70 &gt; 60，大 10" in refused.content.decode()
    planning.post(at("target_change", part.pk), {**change, "low": "40"})
    assert not Goal.objects.for_system("测试").get(pk=part.pk).flawed
    listed = planning.get(at("target_documents")).context["rows"]
    held = next(row for row in listed if row["papers"])
    found = planning.get(at("target_paper", held["row"].pk, held["papers"][0].pk))
    assert found.status_code == 200 and found.headers["Content-Disposition"].startswith("attachment")
    assert world.staff.client("county_head").get(found.request["PATH_INFO"]).status_code == 404


def test_the_tree_of_an_earlier_day_shows_what_stood_then_and_changes_nothing(world, planning):
    from keshu.terms import clock

    goal = world.goal(150, name="专利申请")
    later = clock.now().replace(month=4, day=2)
    with clock.pretend(later):
        goal.refresh_from_db()
        world.share(goal, 61, 40, 20)
        assert len(lines(planning.get(TREE))) == 4
        then = planning.get(TREE, {"moment": "2026-03-20"})
        assert [line.low for line in lines(then)] == ["150"]
        assert then.context["may_set"] is False
    wrong = planning.get(TREE, {"moment": "3月"})
    assert "读不成日期" in wrong.content.decode()


def test_the_tree_asks_as_many_queries_for_three_rows_as_for_one(world, planning):
    world.measure("made", "实施项目", "件")
    document = world.document()

    def another(name):
        goal = world.goal(10, name=name, document=document, last_year=D(9))
        world.counter(goal, "made")

    another("一")
    planning.get(TREE)
    one = _queries(planning)
    another("二")
    another("三")
    assert _queries(planning) == one
    assert len(lines(planning.get(TREE))) == 3


def _queries(client):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(TREE).status_code == 200
    return len(caught)


def test_the_table_by_indicator_is_still_there(world, planning):
    page = planning.get(at("targets_by_indicator"))
    assert page.status_code == 200 and "导入目标" in page.content.decode()
    assert planning.get(TREE, {"year": "2031"}).status_code == 200
