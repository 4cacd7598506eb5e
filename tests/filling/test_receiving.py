"""What comes in: kept by its sha256 as received; old workbooks through LibreOffice; what is no form is refused in words."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from openpyxl import load_workbook

from keshu.filling.layout import Layout
from keshu.filling.receiving import NoConverter, OtherKind, content_of, latest_blank, new_blank, new_template
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import OLE_HEADER
from tests.filling.conftest import receive
from tests.filling.forms import BlankForm, monthly, rewritten, saved, word_merged

pytestmark = pytest.mark.django_db


def test_the_blank_is_kept_byte_for_byte_as_it_was_received(clerk, form):
    blank = latest_blank(form)
    assert content_of(blank) == monthly().content
    assert (Path(settings.MEDIA_ROOT) / blank.sha256[:2] / blank.sha256).is_file()
    assert blank.received_sha256 == blank.sha256 and blank.fingerprint == Layout.of(blank.layout).fingerprint


def test_the_same_blank_again_is_no_new_version(clerk, form):
    assert new_blank(clerk, form, io.BytesIO(monthly().content), "再传.xlsx").number == 1


def test_an_old_workbook_without_a_converter_says_what_to_do(clerk, monkeypatch, tmp_path):
    old = BlankForm("", "xls", OLE_HEADER + b"\0" * 512 + "Workbook\0".encode("utf-16-le") + b"\0" * 512, {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoConverter, match="另存为"):
        receive(clerk, old)


if shutil.which("soffice"):  # without LibreOffice the refusal above is what there is to test

    @pytest.mark.slow
    def test_an_old_workbook_is_turned_into_one_that_can_be_filled(clerk, tmp_path):
        source = tmp_path / "月报.xlsx"
        source.write_bytes(monthly().content)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "xls",
            "--outdir",
            str(tmp_path),
            str(source),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        old = BlankForm("", "xls", (tmp_path / "月报.xls").read_bytes(), {})
        blank = latest_blank(receive(clerk, old))
        assert (blank.kind, blank.filename) == ("xlsx", "科技统计月报.xlsx")
        assert blank.received_sha256 != blank.sha256
        assert Layout.of(blank.layout).sheet(1).column_heads(5, 2) == ["技术合同成交额", "上年同期累计"]
        assert Layout.of(blank.layout).cell("1!B9").formula == "SUM(B5:B8)"


def test_a_file_that_is_no_form_is_refused_in_words(clerk):
    sheet = "xl/worksheets/sheet1.xml"
    whole = monthly().content
    for content, name, said in (
        (b"", "表.xlsx", "是空的"),
        (b"%PDF-1.4", "表.pdf", "这里不收"),
        (whole[:900], "表.xlsx", "打不开"),
        (whole, "表.docx", "扩展名和内容不符"),
        (rewritten(whole, sheet, lambda t: t[:-40]), "表.xlsx", "不合规"),
        (rewritten(whole, sheet, lambda t: '<!DOCTYPE x [<!ENTITY a "b">]>' + t), "表.xlsx", "外部实体"),
    ):
        with pytest.raises(IntakeError, match=said):
            new_template(clerk, io.BytesIO(content), name, name="表", receiver="省科技厅", frequency="month")


def test_a_macro_does_not_come_in(clerk):
    out = io.BytesIO(monthly().content)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(IntakeError, match="宏"):
        receive(clerk, BlankForm("", "xlsx", out.getvalue(), {}))


def test_a_register_is_no_form(clerk):
    book = load_workbook(io.BytesIO(monthly().content))
    for row in range(20, 1300):
        book["表1"].cell(row, 1, "行")
    with pytest.raises(IntakeError, match="不像一份要填的表"):
        receive(clerk, BlankForm("", "xlsx", saved(book), {}))


def test_a_word_blank_is_not_taken_for_an_excel_form(clerk, form):
    with pytest.raises(OtherKind):
        new_blank(clerk, form, io.BytesIO(word_merged().content), "表.docx")


def test_classified_marks_are_refused(clerk):
    with pytest.raises(Classified):
        receive(clerk, monthly(), name="机密★1年 月报")
