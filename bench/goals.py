"""Sharing a tree of targets out again and checking every sum, at 1 k, 10 k and 100 k nodes: in memory, and read, written with its
history and read again; beside the plain way of doing it (Decimal division node by node; rows updated without a history)."""

import random
import sys
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from bench.measuring import house, in_own_process, keep, median_ms, table
from keshu.terms import clock

SIZES = (1_000, 10_000, 100_000)
FANOUT = 10
HEAD = ("节点", "重分+核对", "平写", "平写 / 科枢", "读库", "写库（留痕）", "平写库（不留痕）", "全程")


def run(*, quick: bool = False) -> None:
    """Print milliseconds: ours in memory, the plain way, then reading and writing through the journal."""
    rows = []
    for size in SIZES[: 2 if quick else 3]:
        pure, plain, read, write, bare, whole = (
            float(word) for word in in_own_process("bench.goals", str(size)).split()
        )
        rows.append(
            (
                f"{size:,}", f"{pure:.0f}", f"{plain:.0f}", f"{plain / pure:.1f}×", f"{read:.0f}", f"{write:.0f}", f"{bare:.0f}",
                f"{whole:.0f}",
            )
        )  # fmt: skip
    table("目标树整枝重分并逐枝核对（毫秒）；内存里的要求：10,000 节点 ≤ 1,000", HEAD, rows)
    keep("goals", HEAD, rows)


def grown(size: int, document: Any) -> list[Any]:
    """A tree with ten children to a node, each measured by a figure of last year; one child in twenty is locked at a number of its own."""
    from keshu.goals.models import Goal

    chance = random.Random(size)
    goals = []
    for pk in range(1, size + 1):
        parent = None if pk == 1 else (pk - 2) // FANOUT + 1
        goal = Goal(
            id=pk, document=document, parent_id=parent, year=2026, order=pk, name=f"目标{pk}", kind="total", unit="件",
            low=Decimal(1_000_000) if pk == 1 else None, method="share", last_year=Decimal(chance.randint(1, 90)),
        )  # fmt: skip
        if pk % 20 == 0:
            goal.low, goal.locked = Decimal(0), True
        goals.append(goal)
    return goals


def ours(goals: list[Any]) -> int:
    """Every branch shared out again from the top, then every sum checked; how many branches are short."""
    from keshu.goals.tree import Tree, again

    tree = Tree(goals)
    again(tree)
    return sum(one.short is not None for one in tree.sums().values())


def plainly(goals: list[Any]) -> int:
    """The same by hand: children looked up by parent, Decimal division, the rest to the largest remainders; then sums compared."""
    children: dict[int, list[Any]] = {}
    for goal in goals:
        children.setdefault(goal.parent_id, []).append(goal)
    for goal in goals:
        below = children.get(goal.pk)
        if not below or goal.low is None:
            continue
        rest = goal.low - sum(one.low for one in below if one.locked)
        free = [one for one in below if not one.locked]
        weight = sum(one.last_year for one in free)
        quotas = [rest * one.last_year / weight for one in free]
        for one, quota in zip(free, quotas, strict=True):
            one.low = quota.to_integral_value(ROUND_FLOOR)
        left = int(rest - sum(one.low for one in free))
        order = sorted(range(len(free)), key=lambda at: quotas[at] - free[at].low, reverse=True)
        for at in order[:left]:
            free[at].low += 1
    return sum(sum(one.low for one in below) < goal.low for goal in goals if (below := children.get(goal.pk)))


def measure(size: int) -> str:
    """Six times of one size."""
    house()
    from keshu.directory.actors import system
    from keshu.goals.decomposing import branch, respread
    from keshu.goals.models import Goal, SourceDocument
    from keshu.journal.writing import writing

    actor = system("测速")
    with writing(actor, "来源文件"):
        document = SourceDocument(title="任务", issuer="测速", kind="bureau", year=2026)
        document.save()
    assert ours(grown(size, document)) == plainly(grown(size, document)) == 0
    fresh = [grown(size, document) for _ in range(4)]
    pure = median_ms(lambda: ours(fresh.pop()), runs=3, warm=1)
    fresh = [grown(size, document) for _ in range(4)]
    plain = median_ms(lambda: plainly(fresh.pop()), runs=3, warm=1)
    Goal._base_manager.bulk_create(grown(size, document), batch_size=2000)
    top = Goal._base_manager.get(pk=1)
    read = median_ms(lambda: branch(top).sums(), runs=3, warm=1)
    begun = clock.monotonic()
    changed = respread(top, actor)
    whole = (clock.monotonic() - begun) * 1000
    begun = clock.monotonic()
    Goal._base_manager.bulk_update(changed, ["low"], batch_size=500)
    bare = (clock.monotonic() - begun) * 1000
    write = max(0.0, whole - read - pure)
    return " ".join(f"{found:.1f}" for found in (pure, plain, read, write, bare, whole))


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
