"""Where a column is used: what must not be taken away from under a record, a view or a figure."""

from collections.abc import Sequence
from urllib.parse import parse_qs

from keshu.custom.columns import Col, condition_types
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.wanted import Wanted, wanted_of
from keshu.ledger.models import SavedView
from keshu.terms.formula import FormulaError, parse


def uses(definition: Definition, col: Col) -> list[str]:
    """Where a column is used: in records, saved views, measures, keys. Empty when it may go."""
    return [*lasting(definition, col), *needed(wanted_of(definition), col)]


def lasting(definition: Definition, col: Col) -> list[str]:
    """The uses that no change of the definition takes away: what records say and saved views ask."""
    found = []
    many = CustomRecord._base_manager.filter(definition=definition, **{f"{col.slot}__isnull": False}).count()
    if many:
        found.append(f"{many} 条记录填了它")
    return [*found, *_views(definition, col)]


def _views(definition: Definition, col: Col) -> Sequence[str]:
    """Saved views that ask for the column: as a condition, an order, or one of the columns shown."""
    found = []
    views = SavedView.objects.for_system("列还有谁在用").filter(register=definition.code).order_by("pk")
    for view in views:
        asked = parse_qs(view.question)
        named = {*asked, *asked.get("sort", ()), *",".join(asked.get("columns", ())).split(",")}
        if col.slot in {*named, *asked.get("column", ())}:
            found.append(f"{view.made_by}存的视图“{view.name}”用它")
    return found


def needed(wanted: Wanted, col: Col) -> list[str]:
    """What in the wanted definition still needs a column."""
    found = []
    for count in wanted.measures:
        if col.name in (count.field, count.date, count.until):
            found.append(f"计量“{count.name}”用它")
        elif count.condition:
            known = {**condition_types([col]), **condition_types(wanted.columns)}
            try:
                if col.name in parse(count.condition, known).names:
                    found.append(f"计量“{count.name}”的条件里有它")
            except FormulaError:
                continue
    if col.name in wanted.key:
        found.append("导入时凭它认同一条")
    if col.name == wanted.counts_by:
        found.append("计入日期取自它")
    return found
