"""The house keeps its own rules: rooms say what they are, files stay short, one clock, nothing foreign inside."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for p in (ROOT / "keshu").rglob("*.py") if "migrations" not in p.parts)
ROOMS = sorted(p for p in (ROOT / "keshu").iterdir() if (p / "__init__.py").exists())
JUNK = {"utils", "util", "common", "misc", "helpers", "helper", "stuff", "tools"}
# A data file or a long table of names may be longer; code may not.
LONGEST = 620


def kept() -> list[Path]:
    """Files under version control."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.fail("git ls-files does not work here")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: p.name)
def test_every_room_says_in_one_line_what_lives_here(room):
    text = (room / "__init__.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, f"{room.name}: no docstring"
    first = docstring.splitlines()[0]
    assert ";" in first or "：" in first or "." in first


def test_no_file_grows_beyond_reading():
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > LONGEST}
    assert long == {}


def test_there_is_no_junk_drawer():
    assert [p for p in SOURCES if p.stem in JUNK or p.parent.name in JUNK] == []


def test_only_the_clock_reads_the_time():
    pattern = re.compile(r"\b(datetime\.now|date\.today|timezone\.now|utcnow|time\.time)\(")
    offenders = [
        str(p.relative_to(ROOT))
        for p in SOURCES
        if p.name != "clock.py" and pattern.search(p.read_text(encoding="utf-8"))
    ]
    assert offenders == []


def test_no_decimal_field_and_no_float_in_models():
    pattern = re.compile(r"models\.(DecimalField|FloatField)")
    assert [p for p in SOURCES if pattern.search(p.read_text(encoding="utf-8"))] == []


def test_nothing_foreign_stands_in_the_repository():
    """No registry hosts, no paths of a machine, no lock file with addresses."""
    words = [
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "npmjs" + ".org",
        "npmjs" + ".com",
        "/ro" + "ot/",
        "/wo" + "rk/main",
    ]
    found = []
    for path in kept():
        if path.suffix in {".png", ".docx", ".xlsx", ".ico", ".woff2", ".parquet"}:
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_every_requirement_is_pinned_with_hashes():
    for name in ("run", "test", "lake"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = re.findall(r"^[A-Za-z0-9_.\-\[\]]+==\S+", text, re.MULTILINE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)


def test_views_are_guarded_or_listed_as_public():
    """Every function view of the desk is decorated; what is open to all is named here."""
    public = {"landing", "healthz"}
    naked = []
    for path in (ROOT / "keshu" / "desk").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or not node.args.args:
                continue
            first, returns = node.args.args[0], node.returns
            is_view = (
                first.arg == "request" and isinstance(returns, ast.Name) and "HttpResponse" in returns.id
            )
            private = node.name.startswith("_") or path.name in {"errors.py", "guard.py", "middleware.py"}
            if is_view and not private and not node.decorator_list and node.name not in public:
                naked.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert naked == []


def test_every_picture_and_page_that_the_documents_name_is_there():
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = [
        (document, target.split("#")[0])
        for document in documents
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:|#", target)
    ]
    assert named
    missing = [
        f"{document.relative_to(ROOT)}: {target}"
        for document, target in named
        if not (document.parent / target).exists()
    ]
    assert missing == []
