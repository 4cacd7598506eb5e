"""The tree of goals in memory: order, sums against the parent, and sharing a branch out again. No database, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from keshu.goals.models import CyclicTree, Goal
from keshu.goals.spreading import CannotSpread, Share, Sum, pressed, spread, summed
from keshu.terms.units import EXACT

ZERO = Decimal(0)


class Tree:
    """Goals by their place. One whose parent is not among them is a root. Raises CyclicTree where some go round in a circle."""

    def __init__(self, goals: Iterable[Goal]) -> None:
        self.goals: dict[int, Goal] = {goal.id: goal for goal in goals}
        self.children: dict[int | None, list[Goal]] = defaultdict(list)
        for goal in sorted(self.goals.values(), key=lambda one: (one.order, one.id)):
            above = goal.parent_id if goal.parent_id in self.goals else None
            self.children[above].append(goal)
        self._listed = list(self._walk(None))
        if len(self._listed) < len(self.goals):
            found = {goal.id for goal, _ in self._listed}
            lost = [goal.name for pk, goal in self.goals.items() if pk not in found]
            raise CyclicTree(
                f"“{'”“'.join(lost[:3])}”等 {len(lost)} 个目标的上级绕成一圈，没有总目标。请改其中一个的上级。"
            )

    @property
    def roots(self) -> list[Goal]:
        """The goals that stand on top."""
        return self.children[None]

    def walk(self, under: int | None = None) -> Iterator[tuple[Goal, int]]:
        """Goals with their depth, each before its children, in their order; all of them, or those below one."""
        return iter(self._listed) if under is None else self._walk(under)

    def _walk(self, under: int | None) -> Iterator[tuple[Goal, int]]:
        below = [(goal, 0) for goal in reversed(self.children[under])]
        while below:
            goal, depth = below.pop()
            yield goal, depth
            own = self.children.get(goal.id)
            if own:
                below += [(one, depth + 1) for one in reversed(own)]

    def parts(self, goal: Goal) -> list[Goal]:
        """The children that add up to a goal: of its own year and unit, and not 其中."""
        if not goal.summed:
            return []
        return [
            child
            for child in self.children.get(goal.id, ())
            if not child.within and child.summed and child.year == goal.year and child.unit == goal.unit
        ]

    def sum_of(self, goal: Goal) -> Sum | None:
        """下级之和 and how it stands to the goal; None where there is nothing to add up."""
        parts = self.parts(goal)
        if not parts:
            return None
        drafts = sum(not part.given for part in parts)
        low, high = goal.margin_low or Decimal(1), goal.margin_high or Decimal(1)
        return summed(goal.low, [part.low for part in parts], margin_low=low, margin_high=high, drafts=drafts)

    def sums(self) -> dict[int, Sum]:
        """The sums of all goals that have parts, by primary key."""
        found = ((pk, self.sum_of(self.goals[pk])) for pk in self.children if pk is not None)
        return {pk: one for pk, one in found if one is not None}


@dataclass(frozen=True)
class Numbers:
    """What a goal is given: 基本目标 (or lower end), upper end, 奋斗目标."""

    low: Decimal | None
    high: Decimal | None = None
    stretch: Decimal | None = None


def numbers_of(goal: Goal) -> Numbers:
    """The numbers a goal has."""
    return Numbers(goal.low, goal.high, goal.stretch)


def give(goal: Goal, numbers: Numbers) -> None:
    """Set the numbers of a goal, in memory."""
    low = numbers.low
    for name, value in (
        ("low", low),
        ("high", numbers.high),
        ("stretch", numbers.stretch),
        ("computed", low),
    ):
        setattr(goal, name, value)


def measured_by(child: Goal, method: str) -> Decimal | None:
    """What a child is measured by under a method: last year's figure, or its weight."""
    return child.weight if method == Goal.Method.WEIGHT else child.last_year


def shared(parent: Goal, parts: list[Goal], method: str, margin: Decimal) -> dict[int, Numbers]:
    """The numbers of a parent's children by a method: exactly parent × margin together, by position in ``parts``.

    按上年占比 and 按权重 share in proportion; 同幅增长 in proportion to last year too, but then nobody falls below last year while
    the whole grows. Locked and issued children keep theirs. The upper end of a range and the 奋斗目标 are shared as what they
    add to the lower number. Raises CannotSpread.
    """
    if parent.low is None:
        raise CannotSpread(f"“{parent.name}”没有数，不能分。请先定它的数。")
    low, high = parent.margin_low or Decimal(1), parent.margin_high or Decimal(1)
    total = pressed(parent.low, margin, low, high, decimals=parent.decimals)
    grows = method == Goal.Method.GROWTH and total >= sum((c.last_year or ZERO for c in parts), ZERO)
    shares = [_share(child, method, grows) for child in parts]
    lows = spread(total, shares, decimals=parent.decimals)
    more = {
        name: _added(parent, parts, shares, name, lows, margin)
        for name in ("high", "stretch")
        if getattr(parent, name) is not None
    }
    found: dict[int, Numbers] = {}
    for at, (child, share) in enumerate(zip(parts, shares, strict=True)):
        if share.fixed is not None:
            found[at] = numbers_of(child)
            continue
        own = lows[share.key]
        added = {name: EXACT.add(own, parts_of[share.key]) for name, parts_of in more.items()}
        found[at] = Numbers(own, **added)
    return found


def _share(child: Goal, method: str, grows: bool) -> Share:
    fixed = child.low if child.locked or child.given else None
    floor = child.floor
    if grows and child.last_year is not None:
        floor = max(child.last_year, floor) if floor is not None else child.last_year
    name = str(child.subject) if child.subject_id else child.name
    return Share(child.key, measured_by(child, method), floor, child.cap, fixed, name)


def _added(
    parent: Goal,
    parts: list[Goal],
    shares: list[Share],
    name: str,
    lows: dict[str, Decimal],
    margin: Decimal,
) -> dict[str, Decimal]:
    """What the upper end, or the 奋斗目标, adds to each child's lower number."""
    low, high = parent.margin_low or Decimal(1), parent.margin_high or Decimal(1)
    whole = pressed(getattr(parent, name), margin, low, high, decimals=parent.decimals)
    rest = EXACT.subtract(whole, sum(lows.values(), ZERO))
    plain = [
        Share(
            share.key,
            share.weight,
            fixed=EXACT.subtract(getattr(child, name) or share.fixed, share.fixed)
            if share.fixed is not None
            else None,
            name=share.name,
        )
        for child, share in zip(parts, shares, strict=True)
    ]
    try:
        return spread(rest, plain, decimals=parent.decimals)
    except CannotSpread as refusal:
        word = "上限" if name == "high" else "奋斗目标"
        raise type(refusal)(f"{word}高出的部分：{refusal}") from refusal


def again(tree: Tree, under: Goal | None = None) -> list[Goal]:
    """Share every branch out again from the top by the method and margin it was shared by, in memory.

    Branches set by hand stay; so do locked and issued goals. Returns the goals that changed. Raises CannotSpread naming the branch.
    """
    changed: list[Goal] = []
    start = [under] if under is not None else []
    below = (goal for goal, _ in tree.walk(under.id if under is not None else None))
    for goal in (*start, *below):
        if goal.method not in SHARING or not tree.children.get(goal.id):
            continue
        parts = tree.parts(goal)
        try:
            found = shared(goal, parts, goal.method, goal.margin or Decimal(1))
        except CannotSpread as refusal:
            raise type(refusal)(f"“{goal.name}”：{refusal}") from refusal
        for at, child in enumerate(parts):
            new = found[at]
            if (child.low, child.high, child.stretch) != (new.low, new.high, new.stretch):
                give(child, new)
                changed.append(child)
    return changed


SHARING = frozenset({Goal.Method.SHARE, Goal.Method.GROWTH, Goal.Method.WEIGHT})
