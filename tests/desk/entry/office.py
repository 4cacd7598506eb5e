"""The county's form on its pages, one October afternoon."""

import json

import pytest
from django.urls import reverse

from keshu.figures.entry import loading
from keshu.figures.entry.models import Cell, FormRow, Sheet
from keshu.figures.entry.past import release_of
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import writing
from keshu.terms import clock
from tests.figures.entry.conftest import AUGUST, SEPTEMBER, SPEC, at

PERIOD = "2026-09"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _october():
    with clock.pretend(at(10, 9, 16, 42)):
        yield


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


class Office:
    """The county's form on its pages."""

    def __init__(self, staff, actor):
        self.staff, self.actor = staff, actor
        self.form = loading.load_form(SPEC, actor)
        self.rows = {
            row.measure.code: row
            for row in FormRow.objects.filter(form=self.form).select_related("measure", "form")
        }
        release = release_of(self.form)
        with writing(actor, "八月累计") as block:
            changes = []
            for code, value in AUGUST.items():
                row = self.rows[code]
                scaled = int(value) * (1_000_000 if row.unit == "万元" else 1)
                changes.append(
                    ValueChange(row.measure_id, staff.county.pk, "2026-01..08", release.pk, scaled)
                )
            record_values(block, changes)
        self.filler = staff.client("county_filler")

    def at(self, name="desk:sheet", region=None, period=PERIOD):
        return reverse(name, args=[self.form.code, (region or self.staff.county).code, period])

    def send(self, client=None, name="desk:sheet_cell", region=None, **body):
        if "code" in body:
            body["row"] = self.rows[body.pop("code")].pk
        return (client or self.filler).post(
            self.at(name, region), json.dumps(body), content_type="application/json"
        )

    def fill(self, **texts):
        for code, text in {**SEPTEMBER, **texts}.items():
            cell = Cell.objects.for_system("测试").filter(row=self.rows[code]).first()
            answer = self.send(code=code, text=text, version=cell.version if cell else 0)
            assert answer.status_code == 200, answer.content.decode()

    def act(self, who, action, **more):
        return self.staff.client(who).post(self.at("desk:sheet_act"), {"action": action, **more}, follow=True)

    def report(self):
        self.fill()
        for who, action in (
            ("county_filler", "hand_in"),
            ("county_reviewer", "review"),
            ("county_head", "sign"),
        ):
            self.act(who, action)
        return self.sheet

    @property
    def sheet(self):
        return Sheet.objects.for_system("测试").select_related("region", "form").get(region=self.staff.county)


@pytest.fixture
def office(staff, actor):
    return Office(staff, actor)
