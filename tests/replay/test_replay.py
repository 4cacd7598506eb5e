"""Published figures of real reports come out of the registers: all of a document at once, and for no other reason than the conditions."""

import copy

import pytest

from keshu.figures import counting
from keshu.figures.slicing import condition_of
from keshu.journal import moments
from tests import snapshots
from tests.replay.building import build
from tests.replay.proving import Proof, prove, without_conditions
from tests.replay.recomputing import REGION, Removal, declared, recomputed
from tests.replay.stated import MARKERS, documents

DOCUMENTS = documents()
#: Row → how many figures of the documents we hold are replayed; a figure more or less is a decision, not an accident.
REPLAYED = {"A1": 14, "P1": 12, "P3": 2}


@pytest.fixture(scope="session", params=DOCUMENTS, ids=lambda document: document.id)
def kept(request, django_db_setup, django_db_blocker):
    """A document with its data set, built once per process and kept beside the tables."""
    document = request.param
    with django_db_blocker.unblock():
        return document, snapshots.take(f"replay_{document.id}", lambda: build(document), on="base")


@pytest.fixture
def replayed(kept, db):
    document, town = kept
    snapshots.put_back(f"replay_{document.id}")
    return document, copy.deepcopy(town)


@pytest.mark.slow
def test_every_figure_holds_and_changes_only_with_what_it_stands_on(replayed):
    document, town = replayed
    proof = prove(document, town, every=False)
    assert proof.wrong == []
    assert proof.removed >= len(document.conditions) + 2
    assert proof.deleted and (proof.taken_back or not any(figure.falls_with for figure in document.figures))


@pytest.mark.slow
def test_a_condition_that_holds_everywhere_is_found_out(replayed):
    """The proof itself is tried: a condition that excludes nothing is an error of the fixture."""
    document, _ = replayed
    figure = next(one for one in document.figures if one.measure)
    idle = copy.deepcopy(document)
    idle.conditions["总成立"] = "items >= 1"
    object.__setattr__(idle.by_id[figure.id], "where", (*figure.where, "总成立"))
    proof = Proof(idle, recomputed(idle))
    without_conditions(proof)
    assert any("总成立" in problem for problem in proof.wrong)


@pytest.mark.slow
def test_the_cube_agrees_with_the_records_and_the_chain_is_whole(replayed):
    assert counting.differing()[1] == []
    assert list(moments.broken_links()) == []


@pytest.mark.slow
def test_another_region_would_count_others(replayed):
    document, _ = replayed
    everywhere = recomputed(document, Removal(REGION))
    assert all(everywhere[figure.id].value > figure.value for figure in document.figures if figure.measure)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.id)
def test_conditions_ask_only_for_fields_of_the_regulation(document):
    """Kind, level, class, year, state, date: what names one record (number, title, document number) is no condition."""
    used = {name for figure in document.figures for name in figure.where}
    assert used == set(document.conditions)
    for figure in document.figures:
        if figure.measure:
            where = document.condition(figure.where)
            names = set(condition_of(declared(figure.measure)[0], where).names) if where else set()
            assert names.isdisjoint(MARKERS)


def test_the_figures_of_the_rows_are_all_there():
    rows = [figure.row for document in DOCUMENTS for figure in document.figures if figure.covered]
    assert {row: rows.count(row) for row in set(rows)} == REPLAYED
    ids = [figure.id for document in DOCUMENTS for figure in document.figures]
    assert len(ids) == len(set(ids)) and all(one.startswith(d.id) for d in DOCUMENTS for one in d.by_id)
