"""The printed 督办单."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.registers.finding import seen_record
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Can
from keshu.duties.models import Order
from keshu.duties.register import ORDERS
from keshu.journal import audit
from keshu.reports.exports import MEDIA_TYPES
from keshu.reports.order_sheet import order_docx
from keshu.terms import clock


@require_GET
@needs(Can.SEE_REGISTERS)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of an order the reader may see, as a Word file."""
    order = seen_record(request, ORDERS, pk)
    assert isinstance(order, Order)
    actor = request.actor  # type: ignore[attr-defined]
    audit.note(actor, "导出", f"督办单 {order.number}", address=address(request))
    return attachment(order_docx(order, clock.now()), f"督办单 {order.number}.docx", MEDIA_TYPES["docx"])
