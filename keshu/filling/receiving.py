"""A blank comes in: what it is, kept as received by its sha256, read as a grid; an old workbook goes through LibreOffice first."""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from keshu.directory.actors import Actor
from keshu.filling.layout import Layout
from keshu.filling.mapping import may_fill
from keshu.filling.models import Blank, FormTemplate
from keshu.filling.office import tables, workbooks
from keshu.filling.office.sheets import Entry
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.intake.contents import refuse_cut_off, refuse_script
from keshu.ledger.intake.hazards import IntakeError, OldWorkbook
from keshu.ledger.intake.limits import MEGABYTE, Limits
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import Stored, check_upload, place_of, safe_name, store
from keshu.reports.keeping import region_served
from keshu.terms import clock
from keshu.terms.text import clean_name

#: A blank form. Our own bound; figures and pictures fit many times.
LIMITS = replace(Limits(), upload_bytes=20 * MEGABYTE)
ACCEPTED = (Found.XLSX, Found.WORD, Found.OLD_WORKBOOK)
CONVERTING_SECONDS = 90


class NoConverter(IntakeError):
    """An old workbook and no LibreOffice on the server."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}”是旧格式的工作簿（xls、et），服务器上没有装 LibreOffice，转不了。"
            "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”再传；报出时可另存回原来的格式。"
        )


class NameTaken(ValueError):
    """A form of that name is there already."""


class NothingSaid(ValueError):
    """A form without a name or a receiver."""


def opened(stream: BinaryIO, filename: str) -> tuple[str, str, bytes, Stored, Stored]:
    """(xlsx or docx, its name, the bytes to fill, where they are kept, where the file as received is kept).

    Raises the errors of ``ledger.intake`` and NoConverter.
    """
    name = safe_name(filename)
    found = check_upload(stream, name, accept=ACCEPTED, limits=LIMITS)
    refuse_cut_off(stream, name, found)
    refuse_script(stream, name, found)
    folder = Path(settings.MEDIA_ROOT)
    stream.seek(0)
    received = store(stream, folder, name=name, limits=LIMITS)
    kept = received
    if found is Found.OLD_WORKBOOK:
        content = _converted(received.path.read_bytes(), name)
        kept = store(io.BytesIO(content), folder, name=name, limits=LIMITS)
        name = f"{Path(name).stem}.xlsx"
    content = kept.path.read_bytes()
    return ("docx" if found is Found.WORD else "xlsx"), name, content, kept, received


def _converted(content: bytes, name: str) -> bytes:
    """An xls or et as xlsx, by LibreOffice. NoConverter, OldWorkbook when it fails."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise NoConverter(name)
    with tempfile.TemporaryDirectory(prefix="keshu-form-") as folder:
        source = Path(folder) / "form.xls"
        source.write_bytes(content)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", folder, str(source)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=CONVERTING_SECONDS)  # noqa: S603
            return (Path(folder) / "form.xlsx").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise OldWorkbook(name) from error


def layout_of(kind: str, content: bytes, name: str) -> Layout:
    """The grids of a form. Raises the errors of ``ledger.intake`` and NoForm."""
    return tables.read_layout(content, name) if kind == "docx" else workbooks.read_layout(content, name)


def written(blank: Blank, entries: Mapping[str, Entry], results: Mapping[str, Entry]) -> bytes:
    """The blank with entries in its cells; nothing else of the file changes."""
    content = content_of(blank)
    if blank.kind == "docx":
        return tables.write(content, blank.filename, entries)
    return workbooks.write(content, blank.filename, Layout.of(blank.layout), entries, results)


def content_of(blank: Blank) -> bytes:
    """The bytes of a blank. BlankLost when they are gone."""
    path = place_of(blank.sha256)
    if not path.is_file():
        raise BlankLost(f"“{blank.filename}”的空表不在数据目录里。请把空表再传一次。")
    return path.read_bytes()


class BlankLost(LookupError):
    """The bytes of a blank are not under the data folder any more."""


def new_template(
    actor: Actor,
    stream: BinaryIO,
    filename: str,
    *,
    name: str,
    receiver: str,
    frequency: str,
    doc_no: str = "",
    missing_text: str = "",
    note: str = "",
) -> FormTemplate:
    """A form with its first blank. Raises MayNotFill, NothingSaid, NameTaken, Classified and the refusals of the file."""
    may_fill(actor)
    called, receiver = clean_name(name)[:120], " ".join(receiver.split())[:100]
    if not called or not receiver or frequency not in FormTemplate.Frequency.values:
        raise NothingSaid("表名、报给谁、多久一报都要写。补上再收。")
    refuse_classified(called, note, doc_no, filename)
    if FormTemplate._base_manager.filter(name=called).exists():
        raise NameTaken(f"已经有“{called}”。换了版式的空表，请在那张表的页面上传新空表。")
    taken = opened(stream, filename)
    layout = layout_of(taken[0], taken[2], taken[1])
    with writing(actor, f"收套表：{called}"):
        template = FormTemplate(
            name=called,
            receiver=receiver,
            doc_no=" ".join(doc_no.split())[:100],
            frequency=frequency,
            missing_text=missing_text.strip()[:20],
            region=region_served(),
            note=" ".join(note.split())[:200],
        )
        template.save()
        _blank(actor, template, taken, layout, 1)
    return template


def change_template(
    actor: Actor,
    template: FormTemplate,
    *,
    receiver: str,
    frequency: str,
    doc_no: str,
    missing_text: str,
    note: str,
    stopped: bool,
) -> FormTemplate:
    """Change what is said about a form, or stop it. Raises MayNotFill, NothingSaid, Classified."""
    may_fill(actor)
    named = " ".join(receiver.split())[:100]
    if not named or frequency not in FormTemplate.Frequency.values:
        raise NothingSaid("报给谁、多久一报都要写。补上再存。")
    refuse_classified(named, doc_no, missing_text, note)
    template.receiver, template.frequency = named, frequency
    template.doc_no, template.note = " ".join(doc_no.split())[:100], " ".join(note.split())[:200]
    template.missing_text, template.stopped = missing_text.strip()[:20], stopped
    with writing(actor, f"改套表：{template}"):
        template.save()
    return template


def new_blank(actor: Actor, template: FormTemplate, stream: BinaryIO, filename: str) -> Blank:
    """A later blank of the same form. Raises MayNotFill, OtherKind and the refusals of the file."""
    may_fill(actor)
    taken = opened(stream, filename)
    layout = layout_of(taken[0], taken[2], taken[1])
    last = latest_blank(template)
    if last.kind != taken[0]:
        raise OtherKind(
            f"这张表原来是 {last.get_kind_display()} 的，新传的是 {'Word' if taken[0] == 'docx' else 'Excel'} 的。请另收一张表。"
        )
    if last.sha256 == taken[3].sha256:
        return last
    with writing(actor, f"收新空表：{template}"):
        locked = Blank._base_manager.select_for_update().filter(template=template).order_by("-number").first()
        return _blank(actor, template, taken, layout, (locked.number if locked else 0) + 1)


class OtherKind(IntakeError):
    """A Word form where an Excel form was, or the other way round."""


def _blank(
    actor: Actor,
    template: FormTemplate,
    taken: tuple[str, str, bytes, Stored, Stored],
    layout: Layout,
    number: int,
) -> Blank:
    kind, name, _, kept, received = taken
    blank = Blank(
        template=template,
        number=number,
        kind=kind,
        filename=name,
        sha256=kept.sha256,
        size=kept.size,
        received_sha256=received.sha256,
        fingerprint=layout.fingerprint,
        layout=layout.plain(),
        received_by=actor.name,
        received_at=clock.now(),
    )
    blank.save()
    return blank


def latest_blank(template: FormTemplate) -> Blank:
    """The newest blank of a form."""
    return Blank.objects.for_system("套表的空表，已按范围取").filter(template=template).latest("number")
