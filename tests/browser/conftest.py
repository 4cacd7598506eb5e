"""A real browser against a real server over the demonstration. Where Chromium is absent the tests are skipped and counted."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from keshu.terms import clock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="没有 Chromium"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def house_folder(tmp_path_factory):
    """The data folder of the house."""
    return tmp_path_factory.mktemp("house")


@pytest.fixture
def on_day(house, house_folder):
    """Turn the demonstration's calendar to another day; it is turned back at the end."""
    from keshu.home import today_file

    path = today_file(house_folder)
    before = path.read_text(encoding="utf-8")
    yield lambda day: path.write_text(f"{day}\n", encoding="utf-8")
    path.write_text(before, encoding="utf-8")


@pytest.fixture(scope="session")
def house(house_folder):
    """The demonstration in a data folder of its own, served on a free port; yields its address."""
    home = house_folder
    environment = {**os.environ, "KESHU_HOME": str(home), "KESHU_LOG": "ERROR"}
    environment.pop("KESHU_DATABASE", None)
    environment.pop("KESHU_NOW", None)
    subprocess.run([sys.executable, "-m", "keshu.cli.main", "demo", "load"], env=environment, check=True)
    address = f"127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "keshu.wsgi:application", "--bind", address, "--threads", "4"],
        env=environment,
    )
    end = clock.monotonic() + 30
    while clock.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://{address}/", timeout=5).close()
            break
        except OSError:
            if server.poll() is not None:
                pytest.fail("网站没有起来")
    yield f"http://{address}"
    server.terminate()
    server.wait(timeout=15)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, house):
    """A page in a fresh context; any error in the console fails the test."""
    context = browser.new_context(base_url=house, viewport={"width": 1440, "height": 1000}, locale="zh-CN")
    tab = context.new_page()
    problems = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    yield tab
    context.close()
    assert problems == []


@pytest.fixture
def sign_in(page):
    """Sign in as one of the demonstration's people."""
    from keshu.demo.people import PASSWORD

    def go(username: str):
        page.goto("/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("form.ks-form button[type=submit]")
        page.wait_for_load_state()
        return page

    return go
