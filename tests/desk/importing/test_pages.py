"""The pages of imports as the planning clerk uses them: upload, preview, confirm, refused rows, what broke off."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keshu.figures.imports.models import ImportBatch, StagedRow
from keshu.figures.imports.receiving import AT_ONCE
from keshu.journal import moments
from keshu.journal.models import AuditEntry
from keshu.ledger.intake.batches import PATIENCE, begin
from keshu.terms import clock
from tests.figures.imports.making import values

pytestmark = pytest.mark.django_db
HEAD = "期间,地区,指标,数值,单位"
GDP = "地区生产总值"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def clerk(staff):
    return staff.client("planning")


def send(client, *lines: str, name: str = "九月.csv", content: bytes | None = None):
    """Upload a file; the answer after the redirect."""
    body = "\n".join([HEAD, *lines]).encode() if content is None else content
    return client.post(reverse("desk:import_upload"), {"file": SimpleUploadedFile(name, body)}, follow=True)


def act(client, batch: ImportBatch, action: str):
    return client.post(reverse("desk:import_act", args=[batch.pk]), {"action": action}, follow=True)


def text(answer) -> str:
    """The page's words without tags."""
    words = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", words)


def last() -> ImportBatch:
    return ImportBatch._base_manager.latest("pk")


def test_the_page_says_type_and_size_beside_the_field_and_offers_the_template(clerk):
    page = clerk.get(reverse("desk:imports"))
    assert "xlsx 或 csv，小于 200 MB" in text(page)
    assert reverse("desk:import_template") in page.content.decode()
    assert "还没有导入过" in text(page)


def test_preview_then_confirm_then_the_figures_open_their_traces(clerk):
    send(clerk, f"2026年1—9月,望岭县,{GDP},80,亿元")
    act(clerk, last(), "apply")
    page = send(
        clerk,
        f"2026年1—9月,望岭县,{GDP},81,亿元",
        f"2026年1—9月,岚川县,{GDP},60,亿元",
        f"2026年1—9月,望领县,{GDP},1,亿元",
    )
    said = text(page)
    assert "确认后写入 2 个数 ：新增 1 个、改动 1 个。拒收 1 行 ，改好再传。" in said
    assert re.search(r"80 81 亿元", said)  # old → new
    assert "整批写入或都不写；拒收的 1 行不写。" in said
    assert "未注明来源" in said
    assert "已有" in said
    refused = text(clerk.get(page.request["PATH_INFO"], {"show": "refused"}))
    assert "4 地区 没有地区“望领县”。是不是 望岭县？" in refused
    before = moments.latest()
    done = act(clerk, last(), "apply")
    assert f"已导入 2 个数 ，修订号 r{before + 1}。" in text(done)
    assert AuditEntry.objects.filter(kind="导入").count() == 2
    assert len(values(GDP, "望岭县", "2026-01..09")) == 2


def test_the_second_confirmation_is_told_and_the_same_file_again_changes_nothing(clerk, staff):
    send(clerk, f"2026年1—9月,望岭县,{GDP},80,亿元")
    batch = last()
    act(clerk, batch, "apply")
    again = act(staff.client("planning"), batch, "apply")
    assert "已经导入过了" in text(again)
    before = moments.latest()
    page = send(clerk, f"2026年1—9月,望岭县,{GDP},80,亿元")
    assert "全部相同，没有要改的。" in text(page)
    closed = act(clerk, last(), "apply")
    assert "全部相同，没有要改的，没有占修订号。" in text(closed)
    assert moments.latest() == before


def test_a_file_that_cannot_be_taken_is_refused_in_words_on_the_page(clerk):
    assert "是空的，里面没有任何内容" in text(send(clerk, content=b""))
    assert "不收。可以上传：Excel 工作簿、文本" in text(
        send(clerk, name="表.png", content=b"\x89PNG\r\n\x1a\n" + bytes(50))
    )
    assert "没有选文件" in text(clerk.post(reverse("desk:import_upload"), {}, follow=True))
    assert not ImportBatch._base_manager.exists()


def test_a_file_without_a_head_stands_in_the_list_with_its_reason(clerk):
    page = send(clerk, content="甲,乙\n1,2\n".encode())
    assert "没有读成" in text(page)
    assert text(page).count("没有找到表头") == 1
    assert "没有找到表头" in text(clerk.get(reverse("desk:imports")))


def test_a_body_of_more_than_200_megabytes_is_refused_by_its_declared_length(clerk, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    page = send(clerk, content=b"x" * 200_000)
    assert "超过每个文件 1000 B 的上限" in text(page)
    assert not ImportBatch._base_manager.exists()


def test_an_upload_without_the_forms_token_is_not_taken(staff):
    client = staff.client("planning", enforce_csrf_checks=True)
    answer = client.post(reverse("desk:import_upload"), {"file": SimpleUploadedFile("a.csv", b"x")})
    assert answer.status_code == 403
    assert not ImportBatch._base_manager.exists()


def test_the_refused_workbook_goes_out_and_comes_back_corrected(clerk):
    send(clerk, f"2026年1—9月,望领县,{GDP},80,亿元")
    answer = clerk.get(reverse("desk:import_refused", args=[last().pk]))
    assert "%E6%8B%92%E6%94%B6.xlsx" in answer["Content-Disposition"]  # 拒收
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    book.active["B3"] = "望岭县"
    out = io.BytesIO()
    book.save(out)
    page = send(clerk, name="九月-拒收.xlsx", content=out.getvalue())
    assert "确认后写入 1 个数" in text(page)


def test_the_template_has_measures_and_regions_to_choose_from_and_explains_itself(clerk):
    answer = clerk.get(reverse("desk:import_template"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["指标数导入", "填写说明", "选项"]
    choices = {str(one.sqref)[0]: one.formula1 for one in book.active.data_validations.dataValidation}
    assert choices["C"].startswith('"青禾市,望岭县,岚川县,石桥镇,')  # the bureau's own places first
    assert GDP in [cell.value for cell in book["选项"]["A"]]
    out = io.BytesIO()
    book.active.append(["2026年1—9月", None, "望岭县", GDP, 80, "亿元"])
    book.save(out)
    assert "确认后写入 1 个数" in text(send(clerk, name="模板.xlsx", content=out.getvalue()))


def test_a_large_file_waits_for_the_worker_and_the_page_tells_how_far_it_is(clerk):
    line = f"2026年1—9月,望岭县,{GDP},80,亿元" + "," * 500
    page = send(clerk, *[line] * (AT_ONCE // len(line) + 1))
    batch = last()
    assert "排在后台，等着读" in text(page)
    progress = reverse("desk:import_progress", args=[batch.pk])
    assert "HX-Redirect" not in clerk.get(progress)
    begin(batch)
    ImportBatch._base_manager.filter(pk=batch.pk).update(rows_read=4000)
    assert "正在读，已读 4000 行" in text(clerk.get(progress))
    ImportBatch._base_manager.filter(pk=batch.pk).update(state="ready")
    assert clerk.get(progress)["HX-Redirect"] == reverse("desk:import_detail", args=[batch.pk])


def test_a_reading_whose_worker_died_can_be_read_again_from_the_list(clerk):
    send(clerk, f"2026年1—9月,望岭县,{GDP},80,亿元")
    batch = last()
    begin(batch)
    ImportBatch._base_manager.filter(pk=batch.pk).update(
        beat_at=clock.now() - PATIENCE - timedelta(seconds=1)
    )
    listed = text(clerk.get(reverse("desk:imports")))
    assert "没读完 重读 放弃" in listed
    assert "没读完" in text(clerk.get(reverse("desk:import_detail", args=[batch.pk])))
    assert "确认后写入 1 个数" in text(act(clerk, batch, "again"))


def test_a_batch_given_up_writes_nothing(clerk):
    send(clerk, f"2026年1—9月,望岭县,{GDP},80,亿元")
    assert "九月.csv 已放弃，数没有变。" in text(act(clerk, last(), "discard"))
    assert not StagedRow.objects.exists()
    assert "已经放弃" in text(act(clerk, last(), "apply"))


def test_a_value_changed_since_the_preview_is_told_and_can_be_compared_again(clerk):
    send(clerk, f"2026年1—9月,望岭县,{GDP},80,亿元")
    first = last()
    send(clerk, f"2026年1—9月,望岭县,{GDP},82,亿元")
    act(clerk, last(), "apply")
    told = text(act(clerk, first, "apply"))
    assert "预览之后，有人改了同样的数：望岭县2026年1—9月地区生产总值现在是 82亿元" in told
    assert "改动 1 个" in text(act(clerk, first, "again"))


def test_long_lists_are_paged(clerk):
    page = send(clerk, *[f"{year}年,望岭县,{GDP},{80 + year % 7},亿元" for year in range(1950, 2020)])
    assert "1—50 / 70" in text(page)
    assert "51—70 / 70" in text(clerk.get(page.request["PATH_INFO"], {"show": "new", "page": "2"}))


def test_who_may_not_import_finds_no_door(staff):
    for role in ("office", "county_filler", "security_admin"):
        assert staff.client(role).get(reverse("desk:imports")).status_code == 403
