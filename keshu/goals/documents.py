"""Documents that set targets: registered with the paper itself; one that corrects another puts a flaw right."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from django.db.models import QuerySet

from keshu.directory.actors import Actor
from keshu.figures.models import RegionShown
from keshu.goals.demands import flaw_of
from keshu.goals.models import Goal, SourceDocument
from keshu.goals.moving import publish, refuse_others
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.evidence import attach

#: What rooms above do after the numbers of a goal were put right, in the same transaction.
Follower = Callable[[Goal], None]
_followers: list[Follower] = []


class DocumentRefused(ValueError):
    """A document that cannot be registered, or does not correct what it is cited for."""


def after_correction(follower: Follower) -> Follower:
    """Declare what follows when a document put the numbers of a goal right; what it raises undoes the correction."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def keep_document(
    actor: Actor,
    *,
    title: str,
    issuer: str,
    kind: str,
    year: int,
    doc_no: str = "",
    issued_on: date | None = None,
    corrects: SourceDocument | None = None,
    file: BinaryIO | None = None,
    filename: str = "",
) -> SourceDocument:
    """Register a document; its paper becomes its evidence. Raises DocumentRefused, MayNotSetGoals, Classified, IntakeError."""
    refuse_others(actor, "登记来源文件")
    refuse_classified(title, doc_no)
    if not title.strip() or not issuer.strip():
        raise DocumentRefused("名称和发文单位要写全。照文件首页填。")
    if kind not in SourceDocument.Kind.values:
        raise DocumentRefused("没有选文件的类别。")
    if not 1990 <= year <= 2199:
        raise DocumentRefused(f"年度“{year}”读不懂。写成 2026。")
    if (kind == SourceDocument.Kind.CORRECTION) != (corrects is not None):
        raise DocumentRefused("更正文件要写明更正哪一份；不是更正的不用写。")
    shown = RegionShown.objects.values_list("region_id", flat=True).first()
    with writing(actor, f"登记来源文件 {title}"):
        document = SourceDocument(
            title=title.strip(),
            doc_no=doc_no.strip(),
            issuer=issuer.strip(),
            kind=kind,
            year=year,
            issued_on=issued_on,
            corrects=corrects,
            region_id=shown,
        )
        document.save()
        if file is not None:
            attach(document, actor, file, filename, caption="文件原件")
    return document


def correct(
    goal: Goal,
    actor: Actor,
    *,
    document: SourceDocument,
    low: Decimal | None,
    high: Decimal | None = None,
    stretch: Decimal | None = None,
) -> Goal:
    """引用文件再改: put the numbers of a 原文有误 right as the correcting document says. What was issued stays in the history.

    Raises DocumentRefused where nothing is flawed, the document corrects another one, or the arithmetic still does not hold.
    """
    refuse_others(actor, "改下达的数")
    with writing(actor, f"按{document}更正 {goal.name}"):
        locked = (
            Goal._base_manager.select_for_update(of=("self",))
            .select_related("document", "indicator")
            .get(pk=goal.pk)
        )
        if not locked.flawed:
            raise DocumentRefused(f"“{locked.name}”没有待更正的错。要改下达的数，请走调整申请。")
        if document.kind != SourceDocument.Kind.CORRECTION or document.corrects_id != locked.document_id:
            raise DocumentRefused(
                f"“{document.title}”不是更正“{locked.document.title}”的文件。请登记更正文件，写明更正哪一份，再引用它。"
            )
        above = locked.parent
        still = "" if above is None else flaw_of(above.low, above.unit, high or low, locked.unit)
        if above is not None and still:
            raise DocumentRefused(f"照这个数仍比上级目标“{above.name}”大：{still}。请对照更正文件。")
        locked.low, locked.high, locked.stretch = low, high, stretch
        locked.corrected_by = document
        locked.save()
        _tell(locked)
    return locked


def correct_whole(goal: Goal, actor: Actor, *, document: SourceDocument, low: Decimal) -> Goal:
    """The correcting document changes the whole instead of its part (60 → 100 above 其中80): the parts it puts right are cleared."""
    refuse_others(actor, "改下达的数")
    with writing(actor, f"按{document}更正 {goal.name}"):
        locked = (
            Goal._base_manager.select_for_update(of=("self",))
            .select_related("document", "indicator")
            .get(pk=goal.pk)
        )
        if document.kind != SourceDocument.Kind.CORRECTION or document.corrects_id != locked.document_id:
            raise DocumentRefused(
                f"“{document.title}”不是更正“{locked.document.title}”的文件。请登记更正文件，写明更正哪一份，再引用它。"
            )
        parts = [part for part in below(locked) if part.flawed]
        if not parts:
            raise DocumentRefused(f"“{locked.name}”下面没有待更正的错。要改下达的数，请走调整申请。")
        for part in parts:
            still = flaw_of(low, locked.unit, part.high or part.low, part.unit)
            if still:
                raise DocumentRefused(f"改成这个数，其中“{part.name}”仍比它大：{still}。请对照更正文件。")
            part.corrected_by = document
            part.save()
        locked.low = low
        locked.save()
        _tell(locked, *parts)
    return locked


def _tell(*goals: Goal) -> None:
    """What was put right goes where it stands: the dispatch reads it as a target, rooms above repeat it."""
    for one in goals:
        if one.given:
            publish(one)
        for follower in _followers:
            follower(one)


def below(goal: Goal) -> "QuerySet[Goal]":
    """The direct children of a goal."""
    return (
        Goal.objects.for_system("随上级目标一起看")
        .filter(parent=goal)
        .select_related("document", "indicator")
    )
