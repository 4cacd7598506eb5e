"""Every route of the house against every role: what is not in the table may not exist."""

import copy
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access import ADMINS, ANONYMOUS, BUREAU, COUNTY, IN, OUT, TO_SIGN_IN, WHO, Route

ROOT = Path(__file__).resolve().parent
#: Views without a guard. A name more needs a reason.
PUBLIC = {
    "portal:landing",
    "portal:nation",
    "portal:nation_csv",
    "portal:trace",
    "portal:health",
    "portal:find",
    "portal:downloads",
    "portal:download",
    "portal:download_file",
    "portal:needs",
    "portal:need",
    "portal:achievements",
    "portal:achievement",
    "portal:projects",
    "portal:calls",
    "portal:call",
    "portal:call_file",
    "portal:notices",
    "portal:awards",
    "portal:award_notices",
    "login",
    "logout",
    "desk:elder",
    "desk:screen_linked",  # a wall has no user: the address itself is the secret, hashed, expiring, withdrawn by 规划科
    "desk:diary_feed",  # a calendar program has no session: the address itself is the secret
}
DUMMIES = {
    "IntConverter": 999999,
    "SlugConverter": "x",
    "StringConverter": "x",
    "PathConverter": "x",
    "UUIDConverter": "0" * 32,
}


def declared() -> dict[str, Route]:
    """The rows of all rooms."""
    rows: dict[str, Route] = {}
    for path in sorted(ROOT.rglob("routes.py")):
        name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for route, row in importlib.import_module(name).ROUTES.items():
            assert route not in rows, f"{route} stands in two files"
            rows[route] = row
    return rows


def walk(
    resolver: URLResolver, space: str = "", known: dict | None = None
) -> Iterator[tuple[str, URLPattern, dict]]:
    """(full name, pattern, converters) of every route below a resolver."""
    for entry in resolver.url_patterns:
        converters = {**(known or {}), **entry.pattern.converters}
        if isinstance(entry, URLResolver):
            inside = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from walk(entry, inside, converters)
        else:
            yield f"{space}{entry.name}", entry, converters


ALL = {name: (pattern, converters) for name, pattern, converters in walk(get_resolver())}
TABLE = declared()


def address(name: str) -> str:
    """An address of a route, with stand-ins for what it names."""
    _, converters = ALL[name]
    return reverse(name, kwargs={key: DUMMIES[type(found).__name__] for key, found in converters.items()})


def met(answer) -> str:
    """What somebody met: in, out, or the way to sign in. A missing record behind an open door counts as in."""
    if answer.status_code == 302 and answer["Location"].startswith(reverse("login") + "?"):
        return TO_SIGN_IN
    if answer.status_code == 403:
        return OUT
    return IN if answer.status_code < 500 and answer.status_code != 429 else f"{answer.status_code}"


def test_every_route_has_a_name_and_stands_in_the_table():
    assert [str(pattern.pattern) for name, (pattern, _) in ALL.items() if name.endswith("None")] == []
    assert sorted(set(ALL) - set(TABLE)) == []


def test_the_table_names_no_route_that_does_not_exist():
    assert sorted(set(TABLE) - set(ALL)) == []


def test_only_the_listed_routes_are_public():
    assert {name for name, row in TABLE.items() if ANONYMOUS in row.roles} == PUBLIC


def test_business_roles_have_no_administration_and_administrators_no_business():
    for name, row in TABLE.items():
        if name in PUBLIC or row.roles >= set(BUREAU) | set(COUNTY) | set(ADMINS):
            continue
        assert not (row.roles & set(ADMINS) and row.roles & {*BUREAU, *COUNTY}), name


def ask(client: Client, method: str, path: str, **more: object) -> HttpResponse:
    """One request that leaves nothing behind: neither in the database (a route may sign out) nor in the cookies."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, path, **more)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize("who", WHO)
def test_a_role_meets_what_the_table_says(who, staff):
    wrong = []
    client = staff.client(who, raise_request_exception=False)
    for name, row in TABLE.items():
        answer = ask(client, row.method, address(name))
        if met(answer) != row.expected(who):
            wrong.append((name, row.method, row.expected(who), met(answer), answer.status_code))
    assert wrong == []


@pytest.mark.django_db
def test_no_form_is_taken_without_its_token(staff):
    """Tried as somebody who gets in: a view that takes files looks at the token itself, after it has looked at the person."""
    taken = []
    roles = {name: min(TABLE[name].roles - {ANONYMOUS}, default="planning") for name in ALL}
    clients = {
        who: staff.client(who, enforce_csrf_checks=True, raise_request_exception=False)
        for who in set(roles.values())
    }
    form = {"data": "x=1", "content_type": "application/x-www-form-urlencoded"}
    for name in ALL:
        answer = ask(clients[roles[name]], "POST", address(name), **form)
        if answer.status_code != 403 or "没有送出" not in answer.content.decode():
            taken.append((name, answer.status_code))
    assert taken == []


@pytest.mark.django_db
def test_every_page_carries_the_security_headers(staff):
    for who, page in (
        (ANONYMOUS, "/"),
        (ANONYMOUS, "/login/"),
        (ANONYMOUS, "/no-such-page"),
        ("audit_admin", "/desk/audit/"),
    ):
        answer = staff.client(who).get(page)
        policy = dict(
            part.strip().split(" ", 1)
            for part in answer["Content-Security-Policy"].split(";")
            if part.strip()
        )
        assert policy["script-src"] == "'self'", page
        assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'" and policy["form-action"] == "'self'"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_the_session_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(staff):
    client = staff.client("leader")
    cookie = client.get("/desk/search/").cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 30 * 60


def test_behind_https_cookies_travel_encrypted_only(tmp_path):
    code = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.DEBUG)"
    )
    environment = {
        **os.environ,
        "KESHU_HTTPS": "1",
        "KESHU_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "keshu.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "True", "True", "False"]
