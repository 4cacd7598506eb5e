"""``keshu import figures``: the same verdicts without a browser, and JSON whose keys do not change."""

import json

import openpyxl
import pytest

from keshu.cli.main import main
from keshu.figures.imports.models import ImportBatch, StagedRow
from keshu.journal import moments
from tests.figures.imports.making import values

pytestmark = pytest.mark.django_db
KEYS = [
    *(
        "file",
        "dry_run",
        "rows",
        "new",
        "changed",
        "identical",
        "empty",
        "refused",
        "revision",
        "notes",
        "refusals",
    ),
]
GDP = "地区生产总值"


@pytest.fixture
def run(desk, capsys):
    """Run ``keshu import figures``; (exit code, what stands on the output, what stands on the error output)."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["import", "figures", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_good_file_is_written_and_the_exit_code_is_zero(run, desk):
    path = str(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"), ("2023年", "浙江", GDP, "—", "亿元")))
    code, out, _ = run(path, "--format", "json")
    data = json.loads(out)
    assert code == 0
    assert list(data) == KEYS
    assert (data["rows"], data["new"], data["empty"], data["refused"]) == (2, 1, 1, 0)
    assert data["revision"] == moments.latest()
    code, out, _ = run(path, "--format", "json")
    data = json.loads(out)
    assert (code, data["new"], data["identical"], data["revision"]) == (0, 0, 1, None)


def test_a_dry_run_tells_the_same_and_leaves_nothing(run, desk):
    before = moments.latest()
    path = str(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元")))
    code, out, _ = run(path, "--dry-run", "--format", "json")
    data = json.loads(out)
    assert (code, data["dry_run"], data["new"], data["revision"]) == (0, True, 1, None)
    assert moments.latest() == before
    assert values(GDP, "北京", "2023") == []
    assert not ImportBatch._base_manager.exists()
    assert not StagedRow.objects.exists()


def test_refused_rows_set_the_exit_code_and_go_into_the_named_workbook(run, desk, tmp_path):
    path = str(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"), ("2023年", "北惊", GDP, "1,2O0", "亿元")))
    out = tmp_path / "拒收.xlsx"
    code, said, _ = run(path, "--refused", str(out))
    assert code == 1
    assert "2 行，新增 1、改动 0、相同 0、空缺 0、拒收 1" in said
    assert "第 3 行“地区”：没有地区“北惊”。是不是 北京市、" in said
    assert [cell.value for cell in openpyxl.load_workbook(out).active[3]][:5] == [
        "2023年",
        "北惊",
        GDP,
        "1,2O0",
        "亿元",
    ]
    code, said, _ = run(path, "--format", "json")
    (refusal,) = json.loads(said)["refusals"]
    assert list(refusal) == ["row", "column", "reason"]
    assert (refusal["row"], refusal["column"]) == (3, "地区")


def test_a_file_that_is_not_there_or_cannot_be_read_is_said_on_the_error_output(run, desk, tmp_path):
    code, out, error = run(str(tmp_path / "没有.csv"))
    assert (code, out) == (1, "")
    assert "没有文件" in error
    code, out, error = run(str(desk.file(b"", "空.csv")), "--dry-run")
    assert (code, out) == (1, "")
    assert "是空的" in error
    assert not ImportBatch._base_manager.exists()


def test_a_wrong_call_is_told_by_exit_code_2(run):
    with pytest.raises(SystemExit) as wrong:
        run()
    assert wrong.value.code == 2
