"""``keshu import``: files into figures and targets from the command line."""

import argparse
import hashlib
import sys
from collections import Counter
from pathlib import Path

from keshu.cli.output import print_json
from keshu.directory.actors import system
from keshu.figures.imports.applying import apply, forget
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.refused import write_refused_book
from keshu.figures.imports.staging import stage
from keshu.figures.targets import apply_targets
from keshu.ledger.intake.batches import BatchState, open_batch

LISTED = 50


class NoSuchFile(ValueError):
    """The named file is not there."""


def run(options: argparse.Namespace) -> int:
    """Import figures or targets; exit 1 when any row was refused."""
    path = Path(options.file)
    if not path.is_file():
        raise NoSuchFile(f"没有文件“{options.file}”。请核对路径。")
    return targets(path) if options.kind == "targets" else figures(path, options)


def figures(path: Path, options: argparse.Namespace) -> int:
    """Stage and, unless it is a dry run, apply; counts as text or JSON. A dry run leaves nothing behind, not even a batch."""
    actor = system("命令行导入")
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    batch = open_batch(ImportBatch, path.name, actor, size=path.stat().st_size, sha256=digest)
    try:
        stage(batch, path, actor)
        counts = dict(batch.counts)
        refusals = refused(batch, LISTED)
        if options.refused and counts[Verdict.REFUSED]:
            write_refused_book(batch, Path(options.refused))
        if not options.dry_run:
            outcome = apply(batch, actor)
            counts.update(new=outcome.new, changed=outcome.changed, identical=outcome.identical)
    except BatchState as moved:  # somebody changed the same figures while the file was read
        print(str(moved), file=sys.stderr)
        return 1
    finally:
        if options.dry_run:
            forget(batch)
    data = {
        "file": path.name,
        "dry_run": options.dry_run,
        "rows": batch.rows_read,
        **{verdict: counts.get(verdict, 0) for verdict in Verdict.values},
        "revision": batch.revision,
        "notes": batch.notes,
        "refusals": refusals,
    }
    if options.format == "json":
        print_json(data)
    else:
        words = "、".join(f"{Verdict(v).label} {data[v]}" for v in Verdict.values)
        print(f"{path.name}：{data['rows']} 行，{words}{'（只看，没有写入）' if options.dry_run else ''}")
        for row in refusals:
            print(f"  第 {row['row']} 行“{row['column']}”：{row['reason']}")
        if counts[Verdict.REFUSED] > len(refusals):
            print(f"  还有 {counts[Verdict.REFUSED] - len(refusals)} 行，用 --refused 文件.xlsx 全部取出")
    return 1 if counts[Verdict.REFUSED] else 0


def refused(batch: ImportBatch, limit: int) -> list[dict[str, object]]:
    """The first refused rows of a batch in the order of the file: row, column, reason."""
    rows = StagedRow.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    return [{"row": row.number, "column": row.column, "reason": row.reason} for row in rows[:limit]]


def targets(path: Path) -> int:
    """Import targets: the whole file or nothing."""
    proposed = apply_targets(path, path.name, system("命令行导入目标"))
    counts = Counter(one.verdict for one in proposed)
    print(f"{path.name}：" + "、".join(f"{word} {counts[word]}" for word in ("新增", "改动", "相同")))
    return 0
