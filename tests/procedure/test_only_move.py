"""A state is changed by ``move`` and by nothing else: the source is read, not trusted."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from keshu.ledger.registers import declared

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in (ROOT / "keshu").rglob("*.py") if "migrations" not in path.parts)
THE_ONE = "keshu/procedure/moving.py"
_FILES = "how far a file has been read; nobody decides anything, and a worker that died is overtaken"
#: Files that set a ``state`` of something that is no record: the model, and why it has no procedure.
NO_RECORDS = {
    "keshu/ledger/intake/batches.py": ("ledger.FileBatch", _FILES),
    "keshu/bringing/applying.py": ("bringing.Batch", _FILES),
    "keshu/bringing/staging.py": ("bringing.Batch", _FILES),
    "keshu/figures/imports/applying.py": ("figures_imports.ImportBatch", _FILES),
    "keshu/figures/imports/staging.py": ("figures_imports.ImportBatch", _FILES),
}
#: File → how many places give an object its first state before it is saved at all, outside its constructor.
UNSAVED = {
    "keshu/awards/nominating.py": 1,
    "keshu/collecting/receiving.py": 2,
    "keshu/programmes/changes.py": 1,
}
#: Names of functions that write columns past ``save``.
WRITES = {"update", "_update", "bulk_update", "update_or_create"}


def sets_state(node: ast.AST) -> bool:
    """Whether a piece of code gives an existing object another state."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        inner = [one for target in targets for one in ast.walk(target)]
        return any(isinstance(one, ast.Attribute) and one.attr == "state" for one in inner)
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in WRITES:
        return any(word.arg == "state" for word in node.keywords)
    if called == "setattr" and len(node.args) == 3:
        return isinstance(node.args[1], ast.Constant) and node.args[1].value == "state"
    return False


def offenders(text: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(text)) if sets_state(node)]


def test_no_other_code_changes_a_state():
    found = {}
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        lines = offenders(path.read_text(encoding="utf-8"))
        if name == THE_ONE or name in NO_RECORDS or len(lines) <= UNSAVED.get(name, 0):
            continue
        if lines:
            found[name] = lines
    assert found == {}


def test_move_itself_does_it_once():
    assert len(offenders((ROOT / THE_ONE).read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize("name", sorted(NO_RECORDS))
def test_an_exception_is_needed_and_is_no_model_with_a_procedure(name):
    model, reason = NO_RECORDS[name]
    assert offenders((ROOT / name).read_text(encoding="utf-8")) and reason
    with_procedure = {register.label for register in declared() if register.procedure is not None}
    assert model not in with_procedure
    # An abstract model stands for what is made of it; none of those may have a procedure either.
    named = model.split(".")[1]
    made = [one for one in apps.get_models() if named in {base.__name__ for base in one.__mro__}]
    assert made and not {one._meta.label for one in made} & with_procedure


@pytest.mark.parametrize(
    "text",
    [
        "record.state = 'x'",
        "a.b.state: str = 'x'",
        "one, record.state = 1, 'x'",
        "setattr(record, 'state', 'x')",
        "Model.objects.filter(pk=1).update(state='x')",
        "rows.update_or_create(pk=1, state='x')",
    ],
)
def test_the_reading_finds_what_it_looks_for(text):
    assert offenders(text) == [1]


@pytest.mark.parametrize("text", ["Model(state='x')", "rows.filter(state='x')", "self.state_of = 1"])
def test_making_and_asking_are_no_changes(text):
    assert offenders(text) == []
