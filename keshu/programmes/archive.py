"""归档: the list of a project's papers with how long each is kept, and the archive number, once the project is closed."""

from dataclasses import dataclass
from datetime import date

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_number
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes.changes import changes_of
from keshu.programmes.dating import ruled
from keshu.programmes.inspections import inspections_of
from keshu.programmes.models import Application, Change, Inspection, Paper
from keshu.programmes.payments import payments_of
from keshu.terms import clock

#: Head of a list of papers, in the order of its columns.
HEAD = ("档号", "项目编号", "项目名称", "承担单位", "序号", "材料", "文号", "日期", "保管期限")
ENDS = ("accept", "conclude", "fail", "terminate", "revoke")


class ArchiveRefused(MoveRefused):
    """A project that is not filed away so; the message says what is lacking."""


@dataclass(frozen=True)
class Listed:
    """One line of a project's list of papers before it is filed."""

    kind: str
    doc_no: str = ""
    dated: date | None = None
    keep: str = ""


def terms() -> list[str]:
    """How long papers may be kept, by the rule in force."""
    found: list[str] = ruled("limit", "project-archive")["terms"]
    return found


def suggested(application: Application) -> list[Listed]:
    """The papers that the project's own records speak of, with how long the rule keeps each kind."""
    keep = {row["kind"]: row["keep"] for row in ruled("limit", "project-archive")["papers"]}
    found = [
        Listed("申报书", application.content_hash[:12], application.submitted_on),
        Listed("立项文件", application.decided_doc, application.approved_on),
        Listed("任务书", application.contract_doc, application.starts_on),
    ]
    found += [
        Listed("拨款文件", doc_no, day)
        for doc_no, day in dict.fromkeys(
            (p.doc_no, p.counts_on) for p in payments_of(application) if p.state == p.State.PAID
        )
    ]
    found += [
        Listed("变更批复", change.doc_no, change.decided_on)
        for change in changes_of(application)
        if change.state == Change.State.APPROVED
    ]
    found += [
        Listed("检查记录", row.number, row.done_on)
        for row in inspections_of(application)
        if row.state in (Inspection.State.CLEAN, Inspection.State.CLOSED)
    ]
    ends = [entry for entry in moves_of(application) if entry.action in ENDS]
    found += [Listed("验收意见", _opinion(entry), entry.at.astimezone(clock.TZ).date()) for entry in ends]
    if application.technology_report:
        found.append(Listed("科技报告", application.technology_report))
    if application.achievement_number:
        found.append(Listed("成果登记", application.achievement_number))
    return [Listed(row.kind, row.doc_no, row.dated, keep.get(row.kind, "")) for row in found]


def _opinion(entry: Move) -> str:
    return entry.note.split("；", 1)[0][:100]


def papers_of(application: Application) -> list[Paper]:
    """The papers filed for a project, in order. Ask only for a project that the reader may see."""
    return list(Paper.objects.for_system("归档").filter(application=application).order_by("order", "pk"))


def file_away(application: Application, papers: list[Listed], actor: Actor) -> Application:
    """Give the archive number and keep the list; once, and only when the project is closed.

    Raises NotYourTurn, ArchiveRefused, Classified.
    """
    _examine(papers)
    with writing(actor, f"归档 {application}"):
        locked = Application._base_manager.select_for_update().get(pk=application.pk)
        if not actor.can(Can.HANDLE_PROGRAMMES):
            raise NotYourTurn(f"{actor.name} 不能归档。请由业务科室归档。")
        if locked.closed_on is None:
            raise ArchiveRefused(
                f"“{locked}”现在是“{locked.get_state_display()}”，还没有办结。验收、结题或结束以后再归档。"
            )
        if locked.archive_number:
            raise ArchiveRefused(f"“{locked}”已经归档，档号 {locked.archive_number}。")
        rule = ruled("limit", "project-archive")
        locked.archive_number = next_number(rule["prefix"], locked.closed_on.year, digits=int(rule["digits"]))
        locked.save()
        for order, row in enumerate(papers, 1):
            Paper(
                application=locked,
                order=order,
                kind=row.kind.strip(),
                doc_no=row.doc_no.strip(),
                dated=row.dated,
                keep_years=row.keep,
                shelf=f"{locked.archive_number}-{order:03d}",
            ).save()
    return locked


def _examine(papers: list[Listed]) -> None:
    if not papers:
        raise ArchiveRefused("没有列一份材料。至少列一份再归档。")
    allowed = terms()
    for order, row in enumerate(papers, 1):
        refuse_classified(row.kind, row.doc_no)
        if not row.kind.strip():
            raise ArchiveRefused(f"第 {order} 行没有写材料名称。补上，或清空这一行。")
        if len(row.kind.strip()) > 40 or len(row.doc_no.strip()) > 100:
            raise ArchiveRefused(f"第 {order} 行“{row.kind[:20]}”写得太长：材料最多 40 字，文号最多 100 字。")
        if row.keep not in allowed:
            raise ArchiveRefused(f"第 {order} 行“{row.kind[:20]}”没有选保管期限，可选 {'、'.join(allowed)}。")


def listed(rows: list[Paper]) -> list[list[str | int | date | None]]:
    """Lines of a list of papers for export, under HEAD. ``rows`` come with their project and its organisation."""
    return [
        [
            row.shelf,
            row.application.number,
            row.application.title,
            str(row.application.unit or ""),
            row.order,
            row.kind,
            row.doc_no,
            row.dated,
            row.keep_years,
        ]
        for row in rows
    ]


def filed_in(year: int, actor: Actor) -> list[Paper]:
    """The papers of the projects closed in a year and filed, as far as the actor sees them, in the order of their shelves."""
    rows = Paper.objects.visible_to(actor).filter(application__closed_on__year=year)
    return list(rows.select_related("application__unit").order_by("shelf"))
