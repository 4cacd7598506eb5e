"""What may be kept as evidence, and what is refused with which words; who may take it back."""

import io
import zipfile

import pytest

from keshu.journal.models import HistoryRow
from keshu.ledger.classified import Classified
from keshu.ledger.evidence import MOST_BYTES, EvidenceStays, attach, evidence_of, path_of, take_back
from keshu.ledger.intake.contents import CarriesScript, CutOff
from keshu.ledger.intake.hazards import (
    DamagedWorkbook,
    EmptyFile,
    IntakeError,
    NotAccepted,
    TooLarge,
    WrongExtension,
)
from keshu.ledger.models import Evidence
from tests.ledger.intake.making import sheet, texts, workbook

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40) + b"IEND\xaeB`\x82"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def docx(*paragraphs: str, header: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """A Word document as small as one can be."""

    def body(tag: str, lines: tuple[str, ...]) -> str:
        inner = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
        return f'<w:{tag} xmlns:w="{WORD}">{inner}</w:{tag}>'

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", body("document", paragraphs))
        if header:
            package.writestr("word/header1.xml", body("hdr", (header,)))
        for name, data in (extra or {}).items():
            package.writestr(name, data)
    return out.getvalue()


def send(staff, name: str, content: bytes, caption: str = "") -> Evidence:
    return attach(staff.county_bureau, staff.actor, io.BytesIO(content), name, caption=caption)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("空.pdf", b"", EmptyFile),
        ("合同.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + bytes(60), NotAccepted),
        ("合同.pdf", PNG, WrongExtension),
        ("图.png", PDF, WrongExtension),
        ("网页.pdf", b"<!DOCTYPE html><html><body>x</body></html>", NotAccepted),
        ("图标.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", NotAccepted),
        ("图标.txt", b"  \n<svg onload=alert(1)>", NotAccepted),
        ("说明.txt", "第一行\n<SCRIPT>alert(1)</SCRIPT>".encode(), CarriesScript),
        ("说明.csv", "名称,<iframe src=x>".encode(), CarriesScript),
        ("动作.pdf", PDF.replace(b"<<>>endobj", b"<</OpenAction<</S/JavaScript>>>>endobj"), CarriesScript),
        ("带宏.docx", docx("正文", extra={"word/vbaProject.bin": b"x"}), CarriesScript),
        ("断了.pdf", PDF[:-8], CutOff),
        ("断了.png", PNG[:-10], CutOff),
        ("断了.jpg", b"\xff\xd8\xff\xe0" + bytes(50), CutOff),
        ("断了.docx", docx("正文" * 400)[:-60], DamagedWorkbook),
        ("压缩.zip", docx()[:0] + b"PK\x05\x06" + bytes(18), NotAccepted),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_and_nothing_is_kept(staff, name, content, kind):
    with pytest.raises(kind, match=name.split(".")[0]):
        send(staff, name, content)
    assert issubclass(kind, IntakeError)
    assert evidence_of(staff.county_bureau) == []


def test_a_paper_over_the_limit_is_refused_by_its_size(staff):
    with pytest.raises(TooLarge, match="50 MB"):
        send(staff, "扫描.pdf", b"%PDF-1.4\n" + bytes(MOST_BYTES) + b"%%EOF")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("机密文件.pdf", PDF),
        ("【秘密】名单.pdf", PDF),
        ("关于某事（绝密）.pdf", PDF),
        ("通知.txt", "秘密★1年\n关于某事的通知".encode()),
        ("通知.txt", "关于某事\n\n  机　密  \n第一条".encode("gb18030")),
        ("名单.csv", "密级：机密,序号\n1,2".replace(",序号", "").encode()),
        ("通知.docx", docx("绝密★10年", "正文")),
        ("通知.docx", docx("正文", header="机密")),
        ("名单.xlsx", workbook({"一": sheet(texts(1, "秘密★长期"), texts(2, "姓名"))})),
        ("名单.xlsx", workbook({"一": sheet(texts(1, "姓名")), "二": sheet(texts(3, "", "机密"))})),
    ],
)
def test_what_is_marked_as_classified_never_enters(staff, name, content):
    with pytest.raises(Classified, match="保密规定"):
        send(staff, name, content)
    assert evidence_of(staff.county_bureau) == []


def test_a_caption_with_a_mark_is_refused_too(staff):
    with pytest.raises(Classified):
        send(staff, "通知.pdf", PDF, "机密★5年 会议纪要")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("商业秘密保护制度.pdf", PDF),
        ("保守国家秘密法宣传.pdf", PDF),
        ("技术秘密转让合同.docx", docx("甲方对技术秘密负有保密义务", "机密性、完整性、可用性")),
        ("说明.txt", "本项目不涉及国家秘密，密级：非密\n机密等级说明".encode()),
        ("图.jpg", b"\xff\xd8\xff\xe0" + bytes(50) + b"\xff\xd9"),
        ("名单.xlsx", workbook({"一": sheet(texts(1, "姓名", "单位"))})),
    ],
)
def test_ordinary_papers_that_speak_of_secrets_are_kept(staff, name, content):
    kept = send(staff, name, content, "佐证")
    assert path_of(kept).read_bytes() == content
    assert [(one.name, one.caption) for one in evidence_of(staff.county_bureau)] == [(name, "佐证")]


def test_only_who_added_a_paper_or_who_keeps_ledgers_takes_it_back(staff):
    head, filler, planning = (staff.actor_as(name) for name in ("county_head", "county_filler", "planning"))
    mine = attach(staff.county_bureau, head, io.BytesIO(PDF), "一.pdf", caption="")
    other = attach(staff.county_bureau, head, io.BytesIO(PNG), "二.png", caption="")
    with pytest.raises(EvidenceStays, match="请由本人"):
        take_back(mine, staff.county_bureau, filler)
    take_back(mine, staff.county_bureau, head)
    take_back(other, staff.county_bureau, planning)
    assert evidence_of(staff.county_bureau) == []
    rows = HistoryRow.objects.filter(model="ledger.Evidence")
    assert sorted(rows.values_list("action", flat=True)) == ["create", "create", "delete", "delete"]
