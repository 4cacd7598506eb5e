"""往年项目补登: a static register takes files by its own constructor; what comes in counts in its own month."""

import csv
import io

import pytest

from keshu.bringing.applying import apply
from keshu.bringing.models import StagedRecord
from keshu.bringing.receiving import read, receive
from keshu.directory.actors import Role
from keshu.figures import counting
from keshu.figures.book import book
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.registers import by_code
from keshu.programmes.models import Application, Call
from keshu.terms.period import Period

pytestmark = pytest.mark.django_db
HEAD = [
    "项目编号",
    "项目名称",
    "年度",
    "级别",
    "类别",
    "承担单位",
    "立项经费（万元）",
    "立项日期",
    "状态",
    "验收日期",
]
ROWS = [
    ["XM2019-0001", "旱地播种", "2019", "市级", "农业", "91-N", "18", "2019.6.12", "通过验收", "2021-05-30"],
    [
        "XM2024-0002",
        "耐磨衬板",
        "2024",
        "市级",
        "工业",
        "北岭新材料有限公司",
        "35.5",
        "2024年6月20日",
        "执行中",
        "",
    ],
]


@pytest.fixture
def office(staff, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with writing(staff.actor, "企业"):
        staff.hire("north", staff.unit("91-N", "北岭新材料有限公司", staff.county), Role.APPLICANT)
    return staff.actor_as("office")


def staged(actor, *rows):
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    register = by_code("programmes")
    batch = receive(io.BytesIO(text.getvalue().encode("utf-8-sig")), "往年.csv", actor, register)
    return read(batch, actor, register)


def value(name, region, period):
    reader = Reader(book(moments.latest()), moments.latest())
    measure = reader.book.measure(name)
    reader.load([measure], [region.pk], [period])
    return reader.value(measure, region.pk, period).value


def test_past_projects_count_in_the_month_of_their_document(office, staff):
    batch = staged(office, *ROWS)
    assert batch.counts["new"] == 2, list(StagedRecord.objects.values_list("reason", flat=True))
    apply(batch, office, by_code("programmes"))
    assert value("projects_approved", staff.city, Period.year(2019)) == 1
    assert value("projects_running", staff.county, Period.month(2021, 4)) == 1
    assert value("projects_running", staff.county, Period.month(2021, 5)) == 0
    assert value("projects_granted", staff.city, Period.year(2024)) == 355_000
    assert list(Call.objects.order_by("year").values_list("year", "state")) == [
        (2019, "closed"),
        (2024, "closed"),
    ]
    assert counting.differing()[1] == []
    again = staged(office, *ROWS)
    assert again.counts["identical"] == 2


def test_a_row_that_contradicts_itself_is_refused(office):
    batch = staged(
        office, [*ROWS[0][:9], ""], [*ROWS[1][:9], "2025-01-01"], [*ROWS[0][:2], "2999", *ROWS[0][3:]]
    )
    said = list(StagedRecord.objects.order_by("number").values_list("reason", flat=True))
    assert batch.counts["refused"] == 3
    assert "要写验收或结束日期" in said[0] and "请核对现在状态" in said[1] and "2999" in said[2]


def test_a_project_that_stands_is_not_changed_by_a_file(office):
    apply(staged(office, ROWS[1]), office, by_code("programmes"))
    batch = staged(office, [*ROWS[1][:6], "99", *ROWS[1][7:]])
    assert "文件不能改它" in StagedRecord.objects.get(batch=batch).reason
    assert Application.objects.for_system("测试").get().granted == 355_000


def test_counties_do_not_bring_projects(office, staff):
    assert not by_code("programmes").bringing.may(staff.actor_as("county_head"))
