"""分解: a goal shared out to counties (with 市本级), towns, offices, leaders or persons; locks; sharing a branch out again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from keshu.directory.actors import BUREAU_ROLES, COUNTY_ROLES, Actor, Role
from keshu.directory.models import Employment, Region, Subject, Unit
from keshu.figures.book import book
from keshu.figures.models import Measure
from keshu.figures.reading import Reader
from keshu.goals.actuals import before_of
from keshu.goals.models import Counter, Goal, SourceDocument
from keshu.goals.moving import refuse_others
from keshu.goals.spreading import CannotSpread, Sum
from keshu.goals.tree import SHARING, Numbers, Tree, again, give, shared
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.period import Period
from keshu.terms.quantity import scale

ONE = Decimal(1)
LEVELS = (("county", "县（市、区）"), ("town", "乡镇"), ("office", "科室"), ("person", "个人"))
#: What a child takes over from its parent.
TAKEN = (
    "name",
    "kind",
    "unit",
    "decimals",
    "direction",
    "demand",
    "year",
    "indicator_id",
    "due_on",
    "begins_on",
)


class NotDecomposed(ValueError):
    """A decomposition that cannot be recorded; the message says why and what to do."""


class GoalFixed(ValueError):
    """An issued or locked number that would be changed without an adjustment or unlocking."""


@dataclass(frozen=True)
class Portion:
    """Whom a part goes to and by what it is measured; ``low``… where it is set by hand or locked."""

    subject: Subject
    last_year: Decimal | None = None
    weight: Decimal | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    stretch: Decimal | None = None
    locked: bool = False


@dataclass(frozen=True)
class Proposal:
    """测算数: what a decomposition would give each, and how that adds up. Nothing is written."""

    children: tuple[Goal, ...]
    sum: Sum | None


def bearers(goal: Goal, level: str) -> list[Subject]:
    """Who may bear parts of a goal at a level (``LEVELS``), in order: below the region or unit that the goal is for."""
    definitions = book(moments.latest())
    region = definitions.regions.get(goal.subject_id or 0)
    if level in ("county", "town"):
        found = definitions.under(region, level) if region else []
        return [one for one in found if one.part != Region.Part.ZONE_INSIDE]  # 其中数，不另加
    if region is None:
        if level == "office":
            return list(Unit._base_manager.filter(parent_id=goal.subject_id).order_by("code"))
        units = Unit._base_manager.filter(pk=goal.subject_id)
    else:
        units = _of_the_bureau(region)
        if level == "office":
            return list(units.filter(parent__isnull=False).order_by("code"))
    posts = Employment._base_manager.filter(unit__in=units, valid_to__isnull=True).select_related("person")
    people = {post.person_id: post.person for post in posts.order_by("person__code")}
    return list(people.values())


def _of_the_bureau(region: Region) -> "QuerySet[Unit]":
    """The bureau of a region with its offices: the organisations whose people work on this business here. All of the region's
    before anybody has been granted a post."""
    working = (BUREAU_ROLES | COUNTY_ROLES) - {Role.INSPECTOR}
    granted = Unit._base_manager.filter(
        region=region,
        posts__grants__role__in=[str(role) for role in working],
        posts__grants__withdrawn_on=None,
    )
    house = {parent or pk for pk, parent in granted.values_list("pk", "parent_id")}
    units = Unit._base_manager.filter(region=region)
    return units.filter(Q(pk__in=house) | Q(parent__in=house)) if house else units


def portions_of(goal: Goal, subjects: Sequence[Subject]) -> list[Portion]:
    """Portions as they stand: last year's figure (from the counters where a child does not say), weight, bounds, lock, numbers."""
    children = {child.subject_id: child for child in children_of(goal)}
    reached = before_of(goal, [subject.pk for subject in subjects])
    found = []
    for subject in subjects:
        child = children.get(subject.pk)
        if child is None:
            found.append(Portion(subject, reached.get(subject.pk)))
            continue
        last = child.last_year if child.last_year is not None else reached.get(subject.pk)
        fixed = child.locked or child.given
        found.append(
            Portion(
                subject,
                last,
                child.weight,
                child.floor,
                child.cap,
                child.low,
                child.high,
                child.stretch,
                fixed,
            )
        )
    return found


def weights_by(measure: Measure, subjects: Iterable[Subject], period: Period) -> dict[int, Decimal | None]:
    """A measure of the capacity (规上企业数, 研发人员) for each bearer, as weights: by region, of a unit its region. Two queries."""
    at = moments.latest()
    definitions = book(at)
    reader = Reader(definitions, at)
    listed = list(subjects)
    others = [subject.pk for subject in listed if subject.pk not in definitions.regions]
    regions: dict[int, int] = dict(
        Unit._base_manager.filter(pk__in=others).values_list("pk", "region_id") if others else ()
    )
    places: dict[int, int] = {pk: pk for pk in definitions.regions}
    places |= regions
    places = {one.pk: places[one.pk] for one in listed if one.pk in places}
    reader.load([measure], places.values(), [period])
    values = {pk: reader.value(measure, place, period).value for pk, place in places.items()}
    return {one.pk: values.get(one.pk) for one in listed}


def children_of(goal: Goal) -> list[Goal]:
    """The children that share a goal out, with their subjects, in order (not those behind 其中)."""
    return list(_all().filter(parent=goal, within=False))


def _all() -> "QuerySet[Goal]":
    rows = Goal.objects.for_system("分解，按上级目标")
    return rows.select_related("subject", "document", "indicator").order_by("order", "pk")


def propose(goal: Goal, portions: Sequence[Portion], *, method: str, margin: Decimal = ONE) -> Proposal:
    """测算: what each would get. Raises NotDecomposed, CannotSpread, TooManyDecimals."""
    _refuse_method(goal, portions, method)
    standing = {child.subject_id: child for child in children_of(goal)}
    made = [_child(goal, one, standing.get(one.subject.pk), order) for order, one in enumerate(portions, 1)]
    if method == Goal.Method.HAND:
        for child, one in zip(made, portions, strict=True):
            _refuse_change(child, one)
            for number in (one.low, one.high, one.stretch):
                if number is not None:
                    scale(number, goal.decimals)
            if not child.given:
                give(child, Numbers(one.low, one.high, one.stretch))
    else:
        for at, numbers in shared(goal, made, method, margin).items():
            if not (made[at].locked or made[at].given):
                give(made[at], numbers)
    for at, child in enumerate(made):
        child.pk = child.pk or -1 - at
        child.parent_id = goal.pk
    return Proposal(tuple(made), Tree([goal, *made]).sum_of(goal))


def _refuse_method(goal: Goal, portions: Sequence[Portion], method: str) -> None:
    if not portions:
        raise NotDecomposed("没有选承担对象。请至少选一个。")
    pks = [one.subject.pk for one in portions]
    if len(set(pks)) != len(pks):
        raise NotDecomposed("同一个承担对象写了两次。请只留一行。")
    if method not in Goal.Method.values:
        raise NotDecomposed("没有选分解办法。")
    if goal.kind == Goal.Kind.RANK:
        raise NotDecomposed(f"“{goal.name}”是位次，不向下分解。请看它现在的位次。")
    if not goal.summed and method != Goal.Method.HAND:
        raise NotDecomposed(f"“{goal.name}”是{goal.get_kind_display()}，下级不能相加，只能人工逐个定。")


def _refuse_change(child: Goal, one: Portion) -> None:
    asked = (one.low, one.high, one.stretch)
    if child.given and asked != (child.low, child.high, child.stretch):
        raise GoalFixed(f"{child.subject}的“{child.name}”已经下达，不能直接改。请走调整申请。")


def _child(goal: Goal, one: Portion, child: Goal | None, order: int) -> Goal:
    """A child as asked, in memory; one that stands already keeps its numbers until they are given anew."""
    if child is None:
        child = Goal(subject=one.subject, document_id=goal.document_id, order=order)
        for name in TAKEN:
            setattr(child, name, getattr(goal, name))
        child.demand = goal.demand if goal.kind == Goal.Kind.QUALITY else ""
    if child.given:
        return child
    for name in ("last_year", "weight", "floor", "cap", "locked"):
        setattr(child, name, getattr(one, name))
    if one.locked:
        if one.low is None:
            raise NotDecomposed(f"{one.subject}锁定了，可没有数。请填数，或解锁。")
        give(child, Numbers(one.low, one.high, one.stretch))
    return child


def decompose(
    goal: Goal,
    actor: Actor,
    *,
    portions: Sequence[Portion],
    method: str,
    document: SourceDocument,
    margin: Decimal = ONE,
    margins: tuple[Decimal, Decimal] = (ONE, ONE),
    margin_document: SourceDocument | None = None,
) -> list[Goal]:
    """分解并记录: children are made or brought to what the method gives, under the document they rest on, in state 测算.

    ``margins``: what the 加压系数 may be, with the document that says so. Those not named any more go, while nothing of theirs was
    consulted on. Raises NotDecomposed, GoalFixed, CannotSpread, TooManyDecimals, MayNotSetGoals.
    """
    refuse_others(actor, "分解目标")
    low, high = margins
    if (low, high) != (ONE, ONE) and margin_document is None:
        raise NotDecomposed("用加压系数要写明依据文件。请选文件，或把系数改回 1。")
    if low > high:
        raise NotDecomposed("加压系数的下限大于上限。请对调。")
    with writing(actor, f"分解 {goal.name}"):
        locked = Goal._base_manager.select_for_update().get(pk=goal.pk)
        for name, value in (
            ("method", method),
            ("margin", margin),
            ("margin_low", low),
            ("margin_high", high),
        ):
            setattr(locked, name, value)
        locked.margin_document = margin_document
        proposal = propose(locked, portions, method=method, margin=margin)
        _drop_others(locked, {one.subject.pk for one in portions})
        locked.save()
        for child in proposal.children:
            if child.given:
                continue
            new = child.pk < 0
            if new:
                child.pk = None
            child.document = document
            child.save()
            if new:
                _take_counters(goal, child)
    return list(proposal.children)


def _drop_others(goal: Goal, kept: set[int]) -> None:
    for child in children_of(goal):
        if child.subject_id in kept or child.subject_id is None:
            continue
        if child.state != Goal.State.DRAFTED or Goal._base_manager.filter(parent=child).exists():
            raise NotDecomposed(
                f"{child.subject}的“{child.name}”已经往下办了，不能去掉。请先退回测算并撤掉它的下级。"
            )
        for counter in Counter.objects.for_system("随目标撤掉").filter(goal=child):
            counter.delete()
        child.delete()


def _take_counters(goal: Goal, child: Goal) -> None:
    for counter in Counter.objects.for_system("随目标分解").filter(goal=goal):
        Counter(goal=child, order=counter.order, measure_id=counter.measure_id, where=counter.where).save()


# ---- one goal ---------------------------------------------------------------------------------------------


def lock(goal: Goal, actor: Actor, locked: bool = True) -> Goal:
    """Lock or unlock a goal: a locked one stays when its brothers are shared out again. Raises GoalFixed, MayNotSetGoals."""
    refuse_others(actor, "锁定目标")
    with writing(actor, f"{'锁定' if locked else '解锁'} {goal.name}"):
        row = Goal._base_manager.select_for_update().get(pk=goal.pk)
        if row.given:
            raise GoalFixed(f"“{row.name}”已经下达，本来就不动。要改请走调整申请。")
        if locked and row.low is None:
            raise GoalFixed(f"“{row.name}”还没有数，锁不住。请先填数。")
        if row.locked != locked:
            row.locked = locked
            row.save()
    return row


def set_number(
    goal: Goal,
    actor: Actor,
    *,
    low: Decimal | None,
    high: Decimal | None = None,
    stretch: Decimal | None = None,
) -> Goal:
    """Set a draft's numbers by hand; it is locked, so that sharing out again leaves it. Raises GoalFixed, TooManyDecimals."""
    refuse_others(actor, "改目标数")
    with writing(actor, f"定数 {goal.name}"):
        row = Goal._base_manager.select_for_update().get(pk=goal.pk)
        if row.given:
            raise GoalFixed(f"“{row.name}”已经下达，不能直接改。请走调整申请。")
        for number in (low, high, stretch):
            if number is not None:
                scale(number, row.decimals)
        if low is not None and high is not None and high < low:
            raise GoalFixed("上限小于下限。请对调或改正。")
        for name, value in (("low", low), ("high", high), ("stretch", stretch), ("locked", low is not None)):
            setattr(row, name, value)
        row.save()
    return row


def branch(goal: Goal, *, held: bool = False) -> Tree:
    """A goal with everything below it, one query a level; ``held`` locks the rows until the end of the transaction."""
    found, edge = [goal], [goal.id]
    while edge:
        rows = Goal.objects.for_system("分解，整枝").filter(parent_id__in=edge)
        rows = rows.select_related("subject").order_by("order", "pk")
        below = list(rows.select_for_update(of=("self",)) if held else rows)
        found += below
        edge = [child.id for child in below]
        if len(found) > len({one.id for one in found}):
            break  # a circle: Tree says which
    return Tree({one.id: one for one in found}.values())


def respread(goal: Goal, actor: Actor) -> list[Goal]:
    """Share the branch below a goal out again, by the methods it was shared by; locked and issued goals stay.

    Returns what changed. Raises CannotSpread naming the branch; nothing is written then.
    """
    refuse_others(actor, "重新分解")
    with writing(actor, f"重新分解 {goal.name}") as block:
        top = Goal._base_manager.select_for_update().get(pk=goal.pk)
        tree = branch(top, held=True)
        if not any(one.method in SHARING for one in tree.goals.values()):
            raise CannotSpread(f"“{goal.name}”下面没有按办法分解过的，只有人工定的数。请先分解。")
        changed = again(tree, under=tree.goals[goal.pk])
        if changed:
            block.bring(lambda: changed)
    return changed
