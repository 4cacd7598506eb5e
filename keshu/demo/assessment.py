"""The demonstration's own assessments by its province: two years, one appeal, what can still be regained."""

import csv
import io
import tempfile
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from keshu.assessment.keeping import keep_assessment, keep_plan
from keshu.assessment.models import Assessment, Item
from keshu.assessment.moving import step
from keshu.assessment.sheet import apply_sheet
from keshu.assessment.supposing import keep_method
from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, system
from keshu.figures.models import Target
from keshu.figures.packages import put
from keshu.journal.writing import Writing
from keshu.ledger.evidence import attach

BY = "苏知衡"


def stages() -> list[Stage]:
    """Both years as they came in, the checking and the appeal of the later one, its answer."""
    data = stated("assessment.yaml")
    found = [
        Stage(moment(*year["loaded"]), f"登记{year['year']}年度上级考核", partial(_load, data, year), by=BY)
        for year in data["years"]
    ]
    return [
        *found,
        Stage(moment(4, 8, 10), "核对2025年度考核并申诉", partial(_check, data), by=BY),
        Stage(moment(4, 28, 15), "登记考核申诉答复", partial(_answered, data["appeal"]), by=BY),
    ]


def _load(data: dict[str, Any], year: dict[str, Any], block: Writing) -> int:
    actor = system(BY)
    made = keep_assessment(
        actor,
        {
            "year": str(year["year"]),
            "assessor": data["assessor"],
            "scheme": data["scheme"],
            "document": year["document"],
            "doc_no": year["doc_no"],
            "released_on": str(year["released_on"]),
            "total": "100",
            "score": year["score"],
            "rank": str(year["rank"]),
            "population": str(data["population"]),
        },
    )
    out = io.StringIO()
    csv.writer(out).writerows([data["head"], *year["rows"]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "得分.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        apply_sheet(path, f"{year['year']}年度考核得分（演示）.csv", made, actor)
    if year is not data["years"][-1]:
        for item in _items(made):
            step(item, "check", actor, given={"finding": Item.Finding.AGREED})
            step(item, "file", actor)
    return 0


def _items(assessment: Assessment) -> list[Item]:
    return list(Item.objects.for_system("演示").filter(assessment=assessment).order_by("order"))


def _check(data: dict[str, Any], block: Writing) -> int:
    actor, appeal = system(BY), data["appeal"]
    latest = Assessment.objects.for_system("演示").latest("year")
    _scored(data["scored"], latest, actor)
    for listed in _items(latest):
        if listed.name in data["plans"]:
            keep_plan(actor, listed, {**_stands(listed), "plan": data["plans"][listed.name]})
        disputed = listed.name == appeal["item"]
        finding = Item.Finding.DISPUTED if disputed else Item.Finding.AGREED
        item = step(
            listed, "check", actor, given={"finding": finding}, note=appeal["text"] if disputed else ""
        )
        if disputed:
            material = io.BytesIO(appeal["material"].encode())
            attach(item, actor, material, "登记清单.txt", caption=appeal["material"])
            step(item, "appeal", actor, given={"text": appeal["text"], "points": appeal["points"]})
    return 0


def _scored(scored: dict[str, str], assessment: Assessment, actor: Actor) -> None:
    """One item is scored by the completion of its target, so that its points can be supposed."""
    item = next(one for one in _items(assessment) if one.name == scored["item"])
    target = {"low": Decimal(scored["target"]), "doc_no": scored["doc_no"]}
    put(
        Target,
        {"indicator": item.indicator, "subject_id": assessment.region_id, "year": item.data_year},
        target,
    )
    keep_method(actor, item, scored["method"])


def _stands(item: Item) -> dict[str, str]:
    """What the form of an item holds before anything is typed."""
    return {
        "unit": str(item.unit_id or ""),
        "region": str(item.region_id),
        "reason": item.reason,
        "regainable": str(item.regainable or ""),
        "regain_by": str(item.regain_by or ""),
        "appeal_by": str(item.appeal_by or ""),
    }


def _answered(appeal: dict[str, Any], block: Writing) -> int:
    item = Item.objects.for_system("演示").get(name=appeal["item"], state=Item.State.APPEALED)
    given = {
        "outcome": Item.Outcome.PART,
        "points": appeal["returned"],
        "doc_no": appeal["doc_no"],
        "on": appeal["on"],
    }
    step(item, "answer", system(BY), given=given)
    return 0
