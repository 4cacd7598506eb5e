"""The demonstration's orders of supervision: one late after an extension, one due this week, one to verify, one closed, one not signed for."""

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Account, Person, Unit
from keshu.duties.issuing import Origin, issue_order
from keshu.duties.models import Order
from keshu.duties.moving import PROCEDURE
from keshu.journal.writing import Writing
from keshu.ledger.bulk import Paper, take


def stages() -> list[Stage]:
    """Each order issued, and every step of its holder and of the other side, at its own moment."""
    found = []
    for row in stated("duties.yaml")["orders"]:
        found.append(
            Stage(moment(*row["at"]), f"下达督办 {row['key']}", partial(_issue, row), by=row["by_name"])
        )
        for number, step in enumerate(row.get("steps", []), 1):
            name = f"督办 {row['key']} 第{number}步"
            found.append(Stage(moment(*step["at"]), name, partial(_step, row, step), by=step["who"]))
    return found


def _actor(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))


def _order(row: Mapping[str, Any]) -> Order:
    found = Order.objects.for_system("演示").get(what=row["what"])
    return found


def _issue(row: Mapping[str, Any], block: Writing) -> int:
    origin = row["origin"]
    issue_order(
        actor=_actor(row["by"]),
        what=row["what"],
        holder=Unit.objects.get(code=row["holder"]),
        helpers=list(Unit.objects.filter(code__in=row.get("helpers", []))),
        due_on=row["due"],
        origin=Origin(origin["kind"], origin["ref"], origin["said"]),
        requirement=row.get("requirement", ""),
        evidence_wanted=row.get("evidence", ""),
        leader=Person.objects.filter(name=row.get("leader", "")).first(),
        urgent=row.get("urgent", False),
    )
    return 0


def _step(row: Mapping[str, Any], step: Mapping[str, Any], block: Writing) -> int:
    paper = None
    if "paper" in step:
        text = f"{step['paper']}（演示）\n".encode()
        paper = Paper(io.BytesIO(text), f"{step['paper']}.txt", step["paper"])
    take(
        _order(row),
        step["do"],
        _actor(step["who"]),
        procedure=PROCEDURE,
        note=step.get("note", ""),
        given=step.get("given", {}),
        paper=paper,
    )
    return 0
