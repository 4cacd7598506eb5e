"""What counts towards a goal, set on its page: a measure, of a register under a further condition."""

from decimal import Decimal

from keshu.directory.actors import Actor
from keshu.figures.book import book
from keshu.figures.models import Measure
from keshu.figures.slicing import condition_of
from keshu.goals.models import Counter, Goal
from keshu.goals.moving import refuse_others
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.registers import by_code
from keshu.terms.units import IncompatibleUnits, UnknownUnit, convert


class CounterRefused(ValueError):
    """A measure or condition that cannot count towards the goal; the message says why."""


def check_counter(measure: Measure, where: str, unit: str) -> None:
    """Raise CounterRefused where a measure's unit is not the goal's, or it cannot be counted under the condition."""
    if unit:
        try:
            convert(Decimal(0), measure.unit, unit)
        except (IncompatibleUnits, UnknownUnit) as wrong:
            raise CounterRefused(f"“{measure.name}”以{measure.unit}计，目标以{unit}计：{wrong}") from wrong
    if not where:
        return
    register = by_code(measure.register) if measure.register else None
    if register is None:
        raise CounterRefused(
            f"“{measure.name}”是填报的数，不能再加条件。请去掉条件，或换一个取自台账的计量。"
        )
    try:
        condition_of(register, where)
    except ValueError as wrong:
        raise CounterRefused(str(wrong)) from wrong


def add_counter(goal: Goal, actor: Actor, *, measure: str, where: str = "") -> Counter:
    """Count a measure (name, code or alias) towards a goal, beside those that count already. Raises CounterRefused, UnknownName."""
    refuse_others(actor, "定计数来源")
    found = book(moments.latest()).measure(measure)
    said = where.strip()
    check_counter(found, said, goal.unit)
    with writing(actor, f"计数来源 {goal.name}"):
        Goal._base_manager.select_for_update().get(pk=goal.pk)
        rows = list(Counter.objects.for_system("计数来源").filter(goal=goal))
        if any((row.measure_id, row.where) == (found.pk, said) for row in rows):
            raise CounterRefused(f"“{found.name}”已经计入这个目标，再加一次就数了两遍。")
        made = Counter(goal=goal, order=len(rows), measure_id=found.pk, where=said)
        made.save()
    return made


def drop_counter(goal: Goal, actor: Actor, *, counter: str) -> None:
    """Take a counter off a goal; what it counted before stays in the history. Raises CounterRefused."""
    refuse_others(actor, "定计数来源")
    row = None
    if counter.isascii() and counter.isdigit() and len(counter) < 12:
        row = Counter.objects.for_system("计数来源").filter(goal=goal, pk=int(counter)).first()
    if row is None:
        raise CounterRefused("没有这个计数来源，可能已有人去掉。请刷新后再看。")
    with writing(actor, f"去掉计数来源 {goal.name}"):
        row.delete()
