import pytest
from keshu.figures.dispatch import dispatch
from keshu.reports.exports import export_dispatch
from keshu.terms.period import Period
def test_x(office):
    t=dispatch("strong-st-5", Period.parse("2026-01..09"), root=office.top)
    for f in ("xlsx","docx","html","csv","json"):
        open(f"/tmp/rep/x.{f}","wb").write(export_dispatch(t,f))
    t=dispatch("provinces", Period.year(2022), level="province")
    open(f"/tmp/rep/p.docx","wb").write(export_dispatch(t,"docx"))
