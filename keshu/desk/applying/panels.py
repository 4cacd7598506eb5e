"""Cards of an application's page for whoever wrote it or handles it: its receipt and 版本码."""

from django.http import HttpRequest
from django.urls import reverse

from keshu.desk.registers.panels import Panel, panel
from keshu.ledger.records import Record
from keshu.programmes import applying
from keshu.programmes.models import Application


@panel("programmes")
def receipt(request: HttpRequest, record: Record) -> Panel | None:
    """The receipt in short, and the name of then where the organisation is called otherwise now."""
    assert isinstance(record, Application)
    if record.submitted_at is None:
        return None
    held = applying.receipt(record)
    return Panel(
        "applying/receipt_card.html",
        {
            "record": record,
            "receipt": held,
            "renamed": held is not None and held.unit_then != str(record.unit),
            "href": reverse("desk:apply_receipt", args=[record.pk]),
        },
        place="side",
    )
