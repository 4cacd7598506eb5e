"""Routes of the dispatch and of what opens from it. All are asked in the address, none writes."""

from django.urls import path

from keshu.desk.dispatching.county import county_page
from keshu.desk.dispatching.indicators import indicator_page
from keshu.desk.dispatching.page import dispatch_page
from keshu.desk.dispatching.tracing import trace_card, trace_page, versions_page
from keshu.desk.dispatching.whatif import whatif_page

urlpatterns = [
    path("dispatch/", dispatch_page, name="dispatch"),
    path("dispatch/indicator/", indicator_page, name="indicator"),
    path("dispatch/county/", county_page, name="county"),
    path("dispatch/whatif/", whatif_page, name="whatif"),
    path("trace/", trace_page, name="trace"),
    path("trace/card/", trace_card, name="trace_card"),
    path("trace/versions/", versions_page, name="versions"),
]
