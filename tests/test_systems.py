"""What the reports name is mapped to a page or said to be missing, and the document says what the table says."""

import csv
import json
import re
from collections import Counter
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from keshu.ledger.registers import by_code, declared
from tests.replay.stated import documents
from tests.replay.systems import LIST, ROOT, WRITTEN, document, others, systems

SHARED = ROOT.parent / "shared"
BUILT = re.compile(r"[PAT]\d")
SYSTEMS = systems()


def test_the_document_is_what_its_table_gives():
    assert WRITTEN.read_text(encoding="utf-8") == document()


def test_every_system_of_the_rows_has_a_page_or_says_why_not():
    for system in SYSTEMS:
        assert bool(system.absent) != bool(system.register or system.route != LIST), system
        assert BUILT.search(system.row), system
    assert len({(system.report, system.name) for system in SYSTEMS}) == len(SYSTEMS)
    assert not any(BUILT.search(row) for row in others())


def test_every_page_is_there_and_every_condition_can_be_asked_on_it():
    codes = {register.code for register in declared()}
    for system in (one for one in SYSTEMS if not one.absent):
        assert system.address.startswith("/")
        if not system.register:
            continue
        assert system.register in codes, system
        register = by_code(system.register)
        assert set(system.where) <= set(register.filters), system
        for path, value in system.where.items():
            assert value in register.choices_of(path), system


@pytest.mark.django_db
def test_every_page_opens(staff):
    """As the office sees it; the public ones as anybody."""
    office = staff.client("office")
    for address in sorted({system.address for system in SYSTEMS if not system.absent}):
        client = office if address.startswith(reverse("desk:registers").split("registers")[0]) else Client()
        assert client.get(address).status_code == 200, address


def test_a_list_is_the_ordinary_page():
    assert sum(system.route == LIST for system in SYSTEMS if not system.absent) > len(SYSTEMS) // 2


if SHARED.exists():  # compared only where the reports' own lists stand beside the project

    def test_the_table_holds_what_the_reports_name():
        with (SHARED / "named_systems.csv").open(encoding="utf-8-sig", newline="") as file:
            _, *rows = csv.reader(file)
        named = [(report, name, row) for report, _, name, row, _ in rows]
        assert [one for one in named if BUILT.search(one[2])] == [(s.report, s.name, s.row) for s in SYSTEMS]
        assert Counter(row for *_, row in named if not BUILT.search(row)) == Counter(others())

    def test_the_replayed_figures_are_those_of_the_reports():
        """Every figure of the rows P1, P2, P3, A1 that happened, a share, a growth or a completion rate, not made unreadable."""
        stated = {
            figure.id: figure for document in documents() for figure in document.figures if figure.covered
        }
        wanted = {}
        for line in (SHARED / "figures" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line, parse_float=Decimal)
            kind = row["status"] in ("actual", "share", "growth_rate", "completion_rate")
            if row["row"] in ("P1", "P2", "P3", "A1") and kind and not row["redacted"]:
                wanted[row["id"]] = row
        assert set(stated) == set(wanted)
        for key, row in wanted.items():
            figure = stated[key]
            assert (figure.row, figure.unit) == (row["row"], row["unit"])
            printed = figure.literal.rstrip("%") if figure.literal else str(figure.value)
            assert Decimal(printed) == Decimal(row["value"]), key
