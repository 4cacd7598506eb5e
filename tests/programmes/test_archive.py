"""归档: only what is closed, with a number and a list of papers whose keep periods the rule allows."""

from datetime import date

import pytest

from keshu.procedure.moving import NotYourTurn
from keshu.programmes.archive import ArchiveRefused, Listed, file_away, filed_in, listed, papers_of, suggested

pytestmark = pytest.mark.django_db
PAPERS = [
    Listed("任务书", "青科合〔2026〕8号", date(2026, 6, 1), "永久"),
    Listed("决算报告", "", None, "30年"),
]


def test_a_project_that_runs_is_not_filed(office):
    row = office.to(office.draft(), "running")
    with pytest.raises(ArchiveRefused, match="现在是“执行中”，还没有办结"):
        file_away(row, PAPERS, office.actors["office"])


def test_a_closed_project_gets_its_number_and_its_papers_their_shelves(office):
    row = file_away(office.to(office.draft(), "passed"), PAPERS, office.actors["office"])
    assert row.archive_number == "KJXM2026-0001"
    assert [(p.shelf, p.kind, p.keep_years) for p in papers_of(row)] == [
        ("KJXM2026-0001-001", "任务书", "永久"),
        ("KJXM2026-0001-002", "决算报告", "30年"),
    ]
    with pytest.raises(ArchiveRefused, match="已经归档，档号 KJXM2026-0001"):
        file_away(row, PAPERS, office.actors["office"])


def test_the_list_is_suggested_from_the_project_s_own_records(office):
    row = office.to(office.draft(), "passed")
    found = [(p.kind, p.doc_no, p.keep) for p in suggested(row)]
    assert found[1:3] == [("立项文件", "青科发〔2026〕21号", "永久"), ("任务书", "青科合〔2026〕8号", "永久")]
    assert ("检查记录", "JC2026-0001", "10年") in found and (
        "验收意见",
        "验收意见书 2026-01",
        "永久",
    ) in found
    assert found[-2:] == [("科技报告", "QH-BG-2027-003", "永久"), ("成果登记", "CG2027-0003", "30年")]


@pytest.mark.parametrize(
    ("papers", "said"),
    [
        ([], "没有列一份材料"),
        ([Listed("任务书", keep="五年")], "第 1 行“任务书”没有选保管期限，可选 永久、30年、10年"),
        ([Listed("", keep="永久")], "第 1 行没有写材料名称"),
        ([Listed("材" * 41, keep="永久")], "材料最多 40 字"),
    ],
)
def test_a_list_that_cannot_be_kept_is_refused(office, papers, said):
    row = office.to(office.draft(), "passed")
    with pytest.raises(ArchiveRefused, match=said):
        file_away(row, papers, office.actors["office"])


def test_the_list_of_a_year_goes_out_as_far_as_one_sees(office):
    row = file_away(office.to(office.draft(), "passed"), PAPERS, office.actors["office"])
    lines = listed(filed_in(2026, office.actors["office"]))
    assert [line[0] for line in lines] == ["KJXM2026-0001-001", "KJXM2026-0001-002"]
    assert lines[0][1:4] == [row.number, row.title, "北岭新材料有限公司"]
    assert filed_in(2026, office.actors["south"]) == [] and filed_in(2025, office.actors["office"]) == []
    with pytest.raises(NotYourTurn):
        file_away(row, PAPERS, office.actors["north"])
