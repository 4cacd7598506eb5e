"""What each word of the command line does."""

import argparse
from collections.abc import Callable
from pathlib import Path

from keshu.cli import founding, importing, lake, serving
from keshu.cli.output import print_json
from keshu.demo.loading import HouseInUse
from keshu.desk.dispatching.sheet import CHILD
from keshu.directory.models import Region
from keshu.directory.opening import AccountRefused
from keshu.figures import counting, cube, slicing
from keshu.figures.book import UnknownName, book
from keshu.figures.canonical import dispatch_json, number
from keshu.figures.dispatch import NoSuchDispatch, dispatch
from keshu.figures.models import RegionShown
from keshu.figures.targets import TargetsRefused
from keshu.figures.tracing import trace
from keshu.journal import audit, moments
from keshu.ledger.conditions import NotAFilter
from keshu.ledger.intake.hazards import IntakeError
from keshu.reports.exports import UnknownFormat, export_dispatch
from keshu.terms.clock import UnreadableMoment
from keshu.terms.formula import FormulaError
from keshu.terms.period import Period, UnreadablePeriod

REFUSALS = (
    UnknownName,
    NoSuchDispatch,
    UnknownFormat,
    UnreadablePeriod,
    UnreadableMoment,
    moments.UnknownRevision,
    importing.NoSuchFile,
    IntakeError,
    TargetsRefused,
    lake.QuestionIncomplete,
    *lake.REFUSALS,
    slicing.NoRegisterBehind,
    slicing.NoSuchChoice,
    FormulaError,
    NotAFilter,
    founding.FoundingRefused,
    AccountRefused,
    HouseInUse,
)


def run_figure(options: argparse.Namespace) -> int:
    """``keshu figure MEASURE --region R --period P [--where CONDITION] [--as-of T] [--trace]``"""
    if options.where is not None:
        return _slice(options)
    found = trace(
        options.measure,
        options.region,
        Period.parse(options.period),
        as_of=options.as_of,
        vintage=options.vintage,
    )
    data = found.to_json()
    if not options.trace:
        data.pop("values")
    if options.format == "json":
        print_json(data)
    else:
        print(
            f"{found.region.short_name} {found.period.label} {found.title} {data['value'] or found.missing} {found.unit}"
        )
    return 0


def _slice(options: argparse.Namespace) -> int:
    """A register's measure under further conditions: the value, what it counts, and every record behind it."""
    found = slicing.slice_of(
        options.measure,
        options.where,
        region=options.region,
        period=Period.parse(options.period),
        revision=moments.read_as_of(options.as_of),
    )
    rows = slicing.behind(found)
    if options.format == "json":
        print_json(
            {
                "name": found.measure.name,
                "region_code": found.region.code,
                "region": found.region.short_name,
                "period": found.period.code,
                "value": number(found.value),
                "unit": found.unit,
                "missing": found.missing or None,
                "where": found.where,
                "definition": found.definition,
                "revision": found.revision,
                "records": [
                    {
                        "number": row.number,
                        "title": row.title,
                        "items": row.items,
                        "amount": number(row.amount),
                    }
                    for row in rows
                ],
            }
        )
        return 0
    value = found.missing if found.value is None else number(found.value)
    print(f"{found.region.short_name} {found.period.label} {found.measure.name} {value} {found.unit}")
    print(f"口径：{found.definition}")
    for row in rows:
        print(f"{row.number or '（未编号）'} {row.title} {number(row.amount)} {found.unit}")
    return 0


def run_dispatch(options: argparse.Namespace) -> int:
    """``keshu dispatch --scheme S --period P --level L …``"""
    shown = RegionShown.objects.select_related("region").first()
    table = dispatch(
        options.scheme,
        Period.parse(options.period),
        level=options.level or _level(options, shown.region if shown else None),
        region=options.region,
        as_of=options.as_of,
        vintage=options.vintage,
        root=shown.region if shown else None,
    )
    if options.format == "json" and not options.out:
        print_json(dispatch_json(table))
        return 0
    content = export_dispatch(table, options.format)
    out = options.out or f"dispatch-{table.scheme.code}-{table.period.code}.{options.format}"
    Path(out).write_bytes(content)
    print(out)
    return 0


def _level(options: argparse.Namespace, shown: Region | None) -> str:
    """What lies below the named region or the one served; provinces where none is."""
    definitions = book(moments.read_as_of(options.as_of))
    parent = definitions.region(options.region) if options.region else shown
    if definitions.scheme(options.scheme).annual and not options.region:
        return "province"
    return CHILD.get(parent.level, "county") if parent else "province"


def run_verify(options: argparse.Namespace) -> int:
    """``keshu verify cube|chain|audit``: exit 1 when something does not hold."""
    if options.what == "cube":
        count, differences = cube.verify()
        for row in differences[:20]:
            print(
                f"计量 {row.measure_id} 对象 {row.subject_id} {row.period}：记录 {row.recounted}，立方 {row.cube}"
            )
        cells, wrong = counting.differing()
        for register, (measure, subject, period) in wrong[:20]:
            print(f"台账 {register} 计量 {measure} 对象 {subject} {period}：记录和立方对不上")
        print(f"{count + cells} 格，相差 {len(differences) + len(wrong)} 格")
        return 1 if differences or wrong else 0
    if options.what == "chain":
        broken = list(moments.broken_links())
        for line in broken[:20]:
            print(line)
        print(f"{moments.latest()} 个修订，断 {len(broken)} 处")
        return 1 if broken else 0
    entries = audit.broken_entries()
    print(f"审计链断 {len(entries)} 处")
    return 1 if entries else 0


def run_demo(options: argparse.Namespace) -> int:
    """``keshu demo load|accounts``: load the demonstration once, print its accounts."""
    from keshu.demo import loading

    if options.action == "load":
        loading.load(lambda line: print(line, flush=True))
    else:
        print(loading.accounts())
    return 0


RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": serving.run,
    "import": importing.run,
    "figure": run_figure,
    "dispatch": run_dispatch,
    "verify": run_verify,
    "lake": lake.run,
    "demo": run_demo,
    "init": founding.run_init,
    "account": founding.run_account,
}
