"""Where an order is issued on a row of the dispatch, and where the place it came from opens."""

from keshu.desk.dispatching.asking import Asked, at
from keshu.desk.dispatching.faces import Face
from keshu.desk.dispatching.sheet import Sheet
from keshu.desk.shell import href
from keshu.directory.actors import Actor, Can
from keshu.duties.models import Order
from keshu.figures.dispatch import Row


def issue_href(actor: Actor, found: Sheet, face: Face, row: Row) -> str:
    """Where an order on a row is issued; empty for who may not, for an 已定 figure and where no single region answers for it."""
    if not actor.can(Can.ISSUE_ORDERS) or face.fixed or row.region.pk == found.table.parent.pk:
        return ""
    query = found.asked.query(
        name=face.indicator.code, subject=row.region.code, open="", whatif="", span="quarters"
    )
    return at("desk:order_issue", query)


def origin_href(order: Order) -> str:
    """The page an order came from, by its key: the row of the dispatch, the item that was checked, the meeting; empty where it
    came from a paper."""
    kind, *parts = order.origin_ref.split("|")
    if kind == "dispatch" and len(parts) == 4:
        scheme, indicator, region, period = parts
        asked = Asked(scheme=scheme, period=period, name=indicator, subject=region)
        return at("desk:indicator", asked.query())
    if not parts or not parts[0].isdecimal():
        return ""
    if kind == "minutes":
        return href("desk:meeting", int(parts[0])) or ""
    return (href("desk:record", "items", int(parts[0])) or "") if kind in ("check", "item") else ""
