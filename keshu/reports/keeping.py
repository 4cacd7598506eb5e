"""Composed files: made from one revision, kept by their content, and made again from that revision with the same figures."""

import hashlib
import io
import json
from pathlib import Path

from django.conf import settings

from keshu.directory.actors import Actor
from keshu.directory.models import Region
from keshu.figures.canonical import dispatch_json
from keshu.figures.dispatch import Dispatch, dispatch
from keshu.figures.models import RegionShown
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.intake.uploads import place_of, store
from keshu.reports import heading
from keshu.reports.briefing import briefing_docx
from keshu.reports.models import Composed
from keshu.terms import clock
from keshu.terms.period import Period


class FileLost(LookupError):
    """The bytes of a composed file are not under the data folder any more."""


def pinned(
    scheme: str,
    period: Period,
    *,
    level: str,
    region: str | None,
    as_of: str | None = None,
    vintage: str = "latest",
) -> Dispatch:
    """The dispatch at one revision (now: the newest), judged on that revision's day, so that it can be computed again."""
    shown = RegionShown.objects.select_related("region").first()
    return dispatch(
        scheme,
        period,
        level=level,
        region=region,
        as_of=f"r{moments.read_as_of(as_of)}",
        vintage=vintage,
        root=shown.region if shown else None,
    )


def figures_digest(table: Dispatch) -> str:
    """SHA-256 of the canonical JSON of a table's figures."""
    text = json.dumps(dispatch_json(table), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def keep_briefing(actor: Actor, table: Dispatch, issuer: str = "") -> Composed:
    """Compose the briefing of a pinned table, keep its bytes and its record; the same content is kept once."""
    content = briefing_docx(table, issuer=issuer)
    kept = store(io.BytesIO(content), Path(settings.MEDIA_ROOT))
    with writing(actor, f"生成{heading.title(table)}调度简报"):
        made = Composed(
            kind=Composed.Kind.BRIEFING,
            title=f"{heading.title(table)}调度简报（{table.period.label}）",
            scheme=table.scheme.code,
            period=table.period.code,
            level=table.level,
            region=table.parent,
            vintage=table.vintage,
            issuer=issuer,
            revision=table.revision,
            figures_sha256=figures_digest(table),
            sha256=kept.sha256,
            size=kept.size,
            made_by=actor.name,
            made_at=clock.now(),
        )
        made.save()
    return made


def content_of(composed: Composed) -> bytes:
    """The kept bytes. Raises FileLost when they are gone or are not those that were kept."""
    path = place_of(composed.sha256)
    if not path.exists():
        raise FileLost(
            f"《{composed.title}》的文件不在数据目录里。可用复现码 r{composed.revision} 重新生成。"
        )
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != composed.sha256:
        raise FileLost(
            f"《{composed.title}》的文件被改过，和留存的摘要对不上。可用复现码 r{composed.revision} 重新生成。"
        )
    return content


def recomposed(composed: Composed) -> tuple[Dispatch, bytes]:
    """The same table and file, made again from the revision that was kept."""
    table = pinned(
        composed.scheme,
        Period.parse(composed.period),
        level=composed.level,
        region=composed.region.code,
        as_of=f"r{composed.revision}",
        vintage=composed.vintage,
    )
    return table, briefing_docx(table, issuer=composed.issuer)


def holds(composed: Composed) -> bool:
    """Whether recomposing gives the same figures as were kept."""
    table, _ = recomposed(composed)
    return figures_digest(table) == composed.figures_sha256


def region_served(table: Dispatch | None = None) -> Region:
    """The region whose register a paper goes into: the installation's own, else the table's parent."""
    shown = RegionShown.objects.select_related("region").first()
    if shown is not None:
        return shown.region
    if table is not None:
        return table.parent
    return Region.objects.filter(parent=None).earliest("pk")
