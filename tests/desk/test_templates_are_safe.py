"""No template, style or script of ours needs more than the content policy allows, nor more than an old browser knows."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "keshu").rglob("templates/**/*.html"))
SCRIPTS = sorted((ROOT / "keshu/desk/static/keshu/js").glob("*.js"))
STYLES = sorted((ROOT / "keshu/desk/static/keshu/css").glob("*.css"))


class Finder(HTMLParser):
    """Collects what a strict content policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_code = False

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self._in_code = tag == "script" and names.get("type") != "application/json" and "src" not in names
        for name, value in attrs:
            if name.startswith(("on", "hx-on")):
                self.found.append(f"{tag} {name}")
            if re.match(r"\s*(javascript|vbscript|data:text/html)", value or "", re.I):
                self.found.append(f"{tag} {name}={value}")
            if name in ("hx-vals", "hx-vars", "hx-headers") and re.match(r"\s*(js|javascript):", value or ""):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag):
        if tag == "script":
            self._in_code = False

    def handle_data(self, data):
        if self._in_code and data.strip():
            self.found.append(f"inline script: {data.strip()[:60]}")


def refused(source: str) -> list[str]:
    finder = Finder()
    finder.feed(source)
    return finder.found


def test_the_finder_finds_what_it_is_for():
    assert refused("<script>alert(1)</script>")
    assert refused('<a onclick="x()">')
    assert refused('<a href=" javascript:x()">')
    assert refused('<b hx-on:click="x()">')
    assert not refused(
        '<script src="/a.js" defer></script><script type="application/json" id="x">{"a": 1}</script>'
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "keshu")))
def test_template_carries_no_code_of_its_own(path):
    assert refused(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "keshu")))
def test_template_comments_end_on_their_line(path):
    """Django knows {# … #} on one line only; anything longer would be printed to the reader."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    assert "{#" not in text and "#}" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "keshu")))
def test_template_asks_for_nothing_from_outside(path):
    addresses = re.findall(
        r"(?:src|href|action)=[\"'](?:https?:)?//[^\"']*", path.read_text(encoding="utf-8")
    )
    assert addresses == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_evaluates_no_text(path):
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(r"\beval\s*\(|new Function\b|setTimeout\(\s*['\"]|document\.write", code) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_needs_no_selector_that_old_kernels_lack(path):
    css = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(r":has\(|color-mix\(|light-dark\(|oklch\(|@layer|@container|\d(?:dvh|svh)", css) == []


def test_every_colour_named_in_a_style_is_a_token():
    tokens = (ROOT / "keshu/desk/static/keshu/css/tokens.css").read_text(encoding="utf-8")
    known = set(re.findall(r"(--ks-[a-z0-9-]+):", tokens)) | {
        "--ks-print-foot"
    }  # the last one is set by house.js
    used = {
        name
        for path in STYLES
        for name in re.findall(r"var\((--ks-[a-z0-9-]+)", path.read_text(encoding="utf-8"))
    }
    assert used - known == set()


def test_lock_file_names_no_registry():
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text and "http" not in text


def test_frontend_packages_are_pinned_exactly():
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    versions = package["dependencies"] | package["devDependencies"]
    assert {
        name: version for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    } == {}
