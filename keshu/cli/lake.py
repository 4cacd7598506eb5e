"""``keshu lake``: cells published as Parquet, and a dispatch computed from them."""

import argparse
import sys
from pathlib import Path

from keshu.cli.output import print_json
from keshu.figures.canonical import dispatch_json
from keshu.figures.lake.engine import LakeNotInstalled, UnknownBackend
from keshu.figures.lake.layout import NoLake
from keshu.figures.lake.publishing import LakeNotPublished, default_folder, publish
from keshu.figures.lake.reading import Lake
from keshu.figures.models import RegionShown
from keshu.terms.period import Period

REFUSALS = (LakeNotInstalled, UnknownBackend, NoLake, LakeNotPublished)


class QuestionIncomplete(ValueError):
    """A dispatch was asked for without a scheme or a period."""


def run(options: argparse.Namespace) -> int:
    """``keshu lake publish [--out DIR]``; ``keshu lake dispatch --scheme S --period P [--level L] [--region R] [--out DIR]``"""
    folder = Path(options.out) if options.out else None
    if options.action == "publish":
        manifest = publish(folder)
        print(
            f"{folder or default_folder()}：修订 {manifest['revision']}，{len(manifest['cells'])} 个计量，"
            f"{manifest['rows']} 格，{len(manifest['files'])} 个文件",
            file=sys.stderr,
        )
        return 0
    if not options.scheme or not options.period:
        raise QuestionIncomplete(
            "出调度表要写明 --scheme 和 --period，如 --scheme strong-st-5 --period 2026-09。"
        )
    shown = RegionShown.objects.select_related("region").first()
    table = Lake(folder).dispatch(
        options.scheme,
        Period.parse(options.period),
        level=options.level,
        region=options.region,
        root=shown.region if shown else None,
    )
    print_json(dispatch_json(table))
    return 0
