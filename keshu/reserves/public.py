"""What of this room anyone may see: needs that were put up, achievements released, public documents with their files.

Of a need its owner stands outside only with consent; of an achievement no persons; of a document everything but drafts and what
was taken down. Values of a question that do not exist find nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When

from keshu.ledger.models import Evidence
from keshu.reserves.models import Achievement, Need, Publication
from keshu.reserves.publishing import SHOWN
from keshu.terms import clock

OPEN = "open"
NAMELESS = "出题方不公开名称"


@dataclass(frozen=True)
class Search:
    """A question to one of the public lists; empty parts ask for all."""

    text: str = ""
    kind: str = ""
    field: str = ""
    year: str = ""


def _of_year(found: Any, year: str) -> Any:
    if not year:
        return found
    return (
        found.filter(year=int(year)) if year.isascii() and year.isdigit() and len(year) == 4 else found.none()
    )


def needs(search: Search) -> models.QuerySet[Need]:
    """Needs that were put up, those that still take answers first, then the newest. ``kind`` ``open``: only those."""
    now = clock.now()
    taking = Q(state=Need.State.PUBLISHED, answer_until__gte=now)
    found = Need.objects.for_system("需求榜").filter(published_on__isnull=False)
    if search.kind:
        found = found.filter(taking) if search.kind == OPEN else found.none()
    if search.text:
        owner = Q(show_name=True, unit__name__icontains=search.text)
        named = Q(title__icontains=search.text) | Q(problem__icontains=search.text) | owner
        found = found.filter(named | Q(number__iexact=search.text))
    if search.field:
        found = found.filter(field=search.field)
    found = _of_year(found, search.year)
    first = Case(When(taking, then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        found.annotate(closed=first)
        .select_related("unit", "region")
        .order_by("closed", "answer_until", "-published_on", "-pk")
    )


def owner(need: Need) -> str:
    """Who put a need up, as the public sees it."""
    return str(need.unit) if need.show_name and need.unit_id else NAMELESS


def takes_answers(need: Need) -> bool:
    """Whether a need takes answers now."""
    return (
        need.state == Need.State.PUBLISHED
        and need.answer_until is not None
        and clock.now() <= need.answer_until
    )


def noticed_needs() -> models.QuerySet[Need]:
    """Needs whose result is in public notice today, those that end first above."""
    found = Need.objects.for_system("揭榜公示").filter(
        state=Need.State.NOTICE, notice_until__gte=clock.today()
    )
    return found.select_related("unit", "taker").order_by("notice_until", "pk")


def achievements(search: Search) -> models.QuerySet[Achievement]:
    """Registered achievements that their holders released, newest registration first."""
    found = Achievement.objects.for_system("公开成果库").filter(
        state=Achievement.State.REGISTERED, open_to_public=True
    )
    if search.text:
        found = found.filter(
            Q(title__icontains=search.text)
            | Q(keywords__icontains=search.text)
            | Q(unit__name__icontains=search.text)
            | Q(holder__icontains=search.text)
            | Q(number__iexact=search.text)
        )
    if search.kind:
        found = found.filter(kind=search.kind)
    if search.field:
        found = found.filter(field=search.field)
    found = _of_year(found, search.year)
    # What is not shown is not read: no names of persons leave the database.
    return found.defer("people", "source").select_related("unit", "region").order_by("-registered_on", "-pk")


def publications(search: Search) -> models.QuerySet[Publication]:
    """Public documents, those in force first, then the newest; abolished ones below."""
    found = Publication.objects.for_system("政策与表格下载").filter(state__in=SHOWN)
    if search.text:
        found = found.filter(
            Q(title__icontains=search.text)
            | Q(doc_no__icontains=search.text)
            | Q(issuer__icontains=search.text)
            | Q(summary__icontains=search.text)
        )
    if search.kind:
        found = found.filter(category=search.kind)
    gone = Case(
        When(state=Publication.State.ABOLISHED, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    return found.annotate(gone=gone).order_by("gone", models.F("dated").desc(nulls_last=True), "-pk")


def is_over(publication: Publication, on: date | None = None) -> bool:
    """Whether the day until which a document says that it holds has passed."""
    return publication.valid_until is not None and publication.valid_until < (on or clock.today())


def files_of(publications: list[Publication]) -> dict[int, list[Evidence]]:
    """The files of documents that may be seen, by document, oldest first. One query."""
    rows = Evidence.objects.for_system("政策与表格下载").filter(
        model=Publication._meta.label, object_pk__in=[row.pk for row in publications]
    )
    found: dict[int, list[Evidence]] = {row.pk: [] for row in publications}
    for file in rows.order_by("added_at", "pk"):
        found[file.object_pk].append(file)
    return found


def file_of(pk: int) -> Evidence | None:
    """A file of a document that may be seen now; None for everything else."""
    file = Evidence.objects.for_system("政策与表格下载").filter(pk=pk, model=Publication._meta.label).first()
    if file is None:
        return None
    seen = Publication.objects.for_system("政策与表格下载").filter(pk=file.object_pk, state__in=SHOWN)
    return file if seen.exists() else None


def years(found: models.QuerySet[Any]) -> list[int]:
    """The years of a list, newest first."""
    return sorted(set(found.order_by().values_list("year", flat=True)), reverse=True)
