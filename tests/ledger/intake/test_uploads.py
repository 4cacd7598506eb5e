"""Uploads: what they are, what they may be called, and keeping all of a file or nothing."""

import hashlib
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.ledger.intake.hazards import (
    DiskFull,
    EmptyFile,
    NotAccepted,
    TooLarge,
    WrongExtension,
    ZipBomb,
    size_text,
)
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_space, check_upload, safe_name, store
from tests.ledger.intake.making import HEAD, sheet, workbook

EVIDENCE = (Found.PDF, Found.PNG, Found.JPEG, Found.XLSX)


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_the_sha256_of_its_content(tmp_path):
    content = b"abc"
    # FIPS 180-2, appendix B.1: the digest of "abc".
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    kept = store(io.BytesIO(content), tmp_path)
    assert (kept.sha256, kept.size, kept.existed) == (digest, 3, False)
    assert kept.path == tmp_path / "ba" / digest
    assert kept.path.read_bytes() == content
    again = store(io.BytesIO(content), tmp_path)
    assert again.existed
    assert left_over(tmp_path) == [kept.path]


def test_a_long_file_streams_through(tmp_path):
    content = os.urandom(3_000_001)
    assert store(io.BytesIO(content), tmp_path).sha256 == hashlib.sha256(content).hexdigest()


def test_a_stream_longer_than_allowed_leaves_nothing_behind(tmp_path):
    with pytest.raises(TooLarge):
        store(io.BytesIO(bytes(1000)), tmp_path, name="附件.pdf", limits=Limits(upload_bytes=999))
    assert left_over(tmp_path) == []


def test_a_stream_that_breaks_off_leaves_nothing_behind(tmp_path):
    class Broken(io.RawIOBase):
        sent = False

        def read(self, size: int = -1) -> bytes:
            if self.sent:
                raise ConnectionResetError
            self.sent = True
            return b"half"

    with pytest.raises(ConnectionResetError):
        store(Broken(), tmp_path)
    assert left_over(tmp_path) == []


SCRIPT = """
    import io, resource, sys
    from pathlib import Path
    from keshu.ledger.intake.hazards import DiskFull
    from keshu.ledger.intake.uploads import store
    from keshu.ledger.intake.writing import write_table
    folder = Path(sys.argv[1])
    if sys.argv[2] == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    for work in (
        lambda: store(io.BytesIO(bytes(4 << 20)), folder),
        lambda: write_table(["甲"], (["乙" * 1000] for _ in range(4000)), folder / "导出.csv"),
    ):
        try:
            work()
        except DiskFull as error:
            assert "磁盘空间不足" in str(error), error
        else:
            raise SystemExit("没有报错")
    print(sum(1 for path in folder.rglob("*") if path.is_file()))
"""


def run_in_process(*arguments: str, prefix: tuple[str, ...] = ()) -> str:
    root = Path(__file__).parents[3]
    command = [*prefix, sys.executable, "-c", textwrap.dedent(SCRIPT), *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_room_for_the_next_byte_is_said_and_no_half_file_stays(tmp_path):
    assert run_in_process(str(tmp_path), "limit") == "0"


def test_a_full_disk_is_said_and_no_half_file_stays(tmp_path):
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', str(tmp_path)]
    try:
        able = subprocess.run([*mount, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        pytest.skip("no private mount allowed here; the test above fills a file-size limit instead")
    assert run_in_process(str(tmp_path), "disk", prefix=tuple(mount)) == "0"


def test_room_is_asked_for_before_the_upload_is_taken(tmp_path):
    check_space(tmp_path / "还没有" / "建", 1, reserve=0)
    with pytest.raises(DiskFull, match="只剩"):
        check_space(tmp_path, 1 << 60)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\月报.xlsx", "月报.xlsx"),
        ("..", "未命名"),
        ("", "未命名"),
        (".htaccess", "htaccess"),
        ("con.xlsx", "_con.xlsx"),
        ("LPT1", "_LPT1"),
        ("console.xlsx", "console.xlsx"),
        ("月报\x00.xlsx\n", "月报.xlsx"),
        ("报\u202excod.xlsx", "报xcod.xlsx"),
        ('甲<乙>:"丙|?*.csv', "甲_乙___丙___.csv"),
        ("尾点. ", "尾点"),
    ],
)
def test_a_name_is_made_harmless(given_name, kept):
    assert safe_name(given_name) == kept


@given(st.text(max_size=400))
def test_no_name_is_ever_a_path_or_empty_or_too_long(name):
    kept = safe_name(name)
    assert kept
    assert kept not in (".", "..")
    assert not set(kept) & set('/\\<>:"|?*\0\n\r')
    assert len(kept.encode()) <= 201
    assert safe_name(kept) == kept


def test_a_long_name_keeps_its_extension():
    assert safe_name("长" * 300 + ".xlsx").endswith("长.xlsx")


def test_content_counts_and_the_extension_must_not_pretend():
    pdf = b"%PDF-1.7\n"
    assert check_upload(io.BytesIO(pdf), "证明.PDF", accept=EVIDENCE) is Found.PDF
    with pytest.raises(WrongExtension, match=r"内容其实是PDF 文件。请把扩展名改成 \.pdf"):
        check_upload(io.BytesIO(pdf), "证明.png", accept=EVIDENCE)
    with pytest.raises(NotAccepted, match="可执行程序"):
        check_upload(io.BytesIO(b"MZ\x90\x00" + bytes(100)), "证明.pdf", accept=EVIDENCE)
    with pytest.raises(NotAccepted, match="网页"):
        check_upload(
            io.BytesIO(b"<svg onload=alert(1)>".replace(b"<svg", b"<html")), "图.png", accept=EVIDENCE
        )
    with pytest.raises(EmptyFile):
        check_upload(io.BytesIO(b""), "证明.pdf", accept=EVIDENCE)
    with pytest.raises(ZipBomb):
        bomb = workbook({"表": sheet(HEAD)}, extra={"xl/a": bytes(30 << 20)})
        check_upload(io.BytesIO(bomb), "表.xlsx", accept=EVIDENCE)
    with pytest.raises(TooLarge, match=r"有 1\.5 KB"):
        check_upload(io.BytesIO(bytes(1536)), "证明.pdf", accept=EVIDENCE, limits=Limits(upload_bytes=1024))


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (200 << 20, "200 MB"), (3 << 29, "1.5 GB")],
)
def test_sizes_read_as_in_a_file_manager(size, shown):
    assert size_text(size) == shown
